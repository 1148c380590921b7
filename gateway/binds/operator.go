package binds

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"mlango/smpp"
)

// operator is one operator's links and who may use which.
type operator struct {
	links []*link
	turns turns // of SMS to one number
	turn  atomic.Uint64

	stop context.CancelFunc // once it runs, as is:
	runs sync.WaitGroup     // its links
}

func newOperator(links []*link) *operator {
	o := &operator{links: links}
	for _, l := range links {
		l.elsewhere = o.elsewhere
	}
	return o
}

// send goes from bind to bind while nothing was sent.
func (o *operator) send(ctx context.Context, set Set, bind string, prio Priority, m *smpp.Message) (Response, error) {
	failed := ErrNoBind
	var tried []*link
	for {
		l := o.choose(set, bind, prio, tried)
		if l == nil {
			return Response{}, failed
		}
		r, err := l.send(ctx, prio, m)
		switch {
		case errors.Is(err, errDown):
		case errors.Is(err, ErrQueueFull) && ctx.Err() == nil:
			failed = ErrQueueFull
		default:
			r.Bind = l.name
			return r, err
		}
		tried = append(tried, l)
	}
}

// choose is the bind of the set that is up and stands best: the named one first,
// then the least loaded of those that answer, in turn among equals; a standby only
// without them, and one that does not answer only without a standby.
func (o *operator) choose(set Set, bind string, prio Priority, tried []*link) *link {
	var best *link
	var least standing
	first := int(o.turn.Add(1) % uint64(max(len(o.links), 1)))
	for i := range o.links {
		l := o.links[(first+i)%len(o.links)]
		at, ok := l.standing(prio)
		if !ok || !l.carries(set) || slices.Contains(tried, l) {
			continue
		}
		if l.name == bind {
			return l
		}
		if best == nil || at.before(least) {
			best, least = l, at
		}
	}
	return best
}

// elsewhere tells whether another bind would take what waits for this one.
func (o *operator) elsewhere(this *link) bool {
	return slices.ContainsFunc(o.links, func(l *link) bool {
		at, ok := l.standing(SMS)
		return ok && l != this && l.set == this.set && l.carries(l.set) && !at.stalled
	})
}

// standing is how well a bind serves the next sender; the zero value is best.
type standing struct {
	stalled bool // what it has gets no answers, or it rests
	standby bool
	full    float64 // of its window, waiting ones included
}

func (a standing) before(b standing) bool {
	switch {
	case a.stalled != b.stalled:
		return b.stalled
	case a.standby != b.standby:
		return b.standby
	}
	return a.full < b.full
}

// carries tells whether our messages of that set go by this bind.
func (l *link) carries(set Set) bool {
	return (l.set == set || l.set == SetBoth || set == SetBoth) && l.conf.Mode != smpp.RX
}

// standing is ok while the bind is up and its breaker lets through.
func (l *link) standing(p Priority) (at standing, ok bool) {
	full, resting, up := l.gate.load(p)
	return standing{stalled: l.stalled() || resting, standby: l.standby, full: full}, up && !l.open(p)
}
