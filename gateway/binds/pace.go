package binds

import "time"

// pace allows so many a second, with a tenth of a second's worth at once. It is
// the generic cell rate algorithm: next is when the bucket is empty again.
type pace struct {
	each, burst time.Duration
	next        time.Time
}

func newPace(perSecond int) pace {
	if perSecond <= 0 {
		return pace{}
	}
	each := time.Second / time.Duration(perSecond)
	return pace{each: each, burst: max(time.Second/10-each, 0)}
}

// wait is how long the next one has to wait, 0 for not at all.
func (p *pace) wait(now time.Time) time.Duration {
	if p.next.Before(now) { // also before the first one: no arithmetic on a zero time
		return 0
	}
	return max(p.next.Sub(now)-p.burst, 0)
}

// take counts one.
func (p *pace) take(now time.Time) {
	if p.each == 0 {
		return
	}
	if p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(p.each)
}
