package main

import (
	"time"

	"mlango/gateway/health"
)

// whole is what is remembered of an operator.
func (v *observer) whole(operator string) *tend {
	t := v.operators[operator]
	if t == nil {
		t = &tend{}
		v.operators[operator] = t
	}
	return t
}

// add makes what a bind came to since the last look part of its operator's.
func (v *observer) add(operator string, t *tend, sum health.Counts) {
	o := v.whole(operator)
	o.total = o.total.Add(sum.Since(t.was))
	t.was = sum
}

// operator judges all that goes by an operator together, and no better than the best
// bind of each of its sets.
func (v *observer) operator(now time.Time, o *Operator, all []bindView) operatorView {
	t := v.whole(o.Name)
	opinion := t.judge.Look(now, t.total, "")
	out := operatorView{Operator: o.Name, Health: opinion.Verdict.String(), Why: opinion.Why, HealthSince: opinion.Since}
	worst := opinion.Verdict
	for _, set := range []string{"ussd", "sms"} {
		var verdicts []health.Verdict
		var culprit *bindView
		for i := range all {
			if b := &all[i]; b.Operator == o.Name && (b.Set == set || b.Set == "both") {
				verdicts = append(verdicts, verdictOf(b.Health))
				if culprit == nil || verdictOf(b.Health) > verdictOf(culprit.Health) {
					culprit = b
				}
			}
		}
		if w := health.Worst(verdicts); w > max(worst, health.Good) {
			worst = w
			out.Health, out.Why, out.HealthSince = w.String(), culprit.Bind+" is "+culprit.Health+": "+culprit.Why, culprit.HealthSince
		}
	}
	return out
}

func verdictOf(word string) health.Verdict {
	for _, v := range []health.Verdict{health.Good, health.Degraded, health.Bad} {
		if v.String() == word {
			return v
		}
	}
	return health.Unproven
}
