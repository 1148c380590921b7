package load

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

// outside audits the SMS of somebody else's service, whose journal nobody can read: for
// each payment that a last screen told of, one SMS to each who is to be told. What it
// cannot read it counts. It is safe for all at once.
type outside struct {
	mu       sync.Mutex
	says     SaysOf
	people   map[string]bool
	byKeys   bool // which screens tell of a payment is in the file of keys
	horizon  time.Duration
	delay    *histogram
	findings findings
	owed     []*due                // by the end of their sessions
	letters  map[string][]*saidSMS // that explain nothing yet, by number
	unsure   map[string][]*due     // whose last screen did not come, or promised: one SMS may come of each
	claimed  recent[string, bool]

	expected, received, missing, duplicate, contradicting, unread, payments int
}

// due is an SMS that must come.
type due struct {
	number string
	sum    ledger.Amount
	from   time.Time // the last key left
	who    finding
}

// saidSMS is one that says a payment.
type saidSMS struct {
	number, text, receipt string
	sum                   ledger.Amount
	at                    time.Time
}

func newOutside(c *Config) *outside {
	o := &outside{says: c.Says, people: map[string]bool{}, byKeys: c.Chart == nil, horizon: c.horizon(), delay: newHistogram(), letters: map[string][]*saidSMS{}, unsure: map[string][]*due{}}
	for i := range c.People {
		o.people[c.People[i].MSISDN] = true
	}
	return o
}

// ended takes a session that is over. Nobody is owed anything of one that was no payment.
func (o *outside) ended(v *visit, payer, payee *Person) {
	if o == nil || !v.pressed {
		return
	}
	says, told := o.says[v.plan.Goal]
	if !told || v.ending == EndRefused && !o.byKeys || v.strange {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	who := finding{at: v.due.UnixMilli(), payer: payer.Account, session: v.session}
	sides := []*Person{payer, payee}
	if payee == payer {
		sides = sides[:1]
	}
	sure := v.ending == EndDone || v.ending == EndAnswered && o.byKeys || v.ending == EndRefused && o.byKeys // it has the word that tells
	if sure {
		o.payments++
	}
	for i, p := range sides {
		one := &due{number: p.MSISDN, sum: v.plan.Amount, from: v.at, who: who}
		switch {
		case !p.reached() || says[i].re == nil:
		case sure:
			o.expected++
			o.owed = append(o.owed, one)
		default:
			o.unsure[one.number] = append(o.unsure[one.number], one)
		}
	}
}

// put takes an SMS.
func (o *outside) put(s operator.SMS) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.received++
	if !o.people[s.To] {
		o.contradicting++
		o.find(nobody(s.At.UnixMilli()), "an SMS went to %s, a number that is nobody's of this run: %q", msisdn.Mask(s.To), clip(s.Text))
		return
	}
	for _, sides := range o.says {
		for i := range sides {
			if receipt, sum, is := sides[i].read(s.Text); is {
				o.letters[s.To] = append(o.letters[s.To], &saidSMS{number: s.To, text: s.Text, receipt: receipt, sum: sum, at: s.At})
				return
			}
		}
	}
	o.unread++
}

// sweep holds what came against what is owed, and returns how much is still to come. At
// the end nothing is.
func (o *outside) sweep(now time.Time, end bool) (open int) {
	if o == nil {
		return 0
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	before := now.Add(-o.horizon)
	if end {
		before = now.Add(maxWait)
	}
	o.owed = slices.DeleteFunc(o.owed, func(d *due) bool {
		switch l := o.take(d); {
		case l != nil:
			o.delay.add(l.at.Sub(d.from))
		case d.from.Before(before):
			o.missing++
			o.find(d.who, "the last screen told of a payment of %s, and %s got no SMS of it", cash(d.sum), msisdn.Mask(d.number))
		default:
			return false
		}
		return true
	})
	for number, list := range o.letters {
		if list = slices.DeleteFunc(list, func(l *saidSMS) bool { return l.at.Before(before) && o.stray(l) }); len(list) == 0 {
			delete(o.letters, number)
		} else {
			o.letters[number] = list
		}
	}
	for number, list := range o.unsure {
		if list = slices.DeleteFunc(list, func(d *due) bool { return d.from.Before(before.Add(-o.horizon)) }); len(list) == 0 {
			delete(o.unsure, number)
		} else {
			o.unsure[number] = list
		}
	}
	o.claimed.turn(now, o.horizon)
	return len(o.owed)
}

// take takes the SMS of what is owed; nil when it has not come. An equal one with an equal
// receipt is a copy of it.
func (o *outside) take(d *due) *saidSMS {
	list := o.letters[d.number]
	for i, l := range list {
		if l.at.Before(d.from.Add(-clockSlack)) || l.sum >= 0 && l.sum != d.sum {
			continue
		}
		if _, again := o.claimed.get(l.number + l.text); again && l.receipt != "" {
			continue
		}
		o.claimed.put(l.number+l.text, true)
		o.letters[d.number] = slices.Delete(list, i, i+1)
		return l
	}
	return nil
}

// stray judges an SMS that no told payment explains.
func (o *outside) stray(l *saidSMS) bool {
	_, again := o.claimed.get(l.number + l.text)
	i := slices.IndexFunc(o.unsure[l.number], func(d *due) bool { return l.sum < 0 || l.sum == d.sum })
	switch {
	case again:
		o.duplicate++
	case i >= 0:
		o.unsure[l.number] = slices.Delete(o.unsure[l.number], i, i+1)
		o.claimed.put(l.number+l.text, true)
	default:
		o.contradicting++
		o.find(nobody(l.at.UnixMilli()), "%s got an SMS of a payment that no screen told of: %q", msisdn.Mask(l.number), clip(l.text))
	}
	return true
}

func (o *outside) find(one finding, format string, args ...any) {
	one.text = fmt.Sprintf(format, args...)
	o.findings.add(one)
}

// tell puts what was found into the report; say words whose it is. Where no SMS came at
// all, and nobody said that some would, none was judged.
func (o *outside) tell(r *Report, sure bool, say func(*group) string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := &r.SMS
	if s.Received = o.received; o.received == 0 && !sure {
		return
	}
	r.Oracle.Scope, r.Oracle.Told, r.Oracle.Unread = "sms", o.payments, o.unread
	s.Expected, s.Missing, s.Duplicate, s.Contradicting = o.expected, o.missing, o.duplicate, o.contradicting
	s.P50MS, s.P99MS = o.delay.ms(50), o.delay.ms(99)
	r.Oracle.Anomalies, r.Oracle.UnbackedSMS = o.findings.count, o.contradicting
	r.Oracle.Untold = o.findings.count - o.findings.told()
	for _, g := range o.findings.groups {
		r.Oracle.Findings = append(r.Oracle.Findings, say(g))
	}
}

// found is how much was found, and what last.
func (o *outside) found() (count int, latest string) {
	if o == nil {
		return 0, ""
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.findings.count, o.findings.latest
}
