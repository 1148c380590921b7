package menus

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestSecretsAreAskedForOnEveryWay: a menu that lets an order go out without what it
// takes, or a secret go anywhere else, does not load; neither does a list without words.
func TestSecretsAreAskedForOnEveryWay(t *testing.T) {
	const takes = "takes: {pin: pin, new: new_pin, again: new_again}"
	for _, c := range []struct{ name, was, now, said string }{
		{"a secret is left out", takes, "takes: {new: new_pin, again: new_again}", `"change_pin" takes the secret "pin", and nothing says which it is`},
		{"none is named", "    " + takes + "\n", "", `"change_pin" takes the secret "again", and nothing says which it is`},
		{"an unknown parameter", takes, "takes: {pin: pin, new: new_pin, again: new_again, old: pin}", `"change_pin" takes no secret "old"`},
		{"a variable for a secret", takes, "takes: {pin: amount, new: new_pin, again: new_again}", `there is no secret "amount"`},
		{"one for two", takes, "takes: {pin: new_pin, new: new_pin, again: new_again}", `"change_pin" takes the secret "new_pin" twice`},
		{"its own is not taken", takes, "takes: {pin: pin, new: new_pin, again: pin}", `the secret "new_again" is asked for and "change_pin" does not take it`},
		{"a question is jumped over", "go: change_new", "go: change_again", `the secret "new_pin" may not have been asked for here`},
		{"a way round", "go: change_old}", "go: change_new}", `the secret "pin" may not have been asked for here`},
		{"back behind what was used", "pin_wrong: {go: change_old", "pin_wrong: {go: change_new", `the secret "pin" may not have been asked for here`},
		{"back to the repetition", "pins_differ: {go: change_new", "pins_differ: {go: change_again", `the secret "new_pin" may not have been asked for here`},
		{"a key that is gone is not asked for", "pin_key_gone: {go: change_old", "pin_key_gone: {go: change_again", `the secret "pin" may not have been asked for here`},
		{"nobody takes it", "go: change_old}", "go: spare}", `the secret of the screen "spare" is never taken`},
		{"it goes to a call", "ask: new_again\n    order: change_pin\n", "ask: new_again\n    go: quote\n    order: change_pin\n", `on the screen "change_again" order:, then:, takes: cannot stand beside a secret's question that goes on`},
		{"it goes to a call alone", "ask: new_pin\n    go: change_again", "ask: new_pin\n    go: quote", `the secret "new_pin" goes on to a call`},
		{"into a variable", "go: change_again", "go: change_again\n    set: {checked: new_pin}", `the secret "new_pin" may not go anywhere else`},
		{"into a call", "in: {receipt: checked}", "in: {receipt: new_pin}", `the secret "new_pin" may not go anywhere else`},
		{"into a text", "Enter the new PIN again", "Enter {new_pin} again", `a secret may not be shown: "new_pin"`},
		{"into a condition", "checked.matches('^[0-9A-Za-z]{10}$')", "new_pin.size() > 4", `the secret "new_pin" may not stand in a condition`},
		{"a row without words", "      earned: {en: \"{at.day}", "      earnt: {en: \"{at.day}", `rows of the kind "earned" have no words`},
		{"a row of an unknown kind", "      earned: {en: \"{at.day}", "      earnt: {en: \"{at.day}", `"statement" gives no rows of the kind "earnt"`},
		{"a row with the wrong sign", "Received +{", "Received -{", `a row of the kind "received" does not say which way the money went`},
		{"a row without its amount", "Paid -{amount.bare}, ", "Paid ", `a row of the kind "paid" does not say which way the money went`},
		{"a row with a variable", "Paid -{amount.bare}, ", "Paid {name} -{amount.bare}, ", `{name} is unknown in this text`},
		{"a list that is not given", `none: {end: {en: "There is no transaction yet."`, `none: {end: {en: "{lines}"`, `{lines} is unknown in this text`},
	} {
		src := string(walletSource(t))
		if strings.Count(src, c.was) == 0 {
			t.Fatalf("%s: the wallet has no %q", c.name, c.was)
		}
		src = strings.Replace(src, c.was, c.now, 1)
		if strings.Contains(c.now, "spare") {
			src = strings.Replace(src, "\n  to_english:\n", "\n  spare:\n    text: {en: PIN, sw: PIN, am: PIN}\n    ask: new_again\n    go: change_new\n\n  to_english:\n", 1)
		}
		_, err := Parse("wallet.yaml", []byte(src), testCatalogue())
		if err == nil || !strings.Contains(err.Error(), c.said) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestNoSecretInAState: what is kept is a bit, forgotten at home, by an order and where a
// dialogue is gone on with; no digit of it is in any state.
func TestNoSecretInAState(t *testing.T) {
	b := wallet(t)
	p := NewPhone(b, Facts{Known: true, MSISDN: "254722000001", Language: "en"})
	kept := func() uint8 {
		st, err := DecodeState(p.State())
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(p.State(), []byte("739128")) || bytes.Contains(p.State(), []byte("482915")) {
			t.Fatal("a state holds a secret")
		}
		return st.Kept
	}
	press := func(keys ...string) Action {
		var act Action
		for _, k := range keys {
			var err error
			if act, err = p.Press(k); err != nil {
				t.Fatal(err)
			}
		}
		return act
	}
	if _, err := p.Dial("*334#"); err != nil {
		t.Fatal(err)
	}
	act := press("3", "5", "482915")
	if act.Keep == nil || act.Keep.Number != 0 || act.Keep.Text != "482915" || act.Show == nil || !act.Show.Secret || kept() != 1 {
		t.Fatalf("%+v, kept %b", act, kept())
	}
	if press("739128"); kept() != 3 {
		t.Fatalf("kept %b", kept())
	}
	if act = press("739128"); act.Keep != nil || act.Call == nil || act.Call.Own != "again" || len(act.Call.Takes) != 2 || act.Call.Secret != "739128" {
		t.Fatalf("%+v", act)
	}
	if _, err := p.Answer("pins_differ", nil); err != nil || kept() != 1 {
		t.Fatalf("%v, kept %b", err, kept())
	}
	press("739128", "739128")
	if _, err := p.Answer("pin_wrong", map[string]Value{"tries_left": {Set: true, Int: 2}}); err != nil || kept() != 0 {
		t.Fatalf("%v, kept %b", err, kept())
	}
	if act = press("482915", "0", "0"); act.Show.Name != "account" {
		t.Fatalf("back leads to %+v", act.Show)
	}
	if press("00"); kept() != 0 {
		t.Fatalf("home, and kept %b", kept())
	}
	st := State{Language: "en", Kept: 5}
	enc := AppendState(nil, &st)
	if got, err := DecodeState(enc); err != nil || got.Kept != 5 {
		t.Fatal(got, err)
	}
	none := State{Language: "en"}
	bare := AppendState(nil, &none)
	bare[1] |= bitKept
	if _, err := DecodeState(append(bare, 0)); !errors.Is(err, ErrState) {
		t.Fatal("a state says that it keeps, and keeps nothing")
	}
}

// TestBackLeadsToNoSecretThatIsGone: after an order its questions are not gone back to.
func TestBackLeadsToNoSecretThatIsGone(t *testing.T) {
	p := NewPhone(wallet(t), Facts{Known: true, NoPIN: true, MSISDN: "254722000001", Language: "en"})
	if _, err := p.Dial("*334#"); err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"739128", "739128"} {
		if _, err := p.Press(k); err != nil {
			t.Fatal(err)
		}
	}
	act, err := p.Answer("ok", nil)
	if err != nil || act.Show.Name != "home" {
		t.Fatal(act, err)
	}
	if act, err = p.Press("0"); err != nil || act.Show.Name != "home" {
		t.Fatalf("back leads to %+v, %v", act.Show, err)
	}
}
