package main

import (
	"encoding/json"
	"strings"
	"testing"

	"mlango/internal/cli"
	"mlango/ledgerd/server"
)

// TestStatusEndsWithOneWhenAPersonIsNeeded, says what to do, and tells certificates.
func TestStatusEndsWithOneWhenAPersonIsNeeded(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin", "paul": "admin", "audit": "auditor", "gw": "gateway"})
	_, raw, _ := o.as("gw", "status", "--json")
	var before server.StatusSheet
	if err := json.Unmarshal([]byte(raw), &before); err != nil || before.Role != "leads" || before.TLS == nil || before.TLS.Until == "" || before.TLS.Yours == "" || before.TLS.Authority == "" {
		t.Fatalf("%s %v", raw, err)
	}
	o.must(cli.Check, "Nothing was done", "jane", "admin", "issue", "900001", "900001", "500000")
	said := o.must(cli.Check, "1 calls wait for a second person", "audit", "status")
	for _, want := range []string{"do: ledgerd admin pending", "leads, term ", "+03:00", "head ", "applied up to entry", "below 256 MB nothing is accepted", "the authority's until 20"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
	o.stop()
	o.must(cli.Unreachable, "is the node running", "audit", "status")
}
