package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs the program and returns its exit code and all it printed.
func command(args ...string) (code int, out string) {
	p := &printed{}
	w := &world{in: strings.NewReader(""), out: p, err: p, env: func(string) string { return "" }}
	code = run(context.Background(), w, args, func(int) {})
	return code, p.String()
}

// TestLoadAtSomebodysOwnService dials a service that speaks as Africa's Talking calls it,
// by keys of a file: a word that is not on its screen is a gate that does not hold.
func TestLoadAtSomebodysOwnService(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch strings.Count(r.FormValue("text"), "*") {
		case 0:
			if r.FormValue("text") == "" {
				_, _ = w.Write([]byte("CON Karibu Shamba\n1 Prices"))
				return
			}
			_, _ = w.Write([]byte("CON Which crop?"))
		default:
			_, _ = w.Write([]byte("END Maize is 45 a kilo"))
		}
	}))
	defer service.Close()
	for last, want := range map[string]int{"a kilo": 0, "a bag": 1} {
		keys := filepath.Join(t.TempDir(), "keys.yaml")
		src := "code: \"384\"\ngoals:\n  prices:\n    press: [\"1\", \"maize\"]\n    expect: [\"karibu\", \"crop\", \"" + last + "\"]\n"
		if err := os.WriteFile(keys, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out := command("load", "--target", service.URL+"/ussd?dialect=africastalking", "--keys", keys, "--profile", "steady", "--speed", "200",
			"--rate", "20", "--duration", "1s", "--users", "100", "--seed", "3", "--out", t.TempDir())
		if code != want || !strings.Contains(out, "no ledger and no SMS were audited") {
			t.Errorf("expecting %q: exit %d\n%s", last, code, out)
		}
	}
}

// TestLoadRefusesTargets: what is not this machine, and what nobody said how to walk.
func TestLoadRefusesTargets(t *testing.T) {
	keys := "simulator/testdata/keys.yaml"
	if _, err := os.Stat(keys); err != nil {
		keys = "testdata/keys.yaml"
	}
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("code: \"384\"\ngoals:\n  send:\n    press: [\"1\", \"{whom}\"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--target http://127.0.0.1:9/ussd":                                                         "--keys FILE",
		"--target ftp://127.0.0.1/ussd --keys " + keys:                                             "is no target",
		"--target smpp://127.0.0.1:2775 --keys " + keys:                                            "no system_id",
		"--target smpp://me:secret@127.0.0.1:2775 --keys " + keys:                                  "--password-file",
		"--target http://127.0.0.1:9/ussd?dialect=morse --keys " + keys:                            "africastalking",
		"--target http://127.0.0.1:9/ussd --stack --keys " + keys:                                  "say --stack",
		"--target http://127.0.0.1:9/ussd --keys " + bad:                                           "bad.yaml:4:",
		"--target http://192.0.2.1/ussd --keys " + keys:                                            "--msisdn-range",
		"--target http://192.0.2.1/ussd --msisdn-range 254700000000-254700000999 --keys " + keys:   "--yes-this-is-my-network 192.0.2.1",
		"--target http://127.0.0.1:9/ussd --msisdn-range 12-9 --keys " + keys:                      "two whole numbers",
		"--target http://127.0.0.1:9/ussd --msisdn-range 254700000000-254700000003 --keys " + keys: "too few",
		"--target http://127.0.0.1:9/ussd --redis start --keys " + keys:                            "for --stack",
		"--target http://127.0.0.1:9/ussd --fault testdata/faults.yaml --keys " + keys:             "ours to break",
	} {
		if code, out := command(append([]string{"load"}, strings.Fields(args)...)...); code != 2 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %s", args, code, out)
		}
	}
	for _, url := range []string{"http://127.0.0.1:9/ussd", "smpp://me@127.0.0.1:9"} {
		if code, out := command("load", "--target", url, "--keys", keys); code != 5 || !strings.Contains(out, "cannot be dialled") {
			t.Errorf("nobody there: exit %d, %s", code, out)
		}
	}
}

// TestABrokenService: where nobody who dials is served the run says that the service is
// wrong, and not that the generator proves nothing.
func TestABrokenService(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }))
	defer service.Close()
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	src := "code: \"384\"\ngoals:\n  prices:\n    press: [\"1\", \"maize\"]\n    expect: [\"karibu\", \"crop\", \"a kilo\"]\n"
	if err := os.WriteFile(keys, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out := command("load", "--target", service.URL+"/ussd?dialect=africastalking", "--keys", keys, "--profile", "steady", "--speed", "200",
		"--rate", "20", "--duration", "1s", "--users", "100", "--seed", "3", "--out", t.TempDir())
	if code != 1 || !strings.Contains(out, "sessions.completed > 0") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
