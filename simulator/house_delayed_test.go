//go:build house

package main

import (
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"mlango/ledgerd/ledger"
)

// TestSlowPaymentsAreTold: while the ledger answers questions and no payment, so that an order
// grows old in the queue, whoever dials hears of it on the first screen, before any PIN; once
// it answers again the order is made, both sides hear it, and the first screen is as ever.
func TestSlowPaymentsAreTold(t *testing.T) {
	for name, made := range map[string]parts{"Redis": {redis: true}, "file": {}} {
		t.Run(name, func(t *testing.T) {
			var slow atomic.Bool
			r := newRig(t, made).demoWorld()
			comeBetweenEach(r, 1, func(s *spokenFor, correlation uint64, req *ledger.Request) error {
				if slow.Load() {
					return nil // the ledger never hears of it; it is asked again under the same id
				}
				return passesOn(s, correlation, req)
			})
			first := func() string { return r.last(3).Text }
			if s := first(); !strings.HasPrefix(s, "M-Wallet") {
				t.Fatalf("before anything is slow a dial hears %q", s)
			}
			slow.Store(true)
			shows(t, r.last(1, append(pays(2, "500"), "4826")...), false, `SMS`)
			told := regexp.MustCompile(`^Payments are slow right now\.\nM-Wallet`)
			until(t, "a dial hears of the delay", func() bool { return told.MatchString(first()) })
			shows(t, r.last(8), true, `^Malipo yanachelewa kwa sasa\.\n`)
			slow.Store(false)
			r.paid(1, 2, "500.00", "", "", "")
			until(t, "the first screen is as ever", func() bool { return strings.HasPrefix(first(), "M-Wallet") })
			r.made("1 50700")
		})
	}
}
