package operator

import (
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"time"

	"mlango/internal/msisdn"
	"mlango/smpp"
)

// shards is a power of two: handsets are spread over that many locks.
const shards = 256

// answer is what reaches a waiting hop.
type answer struct {
	text   string
	end    bool
	secret bool
	pdu    *smpp.Message // that brought it; nil over HTTP
	body   string        // that brought it over HTTP
}

// handset is one subscriber's phone. mu guards everything.
type handset struct {
	mu     sync.Mutex
	msisdn string
	dial   dialogue
	last   shown
	inbox  []SMS
	parts  *smpp.Joiner // made when a long SMS comes
	away   bool         // out of the network's reach
	held   []func()     // what waits at the SMSC for its return
}

// dialogue is the USSD session of a handset; a handset has at most one.
type dialogue struct {
	number  uint32 // constant in a dialogue, rising by dials; the dialect makes the session key of it
	unit    uint32 // hops so far
	session string // the key the gateway derives from what we send
	code    string
	inputs  string // all inputs joined by *, for a cumulative dialect
	hidden  bool   // an input may have been a PIN: a cumulative dialect repeats it
	open    bool
	waiting bool
	answers chan answer // the waiting hop's own: its screen, or closed by hanging up
	touched time.Time
	bind    *smpp.Session // the connection the dialogue began on; nil over HTTP
}

// shown is the last screen that reached the display.
type shown struct {
	session string
	unit    uint32
	text    string
	secret  bool
}

// table is every handset of the network.
type table struct {
	seed   maphash.Seed
	shards [shards]struct {
		mu   sync.RWMutex
		sets map[string]*handset
	}
}

func newTable() *table {
	t := &table{seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].sets = make(map[string]*handset)
	}
	return t
}

// find returns a handset that exists.
func (t *table) find(number string) *handset {
	s := &t.shards[maphash.String(t.seed, number)%shards]
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sets[number]
}

// get returns the handset of a number and makes it at its first use.
func (t *table) get(number string) (*handset, error) {
	if h := t.find(number); h != nil {
		return h, nil
	}
	if !msisdn.Valid(number) {
		return nil, ErrNumber
	}
	s := &t.shards[maphash.String(t.seed, number)%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.sets[number]; h != nil {
		return h, nil
	}
	if len(s.sets) >= MaxHandsets/shards {
		return nil, ErrFull
	}
	h := &handset{msisdn: number}
	h.dial.number = rand.Uint32() // a network that began again does not reuse its last keys
	s.sets[number] = h
	return h, nil
}
