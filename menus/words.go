package menus

import (
	"crypto/sha256"

	"mlango/internal/conf"
)

// Words reads a menu for its SMS texts alone: what an auditor needs, who knows no
// catalogue. The bundle has its hash and its SMS; it cannot be stepped.
func Words(name string, src []byte) (*Bundle, error) {
	src = canonical(src)
	file := &fileSource{Region: defaultRegion, Tries: defaultTries, Reply: conf.Duration(defaultReply),
		Fits: fitsSource{Septets: defaultSeptets, UCS2: defaultUCS2, Depth: defaultDepth, SMSParts: defaultParts}}
	doc, err := conf.Parse(name, src, file)
	if err != nil {
		return nil, err
	}
	bd := &builder{doc: doc, src: file, b: &Bundle{hash: sha256.Sum256(src), src: src},
		index: map[string]int{}, slots: map[string]int{}, secrets: map[string]typ{}}
	bd.head()
	bd.cel = newCompiler(bd)
	bd.spoken()
	if bd.bad > 0 {
		return nil, doc.Err()
	}
	return bd.b, nil
}
