package pin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"
)

// secret is the PIN that must never be read anywhere, and the ways its digits
// could come out.
const secret = "4826"

var tableLeaks = []string{
	"4826",               // as typed
	"34383236",           // in hexadecimal
	"52 56 50 54",        // as a list of bytes
	"52,56,50,54",        // as JSON
	"0x34, 0x38",         // as Go source
	"NDgyN",              // in base64
	"[52",                // the beginning of a list
	"'4' '8' '2' '6'",    // as runes
	"110100 111000",      // in binary
	"64 70 62 66",        // in octal
	"U+0034",             // as code points
	`\x34\x38`, "4\x008", // escaped, or spread
	"%!d(string=4826)",    // by a mistaken verb
	"%!s(uint8=52)",       // the same
	"digits:[",            // the field itself
	"typ:[6]uint8{0x34",   // the same in Go source
	"typ:[52", "{4 [52 5", // the same in plain
}

// holder has a PIN where fmt does not ask its methods.
type holder struct {
	Open   PIN
	hidden PIN
	ptr    *PIN
	any    any
	list   []PIN
	byName map[string]PIN
}

func mustPIN(t testing.TB, typed string) PIN {
	t.Helper()
	p, err := Parse(typed)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func leaks(t *testing.T, how, text string) {
	t.Helper()
	for _, leak := range tableLeaks {
		if strings.Contains(text, leak) {
			t.Errorf("%s tells the PIN: %q", how, text)
		}
	}
}

func TestNoFormatTellsThePIN(t *testing.T) {
	p := mustPIN(t, secret)
	h := holder{Open: p, hidden: p, ptr: &p, any: p, list: []PIN{p}, byName: map[string]PIN{"a": p}}
	values := map[string]any{
		"PIN": p, "*PIN": &p, "holder": h, "*holder": &h,
		"[]PIN": []PIN{p, p}, "map": map[string]PIN{"x": p}, "array": [2]PIN{p, p}, "any": []any{p, &p, h},
		"error": fmt.Errorf("no: %v %d", p, p),
	}
	for name, v := range values {
		for _, flags := range []string{"", "+", "#", " ", "0", "-20", "20.3", "# x"} {
			for _, verb := range "vTtbcdoOqxXUeEfFgGsp" {
				format := "%" + flags + string(verb)
				leaks(t, name+" "+format, fmt.Sprintf(format, v))
			}
		}
		leaks(t, name+" Sprint", fmt.Sprint(v)+fmt.Sprintln(v))
	}
}

func TestNoEncoderTellsThePIN(t *testing.T) {
	p := mustPIN(t, secret)
	h := holder{Open: p, hidden: p, ptr: &p, any: p}
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		log := slog.New(handler)
		log.Info("pin", "p", p, "ptr", &p, "h", h, "hp", &h, "list", []PIN{p}, slog.Group("g", "p", p))
	}
	for _, v := range []any{p, &p, h, &h, []PIN{p}, map[string]any{"p": p}} {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
	}
	if err := template.Must(template.New("").Parse("{{.}} {{printf \"%d\" .}}")).Execute(&out, p); err != nil {
		t.Fatal(err)
	}
	leaks(t, "an encoder", out.String())
	for _, typed := range []string{"48a6", "482", "4826482", ""} {
		if _, err := Parse(typed); err != ErrNotPIN || (typed != "" && strings.Contains(err.Error(), typed)) {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestNoFormatTellsAKey(t *testing.T) {
	k := Key{ID: 7, Secret: [32]byte([]byte("the secret that nobody may read!"))}
	var out bytes.Buffer
	for _, verb := range "vdxXqs" {
		fmt.Fprintf(&out, "%"+string(verb)+" %+v %#v ", k, k, &k)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("key", "k", k, "list", []Key{k})
	b, err := json.Marshal([]Key{k})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	for _, leak := range []string{"the secret", "116 104 101", "116,104,101", "746865", "dGhlI"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is in %q", leak, out.String())
		}
	}
}

func TestParse(t *testing.T) {
	for typed, good := range map[string]bool{
		"4826": true, "0000": true, "00123": true, "123456": true,
		"": false, "123": false, "1234567": false, "12a4": false, "12 4": false, "-123": false,
		"१२३४": false, "１２３４": false, "12\x004": false, "1234\n": false,
	} {
		p, err := Parse(typed)
		if (err == nil) != good || p.IsZero() == good {
			t.Errorf("%q: %v", typed, err)
		}
	}
}

func TestWipeReachesEveryCopy(t *testing.T) {
	p := mustPIN(t, secret)
	q := p
	p.Wipe()
	if !p.IsZero() || !q.IsZero() || *q.digits() != (digits{}) {
		t.Error("digits are left")
	}
	p.Wipe()
	if _, err := Seal(Key{}, q, "254722000001", [16]byte{}); !errors.Is(err, ErrNotPIN) {
		t.Error(err)
	}
}
