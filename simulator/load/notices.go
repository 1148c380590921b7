package load

import (
	"context"
	"fmt"
	"time"

	"mlango/ledgerd/ledger"
)

// Notices is what a running ledger tells of each transfer, in the order in which they
// were made: after an entry of the journal, and live.
type Notices interface {
	Audit(ctx context.Context, after uint64, fn func(notices []ledger.Notice) error) error
}

// told holds what the ledger tells people to the oracle's figures. A notice and the
// entry it is about come by two ways, either first.
type told struct {
	deeds    map[ledger.ID]*deed
	early    map[ledger.ID][]ledger.Notice // their entry was not read yet
	receipts map[ledger.Receipt]ledger.ID  // of what they are
	past     recent[ledger.Receipt, ledger.ID]
	open     int    // notices that must still come
	heard    int    // that came
	index    uint64 // of the entry of the last one
}

func newTold() told {
	return told{deeds: map[ledger.ID]*deed{}, early: map[ledger.ID][]ledger.Notice{}, receipts: map[ledger.Receipt]ledger.ID{}}
}

// about notes something wrong about a deed.
type about func(d *deed, format string, args ...any)

// expect waits for the notices of a deed from now on.
func (t *told) expect(d *deed, find about) {
	if !d.told() {
		return
	}
	t.deeds[d.id] = d
	for _, tells := range d.tells {
		if tells {
			t.open++
		}
	}
	for i := range t.early[d.id] {
		t.compare(d, &t.early[d.id][i], find)
	}
	delete(t.early, d.id)
}

// hear reads the notices until ctx ends, and takes them up again when they break.
func (a *auditor) hear(ctx context.Context, from Notices) {
	for again := true; again; again = rest(ctx, settleEvery) {
		_ = from.Audit(ctx, max(a.told.index, 1)-1, func(notices []ledger.Notice) error { // a break shows in what is not heard
			a.mu.Lock()
			defer a.mu.Unlock()
			a.stirred = time.Now()
			for i := range notices {
				a.told.hear(&notices[i], a.start, a.about)
			}
			return nil
		})
	}
}

// hear takes one notice; those of entries up to start are of another run.
func (t *told) hear(n *ledger.Notice, start uint64, find about) {
	t.index = n.Place.Index
	if n.Place.Index <= start {
		return
	}
	if d := t.deeds[n.ID]; d != nil {
		t.compare(d, n, find)
		return
	}
	t.early[n.ID] = append(t.early[n.ID], *n)
}

// compare holds a notice to the oracle's figures. The same once more says the same.
func (t *told) compare(d *deed, n *ledger.Notice, find about) {
	side := 0
	want := ledger.Notice{Account: d.payer, Other: d.payee, Amount: d.amount, Fee: d.fee, Balance: d.balance}
	if n.Side == ledger.SidePayee {
		side = 1
		want = ledger.Notice{Account: d.payee, Other: d.payer, Amount: d.amount, Balance: d.payeeHas}
	}
	switch {
	case d.kind == ledger.KindReversal && side == 1:
		want.Amount += d.fee
	case d.kind == ledger.KindReversal:
		want.Fee = 0
	case side == 0 && (d.until != 0 || d.frees()):
		want.Available = d.free
	}
	if side == 0 {
		want.Released = d.released
	}
	got := ledger.Notice{Account: n.Account, Other: n.Other, Amount: n.Amount, Fee: n.Fee, Balance: n.Balance, Available: n.Available, Released: n.Released}
	if got != want {
		find(d, "the ledger tells account %d of transfer %s that %s, and it is that %s", n.Account, d.id, figuresOf(&got), figuresOf(&want))
	}
	if bare := d.newPIN() || d.asks(); bare && n.Receipt != (ledger.Receipt{}) {
		find(d, "the ledger tells account %d of what moved nothing with the receipt number %s", n.Account, n.Receipt)
	} else if !bare {
		t.receipt(d, n.Receipt, find)
	}
	if d.tells[side] && !d.heard[side] {
		t.open--
		t.heard++
	} else if !d.tells[side] {
		find(d, "the ledger tells account %d of transfer %s, which is not to be told", n.Account, d.id)
	}
	if d.heard[side] = true; d.asks() { // nobody judges it
		delete(t.deeds, d.id)
	}
}

// receipt notes the receipt number of a deed, which no other has.
func (t *told) receipt(d *deed, receipt ledger.Receipt, find about) {
	other, used := t.receipts[receipt]
	if !used {
		other, used = t.past.get(receipt)
	}
	switch {
	case receipt == ledger.Receipt{}:
		find(d, "the ledger tells of transfer %s without a receipt number", d.id)
	case d.receipt != ledger.Receipt{} && d.receipt != receipt:
		find(d, "transfer %s has two receipt numbers, %s and %s", d.id, d.receipt, receipt)
	case !d.frees() && used && other != d.id: // a hold's end bears the hold's
		find(d, "the receipt number %s is of transfer %s and of %s", receipt, other, d.id)
	}
	if d.receipt = receipt; !d.frees() {
		t.receipts[receipt] = d.id
	}
}

// figuresOf is what a notice says, in a finding.
func figuresOf(n *ledger.Notice) string {
	return fmt.Sprintf("%s went between it and account %d for a fee of %s, which left %s (%s to spend, %s released)",
		cash(n.Amount), n.Other, cash(n.Fee), cash(n.Balance), cash(n.Available), cash(n.Released))
}

// heard tells whether every notice has come, and none without its entry.
func (a *auditor) heard() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.told.open == 0 && len(a.told.early) == 0
}

// unsaid is told of somebody whom the ledger did not tell of a deed.
type unsaid func(d *deed, n ledger.Account)

// drop forgets a deed that is judged, and finds whom the ledger did not tell of it.
func (a *auditor) drop(d *deed, missing unsaid) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := &a.told
	if t.deeds[d.id] != d {
		return
	}
	for side, n := range [...]ledger.Account{d.payer, d.payee} {
		if d.tells[side] && !d.heard[side] {
			t.open--
			missing(d, n)
		}
	}
	delete(t.deeds, d.id)
	if t.receipts[d.receipt] == d.id {
		delete(t.receipts, d.receipt)
		t.past.put(d.receipt, d.id)
	}
}

// knows tells whether a receipt is of a transfer that is not forgotten.
func (a *auditor) knows(receipt string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	var r ledger.Receipt
	copy(r[:], receipt)
	_, known := a.told.receipts[r]
	return known
}

// turn lets go of what is older than the span.
func (a *auditor) turn(now time.Time, span time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.told.past.turn(now, span)
}

// lone takes the notices that came before an instant and have no entry: of a deed that is
// forgotten the same once more is none.
func (a *auditor) lone(before time.Time) (list []ledger.Notice) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, early := range a.told.early {
		if early[0].At >= before.UnixMilli() {
			continue
		}
		delete(a.told.early, id)
		if _, known := a.replay.Show(id); !known {
			list = append(list, early[0])
		}
	}
	return list
}

// unsaid notes somebody whom the ledger did not tell of a deed.
func (m *matcher) unsaid(d *deed, n ledger.Account) {
	if m.cfg.Notices != nil {
		m.find(d.who(), "the ledger has no notice to account %d of transfer %s", n, d.id)
	}
}

// unheard finds the notices of no entry.
func (m *matcher) unheard(now time.Time, end bool) {
	before := now.Add(-m.cfg.horizon())
	if end {
		before = now.Add(maxWait)
	}
	for _, n := range m.audit.lone(before) {
		m.find(nobody(n.At), "the ledger tells account %d of transfer %s, which its journal does not hold", n.Account, n.ID)
	}
}
