package smpp

import (
	"sync"
	"time"
)

// pace bounds how fast one address may connect, so that strangers who knock all the
// time cost a peer that is bound next to nothing: one who hurries is closed before a
// byte is read. An address has room for two seconds' worth at once; a good bind gives
// its place back, so that whoever only reconnects is never counted.
type pace struct {
	perSecond float64 // below zero nobody is too fast
	mu        sync.Mutex
	known     map[string]allowance // of at most maxSuspects addresses; the others have all their room
	turned    int                  // turned away since that was last said
	said      time.Time
	swept     time.Time // when those with all their room were last forgotten
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
	return &pace{perSecond: float64(perSecond), known: make(map[string]allowance)}
}

func (p *pace) most() float64 { return 2 * p.perSecond }

// left is what an address has left now; p.mu is held.
func (p *pace) left(now time.Time, host string) float64 {
	a, ok := p.known[host]
	if !ok {
		return p.most()
	}
	return min(p.most(), a.left+now.Sub(a.at).Seconds()*p.perSecond)
}

// admits takes one place of an address, if there is one.
func (p *pace) admits(now time.Time, host string) bool {
	if p.perSecond < 0 {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	left := p.left(now, host)
	if left < 1 {
		p.turned++
		return false
	}
	if len(p.known) >= maxSuspects && now.Sub(p.swept) >= time.Second { // a look at all of them is not for every knock
		p.forget(now)
	}
	if len(p.known) < maxSuspects {
		p.known[host] = allowance{left - 1, now}
	}
	return true
}

// bound gives a place back.
func (p *pace) bound(now time.Time, host string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.known[host]; ok {
		p.known[host] = allowance{min(p.most(), p.left(now, host)+1), now}
	}
}

// forget lets go of those who have all their room again; p.mu is held.
func (p *pace) forget(now time.Time) {
	p.swept = now
	for host := range p.known {
		if p.left(now, host) == p.most() {
			delete(p.known, host)
		}
	}
}

// report is how many were turned away since the last report, at most once a second:
// a line for each would be what hurts.
func (p *pace) report(now time.Time) (turned int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turned == 0 || now.Sub(p.said) < time.Second {
		return 0
	}
	turned, p.turned, p.said = p.turned, 0, now
	return turned
}
