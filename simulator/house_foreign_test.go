//go:build house

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mlango/internal/dialect"
	"mlango/simulator/stack"
)

// What somebody else's service has in a test.
const (
	foreignPeople = 60
	foreignBinds  = 4 // of an account: the rig's own operator has one
)

// secretFile holds the password of the rig's accounts.
func secretFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(demoPassword), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestHouseForeign takes a real gateway for somebody else's service: by its SMPP door and
// its HTTP door every clause of the acceptance test holds, and people by the keys of the
// shipped file see the screens it expects.
func TestHouseForeign(t *testing.T) {
	r := newRig(t, parts{theirs: true, sandbox: true, binds: foreignBinds})
	if err := r.stack.SeedHouse(t.Context()); err != nil {
		t.Fatal(err)
	}
	crowd := stack.Crowd(3, 0)
	if err := r.stack.Seed(t.Context(), foreignPeople, func(i int) stack.User {
		u := crowd(i)
		u.PIN, u.Language = stack.PIN, "en"
		return u
	}); err != nil {
		t.Fatal(err)
	}
	secret, bySMPP, byHTTP := secretFile(t), "smpp://"+demoUSSD+"@"+r.stack.Ports().USSD, r.door()+"?dialect=africastalking"
	if code, out := command("conform", "smpp://"+demoSMS+"@"+r.smpp, "--password-file", secret, "--out", filepath.Join(t.TempDir(), "page.html")); code != 0 {
		t.Errorf("conform at the operator: exit %d\n%s", code, out)
	}
	for name, args := range map[string][]string{
		"conform by SMPP":            {"conform", bySMPP + "?dialect=standard", "--msisdn-range", "254700000000-254700000019", "--password-file", secret},
		"conform by HTTP":            {"conform", byHTTP, "--msisdn-range", "254700000000-254700000019"},
		"load by HTTP":               {"load", "--target", byHTTP, "--seed", "3"},
		"load by SMPP":               {"load", "--target", bySMPP, "--password-file", secret, "--seed", "4"},
		"load by SMPP, nobody there": {"load", "--target", "smpp://me@" + newPort(t)},
	} {
		want, says := 0, "Passed: all"
		if args[0] == "load" {
			args = append(args, "--keys", "testdata/keys.yaml", "--profile", "steady", "--users", "60", "--rate", "8", "--duration", "4s", "--speed", "50", "--drain", "20s", "--out", t.TempDir())
			says = "PASS, but no ledger and no SMS were audited"
		} else {
			args = append(args, "--out", filepath.Join(t.TempDir(), "page.html"))
		}
		if strings.HasSuffix(name, "nobody there") {
			want, says = 5, "cannot be dialled"
		}
		if code, out := command(args...); code != want || !strings.Contains(out, says) {
			t.Errorf("%s: exit %d\n%s", name, code, out)
		}
	}
}

// TestHouseConformInEveryDialect holds both doors to the acceptance test of each operator.
func TestHouseConformInEveryDialect(t *testing.T) {
	for _, name := range dialect.Names("http") {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, parts{http: true, web: name}).demoWorld()
			conforms(t, "http://"+r.stack.Ports().HTTP+"/ussd/"+demoOperator+"?dialect="+name)
		})
	}
	for _, name := range dialect.Names("smpp") {
		t.Run("smpp "+name, func(t *testing.T) {
			r := newRig(t, parts{theirs: true, dialect: name, binds: foreignBinds}).demoWorld()
			conforms(t, "smpp://"+demoUSSD+"@"+r.stack.Ports().USSD+"?dialect="+name)
		})
	}
}

// conforms fails the test unless every clause holds at a door.
func conforms(t *testing.T, door string) {
	t.Helper()
	if code, out := command("conform", door, "--password-file", secretFile(t), "--out", filepath.Join(t.TempDir(), "page.html")); code != 0 {
		t.Errorf("%s: exit %d\n%s", door, code, out)
	}
}
