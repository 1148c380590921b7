package dialect

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// A pattern is a body as it crosses the wire, with $names where values stand:
//
//	{"sessionID":"$session","newSession":true,"userData":"$code"}
//
// Read the other way it is what a body is compared with. A field that holds a
// $name takes what is there; one that holds none must hold the same, in any
// case; fields that the pattern does not name may be there too. "#name" is a
// number without quotes on its way out. $_ takes anything that is there, and
// keeps nothing of it.
type pattern struct {
	op     Op
	method string   // the only one; empty: any of the dialect's
	path   []string // behind the operator's own; a part may be a $name
	form   string
	leaves []leaf
	pieces []piece
}

// leaf is one field: a name with what stands before it, and more of them behind what
// parts them; or only a text.
type leaf struct {
	field, text, name string
	more              []piece
}

// piece is a stretch of the body on its way out: fixed text, then a value.
type piece struct{ text, name string }

// nothing is the name whose value is not kept.
const nothing = "_"

// compile reads a pattern: METHOD /path body, the first two where they matter.
func compile(op Op, form, src string) (*pattern, error) {
	p := &pattern{op: op, form: form}
	if word, rest, ok := strings.Cut(src, " "); ok && slices.Contains([]string{"GET", "POST", "PUT"}, word) {
		p.method, src = word, rest
	}
	if strings.HasPrefix(src, "/") {
		path, rest, _ := strings.Cut(src, " ")
		p.path, src = strings.Split(path[1:], "/"), rest
	}
	fields, err := flatten(form, []byte(src))
	if err != nil {
		return nil, err
	}
	for field, value := range fields {
		p.leaves = append(p.leaves, newLeaf(field, value))
	}
	slices.SortFunc(p.leaves, func(a, b leaf) int { return strings.Compare(a.field, b.field) })
	p.pieces = pieces(src)
	return p, nil
}

func newLeaf(field, value string) leaf {
	if name, ok := strings.CutPrefix(value, "#"); ok {
		return leaf{field: field, name: name}
	}
	if !strings.Contains(value, "$") {
		return leaf{field: field, text: value}
	}
	cut := pieces(value)
	return leaf{field, cut[0].text, cut[0].name, cut[1 : len(cut)-1]} // nothing stands behind the last name
}

// take keeps what a field holds.
func (l *leaf) take(values Echo, value string) {
	name, value := l.name, strings.TrimPrefix(value, l.text)
	for _, next := range l.more {
		values[name], value, _ = strings.Cut(value, next.text)
		name = next.name
	}
	values[name] = value
}

// pieces cuts a body at its names.
func pieces(src string) (out []piece) {
	for {
		at := strings.IndexAny(src, "$#")
		if at < 0 {
			return append(out, piece{text: src})
		}
		end := at + 1
		for end < len(src) && (src[end] >= 'a' && src[end] <= 'z' || src[end] == '_') {
			end++
		}
		it := piece{src[:at], src[at+1 : end]}
		if src[at] == '#' { // without the quotes around it
			it = piece{strings.TrimSuffix(it.text, `"`), "#" + it.name}
			end = min(end+1, len(src))
		}
		out, src = append(out, it), src[end:]
	}
}

// binds tells whether the pattern takes a value of that name.
func (p *pattern) binds(name string) bool {
	return slices.Contains(p.path, "$"+name) || slices.ContainsFunc(p.leaves, func(l leaf) bool {
		return l.name == name || slices.ContainsFunc(l.more, func(it piece) bool { return it.name == name })
	})
}

// taken is what a pattern took from a call.
type taken struct {
	values Echo
	codes  []string // all that may be what was dialled
}

// match compares a call with the pattern.
func (p *pattern) match(method string, path []string, r record) (t taken, ok bool) {
	if p.method != "" && p.method != method || len(path) != len(p.path) {
		return t, false
	}
	t.values = make(Echo, 8)
	for i, part := range p.path {
		if name, is := strings.CutPrefix(part, "$"); is {
			t.values[name] = path[i]
		} else if part != path[i] {
			return t, false
		}
	}
	for _, l := range p.leaves {
		value, there := r[l.field]
		switch {
		case l.name == "" && !(there && strings.EqualFold(value, l.text)), l.name == nothing && !there:
			return t, false
		case !there, l.name == "", l.name == nothing:
		case l.name == "code", l.name == "short":
			if t.codes = append(t.codes, value); t.values["service"] == "" {
				t.values["service"] = value
			}
		default:
			l.take(t.values, value)
		}
	}
	return t, true
}

// append writes the body with its values.
func (p *pattern) append(dst []byte, value func(name string) string) []byte {
	for _, it := range p.pieces {
		dst = append(dst, it.text...)
		if name, bare := strings.CutPrefix(it.name, "#"); bare {
			dst = append(dst, number(value(name))...)
		} else if name != "" {
			dst = escape(dst, p.form, value(name))
		}
	}
	return dst
}

// number is s when that is one, else 0.
func number(s string) string {
	if s == "" || len(s) > MaxMSISDN || strings.Trim(s, "0123456789") != "" || len(s) > 1 && s[0] == '0' {
		return "0"
	}
	return s
}

// escape writes a value so that it stays one in its form.
func escape(dst []byte, form, s string) []byte {
	var out bytes.Buffer
	switch form {
	case formJSON:
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(s) // a string into a buffer cannot fail
		return append(dst, out.Bytes()[1:out.Len()-2]...)
	case formXML:
		_ = xml.EscapeText(&out, []byte(s)) // nor can this
		return append(dst, out.Bytes()...)
	case formForm:
		return append(dst, url.QueryEscape(s)...)
	}
	return append(dst, s...)
}

// pathOf writes the pattern's path with its values.
func (p *pattern) pathOf(value func(name string) string) string {
	var b strings.Builder
	for _, part := range p.path {
		b.WriteByte('/')
		if name, is := strings.CutPrefix(part, "$"); is {
			part = url.PathEscape(value(name))
		}
		b.WriteString(part)
	}
	return b.String()
}

// compileAll reads a list of patterns.
func compileAll(op Op, form string, list []string) (out []*pattern, err error) {
	for _, src := range list {
		p, err := compile(op, form, src)
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", src, err)
		}
		out = append(out, p)
	}
	return out, nil
}
