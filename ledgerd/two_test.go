package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// office is a running node with TLS, and people with certificates.
type office struct {
	t      *testing.T
	dir    string
	config string
	stop   func()
}

func newOffice(t *testing.T, people map[string]string) *office {
	t.Helper()
	config := write(t, "listen: "+free(t)+"\nadmin: \"\"\ndata: ./books\ntls: {ca_file: ca.pem, cert_file: node.pem, key_file: node.key}\n")
	o := &office{t: t, dir: filepath.Dir(config), config: config}
	ca := newAuthority(t, o.dir, "ca")
	ca.end("node")
	for name, role := range people {
		ca.end(name, role)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan int, 1)
	go func() {
		code, _, _ := call(t, ctx, "serve", "--config", config)
		served <- code
	}()
	o.stop = func() {
		stop()
		if code := <-served; code != cli.Done {
			t.Errorf("the node ended with %d", code)
		}
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		code, _, errs := o.as("jane", "admin", "open", "900001", "--kind", "trust")
		if code == cli.Done {
			return o
		}
		if time.Now().After(deadline) {
			t.Fatal(errs)
		}
	}
}

// as calls the program as a person.
func (o *office) as(name string, args ...string) (code int, out, errs string) {
	o.t.Helper()
	return call(o.t, o.t.Context(), append(args, "--config", o.config,
		"--cert", filepath.Join(o.dir, name+".pem"), "--key", filepath.Join(o.dir, name+".key"))...)
}

// must calls it and demands a certain end.
func (o *office) must(want int, says, name string, args ...string) string {
	o.t.Helper()
	code, out, errs := o.as(name, args...)
	if code != want || !strings.Contains(out+errs, says) {
		o.t.Fatalf("%s %v: exit %d, %s%s; want %d and %q", name, args, code, out, errs, want, says)
	}
	return out
}

var tableHash = regexp.MustCompile(`approve ([0-9a-f]{64})`)

// TestMoneyTakesTwoPeople from the first word to the journal, and both are in it.
func TestMoneyTakesTwoPeople(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin", "paul": "admin", "audit": "auditor"})
	o.must(cli.Done, "done", "jane", "admin", "open", "1", "--name", "JANE W", "--msisdn", "0722000001", "--pin-env", "FIRST_PIN")
	hash := func(out string) string { return tableHash.FindStringSubmatch(out)[1] }

	asked := o.must(cli.Check, "Nothing was done yet", "jane", "admin", "issue", "900001", "1", "500000")
	if !strings.Contains(asked, "issue KES 5,000.00 from account 900001 to account 1") {
		t.Fatal(asked)
	}
	o.must(cli.Done, "balance KES 0.00", "audit", "account", "1")
	o.must(cli.Done, "jane asked at", "audit", "admin", "pending", "--all")
	o.must(cli.Check, "another person", "jane", "admin", "approve", hash(asked), "--yes")
	o.must(cli.Check, "may not call Approve", "audit", "admin", "approve", hash(asked), "--yes")
	o.must(cli.Check, "say --yes", "paul", "admin", "approve", hash(asked))
	o.must(cli.Usage, "hexadecimal", "paul", "admin", "approve", "7")
	o.must(cli.Check, "nothing with this hash", "paul", "admin", "approve", strings.Repeat("7", 64), "--yes")
	done := o.must(cli.Done, "receipt", "paul", "admin", "approve", hash(asked)[:16], "--yes")
	if again := o.must(cli.Done, "receipt", "paul", "admin", "approve", hash(asked), "--yes"); !strings.HasSuffix(done, again) {
		t.Fatalf("approved again: %s, first %s", again, done)
	}
	o.must(cli.Done, "nothing waits", "paul", "admin", "pending")

	receipt := regexp.MustCompile(`receipt ([0-9A-Z]{10})`).FindStringSubmatch(done)[1]
	var s server.Sheet
	if err := json.Unmarshal([]byte(o.must(cli.Done, "", "audit", "show", receipt, "--json")), &s); err != nil || strings.Join(s.Approved, "+") != "jane+paul" {
		t.Fatalf("%+v, %v", s, err)
	}
	back := o.must(cli.Check, "Nothing was done yet", "paul", "admin", "redeem", "1", "900001", "200000")
	o.must(cli.Done, "done", "jane", "admin", "approve", hash(back), "--yes")
	o.must(cli.Done, "balance KES 3,000.00", "audit", "account", "--of", "0722000001")
	undo := o.must(cli.Check, "Nothing was done yet", "paul", "admin", "redeem", "1", "900001", "100")
	o.must(cli.Check, "account 1: wallet, 2547*****001, JANE W, has KES 3,000.00", "jane", "admin", "approve", hash(undo)) // and then: say --yes
	undo = o.must(cli.Check, "Nothing was done yet", "paul", "admin", "reverse", receipt)
	o.must(cli.Check, "receipt "+receipt+", issue KES 5,000.00 from account 900001 to account 1", "jane", "admin", "approve", hash(undo))
	o.stop()

	data := filepath.Join(o.dir, "books")
	_, deeds, _ := call(t, t.Context(), "export", "--admin", "--data", data)
	for _, want := range []string{",OpenAccount,1,ok,", ",SetAlias,1,ok,", ",SetPIN,1,ok,", ",Move,900001,ok,jane,paul,", ",Move,1,ok,paul,jane,"} {
		if !strings.Contains(deeds, want) || strings.Contains(deeds, "254722") || strings.Contains(deeds, "JANE") {
			t.Errorf("no %q in\n%s", want, deeds)
		}
	}
	code, offline, errs := call(t, t.Context(), "show", receipt, "--json", "--data", data)
	if code != cli.Done || !strings.Contains(offline, `"jane",`) {
		t.Fatalf("exit %d, %s%s", code, offline, errs)
	}
}

// TestAdministratorsSlips: what a person mistypes is said in words, and nothing
// happens.
func TestAdministratorsSlips(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin", "paul": "admin", "gw": "gateway"})
	o.must(cli.Done, "done", "jane", "admin", "open", "1", "--name", "JANE W", "--msisdn", "0722000001", "--pin-env", "FIRST_PIN")
	for _, c := range []struct {
		want int
		says string
		args []string
	}{
		{cli.Check, "its PIN stays as it is", []string{"open", "1", "--name", "JANE W", "--msisdn", "0722000001", "--pin-env", "FIRST_PIN"}},
		{cli.Done, "done", []string{"open", "1", "--name", "JANE W", "--msisdn", "0722000001"}},
		{cli.Done, "done", []string{"alias", "0722000002", "1"}},
		{cli.Usage, "2547*****002 points to account 1 now", []string{"alias", "0722000002", "900001"}},
		{cli.Usage, "say an account, or --none", []string{"alias", "0722000002"}},
		{cli.Usage, "mobile number", []string{"alias", "0722", "1"}},
		{cli.Done, "done", []string{"alias", "500001", "1", "--kind", "till"}},
		{cli.Check, "say --yes", []string{"erase", "1"}},
		{cli.Check, "there is no account 77", []string{"erase", "77", "--yes"}},
		{cli.Check, "not account 1's", []string{"pin-reset", "1", "--msisdn", "0722000009"}},
		{cli.Done, "done", []string{"pin-reset", "1", "--msisdn", "0722000001"}},
		{cli.Check, "Nothing was done yet", []string{"tariff", "send", "10000:0,50000:700:105", "--after", "0"}},
		{cli.Check, "Nothing was done yet", []string{"limits", "send", "--tier", "2", "--payee-daily", "7"}},
		{cli.Usage, "2026-12-01T00:00:00+03:00", []string{"limits", "send", "--max", "7", "--from", "tomorrow"}},
		{cli.Done, "done", []string{"tier", "1", "2", "--maximum", "100"}},
		{cli.Check, "no such account", []string{"close", "77"}},
		{cli.Done, "done", []string{"close", "1"}},
		{cli.Check, "no such id, receipt or request", []string{"reverse", "TKM4K2X9QZ"}},
		{cli.Usage, "--id", []string{"redeem", "1", "900001", "5", "--id", "7"}},
		{cli.Done, "done", []string{"erase", "1", "--yes"}},
	} {
		o.must(c.want, c.says, "jane", append([]string{"admin"}, c.args...)...)
	}
	o.must(cli.Check, "gw (gateway) may not call Account", "gw", "account", "1")
	o.must(cli.Usage, "say an account", "jane", "account")
	o.must(cli.Usage, "say where to look", "jane", "show", "7", "--data", "x")
	o.stop()
}

// TestANumberIsNotTakenByASlip: neither by an opening nor by one person.
func TestANumberIsNotTakenByASlip(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin", "paul": "admin", "audit": "auditor"})
	defer o.stop()
	as := func(want int, says string, args ...string) string {
		t.Helper()
		return o.must(want, says, "jane", append([]string{"admin"}, args...)...)
	}
	as(cli.Done, "done", "open", "1", "--name", "JANE W", "--msisdn", "0722000001")
	as(cli.Usage, "2547*****001 points to account 1 now", "open", "777", "--msisdn", "0722000001")
	o.must(cli.Done, "balance", "audit", "account", "1")
	o.must(cli.Check, "no such account", "audit", "account", "777")

	for _, args := range [][]string{{"alias", "0722000001", "--none"}, {"alias", "0722000001", "900001", "--move"}} {
		if out := as(cli.Check, "Nothing was done yet", args...); strings.Contains(out, "254722000001") {
			t.Fatal(out)
		}
	}
	o.must(cli.Done, "nothing waits", "audit", "admin", "pending") // a number is in it
	asked := as(cli.Check, "say the same again", "open", "777", "--msisdn", "0722000001", "--move")
	o.must(cli.Done, "account 1:", "audit", "account", "--of", "0722000001")
	o.must(cli.Done, "done", "paul", "admin", "approve", tableHash.FindStringSubmatch(asked)[1], "--yes")
	as(cli.Done, "done", "open", "777", "--msisdn", "0722000001", "--move")
	o.must(cli.Done, "account 777:", "audit", "account", "--of", "0722000001")
}

// TestBackupAndRestore: the node's folder is gone; from the backup and the vault's
// copy comes one with the same head and state.
func TestBackupAndRestore(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin"})
	o.must(cli.Done, "done", "jane", "admin", "open", "1", "--name", "JANE W", "--msisdn", "0722000001", "--pin-env", "FIRST_PIN")
	backup, books, again := filepath.Join(o.dir, "backup"), filepath.Join(o.dir, "books"), filepath.Join(o.dir, "again")
	said := o.must(cli.Done, "The keys are not", "jane", "backup", "--to", backup)
	o.must(cli.Usage, "is not empty", "jane", "backup", "--to", backup)
	o.stop()
	_, verified, _ := call(t, t.Context(), "verify", "--data", books)
	head := regexp.MustCompile(`head=[0-9a-f]+`)
	if head.FindString(verified) != head.FindString(said) {
		t.Fatalf("backed up %s, the node has %s", said, verified)
	}
	do := func(want int, says string, args ...string) {
		t.Helper()
		if code, out, errs := call(t, t.Context(), args...); code != want || !strings.Contains(out+errs, says) {
			t.Fatalf("%v: exit %d, %s%s; want %d and %q", args, code, out, errs, want, says)
		}
	}
	do(cli.Usage, "keys", "restore", "--from", backup, "--data", again, "--vault", backup)
	do(cli.Done, "ledgerd verify", "restore", "--from", backup, "--data", again, "--vault", filepath.Join(books, "vault"))
	line, _, _ := strings.Cut(verified, "\n")
	do(cli.Done, line, "verify", "--data", again)
	do(cli.Usage, "is not empty", "restore", "--from", backup, "--data", again)
	do(cli.Usage, "name the folder that", "restore", "--from", filepath.Join(o.dir, "nothing"), "--data", filepath.Join(o.dir, "x"))
	part := filepath.Join(o.dir, "part")
	do(cli.Done, "entries=2 ", "restore", "--from", backup, "--to", "2", "--data", part)
	do(cli.Done, "entries=", "backup", "--data", books, "--to", filepath.Join(o.dir, "offline"))
	do(cli.Usage, "say of what", "backup", "--to", filepath.Join(o.dir, "y"))
}

// TestManyResultsAreCounted instead of listed.
func TestManyResultsAreCounted(t *testing.T) {
	var out strings.Builder
	results := make([]ledger.Result, 30)
	results[3].Reject, results[9].Reject = ledger.PayeeFrozen, ledger.PayeeFrozen
	err := sayResults(&world{out: &out}, results)
	if err == nil || out.String() != "done: 28 of 30\nrefused: 2, payee_frozen – who would get is frozen\n" {
		t.Fatalf("%s%v", out.String(), err)
	}
	out.Reset()
	if err := sayResults(&world{out: &out}, results[:4]); err == nil || strings.Count(out.String(), "\n") != 4 {
		t.Fatalf("%s%v", out.String(), err)
	}
}

// TestProductionTakesTwoPeopleAndCertificates.
func TestProductionTakesTwoPeopleAndCertificates(t *testing.T) {
	check := func(config string, want int, says ...string) {
		t.Helper()
		code, out, errs := call(t, t.Context(), "check", "--production", "--config", config)
		for _, s := range says {
			if code != want || !strings.Contains(out+errs, s) {
				t.Errorf("exit %d, %s%s; want %d and %q", code, out, errs, want, s)
			}
		}
	}
	check(write(t, "data: ./books\none_person: true\n"), cli.Usage, "without it everybody on this machine", "one person alone must not")
	o := newOffice(t, map[string]string{"jane": "admin"})
	o.must(cli.Done, "done", "jane", "admin", "open", "1", "--msisdn", "0722000001")
	o.stop()
	check(o.config, cli.Done, "roles: (none)")
}

// TestWhereTheNodeIs: what the command line and the configuration come to.
func TestWhereTheNodeIs(t *testing.T) {
	o := newOffice(t, map[string]string{"jane": "admin"})
	defer o.stop()
	cert := filepath.Join(o.dir, "jane.pem")
	everywhere := filepath.Join(o.dir, "everywhere.yaml")
	if err := os.WriteFile(everywhere, []byte("listen: \":7401\"\ntls: {ca_file: ca.pem, cert_file: node.pem, key_file: node.key}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for says, f := range map[string]nodeFlag{
		"say which node":               {},
		"--cert and --key go together": {Config: o.config, Cert: cert},
		"are all needed":               {Node: "127.0.0.1:1", Cert: cert, Key: cert},
		"is not this machine":          {Node: "10.0.0.1:1"},
		"is every address":             {Config: everywhere},
		"no such file":                 {Config: "none.yaml"},
	} {
		if _, _, err := f.where(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want %q", f, err, says)
		}
	}
	node, files, err := (&nodeFlag{Config: everywhere, Node: "10.0.0.1:7401", Cert: cert, Key: cert}).where()
	if err != nil || node != "10.0.0.1:7401" || files.CertFile != cert || filepath.Base(files.CAFile) != "ca.pem" {
		t.Errorf("%s %+v %v", node, files, err)
	}
}
