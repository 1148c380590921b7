package menus

import (
	"crypto/sha256"
	"strings"

	"mlango/internal/conf"
)

// ParseTexts reads the languages and the SMS texts of a menu that was proved
// where it is published: for those who hold texts against it and offer it no
// calls. The bundle has the menu's hash and can word SMS, nothing else.
func ParseTexts(name string, src []byte) (*Bundle, error) {
	if len(src) > MaxSource {
		return nil, conf.Errors{{File: name, Pos: conf.Pos{Line: 1, Col: 1}, What: "the menu is too long", Mend: "split it"}}
	}
	src = canonical(src)
	file := &fileSource{Region: defaultRegion, Tries: defaultTries, Reply: conf.Duration(defaultReply),
		Fits: fitsSource{Septets: defaultSeptets, UCS2: defaultUCS2, Depth: defaultDepth, SMSParts: defaultParts}}
	doc, err := conf.Parse(name, src, file)
	if err != nil {
		return nil, err
	}
	bd := &builder{doc: doc, src: file, cat: reasonsOf(file), b: &Bundle{hash: sha256.Sum256(src), src: src},
		index: map[string]int{}, slots: map[string]int{}, secrets: map[string]typ{}}
	for _, pass := range []func(){bd.head, bd.names, bd.messages} {
		if pass(); bd.bad > 0 {
			return nil, doc.Err()
		}
	}
	return bd.b, nil
}

// reasonsOf is a catalogue that wants exactly the reasons the menu has.
func reasonsOf(file *fileSource) Catalogue {
	var fn Function
	for _, r := range file.SMS.Reasons {
		fn.Outcomes = append(fn.Outcomes, strings.Split(strings.ReplaceAll(r.Key, " ", ""), ",")...)
	}
	fn.Later = true
	return Catalogue{"": fn}
}
