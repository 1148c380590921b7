//go:build house

package main

import (
	"path/filepath"
	"testing"

	"mlango/internal/dialect"
)

// TestEveryDialectPays sends money in each dialect of USSD over SMPP, and in two
// that are a file and nothing else.
func TestEveryDialectPays(t *testing.T) {
	for _, name := range append(dialect.Names("smpp"), filepath.Join("testdata", "acme.yaml"), filepath.Join("testdata", "packed.yaml")) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			r := newRig(t, parts{dialect: name}).demoWorld()
			s := r.last(1, append(pays(2, "500"), "4826")...)
			shows(t, s, false, receiptIn(s.Text))
			r.paid(1, 2, "500.00", "", "", "")
			r.dial(3, "*334#", "1")
			if err := r.op.Hangup(t.Context(), person(3).MSISDN); err != nil {
				t.Errorf("hang up: %v", err)
			}
			shows(t, r.last(3, "1"), true, "")
		})
	}
}
