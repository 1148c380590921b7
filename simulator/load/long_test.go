package load

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// town is a village with a ledger that tells people: each transfer has its notices and
// its SMS.
type town struct {
	*village
	book  *ledger.Book
	words *matcher
	sms   chan operator.SMS
	heard chan []ledger.Notice
	index uint64
	done  uint64         // notices told
	last  []operator.SMS // that were sent
	lie   func(o *town, n int, cmds []ledger.Command) []ledger.Command
	n     int
	mute  bool // the payer's SMS is lost
}

func newTown(t *testing.T, people int) *town {
	t.Helper()
	bundle, err := Words(menus.WalletName, string(menus.Wallet()))
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Until(time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC))) // a bubble's clock begins in a year that no receipt number has
	o := &town{village: newVillage(people), book: ledger.New(ledger.Options{ZoneMinutes: 180, ReceiptKey: [16]byte{1}}), sms: make(chan operator.SMS, 1<<12), heard: make(chan []ledger.Notice, 1<<12)}
	o.promise = true // only the SMS know the receipt
	o.words = newMatcher(&Config{People: o.people, Bundle: bundle, Zone: 180}, newAuditor(0, 180), newMailroom(), &Report{})
	return o
}

// Dial keeps the village's clock going.
func (o *town) Dial(ctx context.Context, number, code string) (operator.Screen, error) {
	o.mu.Lock()
	o.clock = time.Now().UnixMilli()
	o.mu.Unlock()
	return o.village.Dial(ctx, number, code)
}

// Entries books each entry, tells people of it, and passes it on.
func (o *town) Entries(ctx context.Context, _ uint64, fn func(uint64, int64, [32]byte, []ledger.Command) error) error {
	for {
		select {
		case cmds := <-o.feed:
			if o.n++; o.lie != nil {
				cmds = o.lie(o, o.n, cmds)
			}
			o.index++
			now := time.Now()
			for i, cmd := range cmds {
				o.book.Apply(cmd, ledger.Place{Index: o.index, Offset: uint32(i)}, now.UnixMilli())
			}
			if err := fn(o.index, now.UnixMilli(), [32]byte{}, cmds); err != nil {
				return err
			}
			o.tell(now)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tell sends the SMS of what was booked.
func (o *town) tell(now time.Time) {
	notices, next := o.book.Audit(o.done, 1000)
	if o.done = next; len(notices) == 0 {
		return
	}
	o.heard <- notices
	for _, n := range notices {
		if n.Kind == ledger.KindIssue {
			continue
		}
		d := deed{payer: n.Account, payee: n.Other, kind: n.Kind, amount: n.Amount, fee: n.Fee, balance: n.Balance, at: n.At}
		if n.Side == ledger.SidePayee {
			d.payer, d.payee, d.payeeHas = n.Other, n.Account, n.Balance
		}
		s := o.words.sidesOf(&d)[n.Side-ledger.SidePayer]
		plain, err := o.words.expected(&d, &s)
		if err != nil {
			panic(err)
		}
		if o.mute && n.Side == ledger.SidePayer {
			continue
		}
		text := operator.SMS{To: s.to.MSISDN, Text: signed(plain, n.Receipt.String()), At: now}
		o.sms <- text
		o.last = append(o.last, text)
	}
}

// Audit is the notices as they come.
func (o *town) Audit(ctx context.Context, _ uint64, fn func([]ledger.Notice) error) error {
	for {
		select {
		case list := <-o.heard:
			if err := fn(list); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// kept is how much of a run is in memory.
type kept struct{ sessions, deeds, notices, texts, wishes int }

func keptBy(l *Live) (k kept) {
	l.mu.Lock()
	r := l.run
	l.mu.Unlock()
	if r == nil {
		return k
	}
	k.sessions, k.texts = r.match.roll.kept(), r.mail.kept()
	r.audit.mu.Lock()
	defer r.audit.mu.Unlock()
	k.deeds, k.notices, k.wishes = len(r.audit.deeds), len(r.audit.told.deeds), r.audit.books.Wishes()
	return k
}

// live is a run of a town for a while, with what was kept of it at most: in its first
// quarter, and after.
func (o *town) live(t *testing.T, span, horizon time.Duration) (rep *Report, first, later kept) {
	steady, err := FindProfile("steady")
	if err != nil {
		t.Fatal(err)
	}
	steady.Trouble, steady.WrongPIN = Trouble{}, 0
	steady.Amounts = map[string]Amounts{GoalSend: {Median: 2, Sigma: 0.3, Most: 5, Step: 1}} // nobody runs out of money
	begun, live := time.Now(), &Live{}
	look := func(context.Context) Gauges {
		now, top := keptBy(live), &first
		if time.Since(begun) > span/4 {
			top = &later
		}
		top.sessions, top.deeds, top.notices = max(top.sessions, now.sessions), max(top.deeds, now.deeds), max(top.notices, now.notices)
		top.texts, top.wishes = max(top.texts, now.texts), max(top.wishes, now.wishes)
		return unknownGauges()
	}
	rep, err = Run(t.Context(), Config{Profile: steady, Rate: 1, Duration: span, Drain: time.Minute, Speed: 1, Seed: 3, Code: "334", Keys: testKeys, People: o.people,
		Network: o, SMS: o.sms, Feed: o, Notices: o, Bundle: o.words.cfg.Bundle, Zone: 180, OrderAge: time.Minute, From: -1,
		Horizon: horizon, Scratch: t.TempDir(), Gauges: look, Live: live, Idle: 20 * time.Second}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return rep, first, later
}

// TestALongRunTakesNoMoreMemory than a short one: of two hours no more is kept than of
// the first, nothing of it is lost from the counts, and nothing sound is called wrong.
func TestALongRunTakesNoMoreMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const span, horizon = 2 * time.Hour, 5 * time.Minute
		o := newTown(t, 90)
		rep, first, later := o.live(t, span, horizon)
		p := rep.Payments
		if rep.Oracle.Anomalies != 0 || p.Committed != p.Placed || p.Committed < 6000 || rep.SMS.Expected != 2*p.Committed || rep.SMS.Received != rep.SMS.Expected {
			t.Errorf("%+v %+v %+v", p, rep.SMS, rep.Oracle)
		}
		if rep.Oracle.Forgotten < p.Committed*9/10 || rep.Oracle.HorizonMS != horizon.Milliseconds() {
			t.Errorf("%d sessions were forgotten before the end", rep.Oracle.Forgotten)
		}
		for name, n := range map[string][2]int{"sessions": {first.sessions, later.sessions}, "deeds": {first.deeds, later.deeds}, "notices": {first.notices, later.notices},
			"texts": {first.texts, later.texts}, "wishes": {first.wishes, later.wishes}} {
			if n[0] == 0 || n[1] > n[0]*3/2 || n[1] > 4*int(Horizon.Seconds()) {
				t.Errorf("%s: %d were kept at most in the first half hour, %d later", name, n[0], n[1])
			}
		}
	})
}

// TestLiesInALongRun: what happens to a session within the horizon is found as ever, and
// what happens to one that is forgotten is found as nobody's.
func TestLiesInALongRun(t *testing.T) {
	moveOf := func(cmds []ledger.Command) *ledger.Move {
		m, _ := cmds[0].(*ledger.Move)
		return m
	}
	var old *ledger.Move
	for name, row := range map[string]struct {
		lie  func(o *town, n int, cmds []ledger.Command) []ledger.Command
		want string
	}{
		"a second transfer at once": {func(o *town, n int, cmds []ledger.Command) []ledger.Command {
			if n != 1500 {
				return cmds
			}
			m := *moveOf(cmds)
			m.ID = o.id()
			return append(cmds, &m)
		}, "money moved 2 times"},
		"a second transfer of a session long over": {func(o *town, n int, cmds []ledger.Command) []ledger.Command {
			if n == 100 {
				old = moveOf(cmds)
			}
			if n != 1500 {
				return cmds
			}
			m := *old
			m.ID, m.Expires = o.id(), time.Now().UnixMilli()+100_000
			return append(cmds, &m)
		}, "or whose session was over for longer than 2m0s"},
		"an SMS long after": {func(o *town, n int, cmds []ledger.Command) []ledger.Command {
			if n == 1500 {
				o.sms <- o.last[10]
			}
			return cmds
		}, "got a confirmation that no transfer backs"},
		"an SMS of nothing": {func(o *town, n int, cmds []ledger.Command) []ledger.Command {
			if n == 1500 {
				o.sms <- operator.SMS{To: o.people[3].MSISDN, Text: "Your order was not done. Nothing was taken.", At: time.Now()}
			}
			return cmds
		}, "nothing of the sort was open"},
		"a lost SMS": {func(o *town, n int, cmds []ledger.Command) []ledger.Command {
			o.mute = n == 1500
			return cmds
		}, "got no SMS"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newTown(t, 90)
				o.lie = row.lie
				rep, _, _ := o.live(t, 40*time.Minute, 2*time.Minute)
				if said := strings.Join(rep.Oracle.Findings, "\n"); rep.ExitCode() != 3 || !strings.Contains(said, row.want) {
					t.Errorf("exit %d: %q", rep.ExitCode(), said)
				}
				if rep.Oracle.Anomalies > 4 {
					t.Errorf("one lie, and %d anomalies: %q", rep.Oracle.Anomalies, rep.Oracle.Findings)
				}
			})
		})
	}
}
