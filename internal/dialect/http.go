package dialect

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

// ErrEnded says that a form is no hop: it tells how a session ended. What it
// repeats of the inputs must go nowhere.
var ErrEnded = errors.New("dialect: the session ended")

// HTTP is one aggregator's way to speak USSD over HTTP.
type HTTP struct {
	Name       string `yaml:"name"`
	Units      Units  `yaml:"units"`
	Cumulative bool   `yaml:"cumulative"`
	Fields     struct {
		Session string `yaml:"session"`
		MSISDN  string `yaml:"msisdn"`
		Code    string `yaml:"code"`
		Text    string `yaml:"text"`
		Network string `yaml:"network"`
	} `yaml:"fields"`
	Ended []string `yaml:"ended"`
	Reply struct {
		Continue string `yaml:"continue"`
		End      string `yaml:"end"`
	} `yaml:"reply"`
}

// ContentType is what replies are sent as.
const ContentType = "text/plain; charset=utf-8"

// OverHTTP reads a dialect by its name.
func OverHTTP(name string) (*HTTP, error) {
	d := &HTTP{}
	doc, err := load("http", name, d)
	if err != nil {
		return nil, err
	}
	checkUnits(doc, d.Units)
	if d.Fields.Session == "" || d.Fields.MSISDN == "" || d.Fields.Code == "" || d.Fields.Text == "" {
		doc.Fail("fields", "session, msisdn, code and text are named", "add the missing one")
	}
	if d.Reply.Continue == "" || d.Reply.End == "" || d.Reply.Continue == d.Reply.End {
		doc.Fail("reply", "continue and end are two different beginnings", "write both")
	}
	if !d.Cumulative {
		doc.Fail("cumulative", "only cumulative dialects are read", "write true")
	}
	return d, doc.Err()
}

// DecodeHop reads a form. The Hop shares no bytes with body.
func (d *HTTP) DecodeHop(body []byte) (Hop, error) {
	form, err := parseForm(body)
	if err != nil {
		return Hop{}, err
	}
	if d.ended(form) {
		return Hop{}, ErrEnded
	}
	h := Hop{Op: Begin, Session: form[d.Fields.Session], Code: form[d.Fields.Code], Text: form[d.Fields.Text]}
	if h.MSISDN, err = msisdn(form[d.Fields.MSISDN]); err != nil {
		return Hop{}, err
	}
	if !isKey(h.Session) {
		return Hop{}, fmt.Errorf("%w: %s", ErrValue, d.Fields.Session)
	}
	if _, sent := form[d.Fields.Text]; !sent {
		return Hop{}, fmt.Errorf("%w: %s", ErrMissing, d.Fields.Text)
	}
	if len(h.Text) > MaxText {
		return Hop{}, fmt.Errorf("%w: %s", ErrLength, d.Fields.Text)
	}
	if h.Code = dialled(h.Code); !isCode(h.Code) {
		return Hop{}, ErrCode
	}
	if h.Text != "" {
		h.Op, h.Position = Input, uint32(strings.Count(h.Text, "*")+1)
	}
	return h, nil
}

func (d *HTTP) ended(form map[string]string) bool {
	for _, name := range d.Ended {
		if _, ok := form[name]; !ok {
			return false
		}
	}
	return len(d.Ended) > 0
}

// parseForm reads a form strictly: no field twice, no octets but UTF-8, no
// control characters.
func parseForm(body []byte) (map[string]string, error) {
	if len(body) > MaxBody {
		return nil, fmt.Errorf("%w: a body of %d bytes", ErrLength, len(body))
	}
	form := make(map[string]string, 8)
	for pair := range strings.SplitSeq(string(body), "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return nil, fmt.Errorf("%w: a field's name", ErrValue)
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil || !clean(value) || !clean(name) {
			return nil, fmt.Errorf("%w: the octets of a field", ErrValue)
		}
		if _, twice := form[name]; twice {
			return nil, fmt.Errorf("%w: a field stands twice", ErrValue)
		}
		if form[name] = value; len(form) > MaxFields {
			return nil, fmt.Errorf("%w: more than %d fields", ErrLength, MaxFields)
		}
	}
	return form, nil
}

func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' || r == 0x7f })
}

// isKey tells whether s may name a session: visible ASCII without spaces.
func isKey(s string) bool {
	if s == "" || len(s) > MaxSession {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// EncodeHop writes the form an aggregator sends.
func (d *HTTP) EncodeHop(h Hop, network string) []byte {
	form := url.Values{}
	form.Set(d.Fields.Session, h.Session)
	form.Set(d.Fields.MSISDN, "+"+h.MSISDN)
	form.Set(d.Fields.Code, h.Code)
	form.Set(d.Fields.Text, h.Text)
	if d.Fields.Network != "" {
		form.Set(d.Fields.Network, network)
	}
	return []byte(form.Encode())
}

// AppendReply writes the answer's body.
func (d *HTTP) AppendReply(dst []byte, r Reply) []byte {
	if r.End {
		dst = append(dst, d.Reply.End...)
	} else {
		dst = append(dst, d.Reply.Continue...)
	}
	return append(dst, r.Text...)
}

// DecodeReply reads the answer's body; a reply without its beginning, or
// without text, is not one.
func (d *HTTP) DecodeReply(body []byte) (Reply, error) {
	s := string(body)
	if text, ok := strings.CutPrefix(s, d.Reply.Continue); ok && text != "" {
		return Reply{Text: text}, nil
	}
	if text, ok := strings.CutPrefix(s, d.Reply.End); ok && text != "" {
		return Reply{Text: text, End: true}, nil
	}
	return Reply{}, fmt.Errorf("%w: the reply's beginning", ErrValue)
}
