package menus

import (
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
	bd, err := open(name, src)
	if err != nil {
		return nil, err
	}
	bd.cat = reasonsOf(bd.src)
	return bd.run(bd.head, bd.names, bd.messages)
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
