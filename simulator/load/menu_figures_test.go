package load

import (
	"strings"
	"testing"

	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// TestAMenuThatSwapsFiguresIsFound: what the audit expects is worded by the gateway's own
// menu, so each of its texts is held to its own words once.
func TestAMenuThatSwapsFiguresIsFound(t *testing.T) {
	sound := string(menus.Wallet())
	for _, row := range []struct{ name, was, is, want string }{
		{"nothing", "", "", ""},
		{"an SMS", "New balance is {balance}. Transaction cost, {fee}.", "New balance is {fee}. Transaction cost, {balance}.", "the SMS sent in en says the fee where its words say the balance"},
		{"an SMS in Swahili", "Salio jipya ni {balance}. Gharama ya muamala, {fee}.", "Salio jipya ni {fee}. Gharama ya muamala, {balance}.", "in sw says the fee where its words say the balance"},
		{"a last screen", "sent to {name}. Fee {fee}. Balance {balance}.", "sent to {name}. Fee {balance}. Balance {fee}.", "the screen confirm in en says the balance where its words say the fee"},
		{"where the PIN is asked", "Send {amount} to {name} {to.full}\\nFee {fee}", "Send {fee} to {name} {to.full}\\nFee {amount}", "the screen confirm in en says the amount where its words say the fee"},
	} {
		menu := strings.Replace(sound, row.was, row.is, 1)
		if menu == sound && row.was != "" {
			t.Fatalf("%s: the menu does not say %q", row.name, row.was)
		}
		s := newStage(t, menu)
		s.m.menu(0)
		if found := s.found(); row.want == "" && found != "" || !strings.Contains(found, row.want) {
			t.Errorf("%s: found %q, want %q", row.name, found, row.want)
		}
	}
}

// TestLabelsOfFigures: only what the words surely say is held to them.
func TestLabelsOfFigures(t *testing.T) {
	for said, want := range map[string][]labelledFigure{
		"Ksh5.00 sent. New balance is Ksh1.00. Transaction cost, Ksh2.00.": {{5_00, labelNone}, {1_00, labelBalance}, {2_00, labelFee}},
		"Ksh5.00 balance. Ksh1.00 fee":                                     {{5_00, labelNone}, {1_00, labelNone}}, // the other way round
		"Salio jipya ni Ksh1.00. Gharama ya muamala, Ksh2.00.":             {{1_00, labelBalance}, {2_00, labelFee}},
		"ቀሪ ሂሳብ Ksh1.00። ክፍያ Ksh2.00።":                                     {{1_00, labelBalance}, {2_00, labelFee}},
		"Adam got Ksh3.00": {{ledger.Amount(3_00), labelNone}},
	} {
		got := labelled(said)
		if len(got) != len(want) {
			t.Errorf("%q: %v, want %v", said, got, want)
			continue
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("%q: %v, want %v", said, got, want)
				break
			}
		}
	}
}
