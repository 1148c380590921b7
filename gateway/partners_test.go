package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPartnersAreChecked: what the file may say of partners, and what it is told else.
func TestPartnersAreChecked(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "mama.key")
	short := filepath.Join(dir, "short.key")
	for path, secret := range map[string]string{key: strings.Repeat("k", 32), short: "k"} {
		if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	example, err := os.ReadFile("example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	load := func(partners string) (*Config, error) {
		path := filepath.Join(dir, "gateway.yaml")
		if err := os.WriteFile(path, []byte(string(example)+"\npartners: "+partners+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return Load(path, false)
	}
	cfg, err := load(`{who: [{name: mama, till: "500001", sign_file: mama.key}, {name: water, paybill: "400200", sign_file: mama.key, per_minute: 5}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if p := cfg.Partners; p.Listen != "127.0.0.1:8082" || p.Who[0].PerMinute != 60 || p.Who[1].PerMinute != 5 || p.Who[0].Sign == "" {
		t.Errorf("%+v", p)
	}
	if cfg.reached("254722000001") != "safari" || cfg.reached("255722000001") != "" {
		t.Error("a number is reached elsewhere")
	}
	for partners, says := range map[string]string{
		`{who: []}`:                             "partners are named",
		`{who: [{name: mama, till: "500001"}]}`: "anybody who reaches the door",
		`{who: [{name: mama, till: "500001", paybill: "4", sign_file: mama.key}]}`:                                                   "one till or one paybill",
		`{who: [{name: mama, sign_file: mama.key}]}`:                                                                                 "one till or one paybill",
		`{who: [{name: MAMA, till: "500001", sign_file: mama.key}]}`:                                                                 "no name for a partner",
		`{who: [{name: mama, till: "500001", sign_file: short.key}]}`:                                                                "less than 16 bytes",
		`{who: [{name: mama, till: "500001", sign_file: none.key}]}`:                                                                 "none.key: no such file",
		`{who: [{name: mama, till: "500001", client: shop}]}`:                                                                        "no certificate is asked for",
		`{who: [{name: mama, till: "500001", sign_file: mama.key, per_minute: 100000}]}`:                                             "calls a minute",
		`{who: [{name: mama, till: "500001", sign_file: mama.key}, {name: mama, till: "500002", sign_file: mama.key}]}`:              "named twice",
		`{listen: "0.0.0.0:8082", who: [{name: mama, till: "500001", sign_file: mama.key}]}`:                                         "in clear",
		`{listen: "0.0.0.0:8082", tls: {cert_file: none.pem, key_file: none.key}, who: [{name: m, till: "5", sign_file: mama.key}]}`: "none.pem: no such file",
	} {
		if _, err := load(partners); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, not %q", partners, err, says)
		}
	}
}
