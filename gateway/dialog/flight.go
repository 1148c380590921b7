package dialog

import (
	"context"
	"hash/maphash"
	"sync"

	"mlango/gateway/session"
)

// flightShards is how many locks the table of flights has.
const flightShards = 64

// flights let the hops of one dialogue pass one after the other. The table holds
// no more than the hops under way, which the doors bound.
type flights struct {
	seed   maphash.Seed
	shards [flightShards]flightShard
}

type flightShard struct {
	mu sync.Mutex
	m  map[session.Key]*flight
}

// flight is a dialogue with a hop under way.
type flight struct {
	turn chan struct{} // whoever put the token in is at work
	refs int           // at work or waiting; under the shard's lock
	gone chan struct{} // closed: the subscriber hung up
	over bool
}

func newFlights() *flights {
	f := &flights{seed: maphash.MakeSeed()}
	for i := range f.shards {
		f.shards[i].m = map[session.Key]*flight{}
	}
	return f
}

func (f *flights) of(key session.Key) *flightShard {
	return &f.shards[maphash.Comparable(f.seed, key)%flightShards]
}

// enter waits for this hop's turn; false when ctx ended first.
func (f *flights) enter(ctx context.Context, key session.Key) (*flight, bool) {
	sh := f.of(key)
	sh.mu.Lock()
	fl := sh.m[key]
	if fl == nil {
		fl = &flight{turn: make(chan struct{}, 1), gone: make(chan struct{})}
		sh.m[key] = fl
	}
	fl.refs++
	sh.mu.Unlock()
	select {
	case fl.turn <- struct{}{}:
		return fl, true
	case <-ctx.Done():
		f.leave(key, fl)
		return nil, false
	}
}

// exit ends this hop's turn.
func (f *flights) exit(key session.Key, fl *flight) {
	<-fl.turn
	f.leave(key, fl)
}

func (f *flights) leave(key session.Key, fl *flight) {
	sh := f.of(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if fl.refs--; fl.refs == 0 {
		delete(sh.m, key)
	}
}

// hangUp tells the hop under way that nobody will read its screen; false when
// there is none.
func (f *flights) hangUp(key session.Key) bool {
	sh := f.of(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	fl := sh.m[key]
	if fl == nil {
		return false
	}
	if !fl.over {
		fl.over = true
		close(fl.gone)
	}
	return true
}
