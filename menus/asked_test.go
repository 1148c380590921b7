package menus

import (
	"errors"
	"strings"
	"testing"
)

// asking is the good menu with something that others ask for, to be declined by 0.
func asking(more string) string {
	return strings.NewReplacer("start: home\n", "asked: {pay: begin_here}\nstart: home\n", "screens:\n",
		"screens:\n  begin_here:\n    call: ping\n    budget: 1s\n    then:\n      ok: wanted\n      timeout: {end: {en: Later, sw: Baadaye}}\n"+
			"  wanted:\n    text: {en: Somebody asks., sw: Mtu anaomba.}\n    options: [{label: {en: Fine, sw: Sawa}, end: {en: Fine, sw: Sawa}}]\n    "+more+"\n").Replace(good)
}

const decline = "back: {label: {en: Decline, sw: Kataa}, end: {en: Declined, sw: Umekataa}}"

// TestAsked: whoever is asked meets the screen that the menu names, and 0 is its own way;
// 00 leads nowhere there.
func TestAsked(t *testing.T) {
	b, err := Parse("m.yaml", []byte(asking(decline)), goodCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	p := NewPhone(b, Facts{Known: true})
	if act, err := p.Asked("pay"); err != nil || act.Call == nil || act.Call.Fn != "ping" {
		t.Fatal(act, err)
	}
	says := func(act Action, err error, want string) {
		t.Helper()
		if err != nil || act.Show == nil || act.Show.Text != want {
			t.Fatalf("%+v %v, not %q", act.Show, err, want)
		}
	}
	act, err := p.Answer("ok", nil)
	says(act, err, "Somebody asks.\n1 Fine\n0 Decline")
	act, err = p.Press("00")
	says(act, err, "No choice\nSomebody asks.\n1 Fine\n0 Decline")
	act, err = p.Press("0")
	says(act, err, "Declined")
	if _, err := p.Asked("rent"); !errors.Is(err, ErrMisfit) || b.Asks("rent") || !b.Asks("pay") {
		t.Fatal(err)
	}
}

func TestAskedIsProved(t *testing.T) {
	for _, row := range []struct{ src, says string }{
		{strings.Replace(asking(decline), "pay: begin_here", "pay: {end: {en: No, sw: Hapana}}", 1), `whoever is asked for "pay" would only be told an end`},
		{strings.Replace(asking(decline), "pay: begin_here", "pay: nowhere", 1), `there is no screen "nowhere"`},
		{asking("back: {end: {en: x, sw: x}}"), `the way back of "wanted" has no word`},
		{asking("back: {label: {en: x, sw: x}}"), `nothing follows here`},
		{asking("back: {label: {en: " + strings.Repeat("x", 120) + ", sw: x}, end: {en: x, sw: x}}"), `wanted in en can take`},
	} {
		_, err := Parse("m.yaml", []byte(row.src), goodCatalogue())
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%v\nnot: %s", err, row.says)
		}
	}
}
