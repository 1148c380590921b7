package operator

import (
	"container/heap"
	"slices"
	"sync"
	"time"

	"mlango/smpp"
)

// Limits of what an open operator's SMSC remembers.
const (
	maxOpen     = 1 << 16        // SMS whose fate, or receipt, is still to come; then "queue full"
	maxSteps    = 4 * maxOpen    // planned, also of SMS that were taken back since; then "queue full"
	maxKept     = 1 << 17        // SMS that can be asked about; the oldest that has its end goes first
	ownValidity = 48 * time.Hour // of an SMS that asks for none
)

// stored is an SMS to one destination, from its submit_sm on. The shelf's lock guards
// what changes.
type stored struct {
	s       *smpp.Session // that brought it
	h       *handset
	m       smpp.Message
	came    time.Time
	expires time.Time
	due     time.Time // its fate comes
	fate    Fate      // what becomes, or became, of it
	done    time.Time // when; zero while it is under way
}

// underWay tells whether its fate is still to come.
func (k *stored) underWay() bool { return k.done.IsZero() }

// belongs tells whether it is the account's own, sent from that address.
func (k *stored) belongs(s *smpp.Session, from smpp.Address) bool {
	return k.s.SystemID() == s.SystemID() && k.m.Source == from
}

// wants tells whether its sender asked for a receipt of how it ended.
func (k *stored) wants() bool {
	switch k.m.RegisteredDelivery & receiptBits {
	case wantsReceipt:
		return true
	case onFailure:
		return k.fate.Stat != statDelivered
	}
	return false
}

// step is what is next about an SMS.
type step uint8

const (
	stepFate   step = iota // its time has come
	stepExpire             // its validity is over
	stepTell               // its receipt leaves
)

// dated is a step and when it is taken; steps of one instant in the order they came.
type dated struct {
	at   time.Time
	n    uint64
	k    *stored
	step step
}

// agenda is a heap of steps, the next one first.
type agenda []dated

func (a agenda) Len() int      { return len(a) }
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a agenda) Less(i, j int) bool {
	return a[i].at.Before(a[j].at) || a[i].at.Equal(a[j].at) && a[i].n < a[j].n
}

// Push and Pop are heap.Interface.
func (a *agenda) Push(x any) { *a = append(*a, x.(dated)) }

// Pop takes the last one.
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	(*a)[len(*a)-1] = dated{}
	*a = (*a)[:len(*a)-1]
	return last
}

// shelf is where an SMSC keeps its SMS: those under way, and some that ended.
type shelf struct {
	mu     sync.Mutex
	byID   map[string][]*stored // of a submit_multi one for each destination
	order  []string             // ids, oldest first
	agenda agenda
	n      uint64
	open   int           // under way, or with a receipt to tell
	all    int           // kept
	wake   chan struct{} // the agenda has a new first
}

func newShelf() *shelf { return &shelf{byID: map[string][]*stored{}, wake: make(chan struct{}, 1)} }

// add keeps an SMS; false: there is no room for another.
func (f *shelf) add(k *stored) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.open >= maxOpen || len(f.agenda) >= maxSteps {
		return false
	}
	for rounds := len(f.order); f.all >= maxKept && rounds > 0; rounds-- {
		f.forget()
	}
	if len(f.byID[k.m.MessageID]) == 0 {
		f.order = append(f.order, k.m.MessageID)
	}
	f.byID[k.m.MessageID] = append(f.byID[k.m.MessageID], k)
	f.all++
	f.open++
	if k.due.After(k.expires) {
		f.put(k.expires, k, stepExpire)
	} else {
		f.put(k.due, k, stepFate)
	}
	return true
}

// forget lets the oldest SMS go, or puts it behind when it is under way. The caller
// holds f.mu.
func (f *shelf) forget() {
	id := f.order[0]
	f.order = f.order[1:]
	if slices.ContainsFunc(f.byID[id], (*stored).underWay) {
		f.order = append(f.order, id)
		return
	}
	f.all -= len(f.byID[id])
	delete(f.byID, id)
}

// put writes a step into the agenda. The caller holds f.mu.
func (f *shelf) put(at time.Time, k *stored, what step) {
	f.n++
	heap.Push(&f.agenda, dated{at, f.n, k, what})
	if f.agenda[0].n == f.n {
		select {
		case f.wake <- struct{}{}:
		default:
		}
	}
}

// next takes the step that is due; without one it says how long to wait.
func (f *shelf) next(now time.Time) (d dated, wait time.Duration, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.agenda) == 0 {
		return d, time.Hour, false
	}
	if wait = f.agenda[0].at.Sub(now); wait > 0 {
		return d, wait, false
	}
	return heap.Pop(&f.agenda).(dated), 0, true
}

// end gives an SMS its fate, once, and has its receipt told. The text is what was to
// be delivered; ok is false when it had ended before.
func (f *shelf) end(k *stored, fate Fate) (m *smpp.Message, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !k.underWay() {
		return nil, false
	}
	text := k.m
	k.fate, k.done = fate, time.Now()
	k.m.Text, k.m.TLVs = nil, nil
	if k.wants() {
		f.put(k.done, k, stepTell)
	} else {
		f.open--
	}
	return &text, true
}

// told says that a receipt is on its way.
func (f *shelf) told() {
	f.mu.Lock()
	f.open--
	f.mu.Unlock()
}

// fateOf is what becomes of an SMS now, if anything: one that was put off or ended
// waits for another step.
func (f *shelf) fateOf(d dated) (fate Fate, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch k := d.k; {
	case !k.underWay(), d.step == stepFate && !d.at.Equal(k.due), d.step == stepExpire && !d.at.Equal(k.expires):
		return fate, false
	case d.step == stepExpire || k.due.After(k.expires):
		return Fate{Stat: statExpired, Err: errorExpired}, true
	default:
		return k.fate, true
	}
}

// later lets an SMS wait for its handset, no longer than it is valid.
func (f *shelf) later(k *stored) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k.underWay() {
		f.put(k.expires, k, stepExpire)
	}
}
