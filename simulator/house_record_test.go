//go:build house

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mlango/menus"
	"mlango/simulator/stack"
)

// TestHouseARecordingTellsWhatWouldChange: sessions of a live gateway are recorded by a
// call to its admin address, with nothing in them that tells who it was or what was
// typed, and a new menu is held to them: each screen that would change, and how often.
func TestHouseARecordingTellsWhatWouldChange(t *testing.T) {
	r := newRig(t, parts{}).demoWorld()
	const payer, payee, amount, pin = 4, 5, "777", "4826"
	for _, other := range []int{6, 7} { // each dials once: who dials again is asked whether to go on
		r.last(other, pays(payee, amount)...)
	}
	shows(t, r.last(payer, append(pays(payee, amount), pin)...), false, "Confirmed")
	r.last(3, "1", "0733") // no number

	gateway := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), program(stack.Gateway), append([]string{"menus"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("gateway menus %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	recorded := gateway("record", "--admin", r.stack.Ports().GatewayAdmin)
	for _, secret := range []string{pin, amount, local(payee), person(payee).MSISDN, person(payer).MSISDN, local(payer), person(payee).Name, person(payer).Name, "0733"} {
		if strings.Contains(recorded, secret) {
			t.Errorf("%q is in the recording:\n%s", secret, recorded)
		}
	}
	if n := strings.Count(recorded, "dial *334#"); n != 4 {
		t.Errorf("%d sessions in the recording, want 4:\n%s", n, recorded)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	record := write("recorded.txt", recorded)
	same := gateway("replay", "--menu", write("same.yaml", string(menus.Wallet())+"\n# the same\n"), record)
	if !strings.Contains(same, "0 screens would change") {
		t.Errorf("an equal menu: %s", same)
	}
	changed := strings.Replace(string(menus.Wallet()), "How much? (Ksh)", "What amount? (Ksh)", 1)
	out := gateway("replay", "--menu", write("new.yaml", changed), record)
	for _, want := range []string{", 3 times\n  was screen how_much", "now screen how_much (open)\n        What amount? (Ksh)", "1 screen would change"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
}
