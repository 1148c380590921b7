//go:build house

package main

import (
	"testing"

	"mlango/internal/dialect"
	"mlango/simulator/operator"
)

// TestEveryHTTPDialectPays sends money in each dialect of USSD over HTTP, each hop
// sent three times at once: one payment is made, and the last screen tells of it.
func TestEveryHTTPDialectPays(t *testing.T) {
	for _, name := range dialect.Names("http") {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, parts{http: true, web: name}).demoWorld()
			r.op.SetFaults(operator.Faults{Duplicate: 2})
			s := r.last(1, append(pays(2, "500"), "4826")...)
			shows(t, s, false, receiptIn(s.Text))
			r.paid(1, 2, "500.00", "", "", "")
		})
	}
}
