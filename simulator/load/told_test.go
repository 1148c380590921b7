package load

import (
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
)

const (
	notDone = "Your order of Ksh5.00 for 0722***002 was not done: the PIN was wrong. Nothing was taken."
	phantom = "UKMA1B2C3D Confirmed. Ksh5.00 sent to P 0722***002."
)

// TestTheDrainWaitsForAPromise: a promised SMS is still to come when the journal
// has refused the order.
func TestTheDrainWaitsForAPromise(t *testing.T) {
	cfg := &Config{People: []Person{{MSISDN: "254722000001", Account: 1}}, OrderAge: time.Minute}
	audit, mail := newAuditor(0, 0), newMailroom()
	audit.deeds[origin{1, "s1"}] = []*deed{{kind: ledger.KindSend, reject: ledger.PINWrong}}
	v := &visit{session: "s1", placed: true, pins: 1, ending: EndPromised, at: time.Now()}
	m := newMatcher(cfg, audit, mail, &Report{})
	if m.through(v, time.Now()) {
		t.Error("nothing is waited for")
	}
	if mail.put(operator.SMS{To: "254722000001", Text: notDone, At: time.Now()}); !m.through(v, time.Now()) {
		t.Error("it was told, and is waited for")
	}
}

// TestTheDrainWaitsForEachPromise: one SMS keeps one promise, and the other is waited for.
func TestTheDrainWaitsForEachPromise(t *testing.T) {
	cfg, now := &Config{People: []Person{{MSISDN: "254722000001", Account: 1}}, OrderAge: time.Minute}, time.Now()
	audit, mail := newAuditor(0, 0), newMailroom()
	m := newMatcher(cfg, audit, mail, &Report{})
	var visits []*visit
	for _, s := range []string{"s1", "s2"} {
		audit.deeds[origin{1, s}] = []*deed{{kind: ledger.KindSend, reject: ledger.PINWrong}}
		visits = append(visits, &visit{session: s, placed: true, pins: 1, ending: EndPromised, at: now})
	}
	m.took(visits)
	for told := range 3 {
		if through := m.through(visits[0], now) && m.through(visits[1], now); through != (told > 1) {
			t.Errorf("after %d of two SMS nothing is waited for: %v", told, through)
		}
		mail.put(operator.SMS{To: "254722000001", Text: notDone, At: now})
	}
	if m.released("254722000001", visits[0]); len(m.promises["254722000001"]) != 1 {
		t.Error("a promise outlives its session")
	}
}

// TestToldWithoutATransfer holds texts that no transfer explains against what the
// journal refused and what screens promised.
func TestToldWithoutATransfer(t *testing.T) {
	wrongPIN, made := &deed{kind: ledger.KindSend, reject: ledger.PINWrong}, &deed{kind: ledger.KindSend, reject: ledger.OK}
	for _, c := range []struct {
		name                                       string
		visit                                      visit
		deeds                                      []*deed
		texts                                      []string
		missing, duplicate, contradicting, strange int
	}{
		{"silence, refused", visit{placed: true, pins: 1, ending: EndSilent}, []*deed{wrongPIN}, []string{notDone}, 0, 0, 0, 0},
		{"the same words again", visit{placed: true, pins: 1, ending: EndSilent}, []*deed{wrongPIN}, []string{notDone, notDone}, 0, 1, 0, 0},
		{"promised, and told", visit{placed: true, pins: 1, ending: EndPromised}, []*deed{wrongPIN}, []string{notDone}, 0, 0, 0, 0},
		{"promised, not told", visit{placed: true, pins: 1, ending: EndPromised}, []*deed{wrongPIN}, nil, 1, 0, 0, 1},
		{"refused on the screen, then paid", visit{placed: true, pins: 2, ending: EndDone}, []*deed{wrongPIN, made}, []string{notDone}, 0, 0, 0, 0},
		{"refused on the screen, then left", visit{pins: 1, ending: EndAbandoned}, []*deed{wrongPIN}, []string{notDone}, 0, 0, 0, 0},
		{"paid, and told the opposite", visit{placed: true, pins: 1, ending: EndDone}, []*deed{made}, []string{notDone}, 0, 0, 1, 1},
		{"nothing was ordered", visit{ending: EndAbandoned}, nil, []string{notDone}, 0, 0, 1, 1},
		{"a receipt of nothing", visit{placed: true, pins: 1, ending: EndSilent}, []*deed{wrongPIN}, []string{phantom}, 0, 0, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := &Config{People: []Person{{MSISDN: "254722000001", Account: 1}}, OrderAge: time.Minute}
			audit, mail := newAuditor(0, 0), newMailroom()
			c.visit.session, c.visit.at = "s1", time.Now()
			audit.deeds[origin{1, "s1"}] = c.deeds
			for _, text := range c.texts {
				mail.put(operator.SMS{To: "254722000001", Text: text})
			}
			r := &Report{}
			m := newMatcher(cfg, audit, mail, r)
			c.visit.audited = len(c.deeds) + 1
			m.forget(&c.visit, time.Now())
			m.unexplained(time.Now(), true)
			m.unkept()
			m.tell()
			if got := [4]int{r.SMS.Missing, r.SMS.Duplicate, r.SMS.Contradicting, r.Oracle.Anomalies}; got != [4]int{c.missing, c.duplicate, c.contradicting, c.strange} {
				t.Errorf("missing, duplicate, contradicting, anomalies: %v; %v", got, r.Oracle.Findings)
			}
		})
	}
}
