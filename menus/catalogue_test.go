package menus

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// testRejects are the ledger's words; the room dialog proves that the wallet
// parses with its own catalogue, which has the same shape.
const testRejects = "other_content id_time expired busy overloaded pin_key_gone pin_not_set pin_locked pin_wrong unknown_payer " +
	"unknown_payee alias_moved payer_frozen payee_frozen same_account wrong_currency payer_closed payee_closed fee_above_quote below_minimum above_maximum " +
	"payer_daily payee_max_balance payee_daily looks_repeated not_enough_funds command_forbidden"

func testCatalogue() Catalogue {
	order := func(good string) []string { return strings.Fields(good + " unknown " + testRejects) }
	quote := Function{
		In:  map[string]string{"to": "msisdn", "amount": "money"},
		Out: map[string]string{"name": "text<=40", "fee": "money", "min": "money", "max": "money", "first_receipt": "text<=10", "first_at": "time"},
		Outcomes: strings.Fields("ok timeout pin_not_set pin_locked unknown_payer unknown_payee payer_frozen payee_frozen same_account wrong_currency " +
			"payer_closed payee_closed below_minimum above_maximum payer_daily payee_max_balance payee_daily looks_repeated not_enough_funds"),
		Gives: map[string][]string{"ok": {"name", "fee"}, "looks_repeated": {"name", "fee", "first_receipt", "first_at"},
			"below_minimum": {"min", "max"}, "above_maximum": {"min", "max"}},
	}
	quote.Shows = []string{"to", "amount", "fee"}
	pay := Function{
		In:       map[string]string{"again": "flag"},
		Out:      map[string]string{"receipt": "text<=10", "fee": "money", "balance": "money", "tries_left": "int<=9", "first_receipt": "text<=10", "first_at": "time"},
		Outcomes: order("ok"),
		Gives:    map[string][]string{"ok": {"receipt", "fee", "balance"}, "pin_wrong": {"tries_left"}, "looks_repeated": {"first_receipt", "first_at"}},
		Secret:   true, Effects: true, Later: true,
	}
	send, airtime, named := pay, pay, quote
	named.Shows = append(slices.Clone(quote.Shows), "name")
	send.After, airtime.After = "quote_send", "quote_airtime"
	return Catalogue{
		"quote_send": named, "quote_airtime": quote, "send": send, "airtime": airtime,
		"set_language": {In: map[string]string{"language": "text<=2"}, Outcomes: []string{"ok", "timeout"}},
		"balance": {Out: map[string]string{"balance": "money", "tries_left": "int<=9"}, Outcomes: order("ok"),
			Gives: map[string][]string{"ok": {"balance"}, "pin_wrong": {"tries_left"}}, Secret: true, Effects: true},
		"last": {Out: map[string]string{"receipt": "text<=10", "amount": "money", "fee": "money", "balance": "money", "name": "text<=40",
			"other": "msisdn", "at": "time", "tries_left": "int<=9"}, Outcomes: order("sent received bought issued none"),
			Gives: map[string][]string{"sent": {"receipt", "amount", "fee", "balance", "name", "other", "at"},
				"received": {"receipt", "amount", "balance", "name", "other", "at"}, "bought": {"receipt", "amount", "fee", "balance", "other", "at"},
				"issued": {"receipt", "amount", "balance", "at"}, "pin_wrong": {"tries_left"}}, Secret: true, Effects: true},
	}
}

func walletSource(t testing.TB) []byte {
	t.Helper()
	src, err := os.ReadFile("scripts/wallet.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return src
}

func wallet(t testing.TB) *Bundle {
	t.Helper()
	b, err := Parse("wallet.yaml", walletSource(t), testCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWalletFits(t *testing.T) {
	b := wallet(t)
	for _, f := range b.Fits() {
		if f.Left() < 0 || f.Line == 0 {
			t.Errorf("%+v", f)
		}
	}
	var out strings.Builder
	if err := b.WriteFits(&out); err != nil || !strings.Contains(out.String(), "confirm  ") || !strings.Contains(out.String(), "sms/sent") {
		t.Fatal(err, out.String())
	}
}
