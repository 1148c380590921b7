package menus

import (
	"strings"

	"mlango/internal/conf"
)

// What a menu file holds, as its author wrote it. README.md explains each key.
type (
	fileSource struct {
		Include   []conf.At[string]                      `yaml:"include"`
		Retired   []conf.At[string]                      `yaml:"retired"`
		Menu      conf.At[string]                        `yaml:"menu"`
		Languages conf.Map[conf.At[string]]              `yaml:"languages"`
		Brand     conf.At[string]                        `yaml:"brand"`
		Sign      conf.At[string]                        `yaml:"currency_sign"`
		Region    string                                 `yaml:"region"`
		Fits      fitsSource                             `yaml:"fits"`
		Operators conf.Map[capSource]                    `yaml:"operators"`
		Reply     conf.Duration                          `yaml:"reply"`
		Tries     int                                    `yaml:"tries"`
		Vars      conf.Map[conf.At[string]]              `yaml:"vars"`
		Secrets   conf.Map[conf.At[string]]              `yaml:"secrets"`
		Labels    conf.Map[conf.Map[textsSource]]        `yaml:"labels"`
		Keys      keysSource                             `yaml:"keys"`
		Says      saysSource                             `yaml:"says"`
		Resume    resumeWords                            `yaml:"resume"`
		Start     conf.At[string]                        `yaml:"start"`
		Begin     []beginSource                          `yaml:"begin"`
		Dial      []dialSource                           `yaml:"dial"`
		Asked     conf.Map[conf.At[waySource]]           `yaml:"asked"`
		Answers   conf.Map[conf.Map[conf.At[waySource]]] `yaml:"answers"`
		Screens   conf.Map[screenSource]                 `yaml:"screens"`
		SMS       smsSource                              `yaml:"sms"`
	}
	fitsSource struct {
		Septets  int `yaml:"septets"`
		UCS2     int `yaml:"ucs2"`
		Depth    int `yaml:"depth"`
		SMSParts int `yaml:"sms_parts"`
	}
	capSource struct {
		Septets int `yaml:"septets"`
		UCS2    int `yaml:"ucs2"`
		Depth   int `yaml:"depth"`
	}
	keysSource struct {
		Back keySource `yaml:"back"`
		Home keySource `yaml:"home"`
		More keySource `yaml:"more"`
	}
	keySource struct {
		Key   quoted      `yaml:"key"`
		Label textsSource `yaml:"label"`
	}
	saysSource struct {
		Choice textsSource `yaml:"choice"` // no such option
		Number textsSource `yaml:"number"` // not a mobile number
		Amount textsSource `yaml:"amount"`
		Digits textsSource `yaml:"digits"`
		Text   textsSource `yaml:"text"`
		Date   textsSource `yaml:"date"`
		Secret textsSource `yaml:"secret"`
		Dial   textsSource `yaml:"dial"`  // what was dialled behind the short code is unknown
		Tries  textsSource `yaml:"tries"` // the end after the last try
	}
	resumeWords struct {
		Continue textsSource `yaml:"continue"`
		Again    textsSource `yaml:"again"`
	}
	resumeSource struct {
		Text textsSource               `yaml:"text"`
		Go   conf.At[string]           `yaml:"go"`
		Set  conf.Map[conf.At[string]] `yaml:"set"`
	}
	backSource struct {
		Label textsSource `yaml:"label"`
		wayKeys
	}
	beginSource struct {
		If conf.At[string] `yaml:"if"`
		wayKeys
	}
	dialSource struct {
		Code  quoted          `yaml:"code"`
		Lands conf.At[string] `yaml:"lands"`
	}
	screenSource struct {
		Text    textsSource                  `yaml:"text"`
		Options []optionSource               `yaml:"options"`
		Ask     conf.At[string]              `yaml:"ask"`
		Check   []checkSource                `yaml:"check"`
		Tries   int                          `yaml:"tries"`
		Go      conf.At[string]              `yaml:"go"`
		Set     conf.Map[conf.At[string]]    `yaml:"set"`
		Call    conf.At[string]              `yaml:"call"`
		Order   conf.At[string]              `yaml:"order"`
		In      conf.Map[conf.At[string]]    `yaml:"in"`
		Keep    []conf.At[string]            `yaml:"keep"`
		Budget  conf.At[conf.Duration]       `yaml:"budget"`
		Then    conf.Map[conf.At[waySource]] `yaml:"then"`
		Use     []conf.At[string]            `yaml:"use"`
		Takes   conf.Map[conf.At[string]]    `yaml:"takes"`
		Rows    conf.Map[textsSource]        `yaml:"rows"`
		Resume  resumeSource                 `yaml:"resume"`
		Back    backSource                   `yaml:"back"`
	}
	optionSource struct {
		Key   quoted          `yaml:"key"`
		Label textsSource     `yaml:"label"`
		If    conf.At[string] `yaml:"if"`
		wayKeys
	}
	checkSource struct {
		Must conf.At[string] `yaml:"must"`
		Else textsSource     `yaml:"else"`
	}
	smsSource struct {
		Sent            textsSource           `yaml:"sent"`
		Received        textsSource           `yaml:"received"`
		Issued          textsSource           `yaml:"issued"`
		Redeemed        textsSource           `yaml:"redeemed"`
		AirtimeBought   textsSource           `yaml:"airtime_bought"`
		AirtimeReceived textsSource           `yaml:"airtime_received"`
		Withdrawn       textsSource           `yaml:"withdrawn"`
		GaveCash        textsSource           `yaml:"gave_cash"`
		Deposited       textsSource           `yaml:"deposited"`
		TookCash        textsSource           `yaml:"took_cash"`
		BillPaid        textsSource           `yaml:"bill_paid"`
		BillReceived    textsSource           `yaml:"bill_received"`
		GoodsPaid       textsSource           `yaml:"goods_paid"`
		CameBack        textsSource           `yaml:"came_back"`
		TakenBack       textsSource           `yaml:"taken_back"`
		Held            textsSource           `yaml:"held"`
		HeldPart        textsSource           `yaml:"held_part"`
		HeldVoided      textsSource           `yaml:"held_voided"`
		HeldExpired     textsSource           `yaml:"held_expired"`
		NewPIN          textsSource           `yaml:"new_pin"`
		NotReversed     textsSource           `yaml:"not_reversed"`
		NotDone         textsSource           `yaml:"not_done"`
		Expired         textsSource           `yaml:"expired"`
		Reasons         conf.Map[textsSource] `yaml:"reasons"`
	}
)

// wayKeys are the keys of a way onward.
type wayKeys struct {
	Go    conf.At[string]           `yaml:"go"`
	End   textsSource               `yaml:"end"`
	Note  textsSource               `yaml:"note"`
	Set   conf.Map[conf.At[string]] `yaml:"set"`
	Speak conf.At[string]           `yaml:"speak"`
}

// waySource is a way onward: a screen's name, or its keys.
type waySource struct{ wayKeys }

// ReadConf reads a name or a mapping.
func (w *waySource) ReadConf(n conf.Node) {
	if n.IsScalar() {
		n.Decode(&w.Go)
		return
	}
	n.Decode(&w.wayKeys)
}

// textsSource is one text in every language.
type textsSource struct {
	pos   conf.Pos
	langs conf.Map[string]
}

// ReadConf reads `en: …` lines.
func (t *textsSource) ReadConf(n conf.Node) {
	t.pos = n.Pos()
	if n.IsScalar() {
		n.Fail("a text needs its language", `write {en: "…", sw: "…"}`)
		return
	}
	n.Decode(&t.langs)
}

func (t *textsSource) isSet() bool { return t.pos.Line > 0 }

// quoted is a text of digits, * and #, that YAML or its readers would change
// unless it stands in quotes.
type quoted struct {
	Text string
	Pos  conf.Pos
}

// ReadConf refuses what stands without quotes.
func (q *quoted) ReadConf(n conf.Node) {
	n.Decode(&q.Text)
	q.Pos = n.Pos()
	if n.IsScalar() && !n.Quoted() {
		n.Fail("the key "+q.Text+" stands without quotes, YAML may read it as something else", `write "`+q.Text+`"`)
	}
}

// canonical is a menu's source as it is hashed: without byte order mark, lines
// ended by \n.
func canonical(src []byte) []byte {
	s := strings.TrimPrefix(string(src), "\ufeff")
	return []byte(strings.ReplaceAll(s, "\r\n", "\n"))
}
