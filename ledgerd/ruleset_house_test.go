//go:build house

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlango/internal/cli"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// TestHouseRulesOutliveAKill: what was published and brought back on a real process is the
// same after it was killed, exact to the fee of a transfer.
func TestHouseRulesOutliveAKill(t *testing.T) {
	h := newHouse(t)
	c := h.start("")
	h.seed(c)
	if err := refused(c.OpenPeople(t.Context(), []ledgerclient.Person{{Account: 900002, Kind: ledger.AccountFees, Currency: benchKES()}})); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "rules.yaml")
	admin := func(args ...string) string {
		t.Helper()
		code, out, errs := call(t, t.Context(), append(append([]string{"admin", "rules"}, args...), "--config", h.config)...)
		if code != cli.Done {
			t.Fatalf("%v: exit %d\n%s%s", args, code, out, errs)
		}
		return out
	}
	publish := func(was, fee string) {
		t.Helper()
		text := strings.Replace(admin("get"), was, fmt.Sprintf("send:\n    - {upto: 1000, fee: %s}", fee), 1)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		admin("publish", file, "--yes", "--why", "fee "+fee)
	}
	costs := func(want ledger.Amount) {
		t.Helper()
		w := h.wish(10000)
		w.Transfer.Fee = 5000
		if res := insist(t, c, w); res.Reject != ledger.OK || res.Fee != want {
			t.Fatalf("%s, fee %d, want %d", res.Reject, res.Fee, want)
		}
	}
	publish("send: free", "0.01")
	costs(1)
	publish("send:\n    - {upto: 1000, fee: 0.01}", "0")
	costs(0)
	admin("rollback", "1", "--yes")
	costs(1)
	history := admin("history")
	if strings.Count(history, "fee 0") != 2 || !strings.Contains(history, "brings back 1") {
		t.Fatal(history)
	}
	h.kill()
	c = h.start("")
	if again := admin("history"); again != history {
		t.Errorf("after a kill:\n%swas\n%s", again, history)
	}
	costs(1)
	admin("rollback", "2", "--yes")
	costs(0)
	h.end()
	if code, out, errs := call(t, t.Context(), "verify", "--data", h.data); code != cli.Done {
		t.Fatalf("verify: exit %d, %s%s", code, out, errs)
	}
}
