package load

import (
	"context"
	"time"

	"mlango/simulator/report"
)

// Gauges are what the programs say of themselves at an instant; what is not known is
// report.Unknown.
type Gauges struct {
	Orders   Figure // waiting at the gateway for the ledger
	Texts    Figure // waiting at the gateway for the SMSC
	OldestMS Figure // of the oldest notice that has no SMS yet
	Breaker  Figure // 1: the gateway's breaker to the ledger is open
	alive    Figure // sessions
}

// unknownGauges are of programs that do not answer.
func unknownGauges() Gauges {
	none := report.Unknown()
	return Gauges{Orders: none, Texts: none, OldestMS: none, Breaker: none, alive: none}
}

// level is a figure that was looked at now and then.
type level struct {
	n        int
	sum, top float64
}

func (l *level) add(f Figure) {
	if !f.Known() {
		return
	}
	if l.n++; l.n == 1 || float64(f) > l.top {
		l.top = float64(f)
	}
	l.sum += float64(f)
}

func (l *level) merge(o *level) {
	if o.n > 0 && (l.n == 0 || o.top > l.top) {
		l.top = o.top
	}
	l.n, l.sum = l.n+o.n, l.sum+o.sum
}

func (l *level) most() Figure {
	if l.n == 0 {
		return report.Unknown()
	}
	return Figure(l.top)
}

func (l *level) mean() Figure {
	if l.n == 0 {
		return report.Unknown()
	}
	return Figure(l.sum / float64(l.n))
}

// gauges are those of a slice of time.
type gauges struct{ alive, orders, texts, oldest, breaker level }

func (g *gauges) add(now Gauges) {
	g.alive.add(now.alive)
	g.orders.add(now.Orders)
	g.texts.add(now.Texts)
	g.oldest.add(now.OldestMS)
	g.breaker.add(now.Breaker)
}

func (g *gauges) merge(o *gauges) {
	g.alive.merge(&o.alive)
	g.orders.merge(&o.orders)
	g.texts.merge(&o.texts)
	g.oldest.merge(&o.oldest)
	g.breaker.merge(&o.breaker)
}

// gaugeEvery is how often the programs are asked.
const gaugeEvery = time.Second

// gauge asks the programs until ctx ends; a nil look knows only the sessions.
func (r *recorder) watch(ctx context.Context, look func(context.Context) Gauges, alive func() int) {
	for tick := time.NewTicker(gaugeEvery); ; {
		select {
		case <-tick.C:
			g := unknownGauges()
			if look != nil {
				g = look(ctx)
			}
			g.alive = Figure(alive())
			r.gauge(time.Now(), g)
		case <-ctx.Done():
			tick.Stop()
			return
		}
	}
}
