//go:build house

package main

import (
	"context"
	"testing"
	"time"

	"mlango/simulator/load"
	"mlango/simulator/stack"
)

// What a run with faults is made of.
const (
	faultsRate = 25 // payments a second
	faultsSpan = 8 * time.Second
	faultsIdle = 2 * time.Second
)

// rigBreaker is a run's breaker with the test's own Redis.
type rigBreaker struct {
	*breaker
	redis *redisServer
}

func (b *rigBreaker) Kill(ctx context.Context, target string) error {
	if target == redisTarget {
		b.redis.kill()
		return nil
	}
	return b.breaker.Kill(ctx, target)
}

func (b *rigBreaker) Restart(ctx context.Context, target string) error {
	if target == redisTarget {
		b.redis.start()
		return nil
	}
	return b.breaker.Restart(ctx, target)
}

// TestHouseFaultsOnATimeline lets every kind of fault happen under load, group by
// group: each is in the report with its instants, and the audit finds nothing wrong.
func TestHouseFaultsOnATimeline(t *testing.T) {
	for name, row := range map[string]struct {
		redis  bool
		faults string
	}{
		"programs": {false, `
  - {at: 1s, kind: kill, target: ledgerd, for: 1s}
  - {at: 3s, kind: kill, target: gateway, for: 500ms}
  - {at: 5s, kind: stop, target: ledgerd, for: 1s}
  - {at: 6s, kind: stop, target: gateway, for: 1s}`},
		"slow ones": {false, `
  - {at: 1s, kind: slow, target: ledgerd, n: 90, for: 3s}
  - {at: 3s, kind: slow, target: gateway, n: 70, for: 2s}
  - {at: 5s, kind: slow_peer, delay: 50ms, for: 2s}`},
		"Redis": {true, `
  - {at: 1s, kind: kill, target: redis, for: 2s}
  - {at: 5s, kind: flush, target: redis}
  - {at: 6s, kind: kill, target: gateway, for: 300ms}`},
		"SMSC": {false, `
  - {at: 1s, kind: throttle, n: 15, for: 3s}
  - {at: 3s, kind: busy, n: 4, for: 3s}
  - {at: 3s, kind: queue_full, n: 5, for: 3s}`},
		"answers": {false, `
  - {at: 1s, kind: resp_lost, n: 40, for: 3s}
  - {at: 3s, kind: resp_late, delay: 700ms, for: 3s}
  - {at: 2s, kind: resp_twice, n: 3, for: 5s}`},
		"receipts": {false, `
  - {at: 1s, kind: receipts_lost, n: 3, for: 3s}
  - {at: 2s, kind: receipts_twice, n: 3, for: 3s}
  - {at: 4s, kind: receipts_mixed, delay: 2s, for: 3s}`},
		"links": {false, `
  - {at: 1s, kind: drop_binds}
  - {at: 2s, kind: links_cut, n: 40, for: 2s}
  - {at: 4s, kind: sequence_clashes, for: 3s}
  - {at: 5s, kind: drop_binds}`},
		"half open links": {false, `
  - {at: 3s, kind: half_open, for: 200ms}`},
		"PDUs": {false, `
  - {at: 1s, kind: hops_twice, n: 2, for: 2s}
  - {at: 3s, kind: pdus_twice, n: 3, for: 2s}
  - {at: 5s, kind: pdus_mixed, n: 3, for: 2s}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, parts{redis: row.redis, idle: faultsIdle}, faultsSpan)
			var err error
			if c.cfg.Faults, err = load.ReadFaults(name, []byte("faults:"+row.faults+"\n")); err != nil {
				t.Fatal(err)
			}
			want := len(c.cfg.Faults)
			c.cfg.Rate, c.cfg.Idle = faultsRate, faultsIdle
			c.cfg.Breaker = &rigBreaker{&breaker{Operator: c.op, stack: c.stack}, c.rig.redis}
			employer := stack.Employer()
			if err := c.stack.Seed(t.Context(), 1, func(int) stack.User { return employer }); err != nil {
				t.Fatal(err)
			}
			c.cfg.Others, c.cfg.Payroll = []load.Person{loaded(employer)}, payroll(c.stack)
			over := time.NewTimer(faultsSpan)
			report := c.under(func() { <-over.C })
			if len(report.Faults) != want {
				t.Errorf("%d faults in the report, want %d", len(report.Faults), want)
			}
			for _, h := range report.Faults {
				if h.Error != "" || h.From.IsZero() || h.ToMS < h.FromMS {
					t.Errorf("%s %s: %+v", h.Kind, h.Target, h)
				}
			}
		})
	}
}
