package load

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// walkerOf is somebody with a wish in a menu.
func walkerOf(t *testing.T, source string, p Plan) (*walker, *guide) {
	t.Helper()
	profile, err := FindProfile("salary-day")
	if err != nil {
		t.Fatal(err)
	}
	cfg := &Config{Profile: profile, Code: "334"}
	if err := cfg.Reads("m.yaml", source); err != nil {
		t.Fatal(err)
	}
	g := newGuide(cfg)
	self := &Person{MSISDN: "254722000001", PIN: "2580", Language: "en"}
	to := &Person{MSISDN: "254722000002", Name: "JANE W"}
	return g.walker(&p, self, to), g
}

// presses are what the walker presses on screen after screen.
func presses(w *walker, screens ...string) (keys []string) {
	for _, text := range screens {
		s := operator.Screen{Text: text, Open: true, Secret: strings.Contains(text, "PIN")}
		w.look(s)
		key, _, ok := w.next(s)
		if !ok {
			return append(keys, "leaves")
		}
		keys = append(keys, key)
	}
	return keys
}

// TestAChangedMenuChangesWhatPeoplePress: who wants to send money looks for it.
func TestAChangedMenuChangesWhatPeoplePress(t *testing.T) {
	source := string(menus.Wallet())
	send := Plan{Goal: GoalSend, Amount: 500_00}
	w, g := walkerOf(t, source, send)
	confirm := "Send Ksh500.00 to JANE W 0722000002\nFee Ksh7.00\nEnter PIN\n0 Back 00 Home"
	rest := []string{"Send money to which number?\n0 Back 00 Home", "How much? (Ksh)\n0 Back 00 Home", confirm}
	if got := presses(w, append([]string{"M-Wallet\n1 Send money\n2 Buy airtime\n3 My account"}, rest...)...); strings.Join(got, " ") != "1 0722000002 500 2580" {
		t.Errorf("presses %v", got)
	}
	if got := g.dial(&Plan{Goal: GoalSend, Amount: 500_00, Short: true}, w.to); got != "*334*1*0722000002*500#" {
		t.Errorf("dials %s", got)
	}
	line := ""
	for _, l := range strings.Split(source, "\n") {
		if strings.Contains(l, "label: {en: Send money,") {
			line = l
		}
	}
	swapped := strings.Replace(source, line+"\n", "", 1)
	at := strings.Index(swapped, "      - {label: {en: My account,")
	swapped = swapped[:at] + line + "\n" + swapped[at:]
	w, _ = walkerOf(t, swapped, send)
	if got := presses(w, append([]string{"M-Wallet\n1 Buy airtime\n2 Send money\n3 My account"}, rest...)...); got[0] != "2" || got[3] != "2580" {
		t.Errorf("in the changed menu presses %v", got)
	}
}

// TestPeopleKeepTheirPINToThemselves: it goes to the question of the wish's own order,
// twice at most; before anything unknown people leave.
func TestPeopleKeepTheirPINToThemselves(t *testing.T) {
	confirm := "Send Ksh500.00 to JANE W 0722000002\nFee Ksh7.00\nEnter PIN\n0 Back 00 Home"
	for name, row := range map[string]struct {
		plan    Plan
		screens []string
		want    string
	}{
		"mistyped once":     {Plan{Goal: GoalSend, WrongPIN: true}, []string{confirm, "Wrong PIN. Tries left: 2\n" + confirm, "Wrong PIN. Tries left: 1\n" + confirm}, "2581 2580 leaves"},
		"another's order":   {Plan{Goal: GoalSend}, []string{"Enter PIN to see your balance\n0 Back 00 Home"}, "leaves"},
		"nobody's question": {Plan{Goal: GoalSend}, []string{"What is your PIN?"}, "leaves"},
		"repeated, no":      {Plan{Goal: GoalSend}, []string{"You sent Ksh500 to JANE W at 9:14 AM (UKM4K2X9QZ).\n1 Send again\n2 Cancel\n0 Back 00 Home"}, "2"},
		"repeated, yes":     {Plan{Goal: GoalSend, Again: true}, []string{"You sent Ksh500 to JANE W at 9:14 AM (UKM4K2X9QZ).\n1 Send again\n2 Cancel\n0 Back 00 Home", confirm}, "1 2580"},
		"a further page":    {Plan{Goal: GoalSend}, []string{"M-Wallet\n2 Buy airtime\n3 My account\n98 More", "1 Send money\n98 More 0 Back"}, "98 1"},
	} {
		w, _ := walkerOf(t, string(menus.Wallet()), row.plan)
		if got := strings.Join(presses(w, row.screens...), " "); got != row.want {
			t.Errorf("%s: presses %s, want %s", name, got, row.want)
		}
	}
}

// TestPeopleTakeTheirTime: more to read and to type takes longer, in the middle.
func TestPeopleTakeTheirTime(t *testing.T) {
	mean := func(p Persona, shown, typed string) (sum time.Duration) {
		rng := rand.New(rand.NewPCG(1, 1))
		for range 1000 {
			sum += p.pause(rng, shown, typed, false, 1)
		}
		return sum / 1000
	}
	short, long := "Amount?", strings.Repeat("a word or two ", 10)
	novice, practised := tablePersonas["novice"], tablePersonas["practised"]
	if a, b := mean(novice, short, "1"), mean(novice, long, "1"); b < 2*a {
		t.Errorf("a long screen takes %s, a short one %s", b, a)
	}
	if a, b := mean(practised, long, "0722000002"), mean(novice, long, "0722000002"); b <= a {
		t.Errorf("a novice takes %s, the practised %s", b, a)
	}
}

// TestValuesOfQuestions: what people type goes by the question's name and type.
func TestValuesOfQuestions(t *testing.T) {
	p := &Plan{Goal: "buy_goods", Amount: 120_00}
	till := &Person{Account: ledger.Account(5), Number: "500001"}
	for want, ask := range map[string][2]string{"500001": {"till", "digits=6"}, "120": {"amount", "money"}, "12345": {"account", "text<=20"}, "1": {"period", "choice=day|week"}} {
		if got := p.value(till, ask[0], ask[1]); got != want {
			t.Errorf("%v is answered by %s", ask, got)
		}
	}
}
