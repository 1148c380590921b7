package load

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// auditAge is how long a session must be over before it is audited beside the run: what
// the ledger says of it comes by another way.
const auditAge = 3 * time.Second

// quietLooks is at how many looks in a row nothing may be open.
const quietLooks = 3

// drain waits until nothing is open – sessions, placed orders, texts – and nothing has come
// for a while, or until the drain's time is over.
func (r *run) drain(ctx context.Context) {
	r.open.Wait()
	deadline := time.Now().Add(r.cfg.Drain)
	quiet, open := 0, time.Now()
	for (quiet < quietLooks || r.silence(open) < r.listens()) && time.Now().Before(deadline) && ctx.Err() == nil {
		rest(ctx, settleEvery)
		if quiet++; !r.settled() {
			quiet, open = 0, time.Now()
		}
	}
	r.report.Oracle.ListenedMS = r.silence(open).Milliseconds()
}

// settled tells whether every placed payment has its end and every committed one
// its texts. A visit that has both is not looked at again.
func (r *run) settled() bool {
	if r.cfg.Feed == nil {
		return r.outside.sweep(time.Now(), false) == 0
	}
	return r.sweep(true) == 0 && r.awaited() == 0 && r.audit.following() && (r.cfg.Notices == nil || r.audit.heard())
}

// awaited is of how many transfers that nobody dialled for – wages – a text has not come.
func (r *run) awaited() int {
	r.sweeping.Lock()
	defer r.sweeping.Unlock()
	r.audit.mu.Lock()
	r.untold = append(r.untold, r.audit.undialled...)
	r.audit.undialled = nil
	r.audit.mu.Unlock()
	before := time.Now().Add(-r.cfg.horizon()).UnixMilli()
	r.untold = slices.DeleteFunc(r.untold, func(d *deed) bool { return d.at < before || r.match.arrived(d) })
	return len(r.untold) + r.audit.unpaid()
}

// attend audits sessions beside the run, and tells what it finds at once.
func (r *run) attend(ctx context.Context) {
	for told := 0; rest(ctx, time.Second); {
		if r.cfg.Feed != nil && r.audit.following() {
			r.sweep(false)
			r.awaited()
		}
		r.outside.sweep(time.Now(), false)
		told = r.cry(told)
	}
}

// sweep judges the sessions of which nothing more is to come, forgets those that are over
// for the horizon, and returns how many are waited for; with all it looks also at those of
// which nothing was to come.
func (r *run) sweep(all bool) (open int) {
	r.sweeping.Lock()
	defer r.sweeping.Unlock()
	m, now := r.match, time.Now()
	m.waiting = append(m.waiting, m.took(m.roll.take())...)
	if open = m.wait(now); all {
		for _, v := range m.resting {
			if v.audited == 0 && !m.through(v, now) {
				open++
			}
		}
	}
	m.rest(now)
	m.strangers(now, false)
	m.unexplained(now, false)
	m.unheard(now, false)
	m.turn(now)
	return open
}

// wait looks at the sessions that are waited for.
func (m *matcher) wait(now time.Time) (open int) {
	list, spare := m.waiting[:0], len(m.waiting)-maxWaiting
	for _, v := range m.waiting {
		switch spare--; {
		case spare >= 0: // too many: by what has come
			m.visit(v, now)
		case !m.through(v, now):
			open++
			fallthrough
		case now.Sub(v.ended) <= auditAge:
			list = append(list, v)
			continue
		case m.closed(v, now):
			m.visit(v, now)
		}
		m.resting = append(m.resting, v)
	}
	clear(m.waiting[len(list):])
	m.waiting = list
	return open
}

// rest forgets the sessions that are over for the horizon. What came since of one that
// was not judged may have to be waited for again.
func (m *matcher) rest(now time.Time) {
	n, put := 0, 0
	for ; n < len(m.resting) && now.Sub(m.resting[n].ended) > m.cfg.horizon(); n++ {
		switch v := m.resting[n]; {
		case v.wish != nil && v.wish.going.Load():
			m.resting[put] = v // the person still dials for it
			put++
		case v.audited == 0 && !m.through(v, now):
			m.waiting = append(m.waiting, v)
		case v.audited == 0:
			m.visit(v, now)
			fallthrough
		default:
			m.forget(v, now)
		}
	}
	if n == put {
		return
	}
	m.resting = slices.Delete(m.resting, put, n)
}

// closed tells whether nothing but a lie can still be added to a visit.
func (m *matcher) closed(v *visit, now time.Time) bool {
	if v.session == "" || !v.placed {
		return v.session != "" && v.pins == 0
	}
	f, deeds := fateOf(m.cfg, m.audit, v, now)
	return f == fateCommitted && len(deeds) == v.pins && v.ending == EndDone
}

// cry tells of findings that nobody was told of yet, and returns how many there are.
func (r *run) cry(told int) int {
	count, latest := r.found()
	if count > told && r.cfg.Progress != nil {
		fmt.Fprintf(r.cfg.Progress, "AUDIT  %d anomalies so far; the latest: %s\n", count, latest)
	}
	return count
}

// found is how much was found wrong so far, and what last.
func (r *run) found() (count int, latest string) {
	r.sweeping.Lock()
	count, latest = r.match.findings.count, r.match.findings.latest
	r.sweeping.Unlock()
	r.audit.mu.Lock()
	defer r.audit.mu.Unlock()
	if r.audit.findings.latest != "" {
		latest = r.audit.findings.latest
	}
	if n, last := r.outside.found(); n > 0 {
		count, latest = count+n, last
	}
	return count + r.audit.findings.count, latest
}

// through tells whether nothing more is to come of a visit.
func (m *matcher) through(v *visit, now time.Time) bool {
	f, deeds := fateOf(m.cfg, m.audit, v, now)
	if v.placed && f == fateUnresolved {
		return false
	}
	if v.placed && f != fateCommitted && v.ending == EndPromised && !m.kept(v, now) {
		return false
	}
	for _, d := range deeds {
		if (d.made() || d.newPIN()) && !m.arrived(d) {
			return false
		}
	}
	return true
}

// arrived tells whether all texts of a transfer, or of a new PIN, are there.
func (m *matcher) arrived(d *deed) bool {
	if m.cfg.Bundle == nil {
		return true
	}
	receipt := m.audit.receiptOf(d)
	if receipt == "" && !d.newPIN() && m.cfg.Notices != nil && (d.tells[0] || d.tells[1]) {
		return false // the ledger has not told it yet
	}
	sides := m.sides(d)
	for i := range sides {
		if s := &sides[i]; !s.claimed && s.unsaid == nil && !m.mail.has(s.to.MSISDN, s.plain, receipt) {
			return false
		}
	}
	return true
}
