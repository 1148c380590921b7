package menus

import (
	"maps"
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

// testQuestion are the words in which a question that asks for the PIN can end.
const testQuestion = "other_content id_time expired busy overloaded pin_key_gone pin_not_set pin_locked pin_wrong unknown_payer alias_moved payer_closed command_forbidden"

// testQuestions are the orders that ask about an account.
func testQuestions() Catalogue {
	asks := func(good string) []string { return strings.Fields(good + " unknown " + testQuestion) }
	wrong := map[string][]string{"pin_wrong": {"tries_left"}}
	receipt := Function{In: map[string]string{"receipt": "text<=10"}, Out: map[string]string{"receipt": "text<=10", "amount": "money", "payer": "msisdn", "at": "time"},
		Outcomes: strings.Fields("done partly_reversed reversed held released unknown other_content id_time expired busy overloaded unknown_payer alias_moved payer_closed " +
			"asked_too_often receipt_unknown command_forbidden"), Gives: map[string][]string{}, Effects: true}
	for _, state := range receipt.Outcomes[:5] {
		receipt.Gives[state] = []string{"receipt", "amount", "payer", "at"}
	}
	return Catalogue{
		"balance": {Out: map[string]string{"balance": "money", "tries_left": "int<=9"}, Outcomes: asks("ok"),
			Gives: map[string][]string{"ok": {"balance"}, "pin_wrong": {"tries_left"}}, Secret: true, Effects: true},
		"last": {Out: map[string]string{"receipt": "text<=10", "amount": "money", "fee": "money", "balance": "money", "name": "text<=40",
			"other": "msisdn", "at": "time", "tries_left": "int<=9"}, Outcomes: asks("sent received bought issued none"),
			Gives: map[string][]string{"sent": {"receipt", "amount", "fee", "balance", "name", "other", "at"},
				"received": {"receipt", "amount", "balance", "name", "other", "at"}, "bought": {"receipt", "amount", "fee", "balance", "other", "at"},
				"issued": {"receipt", "amount", "balance", "at"}, "pin_wrong": {"tries_left"}}, Secret: true, Effects: true},
		"statement": {Out: map[string]string{"balance": "money", "tries_left": "int<=9"}, Outcomes: asks("ok none"),
			Gives: map[string][]string{"ok": {"balance", "lines"}, "pin_wrong": {"tries_left"}}, Secret: true, Effects: true,
			Rows: Rows{Name: "lines", Most: 5, In: []string{"received", "deposited", "returned", "earned"}, Kinds: strings.Fields("sent received bought paid withdrawn deposited returned taken_back earned"),
				Out: map[string]string{"receipt": "text<=10", "amount": "money", "balance": "money", "at": "time"}}},
		"change_pin": {Out: map[string]string{"tries_left": "int<=9"}, Outcomes: asks("ok pins_differ pin_same pin_too_easy"), Gives: wrong, Effects: true,
			Secrets: []string{"pin", "new", "again"}, Spares: map[string][]string{"pins_differ": {"pin"}, "pin_same": {"pin"}, "pin_too_easy": {"pin"}}},
		"first_pin": {Outcomes: strings.Fields("ok pins_differ unknown other_content id_time expired busy overloaded pin_set pin_key_gone pin_too_easy unknown_payer " +
			"alias_moved payer_frozen payer_closed command_forbidden"), Effects: true, Secrets: []string{"new", "again"}},
		"receipt": receipt,
	}
}

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
	all := testQuestions()
	maps.Copy(all, Catalogue{
		"quote_send": named, "quote_airtime": quote, "send": send, "airtime": airtime,
		"set_language": {In: map[string]string{"language": "text<=2"}, Outcomes: []string{"ok", "timeout"}},
	})
	maps.Copy(all, testAsked(quote, pay))
	return addKinds(all, named, pay, order)
}

// testAsked is what others ask subscribers to approve.
func testAsked(quote, approve Function) Catalogue {
	quote.In, quote.Shows, quote.Out = nil, []string{"amount", "name", "fee"}, maps.Clone(quote.Out)
	quote.Out["amount"], quote.Out["payee"], quote.Out["account"] = "money", "digits=1..15", "text<=20"
	quote.Gives = map[string][]string{"ok": {"name", "fee", "amount", "payee", "account"}, "looks_repeated": {"name", "fee", "amount", "payee", "account", "first_receipt", "first_at"}}
	approve.After = "quote_asked"
	states := strings.Fields("approved waiting confirmed declined expired unanswered unreachable failed")
	last := Function{Out: map[string]string{"to": "msisdn", "amount": "money", "receipt": "text<=10"}, Outcomes: append(states, "none", "timeout"), Gives: map[string][]string{}}
	for _, s := range states {
		last.Gives[s] = []string{"to", "amount", "receipt"}[:2]
	}
	last.Gives["approved"] = []string{"to", "amount", "receipt"}
	return Catalogue{"quote_asked": quote, "approve": approve, "decline": {Outcomes: []string{"ok", "timeout"}},
		"ask_withdraw": {In: map[string]string{"to": "msisdn", "amount": "money"}, Outcomes: strings.Fields("ok away busy refused timeout")}, "asked_last": last}
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
