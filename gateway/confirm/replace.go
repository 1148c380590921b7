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
	for _, it := range old {
		if it.end != nil && !slices.Contains(p.all, it) {
			it.end()
		}
	}
}

// start runs a post, if they run; p.mu is held. Once it ends, the SMS under way may
// finish for a while.
func (p *posts) start(it *post) {
	if p.ctx == nil || p.ctx.Err() != nil {
		return
	}
	ctx, end := context.WithCancel(p.ctx)
	it.end = end
	p.running.Go(func() {
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
