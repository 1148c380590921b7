package load

import (
	"slices"
	"time"
)

// settle audits the run and fills the report.
func (r *run) settle(arrivalsEnd time.Time, cpu time.Duration) error {
	rep, now := r.report, time.Now()
	m := r.match
	rep.Oracle.Scope, rep.Oracle.MoneyConserved = "none", true
	if r.cfg.Feed != nil {
		rep.Oracle.Scope = "ledger+sms"
		forgotten := m.forgotten
		m.all(now)
		rep.Oracle.HorizonMS, rep.Oracle.Unjudged = r.cfg.horizon().Milliseconds(), r.audit.books.Unjudged()
		rep.Oracle.Forgotten = forgotten
	}
	if rep.SMS.P50MS, rep.SMS.P99MS = m.delay.ms(50), m.delay.ms(99); r.outside != nil {
		r.outside.sweep(now, true)
		r.outside.tell(rep, r.cfg.SaysSure, m.say)
	} else {
		rep.SMS.Received = r.mail.received()
	}
	rep.Capacity = r.capacity()
	rep.DurationMS = now.Sub(r.begun).Milliseconds()
	if r.asking != nil {
		rep.Approvals = r.approvals.told()
	}
	rep.Sessions.Offered, rep.Sessions.AliveAtPeak, rep.Sessions.MedianMS = int(r.offered.Load()), int(r.peak.Load()), r.clock.sessions.ms(50)
	rep.Retries.Redials, rep.Retries.Looked = int(r.redials.Load()), int(r.looks.Load())
	span := arrivalsEnd.Sub(r.begun.Add(r.cfg.Warmup)).Seconds()
	if span > 0 {
		rep.Payments.PerSecond = float64(r.counted) / span
		rep.Screens.PerSecond = float64(r.shown) / span
	}
	rep.Screens.Count = r.clock.shown() // as those that the times are of
	rep.Screens.P50MS, rep.Screens.P99MS, rep.Screens.P999MS = r.clock.honest.ms(50), r.clock.honest.ms(99), r.clock.honest.ms(99.9)
	rep.Screens.MaxMS, rep.Screens.UncorrectedP99MS = r.clock.honest.maxMS(), r.clock.naive.ms(99)
	rep.Generator.LateP99MS = r.clock.late.ms(99)
	rep.Generator.Skipped = int(r.skipped.Load())
	rep.Generator.CPUShare = cpu.Seconds() / now.Sub(r.begun).Seconds()
	rep.Generator.Valid = rep.Generator.LateP99MS <= lateAllowed && rep.Generator.Skipped*1000 <= rep.Sessions.Offered &&
		(rep.Payments.Placed > 0 || r.cfg.Feed == nil && rep.Sessions.Completed > 0 || r.broken()) // a run in which nobody wanted to pay proves nothing
	rep.Series, rep.ByScreen, rep.Funnels, rep.Worst = r.cfg.rec.series(), r.cfg.rec.byScreen(), r.cfg.rec.told(), r.cfg.rec.worst(m.findings.groups)
	gates := r.cfg.Gates
	if r.broken() {
		gates = append(slices.Clone(gates), gateServes)
	}
	for _, expr := range gates {
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

// gateServes is the gate of a run in which people dialled and not one session was served:
// that is no fault of the generator.
const gateServes = "sessions.completed > 0"

// broken tells whether nobody who dialled was served.
func (r *run) broken() bool {
	s := &r.report.Sessions
	return s.Completed == 0 && s.Refused+s.Failed > 0
}

// paid counts a payment that was made.
func (r *run) paid(v *visit) {
	if !v.due.Before(r.begun.Add(r.cfg.Warmup)) {
		r.counted++
	}
	if r.steps != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.steps[r.clock.stair(v.due)].committed++
	}
}

// no counts a payment that somebody was told no to; r.mu is held.
func (r *run) no(why string) {
	if why == "" {
		return
	}
	p := &r.report.Payments
	if p.ToldNo == nil {
		p.ToldNo = map[string]int{}
	}
	p.ToldNo[why]++
}

// later counts a no that came after the session, from the journal.
func (r *run) later(why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.no(why)
}

// left frees the name of a session that is forgotten.
func (r *run) left(v, eldest *visit) {
	serial := v.serial + 1
	if eldest != nil {
		serial = eldest.serial
	}
	r.crowd.forget(v.plan.Payer, serial)
}

// tally counts how a dial went.
func (r *run) tally(v *visit) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended++
	if r.steps != nil {
		r.steps[r.clock.stair(v.due)].dialled(v)
	}
	s, tries := &r.report.Sessions, r.report.Retries
	switch v.late {
	case lateStray:
		tries.Strays++
		fallthrough
	case lateClean:
		tries.LateKeys++
	}
	if v.strange {
		s.Unexpected++
	}
	r.no(v.why)
	switch v.ending {
	case EndNotBegun:
		s.Refused++
		return
	case EndAbandoned:
		s.Abandoned++
	case EndFailed, EndSilent:
		s.Failed++
	default:
		s.Completed++
	}
	s.Started++
}
