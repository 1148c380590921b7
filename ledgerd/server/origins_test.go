package server

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"mlango/ledgerd/ledger"
)

// TestNoCertificateFillsTheGateways: past its share of names that nobody knows a
// certificate's wishes are refused, and nothing is taken; what the books know is free to
// say, and everybody else's names are their own.
func TestNoCertificateFillsTheGateways(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	pay := func(gateway string, want ledger.Reject) {
		t.Helper()
		r := n.send(1, 2, ledger.Amount(len(gateway)), 0, rightPIN)
		r.Transfer.Origin.Gateway, r.Transfer.Again = gateway, r.Transfer.ID
		if res, err := n.c.Do(n.ctx(), r); err != nil || (res.Reject == ledger.CommandForbidden) != (want != ledger.OK) {
			t.Fatalf("gateway %s: %v, %v", gateway, res.Reject, err)
		}
	}
	for i := range maxBrought {
		pay(fmt.Sprint("made-up-", i), ledger.OK)
	}
	for i := range maxBrought + 1 { // known by now, or never to be
		pay(fmt.Sprint("made-up-", i%maxBrought), ledger.OK)
		pay(fmt.Sprint("too-many-", i%2), ledger.CommandForbidden)
	}
	if n.srv.mayBring(caller{}, "too-many-0") || !n.srv.mayBring(caller{key: [32]byte{1}}, "too-many-0") {
		t.Error("another certificate has its own share")
	}
	cmd := &ledger.Move{Transfer: ledger.Transfer{Kind: ledger.KindPayout, Origin: ledger.Origin{Gateway: "one-more"}}}
	if _, err := n.c.Admin(n.ctx(), []ledger.Command{cmd}); err == nil {
		t.Error("an administrator's names have no end")
	}
}

// TestRefusedNamesDoNotFillTheLog: whoever is refused all day is not told of each time.
func TestRefusedNamesDoNotFillTheLog(t *testing.T) {
	var log bytes.Buffer
	n := start(t, t.TempDir(), func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	for i := range maxBrought + 1000 {
		n.srv.mayBring(caller{name: "bad"}, fmt.Sprint("made-up-", i))
	}
	n.stop()
	if lines := strings.Count(log.String(), "too many gateways"); lines != 10 || !strings.Contains(log.String(), "refused=512") {
		t.Errorf("%d lines of 1000 refusals", lines)
	}
}
