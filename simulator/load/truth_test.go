package load

import (
	"slices"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// stage is a small audited world with the wallet menu: who dials is account 1.
type stage struct {
	t    *testing.T
	cfg  *Config
	m    *matcher
	mail *mailroom
	now  time.Time
}

func newStage(t *testing.T, menu string) *stage {
	t.Helper()
	cfg := &Config{Zone: 180, OrderAge: 125 * time.Second, People: []Person{
		{MSISDN: "254722000001", Name: "AMINA O", PIN: "2580", Language: "en", Account: 1}, {MSISDN: "254722000002", Name: "JANE W", Language: "en", Account: 2},
		{MSISDN: "254722000003", Name: "PETER M", Language: "en", Account: 3}}}
	if err := cfg.Reads(menus.WalletName, menu); err != nil {
		t.Fatal(err)
	}
	a, mail := newAuditor(0, 180), newMailroom()
	a.entry(1, 0, [32]byte{}, nil)
	return &stage{t: t, cfg: cfg, m: newMatcher(cfg, a, mail, &Report{}), mail: mail, now: time.Now()}
}

// stageReceipt is the receipt of every payment on a stage.
func stageReceipt() string { return dateCode(time.Now()) + "A1B2C3D" }

// screen is where a screen of the menu is.
func (s *stage) screen(name string) int {
	return slices.IndexFunc(s.cfg.Chart.Screens, func(c menus.Charted) bool { return c.Name == name })
}

// session is one of account 1's, in which the right PIN was typed at a screen.
func (s *stage) session(name, at, shown, last string, p Plan, deeds ...*deed) *visit {
	v := &visit{session: name, pins: 1, due: s.now, at: s.now, ended: s.now, screen: last, plan: p,
		typed: []typedPIN{{at: s.now, right: true, shown: shown, chart: s.screen(at)}}}
	if v.ending = EndAnswered; p.pays() {
		v.ending = read(last, time.Now())
		v.placed = v.ending != EndRefused
	}
	for _, d := range deeds {
		d.at, d.payer, d.verdict, d.session = s.now.UnixMilli(), 1, ledger.VerdictRight, name
		s.m.audit.keep(d)
		if d.made() {
			s.texts(d)
		}
	}
	s.m.roll.begin(&s.cfg.People[0], v)
	s.m.roll.end(v)
	return v
}

// texts lets both sides have their SMS of a payment.
func (s *stage) texts(d *deed) {
	for _, one := range s.m.sidesOf(d) {
		plain, err := s.m.expected(d, &one)
		if err != nil {
			s.t.Fatal(err)
		}
		s.mail.put(operator.SMS{To: one.to.MSISDN, Text: strings.Replace(plain, noReceipt, stageReceipt(), 1), At: s.now})
	}
}

// found audits all, and returns what was found.
func (s *stage) found() string {
	s.m.all(s.now)
	return strings.Join(s.m.report.Oracle.Findings, "\n")
}

// paid is a send of 500 from account 1 to account 2 for a fee of 7.
func paid() *deed {
	return &deed{payee: 2, kind: ledger.KindSend, amount: 500_00, fee: 7_00, quoted: 7_00, balance: 493_00, payeeHas: 700_00}
}

// askedToSend and saidSent are the screens of it, as a sound gateway shows them.
const askedToSend = "Send Ksh500.00 to JANE W 0722000002\nFee Ksh7.00\nEnter PIN\n0 Back 00 Home"

func saidSent() string {
	return stageReceipt() + " Confirmed. Ksh500.00 sent to JANE W. Fee Ksh7.00. Balance Ksh493.00."
}

var planToSend = Plan{Goal: GoalSend, Payee: 1, Amount: 500_00}

// TestScreensAreHeldToThePaymentThatWasMade: the one that asks for the PIN, and the last.
func TestScreensAreHeldToThePaymentThatWasMade(t *testing.T) {
	for _, row := range []struct{ name, asked, last, want string }{
		{"all is so", askedToSend, saidSent(), ""},
		{"with a note above", "Wrong PIN. Tries left: 2.\n" + askedToSend, saidSent(), ""},
		{"it is promised", askedToSend, "In progress. Do not repeat; SMS follows.", ""},
		{"the fee is hidden", strings.Replace(askedToSend, "Ksh7.00", "Ksh0.00", 1), saidSent(), "asked for the PIN"},
		{"another name is shown", strings.Replace(askedToSend, "JANE W", "MALLORY", 1), saidSent(), "asked for the PIN"},
		{"another number is shown", strings.Replace(askedToSend, "0722000002", "0799999999", 1), saidSent(), "asked for the PIN"},
		{"no word of a fee", "Enter PIN", saidSent(), "asked for the PIN"},
		{"amount and fee swapped", askedToSend, stageReceipt() + " Confirmed. Ksh7.00 sent to JANE W. Fee Ksh500.00. Balance Ksh493.00.", "the last screen says"},
		{"the balance is the amount", askedToSend, strings.Replace(saidSent(), "493", "500", 1), "the last screen says"},
		{"another recipient", askedToSend, strings.Replace(saidSent(), "JANE W", "MALLORY X", 1), "the last screen says"},
		{"it says that it was not done", askedToSend, stageReceipt() + " was NOT done. Nothing was taken.", "the last screen says"},
	} {
		s := newStage(t, string(menus.Wallet()))
		s.session("s1", "confirm", row.asked, row.last, planToSend, paid())
		if found := s.found(); row.want == "" && found != "" || !strings.Contains(found, row.want) {
			t.Errorf("%s: found %q, want %q", row.name, found, row.want)
		}
	}
}

// TestScreensAreHeldInEveryLanguage: Swahili and Amharic people read the truth too.
func TestScreensAreHeldInEveryLanguage(t *testing.T) {
	for _, language := range []string{"en", "sw", "am"} {
		for _, lie := range []bool{false, true} {
			s := newStage(t, string(menus.Wallet()))
			s.cfg.People[0].Language = language
			d := paid()
			copy(d.language[:], language)
			v := &visit{plan: planToSend}
			vals := s.m.spoken(v, &deed{payer: 1, payee: 2, amount: d.amount, fee: d.fee, balance: d.balance})
			asked, _ := s.cfg.Chart.Asks(s.screen("confirm"), language, vals)
			if lie {
				vals["balance"] = money(1)
			}
			last, ok := s.cfg.Chart.Ends(s.screen("confirm"), "ok", language, vals)
			if !ok {
				t.Fatalf("%s: the menu has no last screen", language)
			}
			s.session("s1", "confirm", asked, strings.Replace(last, noReceipt, stageReceipt(), 1), planToSend, d)
			if found := s.found(); (found != "") != lie {
				t.Errorf("%s, a lie %v: found %q", language, lie, found)
			}
		}
	}
}

// TestAReasonIsTheLedgers: a last screen that gives another reason than the ledger's lies.
func TestAReasonIsTheLedgers(t *testing.T) {
	poor := "You do not have enough money for this and its fee. Nothing was taken."
	for reject, lies := range map[ledger.Reject]bool{ledger.NotEnoughFunds: false, ledger.PayerFrozen: true} {
		s := newStage(t, string(menus.Wallet()))
		d := paid()
		d.reject = reject
		s.session("s1", "confirm", askedToSend, poor, planToSend, d)
		if found := s.found(); (found != "") != lies {
			t.Errorf("%s: found %q", reject, found)
		}
	}
}

// TestAnswersAreHeldToTheJournal: what is asked about an account is asked of the ledger,
// and every figure is the oracle's.
func TestAnswersAreHeldToTheJournal(t *testing.T) {
	balance := func() *deed { return &deed{act: ledger.ActCheck, query: ledger.QueryBalance, balance: 1_00} }
	sent := ledger.Statement{Kind: ledger.KindSend, Amount: 500_00, Fee: 7_00, Balance: 1_00, Other: 2, At: time.Date(2026, 11, 22, 6, 14, 0, 0, time.UTC).UnixMilli()}
	last := func() *deed {
		return &deed{act: ledger.ActCheck, query: ledger.QueryLast, balance: 1_00, line: &line{sent}}
	}
	told := stageReceipt() + " 22/11/26 9:14 AM\nSent Ksh500.00 to JANE W 0722***002. Fee Ksh7.00. Left Ksh1.00."
	for _, row := range []struct {
		name, goal, screen string
		deeds              []*deed
		want               string
	}{
		{"a balance", GoalBalance, "Your balance is Ksh1.00.", []*deed{balance()}, ""},
		{"no answer", GoalBalance, "No answer in time. Nothing was taken. Please try later.", []*deed{balance()}, ""},
		{"it was not asked, and not answered", GoalBalance, "We are busy. Nothing was taken. Please try later.", nil, ""},
		{"a stale balance, twice", GoalBalance, "Your balance is Ksh9,999.00. Available Ksh9,999.00", []*deed{balance()}, "the balance was 1.00"},
		{"without decimals", GoalBalance, "Your balance is Ksh 9999", []*deed{balance()}, "the balance was 1.00"},
		{"from a cache", GoalBalance, "Your balance is Ksh1.00.", nil, "the ledger was not asked"},
		{"the last one", GoalLast, told, []*deed{last()}, ""},
		{"somebody else's", GoalLast, strings.Replace(told, "JANE W", "MALLORY", 1), []*deed{last()}, "the last transaction was"},
		{"of another sum", GoalLast, strings.Replace(told, "500", "77,000", 1), []*deed{last()}, "the last transaction was"},
		{"of none", GoalLast, told, []*deed{{act: ledger.ActCheck, query: ledger.QueryLast}}, "the account has none"},
	} {
		s := newStage(t, string(menus.Wallet()))
		s.session("s1", row.goal, "Enter PIN", row.screen, Plan{Goal: row.goal}, row.deeds...)
		if found := s.found(); row.want == "" && found != "" || !strings.Contains(found, row.want) {
			t.Errorf("%s: found %q, want %q", row.name, found, row.want)
		}
	}
}
