package dialect

import (
	"fmt"
	"net/http"
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
// neither, or has no text, is not one.
func (d *HTTP) DecodeReply(header func(name string) string, body []byte) (Reply, error) {
	fields, err := flatten(formOf(d.Reply.Type), body)
	if err != nil {
		return Reply{}, err
	}
	for _, end := range []bool{false, true} {
		p := d.goOn
		if end {
			p = d.end
		}
		if text, ok := p.screen(fields); ok && hasHeaders(header, d.Headers(end)) {
			return Reply{Text: text, End: end}, nil
		}
	}
	return Reply{}, fmt.Errorf("%w: neither a reply that goes on nor one that ends", ErrValue)
}

func hasHeaders(header func(name string) string, list []Header) bool {
	for _, h := range list {
		if header(h.Name) != h.Value {
			return false
		}
	}
	return true
}

// screen is the text of a reply that holds what the pattern holds.
func (p *pattern) screen(fields record) (text string, ok bool) {
	for _, l := range p.leaves {
		value, there := fields[l.field]
		switch {
		case l.name == "text":
			if text, ok = strings.CutPrefix(value, l.text); !there || !ok || text == "" {
				return "", false
			}
		case l.name == "" && !(there && strings.EqualFold(value, l.text)):
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

// short is a dialled string without its * and #.
func short(code string) string { return strings.Trim(code, "*#") }
