package load

import (
	"encoding/binary"
	"time"

	"mlango/ledgerd/ledger"
)

// ordered is what the run itself asks of the ledger, beside its people: wages. The
// auditor's lock guards it.
type ordered struct {
	asked   map[ledger.ID]Wage // without an answer in the journal
	dropped map[ledger.ID]Wage // and nobody asks for them any more
	given   uint64             // all that ever were
	lost    error              // why the ledger was asked no more
}

func newOrdered() ordered {
	return ordered{asked: map[ledger.ID]Wage{}, dropped: map[ledger.ID]Wage{}}
}

// order gives wages their ids, and waits for their answers.
func (a *auditor) order(wages []Wage, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	o := &a.ordered
	for i := range wages {
		mac := [10]byte{'W', 'G'}
		binary.BigEndian.PutUint64(mac[2:], o.given)
		o.given++
		wages[i].ID = ledger.NewID(now.UnixMilli(), mac)
		o.asked[wages[i].ID] = wages[i]
	}
}

// answeredAll notes that nobody asks for wages any more: all have their answers, or an
// error says why the ledger gave none.
func (a *auditor) answeredAll(wages []Wage, err error) {
	if err == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ordered.lost = err
	for _, w := range wages {
		if _, open := a.ordered.asked[w.ID]; open {
			delete(a.ordered.asked, w.ID)
			a.ordered.dropped[w.ID] = w
		}
	}
}

// answer takes a deed that nobody dialled for, and tells whether the run ordered it.
func (o *ordered) answer(d *deed, find about) bool {
	want, known := o.asked[d.id]
	if !known {
		want, known = o.dropped[d.id]
	}
	if !known {
		return false
	}
	delete(o.asked, d.id)
	delete(o.dropped, d.id)
	if d.kind != ledger.KindPayout || d.payee != want.Account || d.amount != want.Amount || d.until != 0 {
		find(d, "a wage of %s was ordered for account %d, %s is journaled", cash(want.Amount), want.Account, d)
	}
	return true
}

// unpaid is how many wages are still asked for.
func (a *auditor) unpaid() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.ordered.asked)
}

// unanswered finds the wages that the journal holds no answer to.
func (m *matcher) unanswered() {
	m.audit.mu.Lock()
	defer m.audit.mu.Unlock()
	why := ""
	if err := m.audit.ordered.lost; err != nil {
		why = ": " + clip(err.Error())
	}
	for _, list := range []map[ledger.ID]Wage{m.audit.ordered.asked, m.audit.ordered.dropped} {
		for id, w := range list {
			m.find(nobody(id.Time()), "a wage of %s for account %d was ordered, %s, and the journal holds no answer to it%s", cash(w.Amount), w.Account, id, why)
		}
	}
}
