package load

import (
	"time"
)

// settle audits the run and fills the report.
func (r *run) settle(arrivalsEnd time.Time, cpu time.Duration) error {
	rep, now := r.report, time.Now()
	m := r.match
	rep.Oracle.Scope, rep.Oracle.MoneyConserved = "none", true
	if r.cfg.Feed != nil {
		rep.Oracle.Scope = "ledger+sms"
		m.all(r.visits, now, r.retries)
	} else {
		r.retries(m)
	}
	rep.Capacity = r.capacity()
	rep.SMS.Received = r.mail.received()
	rep.SMS.P50MS, rep.SMS.P99MS = m.delay.ms(50), m.delay.ms(99)
	rep.DurationMS = now.Sub(r.begun).Milliseconds()
	r.sessions()
	span := arrivalsEnd.Sub(r.begun.Add(r.cfg.Warmup)).Seconds()
	if span > 0 {
		rep.Payments.PerSecond = float64(r.committedSince(r.begun.Add(r.cfg.Warmup))) / span
		rep.Screens.PerSecond = float64(r.shown) / span
	}
	rep.Screens.Count = r.clock.count
	rep.Screens.P50MS, rep.Screens.P99MS, rep.Screens.P999MS = r.clock.honest.ms(50), r.clock.honest.ms(99), r.clock.honest.ms(99.9)
	rep.Screens.MaxMS, rep.Screens.UncorrectedP99MS = r.clock.honest.maxMS(), r.clock.naive.ms(99)
	rep.Generator.LateP99MS = r.clock.late.ms(99)
	rep.Generator.Skipped = int(r.skipped.Load())
	rep.Generator.CPUShare = cpu.Seconds() / now.Sub(r.begun).Seconds()
	rep.Generator.Valid = rep.Generator.LateP99MS <= lateAllowed && rep.Generator.Skipped*1000 <= rep.Sessions.Offered &&
		(rep.Payments.Placed > 0 || r.cfg.Feed == nil && rep.Sessions.Completed > 0) // a run in which nobody paid proves nothing
	rep.Series, rep.ByScreen, rep.Funnels, rep.Worst = r.cfg.rec.series(), r.cfg.rec.byScreen(), r.cfg.rec.told(), r.cfg.rec.worst(m.findings.groups)
	for _, expr := range r.cfg.Gates {
		g, err := parseGate(expr)
		held := false
		if err == nil {
			held, err = g.hold(rep)
		}
		rep.Gates = append(rep.Gates, Gate{Expr: expr, Held: held && err == nil})
	}
	rep.Judge()
	return r.cfg.HDR.close(r.clock, m.delay)
}

// committedSince counts the payments made of those who dialled after the warm-up.
func (r *run) committedSince(from time.Time) (n int) {
	for _, v := range r.visits {
		if f, _ := fateOf(r.cfg, r.audit, v, v.at); v.placed && f == fateCommitted && !v.due.Before(from) {
			n++
		}
	}
	return n
}

// sessions counts how the dials went.
func (r *run) sessions() {
	s := &r.report.Sessions
	s.Offered = int(r.offered.Load())
	s.AliveAtPeak = int(r.peak.Load())
	s.MedianMS = r.clock.sessions.ms(50)
	for _, v := range r.visits {
		if v.strange {
			s.Unexpected++
		}
		switch v.ending {
		case EndNotBegun:
			s.Refused++
			continue
		case EndAbandoned:
			s.Abandoned++
		case EndFailed, EndSilent:
			s.Failed++
		default:
			s.Completed++
		}
		s.Started++
	}
}
