package server

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/journal"
)

// TestDamageIsEverybodysToKnow: said once, loudly, and degraded from then on; what
// is no damage is neither.
func TestDamageIsEverybodysToKnow(t *testing.T) {
	var said bytes.Buffer
	s := &Server{log: slog.New(slog.NewTextHandler(&said, nil))}
	if err := s.failed("show", journal.ErrClosed); status.Code(err) != codes.Internal || len(s.Degraded()) != 0 || said.Len() != 0 {
		t.Fatalf("%v, degraded %q, %s", err, s.Degraded(), said.String())
	}
	bad := &journal.DamageError{File: "archive/7", Offset: 9, Index: 3, What: "it does not hold"}
	for range 3 {
		if err := s.failed("show", bad); status.Code(err) != codes.Internal {
			t.Fatal(err)
		}
	}
	if list := s.Degraded(); len(list) != 1 || !strings.Contains(list[0], "archive/7: byte 9: entry 3") || strings.Count(said.String(), "level=ERROR") != 1 {
		t.Fatalf("degraded %q, %s", list, said.String())
	}
}
