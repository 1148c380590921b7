package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// counter is a running node on this machine where one person may do everything, with
// small figures: pages leave memory and snapshots are made soon.
type counter struct {
	t            *testing.T
	config, data string
	stopped      func()
}

func newCounter(t *testing.T) *counter {
	t.Helper()
	c := &counter{t: t, config: write(t, "listen: "+free(t)+"\nadmin: \"\"\ndata: ./books\none_person: true\nlimits: {snapshot_every: 1500, pages_in_memory: 1}\n")}
	c.data = filepath.Join(filepath.Dir(c.config), "books")
	c.serve()
	for _, n := range [][]string{{"900001", "--kind", "trust"}, {"600001", "--kind", "paybill"}, {"1", "--name", "JANE W", "--msisdn", "0722000001", "--pin-env", "FIRST_PIN"},
		{"2", "--name", "PAUL K", "--msisdn", "0722000002"}} {
		c.must(cli.Done, "done", append([]string{"admin", "open"}, n...)...)
	}
	c.must(cli.Done, "done", "admin", "issue", "900001", "600001", "100000000")
	return c
}

// serve starts the node and waits until it leads: before that nobody is answered.
func (c *counter) serve() (log *strings.Builder) {
	c.t.Helper()
	log = &strings.Builder{}
	ctx, stop := context.WithCancel(c.t.Context())
	served := make(chan int, 1)
	w := &world{in: strings.NewReader(""), out: io.Discard, err: log, env: func(string) string { return "" }}
	go func() { served <- run(ctx, w, []string{"serve", "--config", c.config}, func(int) {}) }()
	c.stopped = func() {
		stop()
		if code := <-served; code != cli.Done {
			c.t.Errorf("the node ended with %d", code)
		}
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		_, out, errs := call(c.t, c.t.Context(), "status", "--config", c.config)
		if strings.Contains(out, "leads, term") {
			return log
		}
		if time.Now().After(deadline) {
			c.t.Fatal(out, errs)
		}
	}
}

// must asks the node and demands a certain end.
func (c *counter) must(want int, says string, args ...string) string {
	c.t.Helper()
	return c.ask(want, says, append(args, "--config", c.config)...)
}

func (c *counter) ask(want int, says string, args ...string) string {
	c.t.Helper()
	code, out, errs := call(c.t, c.t.Context(), args...)
	if code != want || !strings.Contains(out+errs, says) {
		c.t.Fatalf("%v: exit %d, %s%s; want %d and %q", args, code, out, errs, want, says)
	}
	return out + errs
}

// pay makes many payments, in entries of a hundred.
func (c *counter) pay(n int) {
	c.t.Helper()
	cfg, _, err := Load(c.config)
	if err != nil {
		c.t.Fatal(err)
	}
	client, err := ledgerclient.Dial(ledgerclient.Config{Node: cfg.Listen, Gateway: "test"})
	if err != nil {
		c.t.Fatal(err)
	}
	defer client.Close()
	for at := 0; at < n; at += 100 {
		var cmds []ledger.Command
		for range min(100, n-at) {
			cmds = append(cmds, &ledger.Move{Transfer: ledger.Transfer{ID: newID(time.Now()), Kind: ledger.KindPayout, From: 600001, To: 1, Amount: 100,
				Currency: benchKES(), Expires: time.Now().Add(time.Minute).UnixMilli()}})
		}
		results, err := client.Admin(c.t.Context(), cmds)
		if err == nil && results[0].Reject != ledger.OK {
			err = fmt.Errorf("refused: %s", results[0].Reject)
		}
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

// flipAt changes one bit of a file, and gives what puts it back.
func flipAt(t *testing.T, path string, at int) func() {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || at >= len(b) {
		t.Fatalf("%s: %d bytes, %v", path, len(b), err)
	}
	b[at] ^= 1
	put := func() {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put()
	return func() { b[at] ^= 1; put() }
}

// TestVerifyChecksSnapshotsAndPages, names the place of what is off, and says what it
// could not check without the keys.
func TestVerifyChecksSnapshotsAndPages(t *testing.T) {
	c := newCounter(t)
	c.pay(2200)
	snaps := func() []string {
		list, _ := filepath.Glob(filepath.Join(c.data, "journal", "*.snap"))
		return list
	}
	for deadline := time.Now().Add(20 * time.Second); len(snaps()) == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no snapshot")
		}
	}
	c.stopped()
	verify := func(want int, says string) string {
		t.Helper()
		return c.ask(want, says, "verify", "--data", c.data)
	}
	whole := verify(cli.Done, "its state is the replayed one at entry")
	if !strings.HasPrefix(whole, "entries=") || !strings.Contains(whole, "pages that left memory") || strings.Contains(whole, "NOT checked") {
		t.Fatal(whole)
	}
	line, _, _ := strings.Cut(whole, "\n")
	for _, c := range []struct{ file, want string }{
		{filepath.Join("pages", "records"), "pages/records: "},
		{filepath.Join("pages", "lines"), "pages/lines: "},
		{filepath.Join("journal", filepath.Base(snaps()[0])), filepath.Base(snaps()[0]) + ": byte "},
	} {
		back := flipAt(t, filepath.Join(filepath.Dir(snaps()[0]), "..", c.file), 300)
		if said := verify(cli.Check, c.want); !strings.Contains(said, " – take ") || !strings.HasPrefix(said, line) {
			t.Errorf("%s: %s", c.file, said)
		}
		back()
	}
	away := filepath.Join(filepath.Dir(c.data), "vault")
	if err := os.Rename(filepath.Join(c.data, "vault"), away); err != nil {
		t.Fatal(err)
	}
	if said := verify(cli.Done, "NOT checked: whether the vault has everybody's key"); !strings.HasPrefix(said, line) || !strings.Contains(said, "its state is the replayed one") {
		t.Fatal(said)
	}
	c.ask(cli.Check, "vault", "export", "--data", c.data)
	c.ask(cli.Check, "name the transfer by its id", "show", "UKM0000000", "--data", c.data)
	if err := os.RemoveAll(filepath.Join(c.data, "pages")); err != nil {
		t.Fatal(err)
	}
	if said := verify(cli.Done, "its pages are not here, as after a restore"); !strings.HasPrefix(said, line) {
		t.Fatal(said)
	}
}

// TestARestoredNodeStartsWithoutAlarm: that it has no pages yet is as it should be.
func TestARestoredNodeStartsWithoutAlarm(t *testing.T) {
	c := newCounter(t)
	c.pay(1700)
	folder := filepath.Dir(c.config)
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(c.must(cli.Done, "", "status"), "commands since, every 1,500") ||
		strings.Contains(c.must(cli.Done, "", "status"), "none yet"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no snapshot")
		}
	}
	c.must(cli.Done, "entries=", "backup", "--to", filepath.Join(folder, "backup"))
	c.stopped()
	vault := filepath.Join(c.data, "vault")
	c.ask(cli.Done, "Next: ledgerd verify", "restore", "--from", filepath.Join(folder, "backup"), "--data", filepath.Join(folder, "again"), "--vault", vault)
	b, err := os.ReadFile(c.config)
	if err == nil {
		err = os.WriteFile(c.config, []byte(strings.Replace(string(b), "./books", "./again", 1)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	log := c.serve()
	c.must(cli.Done, "transfers", "status")
	c.stopped()
	if said := log.String(); strings.Contains(said, "WARN") || strings.Contains(said, "ERROR") || !strings.Contains(said, "as after a restore") {
		t.Fatal(said)
	}
	if !strings.Contains(log.String(), "+03:00 level=") {
		t.Fatalf("the log tells another zone's time: %s", log)
	}
}
