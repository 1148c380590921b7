package dialect

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mlango/internal/conf"
)

// Limits of an aggregator's call.
const (
	maxEcho      = 128 // bytes of a field that the reply repeats
	maxPathParts = 4
)

// ErrEnded says that a call is no hop: it tells how a session ended, or is about
// none. What it repeats of the inputs must go nowhere.
var ErrEnded = errors.New("dialect: the session ended")

// HTTP is one aggregator's way to speak USSD over HTTP: the calls it makes and
// the replies it reads, each written down as it crosses the wire (see pattern).
// These names have a meaning of their own: session, msisdn, code and short (what
// was dialled, with its * and # and without), rest (what was dialled behind our
// code), service (how the call names our code), text (the input; in a reply the
// screen), inputs (all so far, joined by *), sequence (of hops, from 1), in a reply
// coding (15 or 72: GSM or UCS-2). Any other comes back in the reply as it came.
type HTTP struct {
	Name    string   `yaml:"name"`
	Units   Units    `yaml:"units"`
	Code    string   `yaml:"code"`  // none, optional: the first hop need not say what was dialled
	First   string   `yaml:"first"` // input: a first hop looks like any other
	Key     string   `yaml:"key_header"`
	Logins  []string `yaml:"login"` // the fields of a call with the aggregator's name and password
	Request struct {
		Methods []string `yaml:"methods"` // the first is sent
		Types   []string `yaml:"types"`   // of a body, the first is sent
		Begin   []string `yaml:"begin"`   // the first of each list is sent
		Input   []string `yaml:"input"`
		Abort   []string `yaml:"abort"`
		Ended   []string `yaml:"ended"`
	} `yaml:"request"`
	Reply struct {
		Type     string `yaml:"type"`
		Continue string `yaml:"continue"`
		End      string `yaml:"end"`
		Abort    string `yaml:"abort"` // the answer to an abort; empty is an empty body
		Headers  struct {
			Continue []string `yaml:"continue"` // Name: value
			End      []string `yaml:"end"`
		} `yaml:"headers"`
	} `yaml:"reply"`

	Push struct { // what we post to open a dialogue ourselves; empty: the dialect cannot
		Type   string `yaml:"type"`
		Open   string `yaml:"open"`
		Notify string `yaml:"notify"`
		Taken  string `yaml:"taken"` // in the answer to one that was taken
	} `yaml:"push"`

	form                    string
	open, notify, taken     *pattern
	calls                   []*pattern
	goOn, end, gone         *pattern
	inputs, sequence, rest  bool
	session                 bool
	headersGoOn, headersEnd []Header
	marks                   []string // see marksOf
}

// Header is one header of a reply.
type Header struct{ Name, Value string }

// Request is one call of an aggregator. Path is what stands behind the
// operator's own, empty or with its slash; the rest is as it crossed the wire.
type Request struct {
	Method, Path, Type string
	Query, Body        []byte
}

// Echo is what a reply repeats of its call, by the dialect's own names. No input
// is in it.
type Echo map[string]string

// OverHTTP reads a dialect by its name, or a file of one whose path ends in .yaml.
func OverHTTP(name string) (*HTTP, error) {
	d := &HTTP{}
	var doc *conf.Doc
	var err error
	if IsFile(name) {
		doc, err = conf.Load(name, d)
	} else {
		doc, err = load("http", name, d)
	}
	if err != nil {
		return nil, err
	}
	return d.read(doc)
}

// read checks the file and makes its patterns.
func (d *HTTP) read(doc *conf.Doc) (*HTTP, error) {
	checkUnits(doc, d.Units)
	d.form = formForm
	if len(d.Request.Types) > 0 {
		d.form = formOf(d.Request.Types[0])
	}
	for _, list := range []struct {
		op   Op
		path string
		src  []string
	}{{Abort, "request.abort", d.Request.Abort}, {0, "request.ended", d.Request.Ended},
		{Begin, "request.begin", d.Request.Begin}, {Input, "request.input", d.Request.Input}} {
		calls, err := compileAll(list.op, d.form, list.src)
		if err != nil {
			doc.Fail(list.path, err.Error(), "write the call as it crosses the wire, with $names for its values")
		}
		d.calls = append(d.calls, calls...)
	}
	for _, reply := range []struct {
		path, src string
		at        **pattern
	}{{"reply.continue", d.Reply.Continue, &d.goOn}, {"reply.end", d.Reply.End, &d.end}, {"reply.abort", d.Reply.Abort, &d.gone}} {
		if reply.src == "" {
			continue
		}
		p, err := compile(0, formOf(d.Reply.Type), reply.src)
		if err != nil {
			doc.Fail(reply.path, err.Error(), "write the answer as it crosses the wire, with $text for the screen")
		}
		*reply.at = p
	}
	d.readPush(doc)
	d.headersGoOn, d.headersEnd = headers(doc, "continue", d.Reply.Headers.Continue), headers(doc, "end", d.Reply.Headers.End)
	if err := doc.Err(); err != nil {
		return nil, err
	}
	if d.check(doc); doc.Err() == nil {
		d.marks = marksOf(d.goOn, d.end, d.Reply.Continue)
	}
	return d, doc.Err()
}

// formOf is the form of a content type.
func formOf(contentType string) string {
	switch {
	case strings.Contains(contentType, "json"):
		return formJSON
	case strings.Contains(contentType, "xml"):
		return formXML
	case strings.HasPrefix(contentType, "text/plain"):
		return formText
	}
	return formForm
}

func headers(doc *conf.Doc, which string, list []string) (out []Header) {
	for i, h := range list {
		name, value, ok := strings.Cut(h, ": ")
		if !ok {
			doc.Fail(fmt.Sprintf("reply.headers.%s[%d]", which, i), fmt.Sprintf("%q is no header", h), "write Name: value")
		}
		out = append(out, Header{name, value})
	}
	return out
}

// check holds the file to what a dialect must be able to say.
func (d *HTTP) check(doc *conf.Doc) {
	d.inputs, d.sequence, d.rest, d.session = d.binds("inputs"), d.binds("sequence"), d.binds("rest"), d.binds("session")
	if len(d.Logins) != 0 && len(d.Logins) != 2 {
		doc.Fail("login", "a login is a name and a password", "write login: [userid, password], as the fields are called")
	}
	if len(d.Request.Methods) == 0 || len(d.Methods()) > 3 {
		doc.Fail("request.methods", "no method is named", "write methods: [POST]")
	}
	if d.pattern(Input) == nil || d.pattern(Begin) == nil && d.First != "input" {
		doc.Fail("request", "a dialogue begins and goes on", "write begin: and input:, or first: input")
	}
	for _, p := range d.calls {
		if p.op != 0 && !p.binds("msisdn") {
			doc.Fail("request", "a call names no subscriber", "put $msisdn where the number stands")
		}
		if p.op == Input && !p.binds("text") && !p.binds("inputs") {
			doc.Fail("request.input", "an input has no text", "put $text or $inputs where it stands")
		}
		if p.op == Begin && d.Code == "" && !p.binds("code") && !p.binds("short") {
			doc.Fail("request.begin", "a dial does not say what was dialled", "put $code or $short where it stands, or write code: none")
		}
	}
	switch {
	case d.goOn == nil || d.end == nil || !d.goOn.binds("text") || !d.end.binds("text"):
		doc.Fail("reply", "continue and end carry the screen", "put $text where it stands")
	case d.goOn.binds("inputs") || d.end.binds("inputs"):
		doc.Fail("reply", "a reply repeats what was typed", "leave $inputs out")
	case d.Reply.Continue == d.Reply.End && slices.Equal(d.headersGoOn, d.headersEnd):
		doc.Fail("reply", "continue and end are the same", "an aggregator must be able to tell them apart")
	}
}

// binds tells whether any call has a value of that name.
func (d *HTTP) binds(name string) bool {
	return slices.ContainsFunc(d.calls, func(p *pattern) bool { return p.binds(name) })
}

// pattern is the call that is sent for an op, nil when the dialect has none.
func (d *HTTP) pattern(op Op) *pattern {
	for _, p := range d.calls {
		if p.op == op {
			return p
		}
	}
	return nil
}

// Cumulative tells whether every hop repeats all inputs so far.
func (d *HTTP) Cumulative() bool { return d.inputs }

// Numbered tells whether hops say where they stand in their dialogue; without it
// Hop.Position is 0 in all of them.
func (d *HTTP) Numbered() bool { return d.inputs || d.sequence }

// Keyless tells whether calls do not name their session: then Hop.Session is the
// dialect's name, and a subscriber has one session at a time.
func (d *HTTP) Keyless() bool { return !d.session }

// HasPath tells whether calls say anything behind the operator's own path.
func (d *HTTP) HasPath() bool {
	return slices.ContainsFunc(d.calls, func(p *pattern) bool { return len(p.path) > 0 })
}

// Methods are those that are answered.
func (d *HTTP) Methods() []string {
	out := slices.Clone(d.Request.Methods)
	for _, p := range d.calls {
		if p.method != "" && !slices.Contains(out, p.method) {
			out = append(out, p.method)
		}
	}
	return out
}

// Takes tells whether a body of that content type is read.
func (d *HTTP) Takes(contentType string) bool {
	return slices.ContainsFunc(d.Request.Types, func(t string) bool {
		rest, ok := strings.CutPrefix(strings.ToLower(contentType), t)
		return ok && (rest == "" || rest[0] == ';' || rest[0] == ' ')
	})
}

// DecodeHop reads a call. Neither the Hop nor the Echo shares bytes with it.
func (d *HTTP) DecodeHop(r Request) (Hop, Echo, error) {
	fields, err := d.fields(r)
	if err != nil {
		return Hop{}, nil, err
	}
	path, err := pathParts(r.Path)
	if err != nil {
		return Hop{}, nil, err
	}
	for _, p := range d.calls {
		t, ok := p.match(r.Method, path, fields)
		switch {
		case !ok:
		case p.op == 0:
			return Hop{}, nil, ErrEnded
		default:
			return d.hop(p, t)
		}
	}
	return Hop{}, nil, fmt.Errorf("%w: no call of this dialect", ErrValue)
}

// fields are those of a call.
func (d *HTTP) fields(r Request) (record, error) {
	if r.Method == http.MethodGet {
		return flatten(formForm, r.Query)
	}
	return flatten(d.form, r.Body)
}

// Login is the name and the password in a call; empty when it has none.
func (d *HTTP) Login(r Request) (name, password string) {
	fields, err := d.fields(r)
	if err != nil || len(d.Logins) != 2 {
		return "", ""
	}
	return fields[d.Logins[0]], fields[d.Logins[1]]
}

// pathParts cuts what stands behind the operator's own path.
func pathParts(path string) ([]string, error) {
	if path == "" || path == "/" {
		return nil, nil
	}
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if path[0] != '/' || len(parts) > maxPathParts {
		return nil, fmt.Errorf("%w: the path", ErrValue)
	}
	return parts, nil
}

// hop makes a Hop of what a pattern took.
func (d *HTTP) hop(p *pattern, t taken) (h Hop, echo Echo, err error) {
	h = Hop{Op: p.op, Session: t.values["session"]}
	if _, named := t.values["msisdn"]; p.op == Abort && !named {
		return Hop{}, nil, ErrEnded // whose session it was nobody can say: it ends by itself
	}
	if h.MSISDN, err = msisdn(t.values["msisdn"]); err != nil {
		return Hop{}, nil, err
	}
	if d.Keyless() {
		h.Session = d.Name
	}
	if !isKey(h.Session) {
		return Hop{}, nil, fmt.Errorf("%w: the session's key", ErrValue)
	}
	if err = d.input(p, &h, t); err == nil {
		err = d.dialled(&h, t)
	}
	if err == nil {
		err = d.position(&h, t)
	}
	if err == nil {
		echo, err = d.echo(t)
	}
	if err != nil {
		return Hop{}, nil, err
	}
	return h, echo, nil
}

// input is what was typed.
func (d *HTTP) input(p *pattern, h *Hop, t taken) error {
	if p.op != Input {
		return nil
	}
	name, most := "text", MaxInput
	if d.inputs {
		name, most = "inputs", MaxText
	}
	text, there := t.values[name]
	switch {
	case !there:
		return fmt.Errorf("%w: the input", ErrMissing)
	case len(text) > most:
		return fmt.Errorf("%w: %d bytes of input", ErrLength, len(text))
	}
	h.Text = text
	return nil
}

// dialled is what was dialled: on a dial, in a cumulative dialect on every hop,
// and on an input that may be a dial for all its call says.
func (d *HTTP) dialled(h *Hop, t taken) error {
	switch {
	case h.Op == Input && d.First == "input":
		if code := dialled(h.Text); isCode(code) {
			h.Code = code
		}
		return nil
	case h.Op != Begin && !(h.Op == Input && d.inputs):
		return nil
	}
	said := false
	for _, s := range t.codes {
		if rest := t.values["rest"]; rest != "" {
			s = strings.TrimSuffix(s, "#") + "*" + rest
		}
		said = said || s != ""
		if s = dialled(s); isCode(s) && len(s) > len(h.Code) {
			h.Code = s
		}
	}
	if h.Code == "" && (d.Code == "" || said) {
		return ErrCode
	}
	return nil
}

// position is where the hop stands.
func (d *HTTP) position(h *Hop, t taken) error {
	switch {
	case h.Op == Input && d.inputs && h.Text != "":
		h.Position = uint32(strings.Count(h.Text, "*") + 1)
	case h.Op == Input && d.sequence:
		n, err := strconv.ParseUint(t.values["sequence"], 10, 16)
		if err != nil || n < 2 {
			return fmt.Errorf("%w: the sequence of an input", ErrValue)
		}
		h.Position = uint32(n - 1)
	}
	return nil
}

// echo is what the replies of this dialect repeat.
func (d *HTTP) echo(t taken) (Echo, error) {
	var out Echo
	for _, reply := range []*pattern{d.goOn, d.end, d.gone} {
		if reply == nil {
			continue
		}
		for _, it := range reply.pieces {
			name := strings.TrimPrefix(it.name, "#")
			value, there := t.values[name]
			if !there || name == "text" { // in a reply that is the screen
				continue
			}
			if len(value) > maxEcho {
				return nil, fmt.Errorf("%w: %d bytes of %s", ErrLength, len(value), name)
			}
			if out == nil {
				out = Echo{}
			}
			out[name] = value
		}
	}
	return out, nil
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
