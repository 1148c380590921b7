package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"mlango/gateway/bundle"
	"mlango/gateway/incident"
	"mlango/internal/admin"
	"mlango/internal/cli"
	"mlango/menus"
)

// menuRig is a gateway's menus behind its admin address, and a person at the keyboard.
type menuRig struct {
	t    *testing.T
	g    *gateway
	addr string
	dir  string
}

func newMenuRig(t *testing.T) *menuRig {
	t.Helper()
	r := &menuRig{t: t, dir: t.TempDir()}
	cfg := defaults()
	cfg.Data = filepath.Join(r.dir, "data")
	line := regexp.MustCompile(`\{person: (\w+), key: "(.*)"\}`)
	for _, person := range []string{"amina", "baraka"} {
		out := r.gateway(cli.Done, "menus", "key", person, "--out", filepath.Join(r.dir, person))
		m := line.FindStringSubmatch(out)
		if m == nil || m[1] != person {
			t.Fatalf("no line for the file: %s", out)
		}
		cfg.Approvers = append(cfg.Approvers, ApproverLine{m[1], m[2]})
	}
	r.g = &gateway{cfg: cfg, log: slog.New(slog.DiscardHandler), admin: admin.New(admin.Config{})}
	var err error
	if r.g.incidents, err = incident.Open(cfg.Data); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.g.incidents.Close() })
	if err := r.g.openMenus(); err != nil {
		t.Fatal(err)
	}
	r.g.menuPages(r.g.admin)
	if err := r.g.bundles.Tell(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = r.g.bundles.Run(ctx)
	}()
	srv := httptest.NewServer(r.g.admin.Handler())
	t.Cleanup(func() {
		srv.Close()
		cancel()
		<-done
	})
	r.addr = strings.TrimPrefix(srv.URL, "http://")
	return r
}

// gateway runs a command and holds it to its exit code; what it says comes back whole.
func (r *menuRig) gateway(code int, args ...string) string {
	r.t.Helper()
	var out bytes.Buffer
	w := &world{in: strings.NewReader("yes\n"), out: &out, err: &out}
	if got := run(r.t.Context(), w, args, func(int) {}); got != code {
		r.t.Fatalf("%v: exit %d, want %d\n%s", args, got, code, &out)
	}
	return out.String()
}

func (r *menuRig) menus(code int, args ...string) string {
	r.t.Helper()
	return r.gateway(code, append(append([]string{"menus"}, args...), "--admin", r.addr)...)
}

// file is the wallet with one change.
func (r *menuRig) file(old, text string) string {
	path := filepath.Join(r.dir, "wallet.yaml")
	src := strings.Replace(string(menus.Wallet()), old, text, 1)
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		r.t.Fatal(err)
	}
	return path
}

func (r *menuRig) has(out string, words ...string) string {
	r.t.Helper()
	for _, w := range words {
		if !strings.Contains(out, w) {
			r.t.Fatalf("no %q in:\n%s", w, out)
		}
	}
	return out
}

var tableHash = regexp.MustCompile(`[0-9a-f]{12}`)

// TestAMenuComesOutByDegrees: from the file to all subscribers and back, by the
// commands as people type them.
func TestAMenuComesOutByDegrees(t *testing.T) {
	r := newMenuRig(t)
	r.has(r.menus(cli.Check, "status"), "no bundle was made the running one yet")
	first := tableHash.FindString(r.has(r.menus(cli.Done, "publish"), "is published as", "gw1", "No bundle runs yet"))
	r.has(r.menus(cli.Check, "canary", first, "--percent", "100"), "two approvers sign", "menus approve")
	r.has(r.menus(cli.Done, "approve", first, "--key", filepath.Join(r.dir, "amina")), "1 more must sign")
	r.has(r.menus(cli.Done, "approve", first, "--key", filepath.Join(r.dir, "baraka"), "--yes"), "amina, baraka", "It may run")
	r.has(r.menus(cli.Done, "canary", first, "--percent", "100"), "runs for everybody")
	r.has(r.menus(cli.Done, "status"), first, "as asked", "signed by amina, baraka")

	path := r.file("Send money to which number?", "Who gets money?")
	second := tableHash.FindString(r.has(r.menus(cli.Done, "publish", path), "screen who changed", "-", "Who gets money?"))
	for _, person := range []string{"amina", "baraka"} {
		r.has(r.menus(cli.Done, "approve", second, "--key", filepath.Join(r.dir, person)), "Who gets money?", "Sign it as "+person)
	}
	r.has(r.menus(cli.Done, "canary", second, "--percent", "5"), "5 % of subscribers")
	r.has(r.menus(cli.Done, "status"), "trial", second, "with the trial of")
	list := filepath.Join(r.dir, "list")
	if err := os.WriteFile(list, []byte("0722000001\n0722000002\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.has(r.menus(cli.Done, "canary", second, "--list", list), "2 subscribers of a list")
	if b := r.g.bundles.For("254722000002"); b == nil || bundle.Hash(b.Hash()).Short() != second {
		t.Fatal("who is on the list does not try it")
	}
	r.menus(cli.Done, "canary", second, "--percent", "100")
	r.has(r.menus(cli.Done, "rollback", "--why", "calls"), first, "runs for everybody, whole")
	r.has(r.menus(cli.Done, "withdraw", second), "never runs again")
	r.has(r.menus(cli.Check, "rollback", second), "withdrawn")
	r.has(r.menus(cli.Check, "withdraw", first), "roll back to another first")
	r.has(r.menus(cli.Done, "disable", "airtime", "--why", "the provider is down"), "airtime and what lies behind it is off")
	r.has(r.menus(cli.Done, "status"), "off     airtime", "the provider is down", "withdrawn")
	r.has(r.menus(cli.Check, "disable", "home"), "home", "switched off alone")
	r.menus(cli.Done, "disable", "airtime", "--on")
}

// TestTheLargestMenuCanBePublished, signed and run: what lint takes the fleet takes.
func TestTheLargestMenuCanBePublished(t *testing.T) {
	r := newMenuRig(t)
	src := menus.Wallet()
	line := []byte("# a menu is at most this large, in <lines> like this one\n")
	src = append(src, bytes.Repeat(line, (menus.MaxSource-len(src)-1)/len(line))...)
	path := filepath.Join(r.dir, "large.yaml")
	if err := os.WriteFile(path, src, 0o600); err != nil {
		t.Fatal(err)
	}
	hash := tableHash.FindString(r.menus(cli.Done, "publish", path))
	for _, person := range []string{"amina", "baraka"} {
		r.menus(cli.Done, "approve", hash, "--key", filepath.Join(r.dir, person), "--yes")
	}
	r.menus(cli.Done, "canary", hash, "--percent", "100")
	r.has(r.menus(cli.Done, "status"), hash, "as asked")
}

func TestPublishSaysWhatToMend(t *testing.T) {
	r := newMenuRig(t)
	path := r.file("go: how_much\n", "go: how_mach\n")
	r.has(r.menus(cli.Usage, "publish", path), "wallet.yaml:", `"how_mach"`, "nothing is published")
	r.has(r.menus(cli.Check, "approve", "abcd", "--key", filepath.Join(r.dir, "amina")), "no such bundle", "menus status")
	r.has(r.menus(cli.Usage, "approve", "abcd", "--key", path), "no approver's key")
	r.has(r.menus(cli.Usage, "canary", "abcd"), "--percent P or --list FILE")
	r.has(r.gateway(cli.Usage, "menus", "key", "amina", "--out", filepath.Join(r.dir, "amina")), "never written over")
	stranger := filepath.Join(r.dir, "stranger")
	if _, err := bundle.MakeKey(stranger, "amina"); err != nil {
		t.Fatal(err)
	}
	hash := tableHash.FindString(r.menus(cli.Done, "publish"))
	r.has(r.menus(cli.Check, "approve", hash, "--key", stranger), "not that of an approver")
}

// TestTwoGatewaysThatDifferAreNotHealthy: unless one of them is on its way.
func TestTwoGatewaysThatDifferAreNotHealthy(t *testing.T) {
	r := newMenuRig(t)
	first := tableHash.FindString(r.menus(cli.Done, "publish"))
	for _, person := range []string{"amina", "baraka"} {
		r.menus(cli.Done, "approve", first, "--key", filepath.Join(r.dir, person))
	}
	r.menus(cli.Done, "canary", first, "--percent", "100")
	raw, err := json.Marshal(bundle.Announced{Name: "gw2", Active: bundle.Hash{1}, Speaks: bundle.Speaks})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.g.fleet.Store.Announce(t.Context(), "gateway/gw2", raw, time.Hour); err != nil {
		t.Fatal(err)
	}
	out := r.menus(cli.Check, "status")
	r.has(out, "gw1", "as asked", "gw2", fmt.Sprintf("differs: asked for is %s", first), "not healthy")
}

// TestHostileOrdersChangeNothing: whoever reaches the admin address by mistake is told so.
func TestHostileOrdersChangeNothing(t *testing.T) {
	r := newMenuRig(t)
	for _, what := range []string{"publish", "approve", "canary", "rollback", "withdraw", "disable"} {
		for _, body := range []string{
			"", "{", "[]", `{"percent":"all"}`, `{"bundle":"zz"}`, `{"bundle":"` + strings.Repeat("0", 64) + `","percent":101}`,
			`{"source":"menu: ["}`, `{"screen":"../../fleet"}`, `{"source":"` + strings.Repeat("x", maxMenuOrder) + `"}`,
		} {
			resp, err := http.Post("http://"+r.addr+"/menus/"+what, "application/json", strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			if resp.StatusCode < 400 || resp.StatusCode >= 500 {
				t.Errorf("%s %.40s: %d", what, body, resp.StatusCode)
			}
		}
	}
	if s, err := r.g.fleet.State(t.Context()); err != nil || s.Serial != 0 {
		t.Fatalf("%+v, %v", s, err)
	}
}
