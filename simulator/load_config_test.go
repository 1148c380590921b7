package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRunningProgramsAreNamed: what is wrong in the file is told by line and column, and
// nothing but this machine is dialled, or has accounts opened.
func TestRunningProgramsAreNamed(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "smpp.secret"), []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	shipped, err := os.ReadFile("testdata/running.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "running.yaml")
	for _, c := range []struct{ from, to, want string }{
		{"", "", ""},
		{"127.0.0.1:7401 ", "10.1.2.3:7401 ", "running.yaml:5:9: ledger: 10.1.2.3 is not this machine"},
		{"127.0.0.1:8081 ", "gateway ", "gateway: \"gateway\" is no address – write the gateway's own admin"},
		{"127.0.0.1:2775 ", "0.0.0.0:2775 ", "operator.listen: 0.0.0.0 is not this machine"},
		{"  name: safari\n", "", "operator.name is missing"},
		{"  ussd_system_id: mlango-ussd\n", "", "operator.ussd_system_id is missing"},
		{"  # http: http://127.0.0.1", "  http: http://10.1.2.3", "operator.http is no door on this machine"},
		{"smpp.secret ", "none ", "write password_file"},
		{"gateway:", "gatway:", "did you mean \"gateway\"?"},
	} {
		if err := os.WriteFile(file, []byte(strings.Replace(string(shipped), c.from, c.to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		ports, far, err := readRunning(file)
		switch {
		case c.want == "" && (err != nil || ports.Ledger != "127.0.0.1:7401" || far.password != "secret" || far.http != ""):
			t.Errorf("%+v %+v %v", ports, far, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%q: %v, want %q", c.to, err, c.want)
		}
	}
	if err := os.WriteFile(file, shipped, 0o600); err != nil {
		t.Fatal(err)
	}
	for args, want := range map[string]string{
		"--config " + file + " --stack":                                "some that run already",
		"--config " + file + " --target http://127.0.0.1/":             "some that run already",
		"--config " + file + " --redis start":                          "leave --http",
		"--config " + file + " --fault testdata/faults.yaml":           "leave --fault away",
		"--config " + filepath.Join(dir, "none.yaml"):                  "no such file",
		"--config " + file + " --profile steady --users 10 --rate 500": "too few",
	} {
		if code, out := command(append([]string{"load"}, strings.Fields(args)...)...); code != 2 || !strings.Contains(out, want) {
			t.Errorf("%s: exit %d, %s", args, code, out)
		}
	}
}
