package main

import (
	"mlango/gateway/binds"
	"mlango/internal/admin"
)

// bindMetrics are the figures of a bind by name, and of an operator.
type bindMetrics struct {
	binds     []bindMetric
	operators admin.Gauge
}

// bindMetric is one of them.
type bindMetric struct {
	gauge admin.Gauge
	value func(b *bindView) float64
}

func (g *gateway) newBindMetrics() *bindMetrics {
	m := &bindMetrics{operators: g.admin.Gauge("mlango_operator_health", "0 unproven, 1 good, 2 degraded, 3 bad.", "operator")}
	add := func(name, help string, value func(b *bindView) float64) {
		m.binds = append(m.binds, bindMetric{g.admin.Gauge("mlango_bind_"+name, help, "operator", "bind"), value})
	}
	add("up", "1 while the bind is up.", func(b *bindView) float64 { return number(b.State == string(binds.Bound) || b.State == stateOpen) })
	add("health", "0 unproven, 1 good, 2 degraded, 3 bad: by errors and round trip.", func(b *bindView) float64 { return float64(verdictOf(b.Health)) })
	add("failed_share", "Share of the messages of the last 30 s that failed.", func(b *bindView) float64 { return b.FailedShare })
	add("window", "Messages that may be in flight.", func(b *bindView) float64 { return float64(b.Window) })
	add("in_flight", "Messages without an answer.", func(b *bindView) float64 { return float64(b.InFlight) })
	add("waiting", "Messages that wait for a place in the window.", func(b *bindView) float64 { return float64(b.Waiting) })
	add("window_used", "Mean share of the window in use, of the last 10 s.", func(b *bindView) float64 { return b.Used })
	add("window_full", "Share of the time without a place in the window, of the last 10 s.", func(b *bindView) float64 { return b.Full })
	add("per_second", "Messages a second, of the last 10 s.", func(b *bindView) float64 { return b.Rate })
	add("round_trip_seconds", "Mean time from a message to its answer, of the last 10 s.", func(b *bindView) float64 { return b.TripMS / 1000 })
	add("round_trip_usual_seconds", "What it usually is; 0 while not known.", func(b *bindView) float64 { return b.UsualMS / 1000 })
	add("sent", "Messages sent so far.", func(b *bindView) float64 { return float64(b.Sent) })
	add("received", "Messages received so far.", func(b *bindView) float64 { return float64(b.Received) })
	add("throttled", "Answers THROTTLED or queue full so far.", func(b *bindView) float64 { return float64(b.Throttled) })
	add("refused", "Answers that were no ESME_ROK so far, throttled ones among them.", func(b *bindView) float64 { return float64(b.Refused) })
	add("unknown", "Messages without an answer in time so far.", func(b *bindView) float64 { return float64(b.Unknown) })
	add("lost", "Connections lost so far.", func(b *bindView) float64 { return float64(b.Lost) })
	add("enquire_link_age_seconds", "Since an enquire_link was last answered, by either side; -1 when none was.", func(b *bindView) float64 { return b.Enquired })
	add("screens", "Hops by this bind that were answered by a screen so far.", func(b *bindView) float64 { return float64(b.Screens) })
	add("aborts", "Dialogues that the other side aborted so far.", func(b *bindView) float64 { return float64(b.Aborts) })
	add("breaker_open", "1 while nothing is sent because it answers with errors only.", func(b *bindView) float64 { return number(b.Breaker == "open") })
	return m
}

// set writes the newest figures and forgets those of binds that are gone.
func (m *bindMetrics) set(was, next board) {
	for i := range next.Binds {
		b := &next.Binds[i]
		for _, it := range m.binds {
			it.gauge.Set(it.value(b), b.Operator, b.Bind)
		}
	}
	for i := range was.Binds {
		if next.bind(was.Binds[i].name()) == nil {
			for _, it := range m.binds {
				it.gauge.Forget(was.Binds[i].Operator, was.Binds[i].Bind)
			}
		}
	}
	for i := range next.Operators {
		m.operators.Set(float64(verdictOf(next.Operators[i].Health)), next.Operators[i].Operator)
	}
	for i := range was.Operators {
		if next.operator(was.Operators[i].Operator) == nil {
			m.operators.Forget(was.Operators[i].Operator)
		}
	}
}
