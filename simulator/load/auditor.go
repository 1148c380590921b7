package load

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"mlango/ledgerd/ledger"
)

// deed is one journaled answer to a wish that came from a handset.
type deed struct {
	id       ledger.ID
	payer    ledger.Account
	payee    ledger.Account
	kind     ledger.Kind
	amount   ledger.Amount
	fee      ledger.Amount
	balance  ledger.Amount // the payer's right after
	payeeHas ledger.Amount // the payee's right after
	at       int64         // ms
	reject   ledger.Reject
	language ledger.Language
}

// origin finds a session's deeds: the payer and the operator's session key.
type origin struct {
	payer   ledger.Account
	session string
}

// auditor reads the ledger's feed and keeps books of its own: plain sums that
// know nothing of how the ledger works. The feed is replayed beside them, and
// the two must agree.
type auditor struct {
	mu       sync.Mutex
	replay   *ledger.Book
	sums     map[ledger.Account]ledger.Amount
	house    map[ledger.AccountKind]ledger.Account
	deeds    map[origin][]deed
	since    int64 // ms: deeds before it are of another run
	index    uint64
	head     [32]byte // of the journal's chain after that entry
	live     bool     // the feed has answered since it was last taken up
	broke    error    // why it broke last
	findings []string
	wrong    int
}

// errFeedEnded is the reason of a feed that ended without one.
var errFeedEnded = errors.New("load: the ledger's feed ended")

func newAuditor(since int64, zone int) *auditor {
	return &auditor{
		replay: ledger.New(ledger.Options{ZoneMinutes: zone}),
		sums:   map[ledger.Account]ledger.Amount{}, house: map[ledger.AccountKind]ledger.Account{},
		deeds: map[origin][]deed{}, since: since,
	}
}

// follow reads the feed until ctx ends, and takes it up again when it breaks: a
// ledger may die and come back during a run. It goes on at the last entry it has,
// not after it, so that an entry a ledger forgot is seen.
func (a *auditor) follow(ctx context.Context, feed Feed) {
	for again := true; again; again = rest(ctx, settleEvery) {
		err := feed.Entries(ctx, max(a.index, 1), func(index uint64, at int64, head [32]byte, cmds []ledger.Command) error {
			a.entry(index, at, head, cmds)
			return nil
		})
		if ctx.Err() == nil {
			a.broken(err)
		}
	}
}

// broken notes that the feed ended before the run did.
func (a *auditor) broken(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.live, a.broke = false, err; err == nil {
		a.broke = errFeedEnded
	}
}

// following tells whether the journal is being read: only then does an answer
// that is not in it mean anything.
func (a *auditor) following() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.live
}

// entry books one journal entry in both books; the last one again only proves
// that the journal has kept it.
func (a *auditor) entry(index uint64, at int64, head [32]byte, cmds []ledger.Command) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.live = true
	if index == a.index {
		if head != a.head {
			a.find("entry %d is not the one it was before the feed broke", index)
		}
		return
	}
	if index != a.index+1 {
		a.find("the feed jumps from entry %d to %d", a.index, index)
	}
	a.index, a.head = index, head
	for i, cmd := range cmds {
		res, again := a.replay.Apply(cmd, ledger.Place{Index: index, Offset: uint32(i)}, at)
		if both, ok := cmd.(ledger.Approved); ok {
			cmd = both.Cmd
		}
		switch c := cmd.(type) {
		case ledger.OpenAccount:
			if _, known := a.house[c.Kind]; !known {
				a.house[c.Kind] = c.Account
			}
		case *ledger.Move:
			if !again {
				a.move(c, res, at)
			}
		}
	}
}

// move books one transfer; only the first answer of an id moves anything.
func (a *auditor) move(m *ledger.Move, res ledger.Result, at int64) {
	first := res.Place.Index == a.index
	if !first || res.Reject == ledger.OtherContent {
		return
	}
	if res.Reject == ledger.OK {
		a.post(m, res)
	}
	if m.Kind == ledger.KindIssue || at < a.since {
		return
	}
	key := origin{m.From, m.Origin.Session}
	a.deeds[key] = append(a.deeds[key], deed{
		id: m.ID, payer: m.From, payee: m.To, kind: m.Kind, amount: m.Amount, fee: res.Fee, language: m.Language,
		balance: res.Balance, payeeHas: res.PayeeBalance, at: at, reject: res.Reject,
	})
}

// post adds and subtracts, and compares.
func (a *auditor) post(m *ledger.Move, res ledger.Result) {
	to := m.To
	if m.Kind == ledger.KindAirtime {
		to = a.house[ledger.AccountAirtime]
	}
	a.sums[m.From] -= m.Amount + res.Fee
	a.sums[to] += m.Amount
	a.sums[a.house[ledger.AccountFees]] += res.Fee
	if m.Kind == ledger.KindIssue {
		return
	}
	if a.sums[m.From] != res.Balance {
		a.find("transfer %s: the payer has %d by plain sums, %d by the ledger", m.ID, a.sums[m.From], res.Balance)
	}
	if m.Kind == ledger.KindSend && a.sums[to] != res.PayeeBalance {
		a.find("transfer %s: the payee has %d by plain sums, %d by the ledger", m.ID, a.sums[to], res.PayeeBalance)
	}
	if a.sums[m.From] < 0 {
		a.find("transfer %s: the payer is below zero", m.ID)
	}
}

func (a *auditor) find(format string, args ...any) {
	a.wrong++
	if len(a.findings) < MaxFindings {
		a.findings = append(a.findings, fmt.Sprintf(format, args...))
	}
}

// of is what the journal holds for a session.
func (a *auditor) of(payer ledger.Account, session string) []deed {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.deeds[origin{payer, session}]
}

// conserved tells whether the sum of all balances is zero in both books.
func (a *auditor) conserved() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	total := ledger.Amount(0)
	for _, s := range a.sums {
		total += s
	}
	for _, s := range a.replay.Sum() {
		if s != 0 {
			return false
		}
	}
	return total == 0
}
