package dialect

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// ReplyType is the content type of replies.
func (d *HTTP) ReplyType() string { return d.Reply.Type }

// AppendReply writes the answer's body.
func (d *HTTP) AppendReply(dst []byte, echo Echo, r Reply) []byte {
	p := d.goOn
	if r.End {
		p = d.end
	}
	return p.append(dst, func(name string) string {
		switch {
		case name == "text":
			return r.Text
		case name != "coding":
			return echo[name]
		case r.Wide:
			return codingWide
		}
		return codingGSM
	})
}

// What $coding is in a reply: the data coding schemes of USSD strings for the default
// alphabet and for UCS-2 (3GPP 23.038 §5).
const (
	codingGSM  = "15"
	codingWide = "72"
)

// AppendGone writes the answer to an abort.
func (d *HTTP) AppendGone(dst []byte, echo Echo) []byte {
	if d.gone == nil {
		return dst
	}
	return d.gone.append(dst, func(name string) string { return echo[name] })
}

// Headers are those of a reply, beside its content type.
func (d *HTTP) Headers(end bool) []Header {
	if end {
		return d.headersEnd
	}
	return d.headersGoOn
}

// DecodeReply reads an answer: header returns one by its name. A reply that is
// neither, or has no text, is not one. What replies that go on and that end say alike
// is not asked for: a label or a currency is every service's own.
func (d *HTTP) DecodeReply(header func(name string) string, body []byte) (Reply, error) {
	fields, err := flatten(formOf(d.Reply.Type), body)
	if err != nil {
		return Reply{}, err
	}
	goOn, open := d.goOn.screen(fields)
	end, closed := d.end.screen(fields)
	open, closed = open && d.hasHeaders(header, d.headersGoOn, d.headersEnd), closed && d.hasHeaders(header, d.headersEnd, d.headersGoOn)
	if open && closed {
		open, closed = d.told(fields)
	}
	switch {
	case open:
		return Reply{Text: goOn}, nil
	case closed:
		return Reply{Text: end, End: true}, nil
	}
	return Reply{}, fmt.Errorf("%w: neither a reply that goes on nor one that ends", ErrValue)
}

// DecodeEcho is what an answer repeats of its call, by the dialect's own names, as far
// as it says it.
func (d *HTTP) DecodeEcho(body []byte) Echo {
	fields, err := flatten(formOf(d.Reply.Type), body)
	if err != nil {
		return nil
	}
	echo := Echo{}
	for _, l := range d.goOn.leaves {
		value, there := fields[l.field]
		if rest, ok := strings.CutPrefix(value, l.text); there && ok && len(l.more) == 0 && l.name != "" && l.name != "text" {
			echo[l.name] = rest
		}
	}
	return echo
}

// hasHeaders tells whether an answer has the headers of one kind of reply; those that
// the other kind has too are not asked for.
func (d *HTTP) hasHeaders(header func(name string) string, list, other []Header) bool {
	for _, h := range list {
		if !slices.Contains(other, h) && !strings.EqualFold(header(h.Name), h.Value) {
			return false
		}
	}
	return true
}

// marksOf are the fields by which a reply that goes on and one that ends differ, in the
// order in which they are written: the first that an answer has decides.
func marksOf(goOn, end *pattern, src string) (marks []string) {
	for _, both := range [][2]*pattern{{goOn, end}, {end, goOn}} {
		for _, l := range both[0].leaves {
			if l.name == "" && !both[1].holds(l.field, l.text) && !slices.Contains(marks, l.field) {
				marks = append(marks, l.field)
			}
		}
	}
	place := func(field string) int { return strings.Index(src, field[strings.LastIndexByte(field, '.')+1:]) }
	slices.SortStableFunc(marks, func(a, b string) int { return place(a) - place(b) })
	return marks
}

// told tells by the marks which of the two a reply is. One without any is of the kind
// that has none.
func (d *HTTP) told(fields record) (goOn, end bool) {
	for _, field := range d.marks {
		if value, there := fields[field]; there {
			return d.goOn.holds(field, value), d.end.holds(field, value)
		}
	}
	goOn = !slices.ContainsFunc(d.marks, d.goOn.fixed)
	return goOn, !goOn && !slices.ContainsFunc(d.marks, d.end.fixed)
}

// fixed tells whether a field of the pattern holds no value.
func (p *pattern) fixed(field string) bool {
	return slices.ContainsFunc(p.leaves, func(l leaf) bool { return l.field == field && l.name == "" })
}

// holds tells whether a field of the pattern holds that.
func (p *pattern) holds(field, value string) bool {
	return slices.ContainsFunc(p.leaves, func(l leaf) bool { return l.field == field && l.name == "" && strings.EqualFold(value, l.text) })
}

// screen is the text of a reply that may be the pattern's.
func (p *pattern) screen(fields record) (text string, ok bool) {
	for _, l := range p.leaves {
		value, there := fields[l.field]
		switch {
		case l.name == "text":
			if text, ok = strings.CutPrefix(value, l.text); !there || !ok || text == "" {
				return "", false
			}
		case l.field == "" && l.name == "" && value != l.text: // the root of XML
			return "", false
		}
	}
	return text, text != ""
}

// EncodeHop writes the call an aggregator makes; echo fills in its own names, as
// network. An abort that the dialect cannot tell of is false.
func (d *HTTP) EncodeHop(h Hop, echo Echo) (r Request, ok bool) {
	p := d.pattern(h.Op)
	if h.Op == Begin && p == nil { // a first hop looks like any other
		p, h.Text = d.pattern(Input), short(h.Code)
	}
	if p == nil {
		return Request{}, false
	}
	value := func(name string) string { return d.value(h, echo, name) }
	r = Request{Method: p.method, Path: p.pathOf(value)}
	if r.Method == "" {
		r.Method = d.Request.Methods[0]
	}
	body := p.append(nil, value)
	if r.Method == http.MethodGet {
		r.Query = body
		return r, true
	}
	r.Type, r.Body = d.Request.Types[0], body
	return r, true
}

// value is what stands for a name in a call.
func (d *HTTP) value(h Hop, echo Echo, name string) string {
	code := short(h.Code)
	rest := ""
	if d.rest {
		code, rest, _ = strings.Cut(code, "*")
	}
	switch name {
	case "session":
		return h.Session
	case "msisdn":
		return h.MSISDN
	case "code", "first":
		return h.Code
	case "short", "service", "tail":
		return code
	case "rest":
		return rest
	case "text", "inputs":
		return h.Text
	case nothing:
		return codingGSM // the only one that simulators fill in
	case "sequence":
		return strconv.FormatUint(uint64(h.Position)+1, 10)
	}
	return echo[name]
}

// short is a dialled string without its first * and its last #: other stars are the
// subscriber's.
func short(code string) string { return strings.TrimSuffix(strings.TrimPrefix(code, "*"), "#") }
