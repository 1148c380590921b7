package load

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Horizon is how long after its end a session is held against what still comes, unless a
// Config says otherwise: past it the ledger takes no id of it any more.
const Horizon = 10 * time.Minute

// maxWaiting is how many sessions are waited for at most. Past it the eldest are judged
// by what has come: a run in which so much is missing has failed anyway.
const maxWaiting = 1 << 16

// roll is the sessions that the audit may still be asked about: those under way, and
// those that were over a while ago. A nil roll keeps nothing.
type roll struct {
	mu    sync.Mutex
	known map[origin]*visit
	of    map[string][]*visit // by number, in their order
	over  []*visit            // since somebody looked
}

func newRoll() *roll { return &roll{known: map[origin]*visit{}, of: map[string][]*visit{}} }

// begin notes a session that has its name.
func (r *roll) begin(payer *Person, v *visit) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[origin{payer.Account, v.session}] = v
	r.of[payer.MSISDN] = append(r.of[payer.MSISDN], v)
}

// end notes that it is over.
func (r *roll) end(v *visit) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = append(r.over, v)
}

// take are the sessions that ended since it was asked last.
func (r *roll) take() []*visit {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.over
	r.over = nil
	return list
}

// has tells whether a session is under way or not forgotten.
func (r *roll) has(key origin) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[key] != nil
}

// forget ends what is known of a session. It tells which of the person's is the eldest
// now; nil when none is known.
func (r *roll) forget(payer *Person, v *visit) (eldest *visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, origin{payer.Account, v.session})
	list := remove(r.of[payer.MSISDN], v)
	if len(list) == 0 {
		delete(r.of, payer.MSISDN)
		return nil
	}
	r.of[payer.MSISDN] = list
	return list[0]
}

// latest is the session that somebody dialled last before an instant; nil when it is not
// known any more.
func (r *roll) latest(number string, at time.Time) (last *visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.of[number] {
		if !v.due.After(at) && (last == nil || v.due.After(last.due)) {
			last = v
		}
	}
	return last
}

// kept is how many sessions are known.
func (r *roll) kept() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.known)
}

// wish is what one person wants, over all sessions for it.
type wish struct {
	going atomic.Bool  // they may still dial for it
	open  atomic.Int32 // sessions of it that are not forgotten
	asked []ask        // those that are
}

// ask is one session for a wish, and when money moved in it.
type ask struct {
	due  time.Time
	made []int64 // ms
	yes  bool    // it was said to be meant
	no   bool    // it looked repeated, on the screen or to the ledger, and nothing was made
	who  finding
}

// recent remembers for a span of time at least, and for twice that at most. The zero
// value is empty.
type recent[K comparable, V any] struct {
	now, before map[K]V
	since       time.Time
}

func (r *recent[K, V]) get(key K) (v V, known bool) {
	if v, known = r.now[key]; !known {
		v, known = r.before[key]
	}
	return v, known
}

func (r *recent[K, V]) put(key K, v V) {
	if r.now == nil {
		r.now = map[K]V{}
	}
	r.now[key] = v
}

// turn forgets what is older than twice the span.
func (r *recent[K, V]) turn(now time.Time, span time.Duration) {
	if now.Sub(r.since) >= span {
		r.before, r.now, r.since = r.now, nil, now
	}
}

// remove takes one out of a list whose order matters.
func remove[T comparable](list []T, one T) []T {
	if i := slices.Index(list, one); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}
