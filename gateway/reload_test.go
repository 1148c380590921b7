package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"mlango/internal/cli"
	"mlango/smpp"
)

// farEnd is an operator's SMPP end.
type farEnd struct {
	*smpp.Server
	port    string
	screens chan *smpp.Message
}

func newFarEnd(t *testing.T) *farEnd {
	t.Helper()
	f := &farEnd{screens: make(chan *smpp.Message, 64)}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, f.port, _ = net.SplitHostPort(ln.Addr().String())
	f.Server = smpp.NewServer(smpp.ServerConfig{Auth: func(string, string) smpp.Status { return smpp.StatusOK },
		OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status { f.screens <- m; return smpp.StatusOK }})
	go func() { _ = f.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = f.Close(ctx)
	})
	return f
}

// dials has a subscriber dial over the one bind, and waits for the screen.
func (f *farEnd) dials(t *testing.T, session byte) string {
	t.Helper()
	m := &smpp.Message{ServiceType: "USSD", Source: smpp.Address{TON: 1, NPI: 1, Addr: "254722000001"}, Dest: smpp.Address{Addr: "334"}, Text: []byte("*334#"),
		TLVs: []smpp.TLV{{Tag: smpp.TagUSSDServiceOp, Value: []byte{1}}, {Tag: smpp.TagITSSessionInfo, Value: []byte{session, 0}}}}
	if _, err := f.Sessions()[0].Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	select {
	case m := <-f.screens:
		return smpp.DecodeText(m.DataCoding, m.Content())
	case <-time.After(20 * time.Second):
		t.Fatal("no screen came")
		return ""
	}
}

// until waits for what another goroutine is about to make true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// twoOperators is the file of a gateway with an operator that stays and one that
// changes.
func twoOperators(t *testing.T, stays, moves *farEnd) (text, admin string) {
	admin = port(t)
	return fmt.Sprintf(`# the gateway of this test
name: gw1
admin: %s
data: ./data
short_codes: ["334"]
ledger: {node: %s}
store: memory

operators:
  - name: safari
    home: 1
    prefixes: ["25472"]
    sender: M-WALLET
    ussd: {smpp: standard}
    binds:
      - {set: both, host: 127.0.0.1, port: %s, system_id: mlango}
  - name: moves
    home: 2
    prefixes: ["25473"]
    sender: M-WALLET
    ussd: {smpp: ./acme.yaml}
    binds:
      - {set: both, host: 127.0.0.1, port: %s, system_id: mlango, window: 10}

# how long a screen may take
deadline: 4s
`, admin, port(t), stays.port, moves.port), admin
}

// serving is a gateway that runs from a file.
type serving struct {
	t     *testing.T
	file  string
	admin string
}

// serve runs a gateway until the test ends, and waits until it is ready.
func serve(t *testing.T, file, admin string) *serving {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	var out, errs strings.Builder
	go func() {
		ended <- run(ctx, &world{out: &out, err: &errs}, []string{"serve", "--config", file}, func(int) {})
	}()
	t.Cleanup(func() {
		stop()
		select {
		case code := <-ended:
			if code != cli.Done {
				t.Errorf("exit %d\n%s", code, errs.String())
			}
		case <-time.After(60 * time.Second):
			t.Error("it does not stop")
		}
	})
	until(t, "ready", func() bool { code, _ := fetch(t, admin, "/readyz"); return code == 200 })
	return &serving{t, file, admin}
}

// does runs a command against it, and wants its exit code and words.
func (s *serving) does(code int, want string, args ...string) string {
	s.t.Helper()
	got, out, errs := call(s.t, "", append(args, "--admin", s.admin)...)
	if got != code || !strings.Contains(out+errs, want) {
		s.t.Errorf("%v: %d, want %d and %q\n%s%s", args, got, code, want, out, errs)
	}
	return out + errs
}

func (s *serving) rewrite(old, new string) {
	s.t.Helper()
	raw, err := os.ReadFile(s.file)
	if err != nil || !strings.Contains(string(raw), old) {
		s.t.Fatalf("%v: no %q in\n%s", err, old, raw)
	}
	if err := os.WriteFile(s.file, []byte(strings.Replace(string(raw), old, new, 1)), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// TestReload changes one of two operators, breaks the file, mends it by a rollback.
// The other one's bind is the same from the first to the last moment, and serves
// dials meanwhile.
func TestReload(t *testing.T) {
	stays, moves := newFarEnd(t), newFarEnd(t)
	text, admin := twoOperators(t, stays, moves)
	folder, dialect := folderOf(t, text)
	s := serve(t, filepath.Join(folder, "gateway.yaml"), admin)
	until(t, "both bound", func() bool { return len(stays.Sessions()) == 1 && len(moves.Sessions()) == 1 })
	first, other := stays.Sessions()[0], moves.Sessions()[0]
	if got := stays.dials(t, 1); got == "" {
		t.Error("no screen")
	}
	s.does(cli.Done, "Nothing differs: version 1 stays", "operator", "reload")

	s.rewrite("window: 10", "window: 20")
	s.does(cli.Done, "-      - {set: both, host: 127.0.0.1, port: "+moves.port+", system_id: mlango, window: 10}\n+", "operator", "diff")
	s.does(cli.Done, "It would take the place of version 1:\n  changed  moves", "operator", "reload", "--dry-run")
	if moves.Sessions()[0] != other {
		t.Error("a dry run cut a bind")
	}
	s.does(cli.Done, "is in force:\n  changed  moves – its binds are made anew where they changed\n  kept     safari", "operator", "reload")
	until(t, "bound anew", func() bool { all := moves.Sessions(); return len(all) == 1 && all[0] != other })
	stays.dials(t, 2)

	other = moves.Sessions()[0]
	s.rewrite("home: 2", "home: 1")
	s.rewrite("deadline: 4s", "deadline: 3s")
	s.does(cli.Usage, "gateway.yaml:18:11: home 1 belongs to another operator – give each its own number", "operator", "reload")
	s.does(cli.Done, " *       2  ", "operator", "versions")
	if err := os.WriteFile(filepath.Join(folder, "acme.yaml"), []byte("nonsense: true\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	s.does(cli.Usage, "the dialect's file cannot be used", "operator", "reload")
	if moves.Sessions()[0] != other || stays.Sessions()[0] != first {
		t.Error("a bad file cut a bind")
	}

	s.does(cli.Check, "there is no such version", "operator", "rollback", "9")
	s.does(cli.Done, "taken up only by a start: deadline", "operator", "rollback", "1")
	until(t, "bound anew", func() bool { all := moves.Sessions(); return len(all) == 1 && all[0] != other })
	if got, _ := os.ReadFile(s.file); string(got) != strings.Replace(text, "deadline: 4s", "deadline: 3s", 1) {
		t.Errorf("the file is now\n%s", got)
	}
	if got, _ := os.ReadFile(filepath.Join(folder, "acme.yaml")); string(got) != string(dialect) {
		t.Errorf("the dialect is now\n%s", got)
	}
	s.does(cli.Done, "version 1 ", "operator", "diff", "1", "3")
	s.does(cli.Done, " *       3  ", "operator", "versions")
	s.does(cli.Done, "window: 20", "operator", "show", "2")
	stays.dials(t, 3)
	if stays.Sessions()[0] != first {
		t.Error("the bind of the operator that did not change was cut")
	}
	s.tells(moves)
}

// folderOf has a gateway's file and the dialect that it names.
func folderOf(t *testing.T, text string) (folder string, dialect []byte) {
	t.Helper()
	folder = t.TempDir()
	dialect, err := os.ReadFile("../internal/dialect/smpp/standard.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"gateway.yaml": []byte(text), "acme.yaml": dialect} {
		if err := os.WriteFile(filepath.Join(folder, name), raw, 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return folder, dialect
}

// tells wants what TestReload did in the timeline.
func (s *serving) tells(moves *farEnd) {
	t := s.t
	t.Helper()
	until(t, "taken down", func() bool {
		_, out, _ := call(t, "", "incident", "--admin", s.admin)
		return strings.Count(out, "bind moves/both-1.1") > 0 && strings.Count(out, "bind safari/both-1.1") > 0
	})
	timeline := s.does(cli.Done, "version 3 in force (rollback to 1): changed moves; kept safari", "incident")
	for _, want := range []string{"gw1 starts, operators version 1", "reload refused, version 2 stays", "bind moves/both-1.1", "up at 127.0.0.1:" + moves.port} {
		if !strings.Contains(timeline, want) {
			t.Errorf("%q is not in\n%s", want, timeline)
		}
	}
	if n := strings.Count(timeline, "bind safari/both-1.1     up at"); n != 1 {
		t.Errorf("%d times up\n%s", n, timeline)
	}
}

// TestHangup: SIGHUP is a reload.
func TestHangup(t *testing.T) {
	stays, moves := newFarEnd(t), newFarEnd(t)
	text, admin := twoOperators(t, stays, moves)
	s := serve(t, write(t, "gateway.yaml", strings.Replace(text, "./acme.yaml", "standard", 1)), admin)
	until(t, "both bound", func() bool { return len(stays.Sessions()) == 1 && len(moves.Sessions()) == 1 })
	hangUp := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	s.rewrite("window: 10", "window: 20")
	hangUp()
	until(t, "version 2", func() bool {
		_, out, _ := call(t, "", "operator", "versions", "--admin", admin)
		return strings.Contains(out, " *       2 ")
	})
	s.rewrite("window: 20", "window: x")
	hangUp()
	until(t, "refused", func() bool {
		_, out, _ := call(t, "", "incident", "--admin", admin)
		return strings.Contains(out, "SIGHUP refused, version 2 stays")
	})
}

// TestReloadAddsAndRemoves operators, also one that binds to us, whose address is
// opened and closed.
func TestReloadAddsAndRemoves(t *testing.T) {
	t.Setenv("MLANGO_TEST_USSDC", "s3cret")
	stays, moves, theirs := newFarEnd(t), newFarEnd(t), newFarEnd(t)
	text, admin := twoOperators(t, stays, moves)
	text = strings.Replace(text, "./acme.yaml", "standard", 1)
	s := serve(t, write(t, "gateway.yaml", text), admin)
	until(t, "both bound", func() bool { return len(stays.Sessions()) == 1 && len(moves.Sessions()) == 1 })
	first := stays.Sessions()[0]
	from, to := strings.Index(text, "  - name: moves"), strings.Index(text, "\n# how long")
	door := port(t)
	added := fmt.Sprintf("  - name: theirs\n    role: smsc\n    home: 3\n    prefixes: [\"25474\"]\n    sender: M-WALLET\n    ussd: {smpp: standard}\n    binds:\n"+
		"      - {set: ussd, host: 127.0.0.1, port: %s, system_id: ussdc, password_env: MLANGO_TEST_USSDC, allow: [127.0.0.1]}\n"+
		"      - {set: sms, host: 127.0.0.1, port: %s, system_id: mlango}\n", strings.TrimPrefix(door, "127.0.0.1:"), theirs.port)
	s.rewrite(text[from:to], added)
	s.does(cli.Done, "added    theirs\n  removed  moves – its binds are unbound\n  kept     safari", "operator", "reload")
	until(t, "unbound", func() bool { return len(moves.Sessions()) == 0 })
	far, err := smpp.Dial(t.Context(), smpp.Config{Addr: door, SystemID: "ussdc", Password: "s3cret"})
	if err != nil {
		t.Fatal(err)
	}
	until(t, "seen", func() bool { _, body := fetch(t, admin, "/view"); return strings.Contains(body, `"bind":"ussdc.1"`) })
	s.does(cli.Done, "ok    its USSD centre is bound to us from 127.0.0.1:", "operator", "test", "theirs", "--config", s.file)
	s.does(cli.Done, "removed  theirs", "operator", "rollback", "1")
	select {
	case <-far.Done():
	case <-time.After(20 * time.Second):
		t.Error("the bind to us stays")
	}
	if _, err := smpp.Dial(t.Context(), smpp.Config{Addr: door, SystemID: "ussdc", Password: "s3cret"}); err == nil {
		t.Error("it binds to us still")
	}
	if stays.Sessions()[0] != first {
		t.Error("the bind of the operator that did not change was cut")
	}
	taken, err := net.Listen("tcp", door)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s.rewrite(text[from:to], added)
	s.does(cli.Check, "its USSD centre is to bind to us at "+door, "operator", "reload")
	until(t, "bound as before", func() bool { return len(moves.Sessions()) == 1 })
}

// TestReloadOpensTheHTTPEdge: the first operator that calls over HTTP needs no start, and
// an address that is taken changes nothing.
func TestReloadOpensTheHTTPEdge(t *testing.T) {
	stays, moves := newFarEnd(t), newFarEnd(t)
	text, admin := twoOperators(t, stays, moves)
	text = strings.Replace(text, "./acme.yaml", "standard", 1)
	s := serve(t, write(t, "gateway.yaml", text), admin)
	until(t, "both bound", func() bool { return len(stays.Sessions()) == 1 && len(moves.Sessions()) == 1 })
	bind := moves.Sessions()[0]
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := taken.Addr().String()
	s.rewrite("operators:\n", "listen: "+web+"\noperators:\n  - name: sandbox\n    home: 3\n    prefixes: [\"25474\"]\n    sender: M-WALLET\n    ussd: {http: africastalking}\n"+
		"    binds:\n      - {set: sms, host: 127.0.0.1, port: "+moves.port+", system_id: sandbox}\n")
	s.does(cli.Check, "set another `listen:`", "operator", "reload")
	_ = taken.Close()
	if out := s.does(cli.Done, "added    sandbox", "operator", "reload"); strings.Contains(out, "start") {
		t.Error(out)
	}
	resp, err := http.PostForm("http://"+web+"/ussd/sandbox", url.Values{"sessionId": {"s1"}, "phoneNumber": {"+254722000001"}, "serviceCode": {"*334#"}, "networkCode": {"63902"}, "text": {""}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || !strings.HasPrefix(string(b), "CON ") && !strings.HasPrefix(string(b), "END ") {
		t.Errorf("%d %q", resp.StatusCode, b)
	}
	if !slices.Contains(moves.Sessions(), bind) {
		t.Error("a bind was cut")
	}
}
