package binds

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

// turns lets one SMS to a number go at a time, in the order they came: the next
// leaves when the one before is answered, over whichever bind.
type turns struct {
	mu   sync.Mutex
	wait map[string][]chan struct{} // a key is held; its list waits
}

// take waits for the turn of key; release must be called when err is nil.
func (t *turns) take(ctx context.Context, key string) (release func(), err error) {
	t.mu.Lock()
	if t.wait == nil {
		t.wait = make(map[string][]chan struct{})
	}
	queue, held := t.wait[key]
	if !held {
		t.wait[key] = nil
		t.mu.Unlock()
		return func() { t.pass(key) }, nil
	}
	mine := make(chan struct{})
	t.wait[key] = append(queue, mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return func() { t.pass(key) }, nil
	case <-ctx.Done():
		t.giveUp(key, mine)
		return nil, fmt.Errorf("%w: %w", ErrQueueFull, ctx.Err())
	}
}

// pass gives the turn to the next in line.
func (t *turns) pass(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	queue := t.wait[key]
	if len(queue) == 0 {
		delete(t.wait, key)
		return
	}
	close(queue[0])
	t.wait[key] = queue[1:]
}

// giveUp leaves the line, or passes on a turn that came at the same moment.
func (t *turns) giveUp(key string, mine chan struct{}) {
	t.mu.Lock()
	queue := t.wait[key]
	at := slices.Index(queue, mine)
	if at >= 0 {
		t.wait[key] = slices.Delete(queue, at, at+1)
	}
	t.mu.Unlock()
	if at < 0 {
		t.pass(key)
	}
}
