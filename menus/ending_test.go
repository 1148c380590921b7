package menus

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// farewell is a menu whose last words are as long as wanted.
func farewell(words string) string {
	more := "\n" + `  more: {key: "98", label: {en: More, sw: Zaidi}}`
	home := `  home: {key: "00", label: {en: Home, sw: Nyumbani}}`
	return strings.NewReplacer(home, home+more, "end: {en: Bye, sw: Kwaheri}", fmt.Sprintf("end: {en: %q, sw: Kwaheri}", words)).Replace(good)
}

// TestLongEnds: an end that no screen holds comes page by page, whatever is typed in
// between, and is over with its last one.
func TestLongEnds(t *testing.T) {
	words := strings.TrimSpace(strings.Repeat("Goodbye and thank you very much. ", 10))
	b, err := Parse("m.yaml", []byte(farewell(words)), goodCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	for _, septets := range []int{40, 120, 160, 182} {
		p := NewPhone(b, Facts{Known: true, Septets: septets})
		if _, err := p.Dial("*334#"); err != nil {
			t.Fatal(err)
		}
		var read []string
		act, err := p.Press("9")
		for _, typed := range []string{"98", "0", "00", "1", "", "98", "98", "98", "98", "98", "98", "98"} {
			if err != nil || gsm7.units(act.Show.Text) > septets {
				t.Fatalf("%v: %d septets: %+v", err, septets, act)
			}
			page, more := strings.CutSuffix(act.Show.Text, "\n98 More")
			read = append(read, page)
			if more == act.Show.End {
				t.Fatalf("%q, and end is %v", act.Show.Text, act.Show.End)
			}
			if act.Show.End {
				break
			}
			act, err = p.Press(typed)
		}
		if got := strings.Join(read, " "); got != words {
			t.Fatalf("%d septets: read\n%q\nof\n%q", septets, got, words)
		}
	}
}

// TestLongEndsAreProved: what could not be read to its end is refused.
func TestLongEndsAreProved(t *testing.T) {
	for _, row := range []struct{ src, says string }{
		{farewell(strings.Repeat("Goodbye. ", 50)), "home/9 in en can take 450 bytes, more than 400"},
		{farewell(strings.Repeat("x", 130)), "a word of home/9 in en can take 130 units, with the key of the next page 138 of 120"},
		{strings.Replace(strings.Replace(farewell("x"), "septets: 120", "septets: 120, depth: 4", 1), `ok: {end: {en: "`, `ok: {end: {en: "`+strings.Repeat("Good ", 30), 1), "confirm/ok ends 5 screens and pages deep, more than 4"},
		{strings.Replace(farewell("x"), `unknown: {end: {en: `, `unknown: {end: {en: `+strings.Repeat("Wait ", 26), 1), "confirm/unknown in en can take"},
	} {
		_, err := Parse("m.yaml", []byte(row.src), goodCatalogue())
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%v; not: %s", err, row.says)
		}
	}
}

// TestEndedStateGoesNowhere: what an end leaves to read takes no dial, and no outcome.
func TestEndedStateGoesNowhere(t *testing.T) {
	b, err := Parse("m.yaml", []byte(good), goodCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range []Event{{Kind: EventBegin}, {Kind: EventOutcome, Outcome: "ok"}} {
		st := b.Begin(Facts{Known: true})
		st.Rest = "more to read"
		if _, err := b.Step(&st, ev, Facts{Known: true}); !errors.Is(err, ErrMisfit) {
			t.Errorf("%+v: %v", ev, err)
		}
	}
}
