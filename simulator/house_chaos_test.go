//go:build house

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// chaosSMS is how many people are told of their salary, each by an SMS that no other
// is equal to; employer is who pays them.
const (
	chaosSMS = 2000
	employer = 600001
)

// killedBefore is how long before the gateway's death an SMS may have been answered
// without the ledger knowing: acknowledgements travel every tenth of a second, on a
// machine that may be slow.
const killedBefore = 2 * time.Second

// mailbag is every SMS that arrived, and every try of a receipt about one: how many were
// answered, how many were not.
type mailbag struct {
	mu       sync.Mutex
	all      []operator.SMS
	receipts map[string]*tries
}

type tries struct{ answered, unanswered int }

func (m *mailbag) report(r operator.Reported) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.receipts == nil {
		m.receipts = map[string]*tries{}
	}
	if m.receipts[r.ID] == nil {
		m.receipts[r.ID] = &tries{}
	}
	if r.Answered {
		m.receipts[r.ID].answered++
	} else {
		m.receipts[r.ID].unanswered++
	}
}

func (m *mailbag) put(s operator.SMS) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, s)
}

func (m *mailbag) len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all)
}

// byText are the copies of each SMS, in the order they came.
func (m *mailbag) byText() map[string][]operator.SMS {
	m.mu.Lock()
	defer m.mu.Unlock()
	copies := map[string][]operator.SMS{}
	for _, s := range m.all {
		copies[s.To+": "+s.Text] = append(copies[s.To+": "+s.Text], s)
	}
	return copies
}

// TestHouseChaoticSMSC sends two thousand SMS through a network that throttles, is
// full, swallows answers, cuts links and numbers its requests as the gateway does,
// and kills the gateway half-way. None is lost; none came twice but those whose
// first answer was lost.
func TestHouseChaoticSMSC(t *testing.T) {
	for name, c := range map[string]struct {
		sms    string
		faults operator.Faults
	}{
		"SMPP": {"", operator.Faults{Busy: 20, Full: 50, RespDrop: 100, Cut: 150, Clash: true, ReceiptDrop: 40, ReceiptTwice: 30}},
		"HTTP": {"infobip", operator.Faults{Busy: 20, Full: 50, RespDrop: 100, Cut: 150, ReceiptDrop: 40}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bag := &mailbag{}
			r := newRig(t, parts{sms: c.sms, binds: 2, onSMS: bag.put, onReceipt: bag.report, inbox: -1, loud: true})
			r.demoWorld()
			r.op.SetFaults(c.faults)
			r.op.DropBinds() // those that come now are clashing ones
			r.bound()
			r.salaries(chaosSMS)
			until(t, "half of the SMS", func() bool { return bag.len() > chaosSMS/2 })
			killed := time.Now()
			r.kill(stack.Gateway)
			r.restart(stack.Gateway)
			until(t, "every SMS", func() bool { return len(bag.byText()) >= chaosSMS })
			r.settled()
			r.audit(bag, killed)
			r.receipts(bag, killed)
		})
	}
}

// salaries pays as many people by the demo world's employer: it has no number, and
// each of them is told.
func (r *rig) salaries(n int) {
	r.t.Helper()
	crowd := stack.Crowd(1, 0)
	if err := r.stack.Seed(r.t.Context(), n, crowd); err != nil {
		r.t.Fatal(err)
	}
	now := time.Now()
	var all []ledger.Command
	for i := range n {
		mac := [10]byte{'S', 'A', byte(i >> 8), byte(i)}
		all = append(all, &ledger.Move{Transfer: ledger.Transfer{
			ID: ledger.NewID(now.UnixMilli(), mac), Kind: ledger.KindPayout, From: employer, To: crowd(i).Account,
			Amount: 10_000, Currency: ledger.Currency{'K', 'E', 'S'}, Expires: now.Add(time.Minute).UnixMilli(), Origin: ledger.Origin{Gateway: "simulator"},
		}})
	}
	results, err := r.stack.Ledger().Admin(r.t.Context(), all)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, res := range results {
		if res.Reject != ledger.OK {
			r.t.Fatalf("a salary: %s", res.Reject)
		}
	}
}

// audit holds what arrived to: each once, or with an answer that was lost.
func (r *rig) audit(bag *mailbag, killed time.Time) {
	r.t.Helper()
	texts, doubled := bag.byText(), 0
	if len(texts) != chaosSMS {
		r.t.Errorf("%d different SMS, want %d", len(texts), chaosSMS)
	}
	for text, copies := range texts {
		doubled += len(copies) - 1
		for _, s := range copies[:len(copies)-1] {
			if !r.op.Unheard(s.ID) && !near(s.At, killed) {
				r.t.Errorf("%s came again though %s was answered", text[:len("254700000000")], s.ID)
			}
		}
	}
	r.t.Logf("%d SMS, %d of them once more", len(texts), doubled)
}

// receipts holds each delivery receipt to the gateway's own log, in which both of its
// lives tell what they were handed: as often as it was answered, and once more only for
// an answer that was lost. A receipt about an SMS that the gateway does not know is
// about one whose own answer was lost.
func (r *rig) receipts(bag *mailbag, killed time.Time) {
	r.t.Helper()
	r.endOperator()
	handed, strangers := r.handed()
	sent := map[string]time.Time{}
	for _, s := range bag.all {
		sent[s.ID] = s.At
	}
	again := 0
	for id, n := range bag.receipts {
		if handed[id] < n.answered || handed[id] > n.answered+n.unanswered {
			r.t.Errorf("the receipt about %s: handed over %d times, answered %d, not answered %d", id, handed[id], n.answered, n.unanswered)
		}
		again += max(handed[id]-n.answered, 0)
	}
	for id := range handed {
		if bag.receipts[id] == nil {
			r.t.Errorf("a receipt about %s was handed over, and nobody sent it", id)
		}
	}
	for id := range strangers {
		if !r.op.Unheard(id) && !near(sent[id], killed) {
			r.t.Errorf("the receipt about %s is a stranger's, and the SMS was answered", id)
		}
	}
	r.t.Logf("receipts about %d SMS, %d of them once more for a lost answer, %d about SMS whose answer was lost", len(handed), again, len(strangers))
}

// near tells whether something was so close to the gateway's death that it may not have
// written it down.
func near(at, killed time.Time) bool {
	return at.Before(killed.Add(killedBefore)) && at.After(killed.Add(-killedBefore))
}

// handed counts, by message id, the delivery receipts that the gateway says it was
// handed, and those that it found no SMS for.
func (r *rig) handed() (all, strangers map[string]int) {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.data, stack.Gateway+".log"))
	if err != nil {
		r.t.Fatal(err)
	}
	all, strangers = map[string]int{}, map[string]int{}
	line := regexp.MustCompile(`msg="a delivery receipt( about no SMS of this gateway)?" .*\bid="?([^ "]+)`)
	for _, m := range line.FindAllStringSubmatch(string(b), -1) {
		if m[1] == "" {
			all[m[2]]++
		} else {
			strangers[m[2]]++
		}
	}
	if len(all) == 0 {
		r.t.Error("the gateway's log tells of no delivery receipt")
	}
	return all, strangers
}

// TestHouseSMSOverHTTP pays under load while every SMS goes by an aggregator's HTTP
// API that refuses, hangs up and loses answers, and the gateway dies once. The oracle
// holds every shilling and every SMS to the ledger.
func TestHouseSMSOverHTTP(t *testing.T) {
	for _, api := range []string{"africastalking", "infobip"} {
		t.Run(api, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, parts{sms: api}, 10*time.Second)
			c.under(func() {
				time.Sleep(time.Second)
				c.op.SetFaultsFor(operator.Faults{Busy: 10, Full: 25, RespDrop: 20, Cut: 30}, 6*time.Second)
				time.Sleep(2 * time.Second)
				c.killAndStart(stack.Gateway, time.Second)
				time.Sleep(5 * time.Second)
			})
			c.wasReported()
		})
	}
}

// wasReported asks the operator: the books are closed, and the gateway with them.
func (c *crowd) wasReported() {
	c.t.Helper()
	if c.op.Counts().Receipts == 0 {
		c.t.Error("no delivery report was taken")
	}
}
