package load

import "time"

// mine tells whether the entry that is read is of this run: by its place, for a ledger
// that lies may write any instant into it. The lock is held.
func (a *auditor) mine() bool { return a.index > a.start }

// rises holds an entry's instant to the one before it: a ledger's time never goes back.
// The lock is held.
func (a *auditor) rises(index uint64, at int64) {
	if at < a.at {
		a.found(a.at, "entry %d is of %d ms before the entry in front of it", index, a.at-at)
	}
	a.at = max(a.at, at)
}

// ahead holds a new entry's instant to our clock: nothing is journaled before it happens.
// How late it is read tells nothing, for a feed may stand still.
func (a *auditor) ahead(index uint64, at int64, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if lead := at - now.UnixMilli(); index > max(a.index, a.start) && lead > clockSlack.Milliseconds() {
		a.found(now.UnixMilli(), "entry %d is of %d ms from now", index, lead)
	}
}
