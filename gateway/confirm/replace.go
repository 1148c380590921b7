package confirm

import (
	"context"
	"slices"
	"sync"
	"time"
)

// posts are those that run: one for each home operator.
type posts struct {
	c       *Confirm
	mu      sync.Mutex
	all     []*post
	leaving []*post         // that end, and may not be through yet
	ctx     context.Context // of run; nil before
	running sync.WaitGroup
}

// Replace makes these the home operators from now on. The lanes of those that were
// so before go on undisturbed; those of one that goes stay at the ledger, for whoever
// asks for them next.
func (c *Confirm) Replace(operators []Operator) {
	p := &c.posts
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaving = slices.DeleteFunc(p.leaving, isOver)
	for _, it := range p.all {
		if it.end != nil && !slices.Contains(operators, it.o) {
			it.end()
			p.leaving = append(p.leaving, it)
		}
	}
	old := p.all
	p.all = nil
	for _, o := range operators {
		at := slices.IndexFunc(old, func(it *post) bool { return it.o == o })
		if at >= 0 {
			p.all = append(p.all, old[at])
			continue
		}
		it := newPost(c, o)
		p.all = append(p.all, it)
		p.start(it)
	}
}

// isOver tells whether a post that ends is through.
func isOver(it *post) bool {
	select {
	case <-it.over:
		return true
	default:
		return false
	}
}

// start runs a post, if they run; p.mu is held. One that ends and had the same lanes is
// through first: what it just sent and has not acknowledged yet would be sent twice.
// Once a post ends, the SMS under way may finish for a while.
func (p *posts) start(it *post) {
	if p.ctx == nil || p.ctx.Err() != nil {
		return
	}
	var before []*post
	for _, other := range p.leaving {
		if other.o.Home == it.o.Home {
			before = append(before, other)
		}
	}
	ctx, end := context.WithCancel(p.ctx)
	it.end = end
	p.running.Go(func() {
		defer close(it.over)
		for _, other := range before {
			<-other.over
		}
		sending, cut := context.WithCancel(context.WithoutCancel(ctx))
		defer cut()
		defer context.AfterFunc(ctx, func() { time.AfterFunc(drainTimeout, cut) })()
		it.run(ctx, sending)
	})
}

// run works off every operator's lanes until ctx ends and all posts are through.
func (p *posts) run(ctx context.Context) {
	p.mu.Lock()
	p.ctx = ctx
	for _, it := range p.all {
		p.start(it)
	}
	p.mu.Unlock()
	<-ctx.Done()
	p.list() // a Replace under way has started what it starts
	p.running.Wait()
}

func (p *posts) list() []*post {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.all
}
