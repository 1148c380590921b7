package menus

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"mlango/internal/conf"
)

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	for _, row := range badMenus {
		f.Add([]byte(strings.Replace(good, row.old, row.now, 1)))
	}
	f.Add([]byte("a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: [*b,*b,*b]\n"))
	cat := goodCatalogue()
	f.Fuzz(func(t *testing.T, src []byte) {
		b, err := Parse("f.yaml", src, cat)
		if err != nil {
			var es conf.Errors
			if !errors.As(err, &es) || len(es) == 0 || es[0].Line < 1 || es[0].Col < 1 {
				t.Fatalf("an error without a place: %v", err)
			}
			return
		}
		// Whatever is accepted can be walked without harm.
		walk(t, b, Facts{Known: true, MSISDN: "254722000001"}, cat, []string{"1", "0722000002", "500", "1234", "9", "", "0", "00"})
	})
}

// walk dials and types, answering calls with canned outcomes.
func walk(t *testing.T, b *Bundle, facts Facts, cat Catalogue, keys []string) {
	p := NewPhone(b, facts)
	act, err := p.Dial("*334#")
	for _, key := range keys {
		for n := 0; err == nil && act.Call != nil; n++ {
			if n > MaxCallsHop {
				t.Fatal("calls without an end")
			}
			act, err = p.Answer(Canned(cat, act.Call))
		}
		if err != nil {
			t.Fatalf("a proved menu failed: %v", err)
		}
		if act.Show.End {
			act, err = p.Dial("*334*1*" + key + "#")
			continue
		}
		act, err = p.Press(key)
	}
}

// TestHostileSourcesAreRefused bounds what a parser may be fed.
func TestHostileSourcesAreRefused(t *testing.T) {
	screens := seq("  s%d: {}\n", 100_000)
	hundreds := seq("  s%d: {}\n", MaxScreens-4)
	for name, row := range map[string]struct{ src, want string }{
		"100,000 screens": {strings.Replace(good, "screens:\n", "screens:\n"+screens, 1), "a menu has 1 to 10000 screens, this one more"},
		"10,001 screens":  {strings.Replace(good, "screens:\n", "screens:\n"+hundreds, 1), "a menu has 1 to 10000 screens, this one 10001"},
		"alias bomb":      {"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "aliases are not allowed"},
		"depth":           {"menu: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), ""},
		"long condition":  {strings.Replace(good, "to != me.msisdn", `"`+strings.Repeat("(", 150)+"true"+strings.Repeat(")", 150)+`"`, 1), "the condition has 304 bytes, more than 200"},
		"deep condition":  {strings.Replace(good, "to != me.msisdn", `"`+strings.Repeat("(", 90)+"true"+strings.Repeat(")", 90)+`"`, 1), "the condition cannot be read"},
		"17 variables":    {strings.Replace(good, "  fee: money\n", "  fee: money\n"+seq("  v%d: flag\n", 14), 1), "17 variables, more than 16"},
		"large state":     {strings.Replace(good, "  fee: money\n", "  fee: money\n"+seq("  v%d: text<=40\n", 12), 1), "a session's state could take"},
		"61 options":      {strings.Replace(good, "    options:\n", "    options:\n"+seq("      - {label: {en: x%d, sw: x}, go: who}\n", 59), 1), "61 options, more than 60"},
		"long text":       {strings.Replace(good, "To whom?", strings.Repeat("x", MaxText+1), 1), "longer than 900 bytes"},
		"bytes":           {"menu: \xff\xfe\x00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse("m.yaml", []byte(row.src), goodCatalogue()); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %.300v, want %s", err, row.want)
			}
		})
	}
}

func seq(format string, n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, format, i)
	}
	return out.String()
}

// TestAnyDialogueStaysWithinLimits types anything at the wallet, answers its
// calls with anything, and reloads the state after every step: nothing panics,
// every screen fits, no PIN is in a state or on a screen.
func TestAnyDialogueStaysWithinLimits(t *testing.T) {
	b, cat := wallet(t), testCatalogue()
	septetsMost, unitsMost := b.Limits()
	rapid.Check(t, func(t *rapid.T) {
		facts := Facts{MSISDN: "254722000001", Known: rapid.Float64Range(0, 1).Draw(t, "known") > 0.02, Delayed: rapid.Bool().Draw(t, "delayed"),
			NoPIN: rapid.Float64Range(0, 1).Draw(t, "no PIN") > 0.8, Agent: rapid.Bool().Draw(t, "agent"), Till: rapid.Bool().Draw(t, "till"),
			Language: rapid.SampledFrom([]string{"en", "sw", "am", "fr", ""}).Draw(t, "language"), Zone: 180}
		p := NewPhone(b, facts)
		act, err := p.Dial(rapid.SampledFrom([]string{"*334#", "*334*1*0722000002*500#", "*334*2*1*5#", "*334*1#", rapid.String().Draw(t, "code")}).Draw(t, "dial"))
		if rapid.IntRange(0, 4).Draw(t, "asked") == 0 {
			act, err = p.Asked(rapid.SampledFrom([]string{"pay", "withdraw"}).Draw(t, "for"))
		}
		visits := map[uint32]bool{}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch {
			case err != nil:
				t.Fatalf("a step failed: %v", err)
			case len(p.State()) > MaxState:
				t.Fatalf("the state has %d bytes", len(p.State()))
			case act.Call != nil:
				if act.Call.Effects && visits[act.Call.Visit] {
					t.Fatalf("two orders of visit %d", act.Call.Visit)
				}
				visits[act.Call.Visit] = visits[act.Call.Visit] || act.Call.Effects
				if strings.Contains(string(p.State()), secretTyped) {
					t.Fatal("the PIN is in the state")
				}
				takesWhatIsKept(t, p, act.Call)
				outcome, values := anyOutcome(t, cat[act.Call.Fn])
				act, err = p.Answer(outcome, values, anyRows(t, cat[act.Call.Fn].Rows)...)
				continue
			}
			text := act.Show.Text
			if st, err := DecodeState(p.State()); err == nil && st.Language == "am" {
				if n := ucs2.units(text); n > unitsMost || len(text) > MaxTextBytes || text == "" || strings.Contains(text, secretTyped) {
					t.Fatalf("%d units: %q", n, text)
				}
				text = "in another alphabet"
			}
			if n := gsm7.units(text); n > septetsMost || len(text) > MaxTextBytes || text == "" || strings.Contains(text, secretTyped) {
				t.Fatalf("%d septets: %q", n, text)
			}
			for _, r := range text {
				if septets(r) == 0 {
					t.Fatalf("%q is not in the alphabet: %q", r, text)
				}
			}
			if act.Show.End {
				return
			}
			key := rapid.SampledFrom([]string{"1", "2", "3", "3", "4", "5", "5", "6", "0", "00", "98", "UKM4K2X9QZ", "0722000002", "0722000001", "500", "999999999", "x", "", rapid.String().Draw(t, "any")}).Draw(t, "key")
			if act.Show.Secret {
				key = rapid.SampledFrom([]string{secretTyped, secretTyped, "12", "0", key}).Draw(t, "secret")
			}
			if rapid.IntRange(0, 9).Draw(t, "lost") == 0 {
				act, err = p.Redial("*334#")
				clear(visits) // another session
				continue
			}
			act, err = p.Press(key)
		}
	})
}

// secretTyped is a PIN that no figure of these tests looks like.
const secretTyped = "835172"

// anyOutcome is an outcome with any values of its types, also too long ones.
func anyOutcome(t *rapid.T, fn Function) (string, map[string]Value) {
	outcome := rapid.SampledFrom(fn.Outcomes).Draw(t, "outcome")
	values := map[string]Value{}
	for _, name := range fn.Gives[outcome] {
		if name == fn.Rows.Name {
			continue
		}
		anyValue(t, values, name, fn.Out[name])
	}
	return outcome, values
}

// takesWhatIsKept: whichever way somebody came, back and round, an order that goes out
// takes only secrets that were asked for and not used since.
func takesWhatIsKept(t *rapid.T, p *Phone, c *Call) {
	st, err := DecodeState(p.State())
	if err != nil {
		t.Fatal(err)
	}
	for _, taken := range c.Takes {
		if st.Kept&(1<<taken.Number) == 0 {
			t.Fatalf("%s takes the secret %d, and %b are kept", c.Fn, taken.Number, st.Kept)
		}
	}
}

// anyRows are some rows of a list, at times too many.
func anyRows(t *rapid.T, of Rows) (list []Row) {
	if of.Name == "" {
		return nil
	}
	for range rapid.IntRange(0, of.Most+2).Draw(t, "rows") {
		row := Row{Kind: rapid.SampledFrom(of.Kinds).Draw(t, "row"), Values: map[string]Value{}}
		for name, kind := range of.Out {
			anyValue(t, row.Values, name, kind)
		}
		list = append(list, row)
	}
	return list
}

func anyValue(t *rapid.T, values map[string]Value, name, of string) {
	kind, err := parseType(of)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case kind.kind == kindInt:
		values[name] = Value{Set: true, Int: rapid.Int64Range(0, int64(kind.max)).Draw(t, name)}
	case kind.numeric():
		values[name] = Value{Set: true, Int: rapid.Int64Range(0, 999_999_999_999).Draw(t, name)}
	case kind.kind == kindMSISDN:
		values[name] = Value{Set: true, Text: rapid.StringMatching(`[1-9][0-9]{7,14}`).Draw(t, name)}
	default:
		values[name] = Value{Set: true, Text: rapid.String().Draw(t, name)}
	}
}

// TestStateSurvivesItsCodec: decode undoes encode, and refuses all else.
func TestStateSurvivesItsCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		st := State{Screen: rapid.Uint16().Draw(t, "screen"), Visit: rapid.Uint32().Draw(t, "visit"), Tries: rapid.Uint8().Draw(t, "tries"), Refused: rapid.Uint8().Draw(t, "refused"), Asked: rapid.Uint16().Draw(t, "asked"), From: rapid.Uint16().Draw(t, "from"), Next: rapid.Uint16().Draw(t, "next"),
			Language: rapid.SampledFrom([]string{"", "en"}).Draw(t, "language"), Note: clip(rapid.String().Draw(t, "note"), MaxNote), Waiting: rapid.Bool().Draw(t, "waiting"),
			Stack: rapid.SliceOfN(rapid.Uint16(), 0, MaxStack).Draw(t, "stack"), Kept: rapid.Uint8().Draw(t, "kept"),
			Offer: rapid.Bool().Draw(t, "offer"), Rest: clip(rapid.String().Draw(t, "rest"), MaxTextBytes)}
		for range rapid.IntRange(0, MaxVars).Draw(t, "vars") {
			st.Vars = append(st.Vars, Value{Set: rapid.Bool().Draw(t, "set"), Int: rapid.Int64().Draw(t, "int"), Text: clip(rapid.String().Draw(t, "text"), MaxVar)})
		}
		enc := AppendState(nil, &st)
		got, err := DecodeState(enc)
		if err != nil || string(AppendState(nil, &got)) != string(enc) {
			t.Fatalf("%+v came back as %+v, %v", st, got, err)
		}
		if cut := rapid.IntRange(0, len(enc)-1).Draw(t, "cut"); cut < len(enc) {
			if _, err := DecodeState(enc[:cut]); !errors.Is(err, ErrState) {
				t.Fatalf("half a state decoded: %v", err)
			}
		}
		if c := st.Clone(); string(AppendState(nil, &c)) != string(enc) {
			t.Fatal("a clone differs")
		}
	})
}

func FuzzDecodeState(f *testing.F) {
	b := wallet(f)
	st := b.Begin(Facts{Known: true})
	f.Add(AppendState(nil, &st), "1")
	f.Fuzz(func(t *testing.T, enc []byte, typed string) {
		st, err := DecodeState(enc)
		if err != nil {
			return
		}
		for _, ev := range []Event{{Kind: EventInput, Text: typed}, {Kind: EventOutcome, Outcome: typed}, {Kind: EventBegin, Text: typed}} {
			c := st.Clone()
			if act, err := b.Step(&c, ev, Facts{Known: true}); err == nil && act.Show != nil && (!utf8.ValidString(act.Show.Text) || len(act.Show.Text) > MaxTextBytes) {
				t.Fatalf("%q", act.Show.Text)
			}
		}
	})
}
