package report

import (
	"fmt"
	"strings"
)

// Headline is the verdict in one sentence, with what the audit's scope was.
func (r *Report) Headline() string {
	paid := many(r.Payments.Committed, "payment", "payments") + " and " + many(r.SMS.Received, "SMS", "SMS")
	switch {
	case r.Verdict == "oracle" && !r.booked():
		return fmt.Sprintf("SMS wrong: %s in %s told by screens; the ledger was not audited.", many(r.Oracle.Anomalies, "anomaly", "anomalies"), many(r.Oracle.Told, "payment", "payments"))
	case r.Verdict == "oracle":
		return fmt.Sprintf("Money or SMS wrong: %s in %s.", many(r.Oracle.Anomalies, "anomaly", "anomalies"), paid)
	case r.Verdict == "invalid":
		return "This run proves nothing: " + r.whyInvalid() + "."
	case r.Verdict == "gate":
		if r.blind() {
			return many(len(r.missed()), "gate", "gates") + " did not hold; no ledger and no SMS were audited."
		}
		if !r.booked() {
			return many(len(r.missed()), "gate", "gates") + " did not hold; the SMS are right, and the ledger was not audited."
		}
		return fmt.Sprintf("%s did not hold; the money is right.", many(len(r.missed()), "gate", "gates"))
	case r.blind():
		return "Passed, but no ledger and no SMS were audited."
	case !r.booked():
		return fmt.Sprintf("Passed: %s told by screens, each with its SMS; the ledger was not audited.", many(r.Oracle.Told, "payment", "payments"))
	}
	return fmt.Sprintf("Passed: %s, every one accounted for.", paid)
}

// blind tells whether there was nothing to audit: the service was somebody else's.
func (r *Report) blind() bool { return r.Oracle.Scope == "none" }

// booked tells whether a ledger was audited; of payments nobody knows otherwise.
func (r *Report) booked() bool { return !r.blind() && r.Oracle.Scope != "sms" }

// since is what the delay of an SMS counts from.
func (r *Report) since() string {
	if r.booked() {
		return "commit"
	}
	return "last key"
}

// missed are the gates that did not hold.
func (r *Report) missed() (list []Gate) {
	for _, g := range r.Gates {
		if !g.Held {
			list = append(list, g)
		}
	}
	return list
}

// whyInvalid says what of the generator was not as it must be.
func (r *Report) whyInvalid() string {
	switch g := &r.Generator; {
	case g.Valid && len(r.undone()) > 0:
		h := r.undone()[0]
		return "a fault that was asked for did not happen (" + h.Says() + "): " + h.Error
	case r.Payments.Placed == 0 && r.booked():
		return "nobody came to pay"
	case !r.booked() && r.Sessions.Completed == 0:
		return "no session came to its end"
	case g.Skipped*1000 > r.Sessions.Offered:
		return fmt.Sprintf("for %s of %s nobody was free", many(g.Skipped, "dial", "dials"), whole(r.Sessions.Offered))
	default:
		return fmt.Sprintf("the generator was late, at the 99th percentile by %s", millis(Figure(g.LateP99MS)))
	}
}

// lede are the sentences below the verdict: what was audited, how it felt, and
// whether the figures can be trusted.
func (r *Report) lede() (list []string) {
	if r.Partial {
		list = append(list, "The run was stopped by hand before its end: the figures are of what was dialled until then.")
	}
	list = append(list, r.audited())
	for _, g := range r.missed() {
		list = append(list, fmt.Sprintf("The gate %s did not hold: it was %s.", g.Expr, r.value(g)))
	}
	if r.Capacity != nil {
		list = append(list, r.Capacity.says())
	}
	if r.Screens.Count > 0 {
		list = append(list, fmt.Sprintf("99 of 100 screens came within %s, 999 of 1,000 within %s.", millis(Figure(r.Screens.P99MS)), millis(Figure(r.Screens.P999MS))))
	}
	if r.SMS.Received > 0 && !r.blind() {
		list = append(list, fmt.Sprintf("99 of 100 SMS came within %s of the %s.", millis(Figure(r.SMS.P99MS)), r.since()))
	}
	if r.Generator.Valid {
		list = append(list, r.ownTime())
	}
	return list
}

// muchLate is the part of the waits from which the generator's own lateness is told.
const muchLate = 0.2

// ownTime says how much of the waits is the generator's own.
func (r *Report) ownTime() string {
	late := millis(Figure(r.Generator.LateP99MS))
	if r.Generator.LateP99MS > muchLate*r.Screens.P99MS {
		return fmt.Sprintf("Some of that is the generator's own: it was late by %s at the 99th percentile. Counted from the instant each key really left, 99 of 100 screens came within %s.", late, millis(Figure(r.Screens.UncorrectedP99MS)))
	}
	return fmt.Sprintf("The generator kept its schedule (late by %s at the 99th percentile), so these figures are the system's own.", late)
}

// audited says what the oracle looked at.
func (r *Report) audited() string {
	o := &r.Oracle
	switch o.Scope {
	case "none":
		return "There was no journal to read: nobody knows whether the money is right."
	case "sms":
		return fmt.Sprintf("The audit held the screens and the SMS of %s against each other; it had no journal to read, so nobody knows whether the money is right.", many(o.Told, "payment", "payments"))
	}
	s := fmt.Sprintf("The audit kept books of its own from what people pressed, and held them against %s of the journal, %s that the ledger sent, %s and each of the %s.",
		many(int(o.Entries), "entry", "entries"), many(o.Notices, "notice", "notices"), o.balances(), many(r.SMS.Received, "SMS", "SMS"))
	if o.ListenedMS > 0 {
		s += fmt.Sprintf(" After the last payment, notice or SMS it listened on for %s.", lasting(o.ListenedMS))
	}
	if o.Forgotten > 0 {
		s += fmt.Sprintf(" %s were judged %s after their end, and what came of them later counts as nobody's.", many(o.Forgotten, "session", "sessions"), lasting(o.HorizonMS))
	}
	if o.Unjudged > 0 {
		s += fmt.Sprintf(" %s of transfers from before that were booked as the ledger says.", many(o.Unjudged, "reversal", "reversals"))
	}
	switch {
	case o.Anomalies == 0:
		return s + " Nothing is wrong."
	case !o.MoneyConserved:
		return s + " Money is not conserved."
	}
	var wrong []string
	for _, one := range []struct {
		n    int
		says string
	}{{o.Doubled, "payments doubled"}, {o.Lost, "payments lost"}, {o.UnbackedSMS, "SMS that no transfer backs"}, {r.SMS.Missing, "SMS missing"}, {r.SMS.Contradicting, "SMS that contradict the ledger"}} {
		if one.n > 0 {
			wrong = append(wrong, whole(one.n)+" "+one.says)
		}
	}
	if len(wrong) == 0 {
		return s + " The findings below say what is wrong."
	}
	return s + " It found " + strings.Join(wrong, ", ") + "."
}

// value is what a gate's field was, as it is written.
func (r *Report) value(g Gate) string {
	words := strings.Fields(g.Expr)
	if len(words) == 0 {
		return "not in the report"
	}
	v, err := Field(r, words[0])
	if err != nil {
		return "not in the report"
	}
	return decimal(Figure(v))
}
