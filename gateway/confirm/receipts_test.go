package confirm

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

// ledgerOfReceipts counts what receipts said.
type ledgerOfReceipts map[string]int

func newTracker() (*receipts, ledgerOfReceipts) {
	seen := ledgerOfReceipts{}
	return newReceipts(func(_, bind, what string) { seen[bind+" "+what]++ }, slog.New(slog.DiscardHandler)), seen
}

func submitted(to string, receipts binds.Receipts) *smpp.Message {
	m := &smpp.Message{}
	(&binds.Route{Sender: "M-WALLET", Validity: time.Hour, Receipts: receipts}).Address(m, to)
	return m
}

func TestReceipts(t *testing.T) {
	const to = "254722000001"
	good := smpp.Receipt{ID: "abc1", Stat: "DELIVRD"}
	now := time.Now()
	for _, c := range []struct {
		name string
		do   func(r *receipts)
		want string
	}{
		{"in time", func(r *receipts) { r.take("safari", "sms-1.1", good, to, now) }, "map[sms-1.1 delivered:1]"},
		{"by another bind", func(r *receipts) { r.take("safari", "sms-1.2", good, to, now) }, "map[sms-1.2 delivered:1]"},
		{"without the number", func(r *receipts) { r.take("safari", "sms-1.1", smpp.Receipt{ID: "0000ABC1", Stat: "DELIVRD"}, "", now) }, "map[sms-1.1 delivered:1]"},
		{"the number without its country", func(r *receipts) { r.take("safari", "sms-1.1", good, "0722000001", now) }, "map[sms-1.1 delivered:1]"},
		{"not reached", func(r *receipts) {
			r.take("safari", "sms-1.1", smpp.Receipt{ID: "ABC1", Stat: "UNDELIV", Err: "011"}, to, now)
		}, "map[sms-1.1 undelivered:1]"},
		{"on its way, then there", func(r *receipts) {
			r.take("safari", "sms-1.1", smpp.Receipt{ID: "abc1", Stat: "ENROUTE"}, to, now)
			r.take("safari", "sms-1.1", good, to, now)
		}, "map[sms-1.1 delivered:1 sms-1.1 interim:1]"},
		{"the id in decimal", func(r *receipts) {
			r.take("safari", "sms-1.1", smpp.Receipt{ID: "43969", Stat: "DELIVRD"}, to, now)
		}, "map[sms-1.1 delivered:1]"},
		{"another's id in decimal", func(r *receipts) {
			r.take("safari", "sms-1.1", smpp.Receipt{ID: "43969", Stat: "DELIVRD"}, "254722000009", now)
			r.sweep(now.Add(earlyFor))
		}, "map[sms-1.1 early:1 sms-1.1 stranger:1]"},
		{"another operator's", func(r *receipts) {
			r.take("other", "sms-1.1", good, to, now)
			r.sweep(now.Add(earlyFor))
		}, "map[sms-1.1 early:1 sms-1.1 stranger:1]"},
		{"doubled", func(r *receipts) {
			r.take("safari", "sms-1.1", good, to, now)
			r.take("safari", "sms-1.1", good, to, now)
		}, "map[sms-1.1 delivered:1 sms-1.1 doubled:1]"},
		{"lost", func(r *receipts) { r.sweep(now.Add(2 * time.Hour)) }, "map[sms-1.1 lost:1]"},
		{"late", func(r *receipts) {
			r.sweep(now.Add(2 * time.Hour))
			r.take("safari", "sms-1.1", good, to, now.Add(3*time.Hour))
		}, "map[sms-1.1 delivered:1 sms-1.1 late:1 sms-1.1 lost:1]"},
		{"forgotten after all", func(r *receipts) {
			r.sweep(now.Add(2 * time.Hour))
			r.sweep(now.Add(2*time.Hour + lostFor))
			if len(r.by) != 0 || len(r.queue) != 0 {
				t.Errorf("%v %v is kept", r.by, r.queue)
			}
		}, "map[sms-1.1 lost:1]"},
	} {
		r, seen := newTracker()
		r.await("safari", submitted(to, binds.FinalReceipts), binds.Response{MessageID: "0000abc1", Bind: "sms-1.1"}, "R")
		c.do(r)
		if got := fmt.Sprint(map[string]int(seen)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestOnlyFailures: where the SMSC reports only those, one is known as its SMS's, and none
// is not one that was lost.
func TestOnlyFailures(t *testing.T) {
	const to = "254722000001"
	r, seen := newTracker()
	for _, id := range []string{"1", "2"} {
		r.await("safari", submitted(to, binds.FailureReceipts), binds.Response{MessageID: id, Bind: "sms-1.1"}, "R")
	}
	r.take("safari", "sms-1.1", smpp.Receipt{ID: "1", Stat: "UNDELIV"}, to, time.Now())
	r.sweep(time.Now().Add(2 * time.Hour))
	if got := fmt.Sprint(map[string]int(seen)); got != "map[sms-1.1 undelivered:1]" || len(r.queue)+len(r.by) != 0 {
		t.Errorf("%s, %d awaited", got, len(r.queue))
	}
}

// TestEarlyReceipt comes before the answer to its submit.
func TestEarlyReceipt(t *testing.T) {
	r, seen := newTracker()
	r.take("safari", "sms-1.1", smpp.Receipt{ID: "7", Stat: "DELIVRD"}, "254722000001", time.Now())
	r.await("safari", submitted("254722000001", binds.FinalReceipts), binds.Response{MessageID: "7", Bind: "sms-1.2"}, "R")
	r.await("safari", submitted("254722000002", binds.NoReceipts), binds.Response{MessageID: "8", Bind: "sms-1.2"}, "R")
	r.await("safari", submitted("254722000003", binds.FinalReceipts), binds.Response{Bind: "sms-1.2"}, "R")
	if got := fmt.Sprint(map[string]int(seen)); got != "map[sms-1.1 delivered:1 sms-1.1 early:1]" || len(r.queue) != 1 {
		t.Errorf("%s, %d awaited", got, len(r.queue))
	}
}

// TestReceiptsAreBounded: neither receipts of nobody nor SMS without receipts grow
// without end.
func TestReceiptsAreBounded(t *testing.T) {
	r, seen := newTracker()
	for i := range maxEarly + 10 {
		r.take("safari", "sms-1.1", smpp.Receipt{ID: fmt.Sprint(i), Stat: "DELIVRD"}, "", time.Now())
	}
	for i := range maxAwaited + 10 {
		r.await("safari", submitted("254722000001", binds.FinalReceipts), binds.Response{MessageID: fmt.Sprint("m", i), Bind: "sms-1.1"}, "R")
	}
	one, same := newTracker()
	for range maxSame + 5 {
		one.await("safari", submitted("254722000001", binds.FinalReceipts), binds.Response{MessageID: "0", Bind: "sms-1.1"}, "R")
	}
	if len(one.queue) != maxSame || same["sms-1.1 forgotten"] != 5 {
		t.Errorf("%d SMS of one id, %v", len(one.queue), same)
	}
	if len(r.wait) != maxEarly || len(r.queue) != maxAwaited || seen["sms-1.1 stranger"] != 10 || seen["sms-1.1 forgotten"] != 10 {
		t.Errorf("%d early, %d awaited, %v", len(r.wait), len(r.queue), seen)
	}
}
