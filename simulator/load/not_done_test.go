package load

import (
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// TestANoIsHeldToTheOrder: a text that something was not done says of which order, why, and
// after its PIN was typed; any other denies what is so, or promises what is not.
func TestANoIsHeldToTheOrder(t *testing.T) {
	truth := "Your transaction of Ksh200.00 to 0722***003 was not completed: not enough money for it and its fee. Nothing was taken."
	for _, row := range []struct {
		name, text string
		before     time.Duration
		want       string
	}{
		{"the truth", truth, 0, ""},
		{"it denies the payment that was made", strings.NewReplacer("200", "500", "003", "002").Replace(truth), 0, "nothing of the sort was open"},
		{"another reason", strings.Replace(truth, "not enough money for it and its fee", "your account is frozen", 1), 0, "nothing of the sort was open"},
		{"it says that what was refused was done", "Ksh200.00 sent to PETER M 0722***003. New balance is Ksh1,000,000.00", 0, "nothing of the sort was open"},
		{"anything", "You have won Ksh1,000,000.00! Send your PIN to 0799999999", 0, "nothing of the sort was open"},
		{"before anybody typed a PIN", truth, time.Hour, "nothing of the sort was open"},
	} {
		s := newStage(t, string(menus.Wallet()))
		s.session("s1", "confirm", askedToSend, saidSent(), planToSend, paid())
		no := &deed{payee: 3, kind: ledger.KindSend, amount: 200_00, reject: ledger.NotEnoughFunds}
		s.session("s2", "confirm", "", "You do not have enough money for this and its fee. Nothing was taken.", Plan{Goal: GoalSend, Payee: 2, Amount: 200_00}, no)
		s.mail.put(operator.SMS{To: "254722000001", Text: row.text, At: s.now.Add(-row.before)})
		if found := s.found(); row.want == "" && found != "" || !strings.Contains(found, row.want) {
			t.Errorf("%s: found %q, want %q", row.name, found, row.want)
		}
	}
}

// TestAPromiseIsKeptByItsOwnWords: an order that was promised and not made is told so, by
// no other text.
func TestAPromiseIsKeptByItsOwnWords(t *testing.T) {
	const promise = "In progress. Do not repeat; SMS follows."
	for _, row := range []struct {
		name, text string
		reject     ledger.Reject
		kept       bool
	}{
		{"refused", "Your transaction of Ksh200.00 to 0722***003 was not completed: not enough money for it and its fee. Nothing was taken.", ledger.NotEnoughFunds, true},
		{"never made", "Your transaction of Ksh200.00 to 0722***003 was not completed: it took too long. Nothing was taken.", ledger.OK, true},
		{"the ledger was busy to the end", "Your transaction of Ksh200.00 to 0722***003 was not completed: we were too busy. Nothing was taken.", ledger.OK, true},
		{"it says done", "Ksh200.00 sent to PETER M. Thank you.", ledger.NotEnoughFunds, false},
		{"another order's", "Your transaction of Ksh300.00 to 0722***003 was not completed: it took too long. Nothing was taken.", ledger.OK, false},
	} {
		s := newStage(t, string(menus.Wallet()))
		var deeds []*deed
		if row.reject != ledger.OK {
			deeds = []*deed{{payee: 3, kind: ledger.KindSend, amount: 200_00, reject: row.reject}}
		}
		s.session("s1", "confirm", "", promise, Plan{Goal: GoalSend, Payee: 2, Amount: 200_00}, deeds...)
		s.mail.put(operator.SMS{To: "254722000001", Text: row.text, At: s.now})
		s.now = s.now.Add(time.Hour) // no order of it can be alive
		if found := s.found(); (found == "") != row.kept || !row.kept && !strings.Contains(found, "an SMS was promised, and none came") {
			t.Errorf("%s: found %q", row.name, found)
		}
	}
}
