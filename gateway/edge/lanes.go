package edge

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// lanes runs hops: those of one session in the order they came, sessions beside
// each other, all within limits. What runs is never starved by what begins: a
// house that answers late takes no new sessions until it answers sooner.
type lanes struct {
	lanesLimits

	mu       sync.Mutex
	count    int
	took     time.Duration // of a hop, lately: a mean that forgets
	sessions map[string]*lane
	draining bool
}

// lanesLimits are how much may be under way.
type lanesLimits struct {
	hops    int           // under way or waiting for their session's turn
	begins  int           // with so many under way no session begins
	calm    int           // with fewer under way sessions begin however long hops take
	late    time.Duration // hops that take longer let no session begin
	waiting int           // hops of one session that wait for their turn
}

// lane is the hop of one session that runs, and those that wait behind it.
type lane struct {
	runs  waiting
	queue []waiting
}

// waiting is a hop, when it came, and whether the subscriber hung up since.
type waiting struct {
	job  func()
	gone *atomic.Bool
	came time.Time
}

func newLanes(l lanesLimits) *lanes {
	return &lanes{lanesLimits: l, sessions: map[string]*lane{}}
}

// run takes job into the session's lane and returns at once; false when there is
// no room. gone is set when the subscriber hangs up before the job is over.
func (l *lanes) run(session string, begins bool, gone *atomic.Bool, job func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.sessions[session]
	if !l.room(begins) || before != nil && len(before.queue) >= l.waiting {
		return false
	}
	l.count++
	hop := waiting{job: job, gone: gone, came: time.Now()}
	if before != nil {
		before.queue = append(before.queue, hop)
		return true
	}
	l.sessions[session] = &lane{runs: hop}
	go l.work(session, hop)
	return true
}

// hangUp marks the session's hops under way; false when there are none.
func (l *lanes) hangUp(session string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	lane := l.sessions[session]
	if lane == nil {
		return false
	}
	lane.runs.gone.Store(true)
	for _, hop := range lane.queue {
		hop.gone.Store(true)
	}
	return true
}

// room asks whether one more hop may be under way; the lock is held.
func (l *lanes) room(begins bool) bool {
	if begins && (l.draining || l.count >= l.begins || l.count >= l.calm && l.took > l.late) {
		return false
	}
	return l.count < l.hops
}

// work runs a session's hops until none waits.
func (l *lanes) work(session string, hop waiting) {
	for more := true; more; {
		hop.job()
		hop, more = l.next(session, hop)
	}
}

func (l *lanes) next(session string, done waiting) (hop waiting, more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended(done.came)
	lane := l.sessions[session]
	if len(lane.queue) == 0 {
		delete(l.sessions, session)
		return waiting{}, false
	}
	hop = lane.queue[0]
	lane.runs = hop
	lane.queue = lane.queue[1:]
	return hop, true
}

// ended counts a hop that came then; the lock is held.
func (l *lanes) ended(came time.Time) {
	l.count--
	l.took += (time.Since(came) - l.took) / forgets
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

func (l *lanes) leave(came time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended(came)
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
