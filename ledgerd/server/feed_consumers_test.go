package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// as listens for one consumer until stop.
func as(n *running, consumer string) (told chan toldNotice, end chan error, stop func()) {
	ctx, cancel := context.WithCancel(n.ctx())
	told, end = make(chan toldNotice, 1000), make(chan error, 1)
	go func() {
		end <- n.c.Notices(ctx, consumer, "x", 0, lastLane, func(epoch uint64, list []ledger.Notice) error {
			for _, one := range list {
				told <- toldNotice{epoch, one}
			}
			return nil
		})
	}()
	return told, end, cancel
}

// TestConsumersBesideSMS: each has its own cursors, and what it needs to know; one that
// is dead stops nobody; one that was retired stays so, whatever the file says.
func TestConsumersBesideSMS(t *testing.T) {
	dir, named := t.TempDir(), func(c *Config) { c.Consumers = []string{ledger.ConsumerPartner, ledger.ConsumerSettlement} }
	n := start(t, dir, named).seed()
	n.do(n.send(1, 2, 500, 0, rightPIN), ledger.OK)
	partner, _, stop := as(n, ledger.ConsumerPartner)
	for _, one := range next(t, partner, 2) {
		if one.Addr == "" || one.OtherName == "" {
			t.Errorf("partner is told %+v", one)
		}
		if err := n.c.Ack(n.ctx(), ledger.ConsumerPartner, one.Lane, one.epoch, one.Seq, nil); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	nets, ended, _ := as(n, ledger.ConsumerSettlement)
	for _, one := range next(t, nets, 2) {
		if one.Addr != "" || one.OtherName != "" || one.OtherAddr != "" || one.Amount != 500 {
			t.Errorf("settlement is told %+v", one)
		}
	}
	sms, _, stop := as(n, ledger.ConsumerSMS)
	next(t, sms, 2)
	stop()
	n.stop()

	n = start(t, dir, named)
	for consumer, left := range map[string]int{ledger.ConsumerSMS: 2, ledger.ConsumerPartner: 0, ledger.ConsumerSettlement: 2} {
		if lag := n.srv.Lag(consumer); lag.Notices != left {
			t.Errorf("%s left %d open over the restart, want %d", consumer, lag.Notices, left)
		}
	}
	<-ended
	nets, ended, _ = as(n, ledger.ConsumerSettlement)
	next(t, nets, 2)
	n.ok(n.c.Admin(n.ctx(), []ledger.Command{ledger.SetConsumer{Consumer: ledger.ConsumerSettlement}}))
	if err := <-ended; !errors.Is(err, ledgerclient.ErrNotOwner) {
		t.Errorf("the feed of one that was retired ended with %v", err)
	}
	n.stop()

	n = start(t, dir, named)
	_, ended, _ = as(n, ledger.ConsumerSettlement)
	if err := <-ended; !errors.Is(err, ledgerclient.ErrRefused) || !strings.Contains(err.Error(), "admin consumer settlement on") {
		t.Errorf("what is fed to one that was retired: %v", err)
	}
	if lag := n.srv.Lag(ledger.ConsumerSettlement); lag.Notices != 0 || n.srv.Stats().Notices != 2 {
		t.Errorf("%d notices are kept for it, %d for all", lag.Notices, n.srv.Stats().Notices)
	}
	results, err := n.c.Admin(n.ctx(), []ledger.Command{ledger.SetConsumer{Consumer: ledger.ConsumerSMS}})
	if err != nil || results[0].Reject != ledger.CommandForbidden {
		t.Errorf("retiring sms: %+v, %v", results, err)
	}
	for _, g := range n.srv.Gauges() {
		if (strings.HasPrefix(g.Name, "ledger_lags_") || strings.HasPrefix(g.Name, "ledger_missed_")) && g.Read() != 0 {
			t.Errorf("%s is %v", g.Name, g.Read())
		}
	}
}

// TestAuditReadsAllLanes in the order in which they were told, acknowledged or not, owns
// none, and acknowledges nothing.
func TestAuditReadsAllLanes(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	for i := range ledger.Amount(600) { // more than a frame
		n.do(n.send(ledger.Account(1+i%3), ledger.Account(2+i%3), 100+i, 0, rightPIN), ledger.OK)
	}
	sms, _, stop := as(n, ledger.ConsumerSMS)
	for _, one := range next(t, sms, 1200) {
		if err := n.c.Ack(n.ctx(), ledger.ConsumerSMS, one.Lane, one.epoch, one.Seq, nil); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	told := make(chan toldNotice, 3000)
	audit := func(after uint64) func() {
		ctx, cancel := context.WithCancel(n.ctx())
		go func() {
			_ = n.c.Audit(ctx, after, func(list []ledger.Notice) error {
				for _, one := range list {
					told <- toldNotice{0, one}
				}
				return nil
			})
		}()
		return cancel
	}
	stop = audit(0)
	all := next(t, told, 1200)
	n.do(n.send(1, 2, 5000, 0, rightPIN), ledger.OK)
	all = append(all, next(t, told, 2)...)
	for i, one := range all {
		want := ledger.Amount(100 + i/2)
		if i >= 1200 {
			want = 5000
		}
		if one.Amount != want || one.Side != ledger.Side(1+i%2) || one.Addr != "" || one.OtherName != "" {
			t.Fatalf("notice %d of all lanes is %+v", i, one)
		}
	}
	stop()
	audit(all[1100].Place.Index - 1)
	if again := next(t, told, 102); !slices.ContainsFunc(again[:2], func(one toldNotice) bool { return one.Notice == all[1100].Notice }) {
		t.Errorf("after the entry before notice 1100 came %+v", again[0])
	}
	err := n.c.Notices(n.ctx(), ledger.ConsumerAudit, "x", 0, lastLane, nil)
	if !errors.Is(err, ledgerclient.ErrRefused) || !strings.Contains(err.Error(), "owns no lanes") {
		t.Errorf("audit took lanes: %v", err)
	}
	if err := n.c.Ack(n.ctx(), ledger.ConsumerAudit, all[0].Lane, 1, 1, nil); !errors.Is(err, ledgerclient.ErrNotOwner) {
		t.Errorf("audit acknowledged: %v", err)
	}
	if err := n.c.Tail(n.ctx(), ledger.ConsumerAudit, 7, 0, 0, nil); !errors.Is(err, ledgerclient.ErrRefused) {
		t.Errorf("audit of one lane: %v", err)
	}
}

// TestEachConsumerHasItsRole: a certificate reads and owns the lanes of its own consumer,
// and of no other.
func TestEachConsumerHasItsRole(t *testing.T) {
	own := map[Role]string{RoleGateway: ledger.ConsumerSMS, RolePartner: ledger.ConsumerPartner,
		RoleSettlement: ledger.ConsumerSettlement, RoleAuditor: ledger.ConsumerAudit}
	var g guard
	for _, r := range tableRoles {
		for consumer := range tableConsumers {
			c := caller{name: "x", role: r.role}
			if err := g.mayRead(c, consumer); (err == nil) != (own[r.role] == consumer) {
				t.Errorf("%s reads %s: %v", r.word, consumer, err)
			}
			if err := g.mayOwn(c, consumer); (err == nil) != (own[r.role] == consumer && consumer != ledger.ConsumerAudit) {
				t.Errorf("%s owns %s: %v", r.word, consumer, err)
			}
		}
	}
}
