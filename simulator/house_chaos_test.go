//go:build house

package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// mailbag is every SMS that arrived.
type mailbag struct {
	mu  sync.Mutex
	all []operator.SMS
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
			r := newRig(t, parts{sms: c.sms, binds: 2, onSMS: bag.put, inbox: -1})
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
			r.receipts()
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
			dying := s.At.Before(killed.Add(killedBefore)) && s.At.After(killed.Add(-killedBefore))
			if !r.op.Unheard(s.ID) && !dying {
				r.t.Errorf("%s came again though %s was answered", text[:len("254700000000")], s.ID)
			}
		}
	}
	r.t.Logf("%d SMS, %d of them once more", len(texts), doubled)
}

// receipts waits until the gateway has told each delivery receipt that it took: by
// its state, or as one too many, or about an SMS of the gateway before.
func (r *rig) receipts() {
	r.t.Helper()
	line := regexp.MustCompile(`(?m)^mlango_receipts_total\{.*what="(\w+)"\} (\d+)$`)
	count := func() map[string]int {
		all := map[string]int{}
		for _, m := range line.FindAllStringSubmatch(r.metrics(), -1) {
			n, _ := strconv.Atoi(m[2])
			all[m[1]] += n
		}
		return all
	}
	until(r.t, "delivery receipts", func() bool { return count()["delivered"] > 0 })
	all := count()
	for what := range all {
		if !slices.Contains(strings.Fields("delivered early doubled stranger"), what) {
			r.t.Errorf("receipts %v", all)
		}
	}
	r.t.Logf("receipts %v", all)
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
