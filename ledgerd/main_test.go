package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/internal/cli"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// call runs the program in this process.
func call(t *testing.T, ctx context.Context, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	w := &world{in: strings.NewReader(""), out: &o, err: &e, env: func(name string) string { return map[string]string{"FIRST_PIN": "4826"}[name] }}
	code = run(ctx, w, args, func(int) {})
	return code, o.String(), e.String()
}

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledgerd.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExampleIsAccepted(t *testing.T) {
	code, example, errs := call(t, t.Context(), "example")
	if code != cli.Done {
		t.Fatal(code, errs)
	}
	code, effective, errs := call(t, t.Context(), "check", "--config", write(t, example))
	if code != cli.Done {
		t.Fatal(code, errs)
	}
	// What is commented out shows the default: with the # taken away nothing changes.
	var open []string
	for _, line := range strings.Split(example, "\n") {
		if bare, ok := strings.CutPrefix(line, "# "); ok && strings.Contains(bare, ":") && !strings.HasPrefix(bare, "Check") {
			if line = bare; strings.HasPrefix(line, "tls") {
				break
			}
		}
		open = append(open, line)
	}
	code, spelled, errs := call(t, t.Context(), "check", "--config", write(t, strings.Join(open, "\n")))
	if code != cli.Done {
		t.Fatal(code, errs, strings.Join(open, "\n"))
	}
	cut := func(s string) string { // the data folder is the file's own
		return strings.Join(append(strings.Split(s, "\n")[:2], strings.Split(s, "\n")[3:]...), "\n")
	}
	if cut(effective) != cut(spelled) {
		t.Fatalf("the example's comments do not show the defaults:\n%s\nand\n%s", effective, spelled)
	}
}

func TestBadConfigurations(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", "listen: 127.0.0.1:1\nnod: 1\n", `:2:1: the key "nod" is not known here – did you mean "node"?`},
		{"twice", "node: 1\nnode: 2\n", ":2:1: "},
		{"zone", "zone: Nairobi\n", `:1:7: the zone is written as hours from UTC – write it as "+03:00"`},
		{"open without TLS", "listen: 0.0.0.0:7401\n", ":1:9: a ledger that others can reach needs TLS"},
		{"all interfaces", "listen: \":7401\"\n", ":1:9: a ledger that others can reach needs TLS"},
		{"listen", "listen: here\n", ":1:9: not an address"},
		{"admin", "admin: here\n", ":1:8: not an address"},
		{"node", "node: 0\n", ":1:7: nodes are numbered from 1"},
		{"cluster", "cluster: \"\"\n", ":1:10: the cluster's name"},
		{"currency", "currency: kes\n", ":1:11: a currency is three capital letters"},
		{"data", "data: \"\"\n", ":1:7: "},
		{"half TLS", "tls: {cert_file: a.pem}\n", "both sides show a certificate"},
		{"missing TLS", "tls: {ca_file: a, cert_file: b, key_file: c}\n", "tls: ca_file"},
		{"one person beside TLS", "one_person: true\ntls: {ca_file: a, cert_file: b, key_file: c}\n", ":1:13: one person alone does not go with tls"},
		{"a role", "tls: {ca_file: a, cert_file: b, key_file: c}\nroles: {jane: [boss]}\n", ":2:16: no such role"},
		{"roles without TLS", "roles: {jane: [admin]}\n", ":1:8: without certificates nobody can be told apart"},
		{"empty", "", ":1:1: the file is empty"},
	} {
		for _, cmd := range []string{"check", "serve"} {
			code, _, errs := call(t, t.Context(), cmd, "--config", write(t, c.text))
			if code != cli.Usage || !strings.Contains(errs, c.want) {
				t.Errorf("%s, %s: exit %d, %q does not say %q", c.name, cmd, code, errs, c.want)
			}
		}
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"serve", "--confg", "x"}, cli.Usage, `did you mean "--config"?`},
		{[]string{"serv"}, cli.Usage, "serve"},
		{[]string{"verify", "--data", "/does/not/exist"}, cli.Usage, "no such file"},
		{[]string{"bench", "--data", "/tmp/x", "--nodes", "3"}, cli.Usage, "only 1"},
		{[]string{"bench", "--data", "/tmp/x", "--clients", "100000"}, cli.Usage, "at most"},
		{[]string{"bench", "--data", "/tmp/x", "--rate", "20000000"}, cli.Usage, "--rate is"},
		{[]string{"admin", "unlock", "1"}, cli.Usage, "say which node"},
		{[]string{"admin", "unlock", "1", "--node", "10.0.0.1:7401"}, cli.Usage, "show a certificate"},
		{[]string{"admin", "unlock", "1", "--node", "127.0.0.1:1"}, cli.Unreachable, "not reachable"},
		{[]string{"admin", "tariff", "send", "1:2:x", "--node", "127.0.0.1:1"}, cli.Usage, "UPTO:FEE"},
		{[]string{"show", "X"}, cli.Usage, "--data"},
	} {
		code, _, errs := call(t, t.Context(), c.args...)
		if code != c.code || !strings.Contains(errs, c.want) {
			t.Errorf("%v: exit %d, want %d; %q does not say %q", c.args, code, c.code, errs, c.want)
		}
	}
}

// free is an address nobody listens on right now.
func free(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// TestAdministrate runs a node in this process, opens the books by hand, stops it
// and looks at what is left with every tool.
func TestAdministrate(t *testing.T) {
	config := write(t, "listen: "+free(t)+"\nadmin: "+free(t)+"\ndata: ./books\none_person: true\n")
	data := filepath.Join(filepath.Dir(config), "books")
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan int, 1)
	go func() {
		code, _, _ := call(t, ctx, "serve", "--config", config)
		served <- code
	}()
	at := []string{"--config", config}
	admin := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := call(t, t.Context(), append(append([]string{"admin"}, args...), at...)...)
		if code != want {
			t.Fatalf("admin %v: exit %d, %s", args, code, errs)
		}
		return out
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		code, _, errs := call(t, t.Context(), append([]string{"admin", "open", "900001", "--kind", "trust"}, at...)...)
		if code == cli.Done {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(errs)
		}
	}
	admin(cli.Done, "open", "1", "--name", "JANE W", "--msisdn", "0722000001", "--pin-env", "FIRST_PIN")
	id := ledger.NewID(time.Now().UnixMilli(), [10]byte{7}).String()
	for range 2 { // the same id is booked once
		admin(cli.Done, "issue", "900001", "1", "500000", "--id", id)
	}
	admin(cli.Usage, "issue", "900001", "1", "500000", "--id", "7")
	code, byID, errs := call(t, t.Context(), "show", id, "--json", "--config", config)
	var s server.Sheet
	if err := json.Unmarshal([]byte(byID), &s); code != cli.Done || err != nil || s.Amount != 500000 {
		t.Fatalf("show of a running node: exit %d, %s%s (%v)", code, byID, errs, err)
	}
	if _, byReceipt, errs := call(t, t.Context(), "show", strings.ToLower(s.Receipt), "--json", "--config", config); byReceipt != byID {
		t.Fatalf("by id\n%s\nby receipt\n%s%s", byID, byReceipt, errs)
	}
	admin(cli.Done, "tariff", "send", "10000:0,50000:700")
	admin(cli.Check, "tariff", "send", "10000:0", "--after", "0") // somebody else changed it
	admin(cli.Check, "tariff", "send", "10000:700:900")           // out of bounds
	admin(cli.Done, "limits", "send", "--min", "100", "--max", "25000000")
	admin(cli.Done, "freeze", "1")
	admin(cli.Done, "freeze", "1", "--off")
	admin(cli.Done, "consumer", "partner", "on")
	admin(cli.Done, "consumer", "partner", "off")
	admin(cli.Usage, "consumer", "sms", "off")
	admin(cli.Done, "unlock", "1")
	admin(cli.Check, "unlock", "77")
	if code, _, errs := call(t, t.Context(), "verify", "--data", data); code != cli.Usage || !strings.Contains(errs, "stop the node first") {
		t.Fatalf("verify beside a running node: exit %d, %s", code, errs)
	}
	stop()
	if code := <-served; code != cli.Done {
		t.Fatalf("an orderly stop ended with %d", code)
	}
	inspect(t, config, data)
}

// inspect looks at a stopped node.
func inspect(t *testing.T, config, data string) {
	t.Helper()
	code, out, errs := call(t, t.Context(), "verify", "--data", data)
	if code != cli.Done || !strings.HasPrefix(out, "entries=15 transfers=1 accounts=2 sum=0 head=") {
		t.Fatalf("verify: exit %d, %s%s", code, out, errs)
	}
	code, out, errs = call(t, t.Context(), "export", "--data", data, "--account", "1", "--format", "json")
	var p posting
	if err := json.Unmarshal([]byte(out), &p); code != cli.Done || err != nil || p.Credit != 500000 || p.Account != 1 {
		t.Fatalf("export: exit %d, %s%s (%v)", code, out, errs, err)
	}
	code, byReceipt, errs := call(t, t.Context(), "show", strings.ToLower(p.Receipt), "--json", "--data", data)
	if code != cli.Done {
		t.Fatalf("show: exit %d, %s", code, errs)
	}
	if _, byID, _ := call(t, t.Context(), "show", p.ID, "--json", "--data", data); byID != byReceipt {
		t.Fatalf("by id\n%s\nby receipt\n%s", byID, byReceipt)
	}
	if code, _, errs = call(t, t.Context(), "check", "--production", "--config", config); code != cli.Usage || !strings.Contains(errs, "demo world") {
		t.Fatalf("check --production of a demo: exit %d, %s", code, errs)
	}
	people := filepath.Join(data, "vault", "people")
	keys, err := os.ReadFile(people)
	if err == nil {
		err = os.Truncate(people, int64(len(keys)-64))
	}
	if code, _, errs = call(t, t.Context(), "verify", "--data", data); err != nil || code != cli.Check || !strings.Contains(errs, "bring the vault back from a copy") {
		t.Fatalf("verify without a person's key: exit %d, %s (%v)", code, errs, err)
	}
	if err := os.WriteFile(people, keys, 0o600); err != nil {
		t.Fatal(err)
	}
	flip(t, data)
	if code, _, errs = call(t, t.Context(), "verify", "--data", data); code != cli.Check || !strings.Contains(errs, "byte") {
		t.Fatalf("verify after a flipped bit: exit %d, %s", code, errs)
	}
}

// flip changes one bit of the first entry.
func flip(t *testing.T, data string) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(data, "journal", "*.seg"))
	if err != nil || len(segments) == 0 {
		t.Fatal(err, segments)
	}
	b, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	b[4096+130] ^= 1
	if err := os.WriteFile(segments[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBenchCountsWhatIsDurable(t *testing.T) {
	for _, bare := range []string{"--bare", "--hot=50", "--rate=2000"} {
		dir := filepath.Join(t.TempDir(), "bench")
		code, out, errs := call(t, t.Context(), "bench", "--data", dir, "--accounts", "5000", "--transfers", "500", "--clients", "16", bare)
		if code != cli.Done {
			t.Fatal(code, errs)
		}
		var f figures
		if err := json.Unmarshal([]byte(out), &f); err != nil {
			t.Fatal(err)
		}
		_, line, _ := call(t, t.Context(), "verify", "--data", dir)
		if paced := bare == "--rate=2000"; f.Rate > 0 != paced || paced && f.PerSecond > 2000 { // the last is due after a quarter of a second
			t.Errorf("%s: %s", bare, out)
		}
		if f.Transfers != 500 || f.PerSecond <= 0 || f.Fsyncs == 0 || !strings.Contains(line, "state="+f.State) {
			t.Fatalf("%s%s", out, line)
		}
		if code, _, _ = call(t, t.Context(), "bench", "--data", dir); code != cli.Usage {
			t.Fatalf("a bench over an old one: exit %d", code)
		}
	}
}

// TestAnIssueWithoutAnswerNamesItsID: said again under a new one it would be
// booked twice.
func TestAnIssueWithoutAnswerNamesItsID(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Unavailable, "killed")
	}))
	go g.Serve(ln)
	t.Cleanup(g.Stop)
	code, _, errs := call(t, t.Context(), "admin", "issue", "900001", "1", "500", "--node", ln.Addr().String())
	_, id, found := strings.Cut(strings.TrimSpace(errs), "--id ")
	if _, err := ledger.ParseID(id); code != cli.Check || !found || err != nil {
		t.Fatalf("exit %d, %s", code, errs)
	}
}

// TestInterruptedIsNotUnreachable: who presses Ctrl-C while there is no
// connection yet learns nothing about the node.
func TestInterruptedIsNotUnreachable(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, _, errs := call(t, ctx, "admin", "unlock", "1", "--node", free(t)); code != cli.Interrupted {
		t.Fatalf("exit %d, %s", code, errs)
	}
	if code, _, errs := call(t, t.Context(), "admin", "unlock", "1", "--node", free(t)); code != cli.Unreachable {
		t.Fatalf("exit %d, %s", code, errs)
	}
}
