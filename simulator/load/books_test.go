package load

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/oracle"
)

// The world of these tests: four wallets, an agent, a business, and the house.
var (
	tableWallets = []ledger.Account{1, 2, 3, 4}
	tableHouse   = map[ledger.AccountKind]ledger.Account{
		ledger.AccountTrust: 10, ledger.AccountFees: 11, ledger.AccountAirtime: 12, ledger.AccountTax: 13, ledger.AccountCommission: 14,
	}
)

const (
	testAgent    = ledger.Account(5)
	testBusiness = ledger.Account(6)
	testTill     = ledger.Account(7)
)

var testCurrency = ledger.Currency{'K', 'E', 'S'}

// history makes random commands of all kinds, as a ledger might journal them.
type history struct {
	rng    *rand.Rand
	book   *ledger.Book
	now    int64
	serial int
	ids    []ledger.ID // of transfers and holds
	holds  []ledger.ID
	two    bool
	asks   []ledger.AskPayment

	careless int // PINs of a hundred that are mistyped
}

// opening opens the world and gives everybody something.
func (h *history) opening() []ledger.Command {
	var out []ledger.Command
	for kind, n := range tableHouse {
		out = append(out, ledger.OpenAccount{Account: n, Kind: kind, Currency: testCurrency})
	}
	for n := range ledger.Account(7) {
		kind := ledger.AccountWallet
		switch n + 1 {
		case testAgent:
			kind = ledger.AccountAgent
		case testBusiness:
			kind = ledger.AccountPaybill
		case testTill:
			kind = ledger.AccountTill
		}
		out = append(out, ledger.OpenAccount{Account: n + 1, Kind: kind, Currency: testCurrency, Home: 1, Language: ledger.Language{'e', 'n'}}, ledger.SetPIN{Account: n + 1})
	}
	out = append(out, ledger.SetRepeatWindow{}, h.tariff(ledger.KindSend, 0), h.tariff(ledger.KindWithdraw, 5), h.tariff(ledger.KindDeposit, 7))
	for _, n := range append(slices.Clone(tableWallets), testAgent, testBusiness, tableHouse[ledger.AccountCommission]) {
		out = append(out, h.issue(n, 5_000))
	}
	return out
}

func (h *history) tariff(kind ledger.Kind, commission ledger.Amount) ledger.SetTariff {
	c := ledger.SetTariff{Kind: kind}
	upto := ledger.Amount(0)
	for range 1 + h.rng.IntN(3) {
		upto += 1 + h.amount()
		fee := h.amount() / 20
		c.Bands = append(c.Bands, ledger.Band{Upto: upto, Fee: fee, Tax: fee / ledger.Amount(1+h.rng.IntN(4)), Commission: commission})
	}
	if h.rng.IntN(2) == 0 {
		c.From = h.now + h.rng.Int64N(600_000)
	}
	return c
}

// rules are the fees of two kinds at once.
func (h *history) rules() ledger.SetRules {
	c := ledger.SetRules{Tariffs: []ledger.SetTariff{h.tariff(ledger.KindSend, 0), h.tariff(ledger.KindWithdraw, 5)}}
	c.From = c.Tariffs[0].From
	c.Tariffs[0].From, c.Tariffs[1].From = 0, 0
	return c
}

func (h *history) amount() ledger.Amount { return ledger.Amount(1 + h.rng.IntN(900)) }

func (h *history) id() ledger.ID {
	h.serial++
	return ledger.NewID(h.now, [10]byte{byte(h.serial), byte(h.serial >> 8), 1})
}

func (h *history) issue(to ledger.Account, amount ledger.Amount) ledger.Command {
	return &ledger.Move{Transfer: ledger.Transfer{ID: h.id(), Kind: ledger.KindIssue, From: tableHouse[ledger.AccountTrust], To: to, Amount: amount,
		Currency: testCurrency, Expires: h.now + 60_000}}
}

// known is an id that was used before, or a new one.
func (h *history) known() ledger.ID {
	if len(h.ids) == 0 || h.rng.IntN(20) == 0 {
		return h.id()
	}
	return h.ids[h.rng.IntN(len(h.ids))]
}

// hold is the id of a recent hold, or of something else.
func (h *history) hold() ledger.ID {
	if n := len(h.holds); n > 0 && h.rng.IntN(8) > 0 {
		return h.holds[max(0, n-1-h.rng.IntN(5))]
	}
	return h.known()
}

// next is one command; time goes on.
func (h *history) next() ledger.Command {
	h.now += h.rng.Int64N(90_000)
	o := ledger.Origin{Operator: "o", Session: fmt.Sprintf("s%d", h.rng.IntN(30))}
	var cmd ledger.Command
	switch h.rng.IntN(40) {
	case 0:
		return h.limits()
	case 1:
		return ledger.SetTier{Account: ledger.Account(1 + h.rng.IntN(7)), Tier: ledger.Tier(h.rng.IntN(3)), Maximum: h.amount() * ledger.Amount(h.rng.IntN(30))}
	case 2, 3, 4:
		return h.recall(o)
	case 5, 6, 7:
		return h.question(o)
	case 8, 9, 10:
		return h.asked(o)
	}
	switch n := h.rng.IntN(100); {
	case n < 55:
		return h.move(o)
	case n < 62:
		cmd = h.linked(o)
	case n < 70:
		cmd = ledger.Post{ID: h.id(), Hold: h.hold(), Amount: h.maybe(), Expires: h.now + 60_000, Origin: o}
	case n < 74:
		cmd = ledger.Void{ID: h.id(), Hold: h.hold(), Expires: h.now + 60_000, Origin: o}
	case n < 86:
		cmd = ledger.Reverse{ID: h.id(), Of: h.known(), Amount: h.maybe(), Fee: h.rng.IntN(3) == 0, Expires: h.now + 60_000, Origin: o}
	case n < 91:
		return ledger.Tick{}
	case n < 94:
		return ledger.Freeze{Account: ledger.Account(1 + h.rng.IntN(7)), On: h.rng.IntN(3) == 0}
	case n < 97:
		cmd = h.tariff(ledger.KindSend, 0)
		if h.rng.IntN(2) == 0 {
			cmd = h.rules()
		}
	case n < 98 && !h.two:
		h.two = h.rng.IntN(3) == 0
		if h.two {
			return ledger.RequireTwo{}
		}
		return ledger.Tick{}
	default:
		return ledger.Resolve{ID: h.known(), Expires: h.now - 1}
	}
	if h.two && h.rng.IntN(5) > 0 {
		return ledger.Approved{Cmd: cmd, First: "asha", Second: "otieno", At: h.now}
	}
	return cmd
}

// limits are some of a kind, or of several with a tariff.
func (h *history) limits() ledger.Command {
	one := func() ledger.SetLimits {
		return ledger.SetLimits{Kind: tableLimited[h.rng.IntN(len(tableLimited))], Tier: ledger.Tier(h.rng.IntN(3)), Min: h.amount() / 100, Max: 300 + h.amount(),
			PayerDaily: h.amount() * 12, PayeeDaily: h.amount() * 15, PayeeBalance: h.amount() * 40}
	}
	if h.rng.IntN(2) == 0 {
		l := one()
		l.From = h.now + h.rng.Int64N(300_000)
		return l
	}
	first, second := one(), one()
	if second.Kind = ledger.KindSend; first.Kind == second.Kind {
		first.Kind = ledger.KindTill
	}
	t := h.tariff(ledger.KindSend, 0)
	t.From = 0
	return ledger.SetRules{From: h.now + h.rng.Int64N(300_000), Why: "a test", Tariffs: []ledger.SetTariff{t}, Limits: []ledger.SetLimits{first, second}}
}

// tableLimited are kinds that limits are set for.
var tableLimited = []ledger.Kind{ledger.KindSend, ledger.KindAirtime, ledger.KindPaybill, ledger.KindPayout}

// recall takes the latest send of somebody back, as a menu would, or another.
func (h *history) recall(o ledger.Origin) ledger.Command {
	from := ledger.Account(1 + h.rng.IntN(4))
	q := h.book.Quote(ledger.KindReversal, from, 0, 0, h.now)
	m := &ledger.Move{Transfer: ledger.Transfer{ID: h.id(), Kind: ledger.KindReversal, From: from, To: q.To, Of: q.First, Amount: q.Amount, Currency: testCurrency,
		Expires: h.now + 60_000, Origin: o}, Verdict: ledger.VerdictRight}
	if h.rng.IntN(8) == 0 {
		m.Of = h.known()
	}
	_, _, m.Epoch, _, _ = h.book.PIN(from)
	m.Verdict = h.verdict()
	h.ids = append(h.ids, m.ID)
	return m
}

func (h *history) maybe() ledger.Amount {
	if h.rng.IntN(2) == 0 {
		return 0
	}
	return h.amount() / 3
}

// move is a transfer or a hold of a random kind.
func (h *history) move(o ledger.Origin) ledger.Command {
	m := &ledger.Move{Transfer: ledger.Transfer{ID: h.id(), Kind: ledger.Kind(1 + h.rng.IntN(10)), From: ledger.Account(1 + h.rng.IntN(7)), To: ledger.Account(1 + h.rng.IntN(7)),
		Amount: h.amount(), Currency: testCurrency, Fee: ledger.Amount(h.rng.IntN(80)), Expires: h.now + 60_000, Origin: o}, Verdict: ledger.VerdictRight}
	switch m.Kind {
	case ledger.KindIssue:
		m.From = tableHouse[ledger.AccountTrust]
	case ledger.KindRedeem:
		m.To = tableHouse[ledger.AccountTrust]
	case ledger.KindDeposit:
		m.From = testAgent
	case ledger.KindWithdraw:
		m.To = testAgent
	case ledger.KindPaybill, ledger.KindPayout:
		m.To = testBusiness
		if m.Kind == ledger.KindPayout {
			m.From, m.To = testBusiness, m.From
		}
	case ledger.KindTill:
		m.To = testTill
	}
	if h.rng.IntN(4) == 0 {
		m.Until = h.now + h.rng.Int64N(900_000)
		h.holds = append(h.holds, m.ID)
	}
	if h.rng.IntN(30) == 0 {
		m.ID = h.known()
	}
	_, _, m.Epoch, _, _ = h.book.PIN(m.From)
	m.Verdict = h.verdict()
	h.ids = append(h.ids, m.ID)
	if h.two && !m.Kind.ByPIN() && h.rng.IntN(5) > 0 {
		return ledger.Approved{Cmd: m, First: "asha", Second: "otieno", At: h.now}
	}
	return m
}

func (h *history) linked(o ledger.Origin) ledger.Command {
	c := ledger.Linked{ID: h.id(), Expires: h.now + 60_000, Origin: o}
	c.ID[15] = 0 // room for the legs
	for i := range 1 + h.rng.IntN(4) {
		c.Legs = append(c.Legs, ledger.Leg{Kind: ledger.KindPayout, From: testBusiness, To: ledger.Account(1 + h.rng.IntN(5)), Amount: h.amount(), Currency: testCurrency})
		h.ids = append(h.ids, c.ID.Leg(uint8(i)))
	}
	return c
}

// liar is a ledger that says once what is not so. A lie tells whether it could be told.
type liar struct {
	*ledger.Book
	left int
	res  func(*ledger.Result) bool
	show func(*ledger.Shown) bool
	note func(*ledger.Notice) bool
	lied ledger.ID
	told bool
}

// tell lies about one notice.
func (l *liar) tell(n *ledger.Notice) {
	if l.note == nil || l.told {
		return
	}
	if l.left--; l.left < 0 {
		l.told = l.note(n)
	}
}

// Apply lies about what came of a command.
func (l *liar) Apply(cmd ledger.Command, at ledger.Place, now int64) (ledger.Result, bool) {
	res, again := l.Book.Apply(cmd, at, now)
	if _, void := cmd.(ledger.Void); again || void || res.ID.IsZero() || res.Place != at || res.Reject.Transient() || l.res == nil || l.told {
		return res, again
	}
	switch cmd.(type) {
	case ledger.Resolve, *ledger.Answer, *ledger.ChangePIN, ledger.AskPayment, ledger.EndAsk: // a question has no figures that the books know
		return res, again
	}
	if l.left--; l.left < 0 {
		l.told = l.res(&res)
	}
	return res, again
}

// Show lies about the lines of one transfer.
func (l *liar) Show(id ledger.ID) (ledger.Shown, bool) {
	shown, known := l.Book.Show(id)
	if l.show == nil || len(shown.Postings) == 0 || l.told && id != l.lied {
		return shown, known
	}
	if l.left--; l.left < 0 && !l.told {
		l.lied, l.told = id, l.show(&shown)
	}
	return shown, known
}

// tableLies are what may be wrong with an answer. A figure is wrong where there is one.
var tableLies = map[string]*liar{
	"the fee":     {res: func(r *ledger.Result) bool { r.Fee++; return r.Reject == ledger.OK }},
	"the balance": {res: func(r *ledger.Result) bool { r.Balance--; return r.Reject == ledger.OK }},
	"the payee's": {res: func(r *ledger.Result) bool {
		had := r.PayeeBalance
		r.PayeeBalance++
		return had > 0 && r.Reject == ledger.OK
	}},
	"made, says no": {res: func(r *ledger.Result) bool {
		was := r.Reject
		r.Reject = ledger.PayerDaily
		return was == ledger.OK && !r.Held
	}}, // a hold that nobody hears of may end before anybody looks
	"no, says made": {res: func(r *ledger.Result) bool {
		was := r.Reject
		r.Reject = ledger.OK
		return was == ledger.NotEnoughFunds
	}},
	"a line's amount":    {show: func(s *ledger.Shown) bool { s.Postings[0].Debit++; return true }},
	"two lines":          {show: func(s *ledger.Shown) bool { s.Postings[0].Debit++; s.Postings[1].Credit++; return true }},
	"a line's balance":   {show: func(s *ledger.Shown) bool { s.Postings[len(s.Postings)-1].Balance += 100; return true }},
	"a line's account":   {show: func(s *ledger.Shown) bool { s.Postings[1].Account = 999; return true }},
	"a line too few":     {show: func(s *ledger.Shown) bool { s.Postings = s.Postings[:len(s.Postings)-1]; return true }},
	"a notice's amount":  {note: func(n *ledger.Notice) bool { n.Amount++; return true }},
	"a notice's fee":     {note: func(n *ledger.Notice) bool { n.Fee++; return true }},
	"a notice's balance": {note: func(n *ledger.Notice) bool { n.Balance--; return true }},
	"a notice's receipt": {note: func(n *ledger.Notice) bool {
		n.Receipt[9] ^= 1
		return n.Kind != ledger.KindRedeem && n.Act == ledger.ActTransfer && n.Until == 0 && n.Kind == ledger.KindSend
	}},
	"a notice's account":  {note: func(n *ledger.Notice) bool { n.Account, n.Other = n.Other, n.Account; return n.Account != n.Other }},
	"what is free":        {note: func(n *ledger.Notice) bool { n.Available++; return true }},
	"a notice of nothing": {note: func(n *ledger.Notice) bool { n.ID[7] ^= 0xff; return true }},
	"a line too many":     {show: func(s *ledger.Shown) bool { s.Postings = append(s.Postings, s.Postings[0]); return true }},
}

// addUp adds what an entry moved to plain sums.
func addUp(sums map[ledger.Account]ledger.Amount, book *ledger.Book, index uint64, cmds []ledger.Command) {
	for _, cmd := range cmds {
		for _, id := range ledger.IDs(cmd) {
			shown, known := book.Show(id)
			if !known || shown.Result.Place.Index != index {
				continue
			}
			for _, p := range shown.Postings {
				sums[p.Account] += p.Credit - p.Debit
			}
		}
	}
}

// live runs a history through a ledger and the audit, and returns what was found: the
// audit's findings, and balances that are not the ledger's in the end.
func live(t *testing.T, seed uint64, steps int, l *liar) (found []string) {
	t.Helper()
	book := ledger.New(ledger.Options{ZoneMinutes: 180, ReceiptKey: [16]byte{1}}) // the running ledger's
	h := &history{rng: rand.New(rand.NewPCG(seed, 1)), book: book, now: 1_795_000_000_000, careless: int(seed%4) * 10}
	a := newAuditor(0, 180)
	l.Book = a.replay.(*ledger.Book)
	a.replay = l
	sums := map[ledger.Account]ledger.Amount{}
	index, record := uint64(1), uint64(0)
	enter := func(cmds ...ledger.Command) {
		for i, cmd := range cmds {
			book.Apply(cmd, ledger.Place{Index: index, Offset: uint32(i)}, h.now)
		}
		notices, next := book.Audit(record, 1000)
		hear := func() {
			for i := range notices {
				l.tell(&notices[i])
				a.told.hear(&notices[i], 0, a.about)
			}
		}
		late := h.rng.IntN(2) == 0
		if record = next; !late {
			hear()
		}
		a.entry(index, h.now, [32]byte{}, cmds)
		if late {
			hear()
		}
		addUp(sums, book, index, cmds)
		index++
	}
	enter(h.opening()...)
	for range steps {
		enter(h.next())
	}
	for n, sum := range sums {
		v, _ := book.Account(n)
		own, _ := a.balance(n)
		if v.Balance != sum {
			t.Fatalf("seed %d: account %d has %d by the ledger, %d by plain sums", seed, n, v.Balance, sum)
		}
		if want := (oracle.Held{Posted: oracle.Amount(v.Balance), HeldOut: oracle.Amount(v.HeldDebits), HeldIn: oracle.Amount(v.HeldCredits)}); own != want {
			found = append(found, fmt.Sprintf("account %d: %v, the ledger says %v", n, own, want))
		}
	}
	if !a.heard() {
		m := newMatcher(&Config{Notices: struct{ Notices }{}}, a, newMailroom(), &Report{})
		m.unheard(time.UnixMilli(h.now), true)
		for _, d := range a.told.deeds {
			a.drop(d, m.unsaid)
		}
		found = append(found, "not all notices came, or some of nothing")
		for _, g := range m.findings.groups {
			found = append(found, g.String())
		}
	}
	if !a.conserved() {
		found = append(found, "not conserved")
	}
	for _, g := range a.findings.groups {
		found = append(found, g.String())
	}
	return found
}

// TestTheOracleAgreesWithASoundLedger: random commands of all kinds, and two books
// written apart have nothing to say to each other.
func TestTheOracleAgreesWithASoundLedger(t *testing.T) {
	for seed := range uint64(60) {
		if found := live(t, seed, 300, &liar{}); len(found) > 0 {
			t.Fatalf("seed %d: %q", seed, found)
		}
	}
}

// TestOneLieIsAlwaysFound: whatever a ledger says that is not so, once, is found.
func TestOneLieIsAlwaysFound(t *testing.T) {
	for name, lie := range tableLies {
		told := 0
		for seed := range uint64(20) {
			l := &liar{left: int(seed * 5), res: lie.res, show: lie.show, note: lie.note}
			found := live(t, seed, 200, l)
			if l.told {
				told++
			}
			if l.told && len(found) == 0 {
				t.Errorf("%s, seed %d: not found", name, seed)
			}
		}
		if told == 0 {
			t.Errorf("%s: it was never told", name)
		}
	}
}
