//go:build house

package main

import (
	"context"
	"os"
	"regexp"
	"testing"
	"time"

	"mlango/internal/stop"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// tableStops are the instants of a payment's way at which a program is killed.
// What only the claim's gateway knew is never made; everything later is made once.
var tableStops = []struct {
	point, program string
	made           bool
}{
	{stop.AfterClaim, stack.Gateway, false},
	{stop.AfterPlace, stack.Gateway, true},
	{stop.AfterCommitBeforeReply, stack.Gateway, true},
	{stop.BeforeSMS, stack.Gateway, true},
	{stop.AfterSMSBeforeAck, stack.Gateway, true},
	{stop.AfterJudge, stack.Ledgerd, true},
	{stop.AfterAppend, stack.Ledgerd, true},
	{stop.AfterSync, stack.Ledgerd, true},
	{stop.AfterApply, stack.Ledgerd, true},
	{stop.BeforeAnswer, stack.Ledgerd, true},
}

// How long an order lives: enough for ledgerd and every breaker to come back, and
// for a gateway, that must wait for the end of what it adopts, no longer than a
// test waits.
var tableExpires = map[string]string{stack.Ledgerd: "30s", stack.Gateway: "10s"}

// TestHouseStopPoints kills ledgerd or the gateway with SIGKILL at each named
// instant between the PIN and the SMS, with Redis and without, and starts it
// again. The payment is made exactly once and both sides are told; or it was
// never placed, nothing moves, and whoever was promised an SMS reads so.
func TestHouseStopPoints(t *testing.T) {
	for _, c := range tableStops {
		for name, redis := range map[string]bool{"memory": false, "Redis": true} {
			t.Run(c.program+" "+c.point+", "+name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, parts{redis: redis, arms: true, expires: tableExpires[c.program]}).demoWorld()
				seen := r.payAndDie(c.program, c.point)
				t.Logf("the handset saw: %s", seen)
				if !c.made {
					r.neverMade(redis)
					return
				}
				r.paid(1, 2, "500.00", "7.00", "24,493.00", "12,500.00")
				r.settled()
				if seen != "" && !regexp.MustCompile(`Confirmed|In progress`).MatchString(seen) {
					t.Errorf("the handset saw %q, and the payment was made", seen)
				}
				r.made("1 50700")
			})
		}
	}
}

// payAndDie pays, has the program die at the point, and starts it again. It
// returns the screen that came after all; empty when the person had to hang up.
func (r *rig) payAndDie(program, point string) string {
	r.t.Helper()
	r.dial(1, "*334#", pays(2, "500")...)
	return r.pressAndDieOf(program, point)
}

// pressAndDie has a gateway die at the point while somebody who was asked types the PIN, and
// starts it again; the person hung up.
func (r *rig) pressAndDie(point string) { r.pressAndDieOf(stack.Gateway, point) }

// pressAndDieOf types the PIN of what stands on the screen, as payAndDie.
func (r *rig) pressAndDieOf(program, point string) string {
	r.t.Helper()
	if err := os.WriteFile(r.armed, []byte(point), 0o600); err != nil {
		r.t.Fatal(err)
	}
	ctx, hungUp := context.WithCancel(r.t.Context())
	defer hungUp()
	screens := make(chan operator.Screen, 1)
	go func() {
		s, _ := r.op.Press(ctx, person(1).MSISDN, stack.PIN) // without a screen it is the zero one
		screens <- s
	}()
	select {
	case name := <-r.stack.Ended():
		if name != program {
			r.t.Fatalf("%s died, not %s", name, program)
		}
	case <-time.After(rigPatience):
		r.t.Fatalf("%s never passed %s", program, point)
	}
	if err := os.Remove(r.armed); err != nil {
		r.t.Fatal(err)
	}
	r.restart(program)
	if program == stack.Ledgerd {
		return (<-screens).Text
	}
	if err := r.op.Hangup(ctx, person(1).MSISDN); err != nil {
		r.t.Fatal(err)
	}
	hungUp()
	return (<-screens).Text
}

// neverMade holds the rig to an order that was never placed. With Redis the
// claimed hop is still there: hanging up on it adopts a promise, and its payer is
// told. Without, nobody was promised anything.
func (r *rig) neverMade(redis bool) {
	r.t.Helper()
	if redis {
		notDone := regexp.MustCompile(`^Your transaction of Ksh500\.00 to ` + shown(2) + ` was not completed.* Nothing was taken\.$`)
		until(r.t, "the SMS that it was not done", func() bool { return len(r.matches(person(1).MSISDN, notDone)) == 1 })
	}
	r.settled()
	shows(r.t, r.last(1, "3", "1", stack.PIN), false, `Your balance is Ksh25,000\.00`)
	if n := len(r.op.Inbox(person(2).MSISDN)); n != 0 {
		r.t.Errorf("the payee has %d SMS", n)
	}
	r.made()
}
