package dialect

import (
	"net/http"
	"slices"
)

// What a value of a call is, for whoever shows it.
type Meaning uint8

// The meanings. What a subscriber typed may be a PIN.
const (
	OtherValue  Meaning = iota // the aggregator's own
	KeyValue                   // the session's
	NumberValue                // the subscriber's
	DialValue                  // what was dialled, or how the call names our code
	TypedValue                 // one input, or some of a dialled string
	InputsValue                // all inputs so far, joined by *
)

// tableMeanings are the names that have one (see HTTP).
var tableMeanings = map[string]Meaning{
	"session": KeyValue, "msisdn": NumberValue, "code": DialValue, "short": DialValue, "service": DialValue,
	"text": TypedValue, "first": TypedValue, "tail": TypedValue, "rest": TypedValue, "inputs": InputsValue,
}

// Shown is a call made up again with what mask makes of each value; logins and
// what the dialect does not name, as all that was typed once more, are left out. false: it is no
// hop of this dialect.
func (d *HTTP) Shown(r Request, mask func(m Meaning, value string) string) (Request, bool) {
	fields, err := d.fields(r)
	if err != nil {
		return Request{}, false
	}
	path, err := pathParts(r.Path)
	if err != nil {
		return Request{}, false
	}
	for _, p := range d.calls {
		if t, ok := p.match(r.Method, path, fields); ok && p.op != 0 {
			return d.shown(r, p, t, mask), true
		}
	}
	return Request{}, false
}

// logsIn tells whether a value stands in a field of the caller's login.
func (p *pattern) logsIn(name string, logins []string) bool {
	return slices.ContainsFunc(p.leaves, func(l leaf) bool { return l.name == name && slices.Contains(logins, l.field) })
}

func (d *HTTP) shown(r Request, p *pattern, t taken, mask func(m Meaning, value string) string) Request {
	value := func(name string) string {
		if p.logsIn(name, d.Logins) {
			return ""
		}
		v := t.values[name]
		if name == "code" || name == "short" {
			for _, code := range t.codes {
				if len(code) > len(v) {
					v = code
				}
			}
		}
		if name == "short" {
			v = short(v)
		}
		return mask(tableMeanings[name], v)
	}
	body := p.append(nil, value)
	out := Request{Method: r.Method, Path: p.pathOf(value)}
	if r.Method == http.MethodGet {
		out.Query = body
		return out
	}
	out.Type, out.Body = d.Request.Types[0], body
	return out
}
