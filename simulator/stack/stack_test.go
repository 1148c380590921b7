package stack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// TestMain makes this test binary a program that a stack can start: it answers
// /readyz at the address it is told, or fails, or does not heed SIGTERM.
func TestMain(m *testing.M) {
	switch os.Getenv("STACK_TEST_PROGRAM") {
	case "":
		os.Exit(m.Run())
	case "fails":
		_, _ = os.Stderr.WriteString("the disk is full\n")
		os.Exit(1)
	}
	err := http.ListenAndServe(os.Getenv("STACK_TEST_ADDR"), http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"ready":true,"pid":%d}`, os.Getpid())
	}))
	_, _ = os.Stderr.WriteString(err.Error())
	os.Exit(1)
}

// program is this test binary as a child.
func program(t *testing.T, mode string) *child {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	addr, _, err := FreePort("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &child{
		name: mode, path: self, env: []string{"STACK_TEST_PROGRAM=" + mode, "STACK_TEST_ADDR=" + addr},
		ready: "http://" + addr + "/readyz", log: filepath.Join(t.TempDir(), "log"), ended: make(chan string, 1),
	}
	t.Cleanup(func() { _ = c.kill() })
	return c
}

// Another program that answers on the child's port is not the child.
func TestAStrangerIsNotReady(t *testing.T) {
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"ready":true,"pid":1}`)
	}))
	defer stranger.Close()
	c := program(t, "fails")
	c.ready = stranger.URL
	if err := c.start(context.Background()); !errors.Is(err, errDied) {
		t.Errorf("a stranger was taken for the child: %v", err)
	}
}

func TestChildLives(t *testing.T) {
	c := program(t, "serves")
	ctx := context.Background()
	if err := c.start(ctx); err != nil {
		t.Fatal(err)
	}
	if pid, ok := answers(ctx, c.ready); !c.running() || !ok || pid != c.pid() {
		t.Error("it is ready but does not run")
	}
	err := c.kill()
	if _, ok := answers(ctx, c.ready); err != nil || c.running() || ok {
		t.Errorf("it survived a kill: %v", err)
	}
	for range 2 { // once from the dead, once from the living
		if err := c.restart(ctx); err != nil || !c.running() {
			t.Fatalf("it did not come back: %v", err)
		}
	}
	if err := c.stop(); err != nil || c.running() {
		t.Errorf("it did not stop: %v", err)
	}
	if err := errors.Join(c.stop(), c.kill()); err != nil {
		t.Errorf("ending what has ended: %v", err)
	}
	select {
	case name := <-c.ended:
		t.Errorf("%s ended as asked, but that was told as a surprise", name)
	default:
	}
}

func TestChildThatFailsIsQuoted(t *testing.T) {
	c := program(t, "fails")
	err := c.start(context.Background())
	if !errors.Is(err, errDied) || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("got %v", err)
	}
	if name := <-c.ended; name != "fails" {
		t.Errorf("told of %q", name)
	}
}

func TestChildThatIsNotThere(t *testing.T) {
	c := program(t, "serves")
	c.path = filepath.Join(t.TempDir(), "nothing")
	if err := c.start(context.Background()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if c.running() {
		t.Error("nothing runs")
	}
}

func TestFreePort(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	taken := ln.Addr().String()
	got, moved, err := FreePort(taken)
	if err != nil || !moved || got == taken {
		t.Errorf("a taken port: %s %v %v", got, moved, err)
	}
	var p ports
	a, _, errA := p.free("127.0.0.1:23401")
	b, moved, errB := p.free(a)
	if err := errors.Join(errA, errB); err != nil || a == b || !moved {
		t.Errorf("two at once: %s and %s, %v", a, b, err)
	}
	if again, moved, err := FreePort(got); runtime.GOOS == "linux" && (err != nil || !moved || again == got) {
		t.Errorf("a port that somebody is about to listen at: %s %v %v", again, moved, err)
	}
	for _, bad := range []string{"", "127.0.0.1", "127.0.0.1:http", "127.0.0.1:99999"} {
		if _, _, err := FreePort(bad); err == nil {
			t.Errorf("%q was taken for an address", bad)
		}
	}
}

func TestGatewayConfiguration(t *testing.T) {
	far := Far{Name: "safari", Addr: "127.0.0.1:2775", USSDSystemID: "u", SMSSystemID: "s", Password: "demo"}
	for _, c := range []struct {
		name     string
		cfg      Config
		has, not []string
	}{
		{"memory, SMPP", Config{Far: far}, []string{"store: memory", "set: ussd", "set: sms", `smpp: "standard"`}, []string{"redis", "http:"}},
		{"redis, HTTP", Config{Far: far, HTTP: true, Redis: "redis://:geheim@127.0.0.1/3", Expires: "30s"},
			[]string{`addrs: ["127.0.0.1:6379"]`, "db: 3", `http: "africastalking"`, "password_env", "expires: 30s"}, []string{"store:", "set: ussd", "geheim"}},
	} {
		s := &Stack{cfg: c.cfg, ports: Ports{Ledger: "127.0.0.1:1", LedgerAdmin: "127.0.0.1:2", HTTP: "127.0.0.1:3", GatewayAdmin: "127.0.0.1:4"}}
		text, err := s.gatewayYAML()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.has {
			if !bytes.Contains(text, []byte(want)) {
				t.Errorf("%s: no %q in\n%s", c.name, want, text)
			}
		}
		for _, not := range append(c.not, far.Password) {
			if bytes.Contains(text, []byte(not)) {
				t.Errorf("%s: %q in\n%s", c.name, not, text)
			}
		}
	}
	if _, err := (&Stack{cfg: Config{Far: far, Redis: "localhost:6379"}}).gatewayYAML(); err == nil {
		t.Error("a Redis without its scheme was taken")
	}
}

func TestFreshFolderGoes(t *testing.T) {
	programs := map[string]string{Ledgerd: "ledgerd", Gateway: "gateway"}
	fresh := Config{Programs: programs}
	if err := fresh.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(fresh.Data)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v %v", info.Mode(), err)
	}
	if err := (&Stack{cfg: fresh}).Stop(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(fresh.Data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
	kept := Config{Programs: programs, Data: filepath.Join(t.TempDir(), "world")}
	if err := errors.Join(kept.Ready(t.Context()), kept.Discard()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(kept.Data); err != nil {
		t.Errorf("a folder that was asked for is gone: %v", err)
	}
}

func TestNothingIsMadeForWhatCannotBe(t *testing.T) {
	for _, row := range []struct {
		cfg  Config
		want error
	}{
		{Config{Redis: "localhost:6379"}, ErrConfig},
		{Config{Redis: "redis://127.0.0.1:1"}, ErrUnreachable},
		{Config{Menu: "nowhere.yaml"}, ErrConfig},
	} {
		row.cfg.Data = filepath.Join(t.TempDir(), "world")
		if err := row.cfg.Ready(t.Context()); !errors.Is(err, row.want) {
			t.Errorf("%+v: %v", row.cfg, err)
		}
		if _, err := os.Stat(row.cfg.Data); err == nil {
			t.Error("a folder was made for nothing")
		}
	}
}

func TestTargets(t *testing.T) {
	s := &Stack{children: map[string]*child{}}
	if err := s.Kill(context.Background(), "redis"); !errors.Is(err, errTarget) {
		t.Errorf("kill: %v", err)
	}
	if err := s.Restart(context.Background(), "redis"); !errors.Is(err, errTarget) {
		t.Errorf("restart: %v", err)
	}
}

func TestDemoPeople(t *testing.T) {
	people := People()
	if len(people) != 10 || people[0].MSISDN != "254722000001" || people[9].MSISDN != "254722000010" {
		t.Fatalf("people %+v", people)
	}
	var empty, locked, swahili int
	for i, u := range people {
		if u.Account != ledger.Account(i+1) || u.PIN != PIN || u.Kind != ledger.AccountWallet || len(u.Name) > ledger.MaxName {
			t.Errorf("person %d: %+v", i, u)
		}
		for _, c := range []struct {
			is bool
			n  *int
		}{{u.Balance == 0, &empty}, {u.Locked, &locked}, {u.Language == "sw", &swahili}} {
			if c.is {
				*c.n++
			}
		}
	}
	if empty != 1 || locked != 1 || swahili != 1 {
		t.Errorf("%d empty, %d locked, %d in Swahili", empty, locked, swahili)
	}
	book := ledger.New(ledger.Options{})
	for _, cmd := range tableRules {
		if res, _ := book.Apply(cmd, ledger.Place{}, 0); res.Reject != ledger.OK {
			t.Errorf("%T: %s", cmd, res.Reject)
		}
	}
	if fee := book.Fee(ledger.KindSend, 5_000*shilling, 0); fee != 57*shilling {
		t.Errorf("sending 5,000 costs %d", fee)
	}
}

func TestPersonIsSealed(t *testing.T) {
	key := pin.Key{ID: 7, Secret: [32]byte{1}, Expires: time.Now().Add(time.Hour).UnixMilli()}
	u := People()[0]
	p, err := person(key, u)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := pin.Parse(PIN)
	got, err := pin.Open(key, p.Sealed, u.MSISDN, ledgerclient.OpeningID(u.Account))
	mac := func(p pin.PIN) [32]byte { return pin.MAC([32]byte{}, 1, [16]byte{}, p) }
	if err != nil || !pin.Equal(mac(got), mac(want)) || p.SealKey != 7 || p.Language.String() != "en" {
		t.Errorf("sealed %+v: %v", p, err)
	}
	if p, err := person(key, User{Account: 500001}); err != nil || p.Sealed != nil {
		t.Errorf("a till without a PIN: %+v, %v", p, err)
	}
	if _, err := person(key, User{Account: 1, PIN: "12"}); err == nil || strings.Contains(err.Error(), "12") {
		t.Errorf("a bad PIN: %v", err)
	}
}

func TestOpeningsDiffer(t *testing.T) {
	now := time.Now()
	seen := map[ledger.ID]bool{}
	for _, u := range append(People(), tablePlaces...) {
		m := opening(u, now)
		if seen[m.ID] || m.ID.Time() != now.UnixMilli() {
			t.Errorf("account %d: id %s", u.Account, m.ID)
		}
		seen[m.ID] = true
	}
}

func TestModuleRoot(t *testing.T) {
	root, err := moduleRoot()
	if err != nil || !hasSource(root) {
		t.Errorf("root %q: %v", root, err)
	}
	t.Chdir(t.TempDir())
	if _, err := moduleRoot(); !errors.Is(err, errNoSource) {
		t.Errorf("outside the source: %v", err)
	}
	if _, err := build(context.Background(), &bytes.Buffer{}, Gateway, t.TempDir(), ""); !errors.Is(err, errNoSource) {
		t.Errorf("a build outside the source: %v", err)
	}
	if _, ok := findProgram("no-such-program"); ok {
		t.Error("found what is not there")
	}
}

// A built program stands where no program keeps its data: ledgerd's folder has
// the name of its program.
func TestBuiltBesideTheData(t *testing.T) {
	dir := t.TempDir()
	path, err := build(t.Context(), &bytes.Buffer{}, Ledgerd, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode()&0o111 == 0 {
		t.Errorf("%s is no program: %v", path, err)
	}
	if _, err := os.Stat(filepath.Join(dir, Ledgerd)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the place of ledgerd's data is taken: %v", err)
	}
}
