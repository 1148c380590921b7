package menus

import (
	"strings"
	"testing"
)

// broken is the good menu with an offer behind its question for the PIN.
func broken(words, offer string) string {
	return strings.NewReplacer("start: home\n", words+"start: home\n", "    order: pay\n", "    order: pay\n"+offer,
		"    then:\n      ok: confirm\n", "    then:\n      ok: confirm\n").Replace(good)
}

const (
	offerWords = "resume: {continue: {en: Go on, sw: Endelea}, again: {en: Anew, sw: Upya}}\n"
	offerGood  = `    resume: {text: {en: "Pay {amount} to {to}?", sw: "Lipa {amount} kwa {to}?"}, go: quote}` + "\n"
)

// TestResumeIsProved: what is offered to who comes back never lands behind an order,
// at one, or where a PIN is asked for without a new quote.
func TestResumeIsProved(t *testing.T) {
	if _, err := Parse("m.yaml", []byte(broken(offerWords, offerGood)), goodCatalogue()); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ src, says string }{
		{broken("", offerGood), `an offer to go on has no words for its two options`},
		{broken(offerWords, strings.Replace(offerGood, ", go: quote", "", 1)), `an offer to go on needs text and go`},
		{broken(offerWords, strings.Replace(offerGood, "go: quote", "go: confirm", 1)), `the order "pay" may be confirmed without a quote of these values`},
		{broken(offerWords, strings.Replace(offerGood, "go: quote", "go: home", 1)), `whoever goes on at "home" does not come to "confirm" again`},
		{broken(offerWords, strings.Replace(offerGood, "{to}", "{pin}", 1)), `a secret may not be shown`},
		{broken(offerWords, strings.Replace(offerGood, "Pay {amount}", strings.Repeat("Pay ", 30), 1)), "confirm/resume in en can take"},
		{broken(offerWords, strings.Replace(offerGood, "sw: ", "sv: ", 1)), `the text has no "sw"`},
		{strings.Replace(broken(offerWords, ""), "    call: ask_fee\n", "    call: ask_fee\n"+offerGood, 1), `nobody breaks off at "quote", which shows nothing`},
		{strings.Replace(broken(offerWords, ""), "    ask: to\n", `    ask: to`+"\n"+strings.Replace(offerGood, "Pay {amount} to {to}?", "{amount}", 1), 1), `the variable "amount" may have no value here`},
		{behindOrder("go: after"), `going on would land on "after", behind an order`},
		{behindOrder("go: again"), `going on at "again" would place an order that nobody confirmed`},
	} {
		_, err := Parse("m.yaml", []byte(row.src), goodCatalogueMore())
		if err == nil || !strings.Contains(err.Error(), row.says) {
			t.Errorf("%v\nnot: %s", err, row.says)
		}
	}
}

// goodCatalogueMore has an order that takes no secret besides.
func goodCatalogueMore() Catalogue {
	cat := goodCatalogue()
	cat["poke"] = Function{Outcomes: []string{"ok", "unknown"}, Effects: true}
	return cat
}

// behindOrder offers to go on at a screen that only an order leads to.
func behindOrder(to string) string {
	src := strings.Replace(broken(offerWords, ""), "- {label: {en: Pay, sw: Lipa}, go: who}", "- {label: {en: Pay, sw: Lipa}, go: who}\n      - {label: {en: Poke, sw: Gusa}, go: again}", 1)
	return strings.Replace(src, "  who:\n", "  again:\n    order: poke\n    budget: 1s\n    then:\n      ok: after\n      unknown: {end: {en: Wait, sw: Subiri}}\n"+
		"  after:\n    text: {en: After, sw: Baada}\n    options: [{label: {en: Bye, sw: Kwaheri}, end: {en: Bye, sw: Kwaheri}}]\n    resume: {text: {en: On?, sw: Endelea?}, "+to+"}\n  who:\n", 1)
}

// TestOfferOnlyWhatBrokeOff: nothing is offered while a call is out, behind an end, to
// a state of another menu, nor where a dial does not come to the first screen.
func TestOfferOnlyWhatBrokeOff(t *testing.T) {
	b, err := Parse("m.yaml", []byte(broken(offerWords, offerGood)), goodCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	at := func(change func(*State)) *Show {
		st := b.Begin(Facts{Known: true})
		st.Screen = uint16(len(b.screens) - 1)
		st.Vars[0], st.Vars[1] = Value{Set: true, Text: "254722000002"}, Value{Set: true, Int: 500}
		change(&st)
		return b.Offer(&st, Facts{Known: true})
	}
	if s := at(func(*State) {}); s == nil || s.Text != "Pay Ksh5.00 to 0722***002?\n1 Go on\n2 Anew" || s.End || s.Secret {
		t.Fatalf("%+v", s)
	}
	for name, change := range map[string]func(*State){
		"a call is out":  func(st *State) { st.Waiting = true },
		"an end":         func(st *State) { st.Rest = "more" },
		"another screen": func(st *State) { st.Screen = 0 },
		"another menu":   func(st *State) { st.Vars = nil },
	} {
		if s := at(change); s != nil {
			t.Errorf("%s: %+v", name, s)
		}
	}
	st := b.Begin(Facts{})
	st.Screen = uint16(len(b.screens) - 1)
	if s := b.Offer(&st, Facts{Known: false}); s != nil {
		t.Errorf("an unknown number: %+v", s)
	}
}
