package main

import (
	"path/filepath"
	"strings"
	"testing"

	"mlango/gateway/bundle"
)

// approvers are two persons of a configuration.
const approvers = `
approvers:
  - {person: amina, key: "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
  - {person: baraka, key: "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
`

func TestApproversAreHeldToWhatTheyMustBe(t *testing.T) {
	lines := strings.SplitAfter(approvers, "\n")
	for _, c := range []struct{ name, text, want string }{
		{"two", approvers, ""},
		{"one", strings.Join(lines[:3], ""), "one person alone"},
		{"the same key", strings.Replace(approvers, "AQAAA", "AAAAA", 1), "stands here twice"},
		{"the same person", strings.Replace(approvers, "baraka", "amina", 1), "stands here twice"},
		{"no key", strings.Replace(approvers, "ed25519:AQ", "AQ", 1), "no approver with a public key"},
		{"a short key", strings.Replace(approvers, "AAAAAAAA=", "AAAA=", 1), "no approver with a public key"},
		{"a file besides", approvers + "menus: wallet.yaml\n", "without anybody's word"},
	} {
		if _, got := load(t, good+c.text, false); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestProductionTakesNoDemoKey(t *testing.T) {
	cfg := defaults()
	cfg.Data = t.TempDir()
	keys, err := bundle.DemoKeys(filepath.Join(cfg.Data, keysFolder))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []bundle.Approver{keys[0].Approver, {Person: "amina", Public: keys[1].Public}} {
		if !bundle.IsDemo(filepath.Join(cfg.Data, keysFolder), a) {
			t.Errorf("%s passes", a.Person)
		}
	}
}
