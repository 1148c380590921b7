package smpp

import (
	"net/netip"
	"sync"
	"time"
)

// pace bounds how fast one address may connect, so that strangers who knock all the
// time cost a peer that is bound next to nothing: one who hurries is closed before a
// byte is read. An address has room for ten seconds' worth at once; a good bind gives
// its place back, so that whoever only reconnects is never counted.
type pace struct {
	perSecond float64 // below zero nobody is too fast
	mu        sync.Mutex
	known     map[netip.Addr]allowance // of at most maxSuspects neighbourhoods; the others have all their room
	swept     time.Time                // when those with all their room were last forgotten
}

// allowance is how many connections an address had left at an instant.
type allowance struct {
	left float64
	at   time.Time
}

func newPace(perSecond int) *pace {
	if perSecond == 0 {
		perSecond = defaultAddrPace
	}
	return &pace{perSecond: float64(perSecond), known: make(map[netip.Addr]allowance)}
}

func (p *pace) most() float64 { return addrBurst * p.perSecond }

// left is what an address has left now; p.mu is held.
func (p *pace) left(now time.Time, from netip.Addr) float64 {
	a, ok := p.known[from]
	if !ok {
		return p.most()
	}
	return min(p.most(), a.left+now.Sub(a.at).Seconds()*p.perSecond)
}

// admits takes one place of an address, if there is one.
func (p *pace) admits(now time.Time, from netip.Addr) bool {
	if p.perSecond < 0 {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	left := p.left(now, from)
	if left < 1 {
		return false
	}
	if len(p.known) >= maxSuspects && now.Sub(p.swept) >= time.Second { // a look at all of them is not for every knock
		p.forget(now)
	}
	if len(p.known) < maxSuspects {
		p.known[from] = allowance{left - 1, now}
	}
	return true
}

// bound gives a place back.
func (p *pace) bound(now time.Time, from netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.known[from]; ok {
		p.known[from] = allowance{min(p.most(), p.left(now, from)+1), now}
	}
}

// forget lets go of those who have all their room again; p.mu is held.
func (p *pace) forget(now time.Time) {
	p.swept = now
	for from := range p.known {
		if p.left(now, from) == p.most() {
			delete(p.known, from)
		}
	}
}

// lines bounds what strangers make us write: a line for each of them would be what hurts.
type lines struct {
	mu     sync.Mutex
	second int64
	n      int
	untold int
}

// may tells whether one more line is written now, and how many were not before it.
func (l *lines) may(now time.Time) (say bool, untold int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if second := now.Unix(); second != l.second {
		l.second, l.n = second, 0
	}
	if l.n++; l.n > linesEach {
		l.untold++
		return false, 0
	}
	untold, l.untold = l.untold, 0
	return true, untold
}
