package server

import (
	"context"
	"time"
)

// stalledAfter is how old a notice that nobody acknowledged must be before its lane's owner
// has to let another one try.
const stalledAfter = 15 * time.Second

// queue waits while another owner works the lanes off. Two gateways of one operator would
// else take them from one another many times a second, and each send again what the other
// has under way. Who asks again under its own name has lost its connection, and waits for
// nobody; who holds lanes and acknowledges nothing, loses them.
func (f *feed) queue(ctx context.Context) error {
	for {
		other := f.s.feeds.ahead(f)
		if other == nil || f.stalled() {
			return nil
		}
		look := time.NewTimer(f.s.feeds.patience)
		select {
		case <-other.over:
		case <-look.C:
		case <-ctx.Done():
		case <-f.s.stop.Done():
		}
		look.Stop()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case f.s.stop.Err() != nil:
			return stopping()
		}
	}
}

// ahead is the feed of another owner that was granted one of the lanes, if there is one.
func (f *feeds) ahead(of *feed) *feed {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.list {
		one.mu.Lock()
		works := one.owner != "" && one.owner != of.owner && one.epoch != 0 && !one.lost
		one.mu.Unlock()
		if works && one.consumer == of.consumer && one.from <= of.to && of.from <= one.to {
			return one
		}
	}
	return nil
}

// stalled tells whether a notice of the lanes waits for too long.
func (f *feed) stalled() bool {
	f.s.mu.RLock()
	since := f.s.book.WaitsSince(f.consumer, f.from, f.to)
	f.s.mu.RUnlock()
	return since != 0 && time.Since(time.UnixMilli(since)) > f.s.feeds.patience
}
