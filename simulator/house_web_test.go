//go:build house

package main

import (
	"testing"

	"mlango/internal/dialect"
)

// TestEveryHTTPDialectPays sends money in each dialect of USSD over HTTP, once as it
// should be, once each hop three times at the same moment.
func TestEveryHTTPDialectPays(t *testing.T) {
	for _, name := range dialect.Names("http") {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, parts{http: true, web: name}).demoWorld()
			s := r.last(1, append(pays(2, "500"), "4826")...)
			shows(t, s, false, receiptIn(s.Text))
			r.paid(1, 2, "500.00", "", "", "")
			r.repeats(4)
		})
	}
}
