//go:build house

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlango/simulator/load"
	"mlango/simulator/stack"
)

// TestHouseRunningPrograms loads a ledgerd and a gateway that somebody else started, twice,
// by SMPP: the second run finds its people there, and both are audited. They run on after
// it, other people are told apart, and nobody there is exit code 5.
func TestHouseRunningPrograms(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ports := stack.Ports{Ledger: newPort(t), LedgerAdmin: newPort(t), HTTP: newPort(t), GatewayAdmin: newPort(t)}
	listen := newPort(t)
	theirs, err := stack.Start(t.Context(), stack.Config{Data: filepath.Join(dir, "theirs"), Ports: ports, Expires: "8s",
		Far:      stack.Far{Name: demoOperator, Addr: listen, USSDSystemID: demoUSSD, SMSSystemID: demoSMS, Password: "secret", Binds: 2, Window: 100},
		Programs: map[string]string{stack.Ledgerd: program(stack.Ledgerd), stack.Gateway: program(stack.Gateway)}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := theirs.Stop(); err != nil {
			t.Error(err)
		}
	}()
	file := filepath.Join(dir, "running.yaml")
	text := fmt.Sprintf("ledger: %s\ngateway: %s\noperator: {name: %s, listen: %q, ussd_system_id: %s, sms_system_id: %s, password_file: secret}\n",
		ports.Ledger, ports.GatewayAdmin, demoOperator, listen, demoUSSD, demoSMS)
	for name, text := range map[string]string{file: text, filepath.Join(dir, "secret"): "secret\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	args := []string{"load", "--config", file, "--profile", "steady", "--rate", "10", "--users", "500", "--duration", "3s", "--speed", "30", "--expires", "8s", "--listen", "1s"}
	for i, says := range []string{"opened 500 accounts", "has the 500 accounts already"} {
		out := filepath.Join(dir, fmt.Sprint("run", i))
		said, code := simulate(t, append(args, "--seed", fmt.Sprint(5+i), "--out", out)...)
		if code != 0 || !strings.Contains(said, says) {
			t.Fatalf("run %d: exit %d\n%s", i, code, said)
		}
		var report load.Report
		b, err := os.ReadFile(filepath.Join(out, "report.json"))
		if err == nil {
			err = json.Unmarshal(b, &report)
		}
		if err != nil || report.Oracle.Scope != "ledger+sms" || report.Payments.Committed == 0 || report.SMS.Received != report.SMS.Expected || report.Environment.Bundle == "" {
			t.Errorf("run %d: %v %+v", i, err, report.Payments)
		}
		if _, err := theirs.LastEntry(t.Context()); err != nil {
			t.Errorf("after run %d the ledger does not answer: %v", i, err)
		}
	}
	if said, code := simulate(t, append(args, "--users", "700", "--out", filepath.Join(dir, "other"))...); code != 2 || !strings.Contains(said, "another number of --users") {
		t.Errorf("more people: exit %d\n%s", code, said)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(text, ports.Ledger, newPort(t), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, code := simulate(t, append(args, "--seed", "5", "--out", filepath.Join(dir, "nobody"))...); code != 5 {
		t.Errorf("nobody there: exit %d\n%s", code, said)
	}
}
