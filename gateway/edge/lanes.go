package edge

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// lanes runs hops: those of one session in the order they came, sessions beside
// each other, all within limits. What runs is never starved by what begins.
type lanes struct {
	maxBegins, maxHops, maxQueued int

	mu       sync.Mutex
	count    int
	sessions map[string]*lane
	draining bool
}

// lane is the hops of one session that wait behind the one that runs.
type lane struct{ queue []func() }

func newLanes(begins, hops, queued int) *lanes {
	return &lanes{maxBegins: begins, maxHops: hops, maxQueued: queued, sessions: map[string]*lane{}}
}

// run takes job into the session's lane and returns at once; false when there is
// no room.
func (l *lanes) run(session string, begins bool, job func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.sessions[session]
	if !l.room(begins) || waiting != nil && len(waiting.queue) >= l.maxQueued {
		return false
	}
	l.count++
	if waiting != nil {
		waiting.queue = append(waiting.queue, job)
		return true
	}
	l.sessions[session] = &lane{}
	go l.work(session, job)
	return true
}

// room asks whether one more hop may be under way; the lock is held.
func (l *lanes) room(begins bool) bool {
	if begins && (l.draining || l.count >= l.maxBegins) {
		return false
	}
	return l.count < l.maxHops
}

// work runs a session's hops until none waits.
func (l *lanes) work(session string, job func()) {
	for job != nil {
		job()
		job = l.next(session)
	}
}

func (l *lanes) next(session string) func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count--
	waiting := l.sessions[session]
	if len(waiting.queue) == 0 {
		delete(l.sessions, session)
		return nil
	}
	job := waiting.queue[0]
	waiting.queue = waiting.queue[1:]
	return job
}

// enter counts a hop that runs on its caller's own goroutine; leave ends it.
func (l *lanes) enter(begins bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.room(begins) {
		return false
	}
	l.count++
	return true
}

func (l *lanes) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count--
}

func (l *lanes) running() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// drain refuses begins and waits until nothing runs.
func (l *lanes) drain(ctx context.Context) error {
	l.mu.Lock()
	l.draining = true
	l.mu.Unlock()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for l.running() > 0 {
		select {
		case <-ctx.Done():
			return fmt.Errorf("edge: %d hops were cut: %w", l.running(), ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}
