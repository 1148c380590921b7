package smpp

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// Lockout stops a peer that guesses passwords. Wrong answers are counted for an
// address with a system_id, and for an address with all the system_ids it tries; a
// good bind forgets the former. Zero means the default in brackets.
type Lockout struct {
	Wrong     int           // wrong passwords for one system_id from one address [5]; negative locks nobody out
	WrongAddr int           // wrong passwords from one address [50]
	For       time.Duration // how long binds are refused unheard, and wrong ones remembered [1 min]
}

func (l Lockout) withDefaults() Lockout {
	if l.Wrong == 0 {
		l.Wrong = defaultWrong
	}
	if l.WrongAddr <= 0 {
		l.WrongAddr = defaultWrongAddr
	}
	if l.For <= 0 {
		l.For = defaultLockout
	}
	return l
}

// suspect is who is counted; systemID is empty for the address alone.
type suspect struct {
	addr     netip.Addr // see neighbourhood
	systemID string
}

type suspicion struct {
	wrong int
	last  time.Time
}

// guard remembers wrong passwords, at most maxSuspects of them.
type guard struct {
	Lockout
	mu    sync.Mutex
	known map[suspect]suspicion
}

func newGuard(l Lockout) *guard {
	return &guard{Lockout: l.withDefaults(), known: make(map[suspect]suspicion)}
}

// locked says that a bind is refused without looking at its password, so that a
// guesser does not learn when it guesses right.
func (g *guard) locked(now time.Time, remote net.Addr, systemID string) bool {
	if g.Wrong < 0 {
		return false
	}
	addr := neighbourhood(remote)
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.count(now, suspect{addr, systemID}) >= g.Wrong || g.count(now, suspect{addr, ""}) >= g.WrongAddr
}

// judged counts what became of a bind.
func (g *guard) judged(now time.Time, remote net.Addr, systemID string, status Status) {
	if g.Wrong < 0 {
		return
	}
	addr := neighbourhood(remote)
	g.mu.Lock()
	defer g.mu.Unlock()
	switch status {
	case StatusOK:
		delete(g.known, suspect{addr, systemID})
	case StatusInvPassword, StatusInvSystemID:
		for _, who := range [...]suspect{{addr, systemID}, {addr, ""}} {
			wrong := g.count(now, who) + 1
			g.makeRoom(now)
			g.known[who] = suspicion{wrong: wrong, last: now}
		}
	}
}

// count is how often who was wrong lately; g.mu is held.
func (g *guard) count(now time.Time, who suspect) int {
	s, ok := g.known[who]
	if !ok || now.Sub(s.last) >= g.For {
		return 0
	}
	return s.wrong
}

// makeRoom keeps the memory bounded: what is over goes first, then whoever was
// wrong the fewest times, so that many names do not free the one that is locked.
func (g *guard) makeRoom(now time.Time) {
	if len(g.known) < maxSuspects {
		return
	}
	var mildest suspect
	fewest := -1
	for who, s := range g.known {
		if now.Sub(s.last) >= g.For {
			delete(g.known, who)
		} else if fewest < 0 || s.wrong < fewest {
			mildest, fewest = who, s.wrong
		}
	}
	if len(g.known) >= maxSuspects {
		delete(g.known, mildest)
	}
}

// ipOf is a peer's address without port and zone; invalid for what is no IP.
func ipOf(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// neighbourhood is what a peer is counted by: its address, of IPv6 the /64, in which
// one has as many addresses as it likes.
func neighbourhood(a net.Addr) netip.Addr {
	ip := ipOf(a)
	if !ip.Is6() {
		return ip
	}
	return netip.PrefixFrom(ip, 64).Masked().Addr()
}

// AllowPrefixes allows the addresses within any of the prefixes, for
// ServerConfig.Allow; an address that is no IP is refused.
func AllowPrefixes(prefixes ...netip.Prefix) func(remote net.Addr) bool {
	return func(remote net.Addr) bool {
		ip := ipOf(remote)
		for _, p := range prefixes {
			if p.Contains(ip) {
				return true
			}
		}
		return false
	}
}
