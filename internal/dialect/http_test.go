package dialect

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func africastalking(t testing.TB) *HTTP { return overHTTP(t, "africastalking") }

func overHTTP(t testing.TB, name string) *HTTP {
	t.Helper()
	d, err := OverHTTP(name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func form(body string) Request {
	return Request{Method: http.MethodPost, Type: "application/x-www-form-urlencoded", Body: []byte(body)}
}

func none(string) string { return "" }

func TestHTTPHop(t *testing.T) {
	const head = "sessionId=ATUid_1&phoneNumber=%2B254722000001&networkCode=63902&serviceCode=*334%23"
	want := Hop{Op: Begin, Session: "ATUid_1", MSISDN: "254722000001", Code: "*334#"}
	typed := want
	typed.Op, typed.Text, typed.Position = Input, "1*0722000002*500", 3
	for _, c := range []struct {
		name, body string
		want       Hop
		err        error
	}{
		{"begin", head + "&text=", want, nil},
		{"input", head + "&text=1*0722000002*500", typed, nil},
		{"escaped", head + "&text=1%2A0722000002%2A500&extra=x", typed, nil},
		{"ended", head + "&status=Success&durationInMillis=9000&input=1*0722*500*4826&text=", Hop{}, ErrEnded},
		{"no text", head, Hop{}, ErrMissing},
		{"no session", strings.Replace(head, "sessionId", "s", 1) + "&text=", Hop{}, ErrValue},
		{"long session", strings.Replace(head, "ATUid_1", strings.Repeat("a", 49), 1) + "&text=", Hop{}, ErrValue},
		{"session with a space", strings.Replace(head, "ATUid_1", "a+b", 1) + "&text=", Hop{}, ErrValue},
		{"no number", strings.Replace(head, "%2B254722000001", "", 1) + "&text=", Hop{}, ErrMSISDN},
		{"no code", strings.Replace(head, "*334%23", "x", 1) + "&text=", Hop{}, ErrCode},
		{"a field twice", head + "&text=&text=1", Hop{}, ErrValue},
		{"bad escape", head + "&text=%zz", Hop{}, ErrValue},
		{"not UTF-8", head + "&text=%ff", Hop{}, ErrValue},
		{"a control character", head + "&text=%00", Hop{}, ErrValue},
		{"long text", head + "&text=" + strings.Repeat("1", MaxText+1), Hop{}, ErrLength},
		{"long body", strings.Repeat("a", MaxBody+1), Hop{}, ErrLength},
		{"many fields", strings.Repeat("a&", 1) + manyFields(), Hop{}, ErrLength},
		{"JSON", `{"sessionId":"a"}`, Hop{}, ErrMSISDN},
		{"nothing", "", Hop{}, ErrMSISDN},
	} {
		got, _, err := africastalking(t).DecodeHop(form(c.body))
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v; want %+v, %v", c.name, got, err, c.want, c.err)
		}
	}
}

func manyFields() string {
	v := url.Values{}
	for i := range MaxFields + 1 {
		v.Set(strings.Repeat("x", i+1), "")
	}
	return v.Encode()
}

func TestHTTPReply(t *testing.T) {
	d := africastalking(t)
	for want, r := range map[string]Reply{"CON Menu": {Text: "Menu"}, "END Bye": {Text: "Bye", End: true}} {
		b := d.AppendReply(nil, nil, r)
		got, err := d.DecodeReply(none, b)
		if string(b) != want || got != r || err != nil {
			t.Errorf("%q, %+v, %v", b, got, err)
		}
	}
	for _, bad := range []string{"", "CON", "CON ", " CON x", "con x", "<html>"} {
		if _, err := d.DecodeReply(none, []byte(bad)); !errors.Is(err, ErrValue) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// call makes a request for whatever the dialect reads of data.
func call(d *HTTP, path string, data []byte) Request {
	r := Request{Method: d.Request.Methods[0], Path: path, Body: data}
	if r.Method == http.MethodGet {
		r.Query, r.Body = data, nil
	}
	return r
}

// said is a dialogue with everything a dialect may have to carry.
var tableSaid = []Hop{
	{Op: Begin, Session: "S1", MSISDN: "254722000001", Code: "*334#"},
	{Op: Begin, Session: "S1", MSISDN: "254722000001", Code: "*334*1*0722000002*500#"},
	{Op: Input, Session: "S1", MSISDN: "254722000001", Code: "*334#", Text: "1", Position: 1},
	{Op: Input, Session: "S1", MSISDN: "254722000001", Code: "*334#", Text: `"<&>\\$text+%20 ü`, Position: 1},
	{Op: Abort, Session: "S1", MSISDN: "254722000001", Code: "*334#", Position: 2},
}

// TestHTTPEveryDialectReadsWhatItWrites: what the simulator sends in a dialect,
// the gateway reads, and the other way round.
func TestHTTPEveryDialectReadsWhatItWrites(t *testing.T) {
	for _, name := range Names("http") {
		d := overHTTP(t, name)
		for _, h := range tableSaid {
			r, ok := d.EncodeHop(h, Echo{"network": "63902", "user": "U1"})
			if !ok {
				if h.Op != Abort {
					t.Errorf("%s: cannot say %+v", name, h)
				}
				continue
			}
			got, echo, err := d.DecodeHop(r)
			if want := d.heard(h); got != want || err != nil {
				t.Errorf("%s: %s %s %s%s\n got %+v, %v\nwant %+v", name, r.Method, r.Path, r.Query, r.Body, got, err, want)
			}
			for _, said := range []Reply{{Text: "M-Wallet\n1. \"Send\" <money> & $text"}, {Text: "Bye {text} #text", End: true}} {
				body := d.AppendReply(nil, echo, said)
				back, err := d.DecodeReply(headerOf(d.Headers(said.End)), body)
				if back != said || err != nil {
					t.Errorf("%s: %s came back as %+v, %v", name, body, back, err)
				}
			}
		}
	}
}

// heard is what a hop is on the other side: dialects leave out what they need not say.
func (d *HTTP) heard(h Hop) Hop {
	first := d.First == "input"
	switch {
	case h.Op == Begin && d.Code == "none":
		h.Code = ""
	case h.Op == Begin && first:
		h.Op, h.Text = Input, short(h.Code)
	case h.Op == Input && first:
		if h.Code = ""; isCode(dialled(h.Text)) {
			h.Code = dialled(h.Text)
		}
	case h.Op == Abort, h.Op == Input && !d.inputs:
		h.Code = ""
	}
	if d.Keyless() {
		h.Session = d.Name
	}
	if !d.Numbered() || h.Op == Abort {
		h.Position = 0
	}
	return h
}

func headerOf(list []Header) func(string) string {
	return func(name string) string {
		for _, h := range list {
			if h.Name == name {
				return h.Value
			}
		}
		return ""
	}
}

// TestHTTPEchoHoldsNoInput: what a reply repeats is never what was typed.
func TestHTTPEchoHoldsNoInput(t *testing.T) {
	for _, name := range Names("http") {
		d := overHTTP(t, name)
		r, _ := d.EncodeHop(Hop{Op: Input, Session: "S1", MSISDN: "254722000001", Code: "*334#", Text: "482600", Position: 1}, nil)
		h, echo, err := d.DecodeHop(r)
		if err != nil || h.Text != "482600" {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
		for at, v := range echo {
			if strings.Contains(v, "482600") {
				t.Errorf("%s: the echo's %s holds the input", name, at)
			}
		}
	}
}

// TestHTTPHopOwnsItsBytes: the buffers of a call are used again.
func TestHTTPHopOwnsItsBytes(t *testing.T) {
	for _, name := range Names("http") {
		d := overHTTP(t, name)
		r, _ := d.EncodeHop(Hop{Op: Input, Session: "S1", MSISDN: "254722000001", Code: "*334#", Text: "1", Position: 1}, Echo{"user": "U1", "network": "63902"})
		h, echo, err := d.DecodeHop(r)
		was, reply := h, string(d.AppendReply(nil, echo, Reply{Text: "x"}))
		for _, b := range [][]byte{r.Query, r.Body} {
			for i := range b {
				b[i] = 'z'
			}
		}
		if err != nil || h != was || string(d.AppendReply(nil, echo, Reply{Text: "x"})) != reply {
			t.Errorf("%s: %+v, then %+v, %v", name, was, h, err)
		}
	}
}

// TestHTTPHostileBodies: each dialect refuses what is none of its calls, and says
// nothing of what stood in it.
func TestHTTPHostileBodies(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for _, body := range []string{
		"", "{", "{}", "[]", "null", `{"a":1}{"b":2}`, `{"a":1,"a":2}`, deep, `{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}",
		`{"sessionID":"PIN4826","msisdn":{"a":"PIN4826"}}`, "{\"a\":\"\xff\"}", `{"a":"\u0000PIN4826"}`, "<ussd>", "<ussd/><ussd/>", "<a><b>PIN4826</b></a>",
		`<!DOCTYPE a [<!ENTITY b "PIN4826">]><ussd><msisdn>&b;</msisdn></ussd>`, "<ussd><msisdn>1</msisdn><msisdn>2</msisdn></ussd>",
		strings.Repeat("<a>", 40) + strings.Repeat("</a>", 40), `<?xml version="1.0" encoding="utf-16"?><ussd/>`, "a=1&a=2", "%zz=PIN4826", "a=%ff", strings.Repeat("1", MaxBody+1), "\x00\x01",
		"type=1&type=2", "msisdn=254722000001&sessionid=PIN4826&type=77&msg=PIN4826",
	} {
		for _, name := range Names("http") {
			d := overHTTP(t, name)
			for _, path := range []string{"", "/S1/start", "/S1/response"} {
				h, echo, err := d.DecodeHop(call(d, path, []byte(body)))
				if err == nil || h != (Hop{}) || echo != nil || strings.Contains(err.Error(), "4826") {
					t.Errorf("%s: %.60q: %+v, %v", name, body, h, err)
				}
			}
		}
	}
	d := overHTTP(t, "infobip")
	for _, path := range []string{"/start", "/S1/start/more", "/a/b/c/d/e/f", "S1/start", "//start", "/S 1/start"} {
		if _, _, err := d.DecodeHop(call(d, path, []byte(`{"msisdn":"254722000001","text":"x","shortCode":"*334#"}`))); err == nil {
			t.Errorf("the path %q was read", path)
		}
	}
}

// TestHTTPRefusesFieldsOutOfBounds changes one thing of a good call.
func TestHTTPRefusesFieldsOutOfBounds(t *testing.T) {
	for _, name := range Names("http") {
		d := overHTTP(t, name)
		for what, h := range map[string]Hop{
			"a name for a number": {Op: Input, Session: "S1", MSISDN: "BANK", Text: "1", Position: 1},
			"no number":           {Op: Input, Session: "S1", Text: "1", Position: 1},
			"a long number":       {Op: Input, Session: "S1", MSISDN: strings.Repeat("2", 16), Text: "1", Position: 1},
			"a long input":        {Op: Input, Session: "S1", MSISDN: "254722000001", Text: strings.Repeat("1", MaxText+1), Position: 1},
			"no session":          {Op: Input, MSISDN: "254722000001", Text: "1", Position: 1},
			"a long session":      {Op: Input, Session: strings.Repeat("s", MaxSession+1), MSISDN: "254722000001", Text: "1", Position: 1},
			"no code":             {Op: Begin, Session: "S1", MSISDN: "254722000001", Code: "hello"},
		} {
			if h.Code == "" {
				h.Code = "*334#"
			}
			if d.Keyless() && strings.HasSuffix(what, "session") || d.Code == "none" && what == "no code" || d.First == "input" && what == "no code" {
				continue
			}
			r, _ := d.EncodeHop(h, Echo{"network": "1"})
			if got, _, err := d.DecodeHop(r); err == nil {
				t.Errorf("%s: %s: %+v", name, what, got)
			}
		}
	}
}

func TestHTTPFilesThatDoNotHold(t *testing.T) {
	const good = `name: x
units: {septets: 160, ucs2: 80}
request:
  methods: [POST]
  types: [application/json]
  begin: ['{"s":"$session","m":"$msisdn","c":"$code","new":true}']
  input: ['{"s":"$session","m":"$msisdn","t":"$text","new":false}']
reply: {type: application/json, continue: '{"t":"$text","go":true}', end: '{"t":"$text","go":false}'}
`
	path := filepath.Join(t.TempDir(), "x.yaml")
	read := func(text string) error {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := OverHTTP(path)
		return err
	}
	if err := read(good); err != nil {
		t.Error(err)
	}
	for old, change := range map[string]string{
		"[POST]": "[]", `"m":"$msisdn",`: "", `"t":"$text","new"`: `"new"`, `"c":"$code",`: "", `"go":true`: `"go":false`,
		`'{"t":"$text","go":true}'`: `'{"go":true}'`, `"new":true}`: `"new":true`, "septets: 160": "septets: 999", "name: x": "nmae: x", `"t":"$text","new":false}`: `"t":"$text","new":false`,
	} {
		if err := read(strings.Replace(good, old, change, 1)); err == nil || !strings.Contains(err.Error(), "x.yaml:") {
			t.Errorf("%q for %q: %v", change, old, err)
		}
	}
}

func FuzzHTTP(f *testing.F) {
	f.Add([]byte("sessionId=ATUid_1&phoneNumber=%2B254722000001&serviceCode=*334%23&text=1*2"))
	var dialects []*HTTP
	for _, name := range Names("http") {
		d := overHTTP(f, name)
		dialects = append(dialects, d)
		for _, h := range tableSaid {
			r, _ := d.EncodeHop(h, Echo{"network": "63902"})
			f.Add(append(r.Query, r.Body...))
			f.Add(d.AppendReply(nil, nil, Reply{Text: "x"}))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, d := range dialects {
			_, _ = d.DecodeReply(none, body)
			for _, path := range []string{"", "/S1/start", "/S1/response"} {
				h, echo, err := d.DecodeHop(call(d, path, body))
				if err != nil {
					continue
				}
				if h.Op == Begin && h.Code == "" {
					h.Code = "*334#"
				}
				r, ok := d.EncodeHop(h, echo)
				if !ok {
					t.Fatalf("%s: cannot say %+v", d.Name, h)
				}
				if back, _, err := d.DecodeHop(r); err != nil || back != d.heard(h) && back != h {
					t.Fatalf("%s: %+v came back as %+v, %v", d.Name, h, back, err)
				}
			}
		}
	})
}

func BenchmarkHTTP(b *testing.B) {
	for _, name := range []string{"africastalking", "hubtel", "truroute"} {
		d := overHTTP(b, name)
		r, _ := d.EncodeHop(Hop{Op: Input, Session: "S1", MSISDN: "254722000001", Code: "*334#", Text: "1", Position: 1}, Echo{"network": "63902"})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, echo, err := d.DecodeHop(r)
				if err != nil {
					b.Fatal(err)
				}
				d.AppendReply(nil, echo, Reply{Text: "Menu"})
			}
		})
	}
}

// TestHopsOwnTheirBytes: whoever reads the next request into the same buffer changes no
// hop and no echo, in any dialect.
func TestHopsOwnTheirBytes(t *testing.T) {
	for _, name := range Names("http") {
		d, err := OverHTTP(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range []Hop{
			{Op: Begin, Session: "s-1", MSISDN: "254722000001", Code: "*334*1#"},
			{Op: Input, Session: "s-1", MSISDN: "254722000001", Code: "*334#", Text: "1", Position: 1},
			{Op: Abort, Session: "s-1", MSISDN: "254722000001", Code: "*334#"},
		} {
			call, ok := d.EncodeHop(h, Echo{"network": "63902", "user": "relay"})
			if !ok {
				continue
			}
			hop, echo, err := d.DecodeHop(call)
			want := fmt.Sprintf("%+v %v %v", hop, echo, err)
			for _, octets := range [][]byte{call.Query, call.Body} {
				for i := range octets {
					octets[i] = '?'
				}
			}
			if got := fmt.Sprintf("%+v %v %v", hop, echo, err); got != want {
				t.Errorf("%s: %s became %s", name, want, got)
			}
		}
	}
}

// TestRepliesOfOtherServices: what does not tell a screen from a last one is every
// service's own; the first field that does decides, and what it repeats can be read.
func TestRepliesOfOtherServices(t *testing.T) {
	for _, c := range []struct {
		dialect, body string
		end, none     bool
	}{
		{"hubtel", `{"SessionId":"s","Type":"response","Message":"Hi","Label":"Main","DataType":"display","FieldType":"number"}`, false, false},
		{"hubtel", `{"SessionId":"s","Type":"Release","Message":"Hi"}`, true, false},
		{"hubtel", `{"SessionId":"s","Type":"AddToCart","Message":"Hi"}`, false, true},
		{"hubtel", `{"SessionId":"s","Message":"Hi"}`, false, true},
		{"arkesel", `{"sessionID":"s","message":"Hi","continueSession":false}`, true, false},
		{"arkesel", `{"sessionID":"s","message":"","continueSession":false}`, false, true},
		{"truroute", `<ussd><type>2</type><msg>Hi</msg><premium><cost>0</cost></premium></ussd>`, false, false},
		{"truroute", `<html><type>2</type><msg>Hi</msg></html>`, false, true},
		{"africastalking", "Hi", false, true},
		{"restcomm", `<dialog mapMessagesSize="2"><processUnstructuredSSRequest_Response invokeId="1" string="Hi"/></dialog>`, true, false},
	} {
		d, err := OverHTTP(c.dialect)
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.DecodeReply(func(string) string { return "" }, []byte(c.body))
		if (err != nil) != c.none || !c.none && (r.Text != "Hi" || r.End != c.end) {
			t.Errorf("%s %s: %+v %v", c.dialect, c.body, r, err)
		}
		if echo := d.DecodeEcho([]byte(c.body)); c.dialect == "hubtel" && echo["session"] != "s" {
			t.Errorf("%s repeats %v", c.body, echo)
		}
	}
	airtel, err := OverHTTP("airtel")
	if err != nil {
		t.Fatal(err)
	}
	for flow, want := range map[string]bool{"FC": false, "FB": true} {
		r, err := airtel.DecodeReply(func(name string) string { return map[string]string{"Freeflow": flow}[name] }, []byte("Hi"))
		if err != nil || r.End != want {
			t.Errorf("Freeflow %s: %+v %v", flow, r, err)
		}
	}
}
