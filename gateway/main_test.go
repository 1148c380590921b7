package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlango/internal/cli"
)

// call runs the program's command line.
func call(t *testing.T, stdin string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e strings.Builder
	code = run(t.Context(), &world{in: strings.NewReader(stdin), out: &o, err: &e}, args, func(int) {})
	return code, o.String(), e.String()
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestExampleIsAccepted(t *testing.T) {
	code, text, _ := call(t, "", "example")
	if code != cli.Done {
		t.Fatal(code)
	}
	code, out, errs := call(t, "", "check", "--config", write(t, "gateway.yaml", text))
	if code != cli.Done || !strings.Contains(out, "# menu wallet@") || !strings.Contains(out, "port: 2775") {
		t.Errorf("%d %s\n%s", code, out, errs)
	}
}

func TestCommandLine(t *testing.T) {
	bad := write(t, "bad.yaml", strings.Replace(good, "store: memory\n", "", 1))
	file := write(t, "gateway.yaml", good)
	alone := write(t, "alone.yaml", strings.Replace(good, "127.0.0.1:7401", "127.0.0.1:1", 1)) // where nobody listens
	menu := write(t, "menu.yaml", "menu: 1\nfoo: bar\n")
	for _, c := range []struct {
		args []string
		code int
		want string // in either output
	}{
		{[]string{"serve"}, cli.Usage, "--config"},
		{[]string{"serve", "--confg", "x"}, cli.Usage, `did you mean "--config"?`},
		{[]string{"srve"}, cli.Usage, `did you mean "serve"?`},
		{[]string{"serve", "--config", "nowhere.yaml"}, cli.Usage, "no such file – print one with: gateway example"},
		{[]string{"serve", "--config", bad}, cli.Usage, "bad.yaml:1:1: nothing says where sessions live"},
		{[]string{"check", "--config", bad}, cli.Usage, "bad.yaml:1:1: nothing says where sessions live"},
		{[]string{"check", "--production", "--config", file}, cli.Usage, ":5:8: the memory store forgets"},
		{[]string{"doctor", "--config", alone}, cli.Check, "mend  ledger at 127.0.0.1:"},
		{[]string{"menus", "lint", menu}, cli.Check, "menu.yaml:"},
		{[]string{"menus", "lint", "../menus/scripts/wallet.yaml"}, cli.Done, "septets"},
		{[]string{"menus", "lint", "nowhere.yaml"}, cli.Usage, "nowhere.yaml"},
		{[]string{"menus", "test", menu}, cli.Check, "0 passed, 1 failed"},
		{[]string{"menus", "preview", "--lang", "sw"}, cli.Done, "M-Wallet"},
		{[]string{"operator", "test", "nobody", "--config", file}, cli.Usage, "known: safari"},
		{[]string{"routes", "0722000001", "--config", file}, cli.Done, "2547*****001 goes by safari"},
		{[]string{"routes", "0733000001", "--config", file}, cli.Check, "no route is for 2547"},
		{[]string{"routes", "12", "--config", file}, cli.Usage, "not a mobile number"},
	} {
		code, out, errs := call(t, "", c.args...)
		if code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: %d, want %d and %q\n%s%s", c.args, code, c.code, c.want, out, errs)
		}
	}
}

func TestPreview(t *testing.T) {
	code, out, errs := call(t, "1\n0722000002\n500\n4826\n", "menus", "preview")
	if code != cli.Done || !strings.Contains(out, "Enter PIN") || !strings.Contains(out, "Confirmed") {
		t.Errorf("%d %s%s", code, out, errs)
	}
}

// port is a free one.
func port(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func fetch(t *testing.T, addr, path string) (int, string) {
	t.Helper()
	resp, err := http.Get("http://" + addr + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// TestServeWithNothingBehind: no ledger, no operator. The gateway still answers
// every dial, says what limps, and stops in order.
func TestServeWithNothingBehind(t *testing.T) {
	edge, admin := port(t), port(t)
	text := strings.NewReplacer("name: gw1\n", fmt.Sprintf("name: gw1\nlisten: %s\nadmin: %s\n", edge, admin), "{smpp: standard}", "{http: africastalking}",
		"127.0.0.1:7401", port(t), "host: 127.0.0.1", "host: 127.0.0.1, port: "+strings.TrimPrefix(port(t), "127.0.0.1:")).Replace(good)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	var out, errs strings.Builder
	go func() {
		ended <- run(ctx, &world{out: &out, err: &errs}, []string{"serve", "--config", write(t, "gateway.yaml", text)}, func(int) {})
	}()
	code, body := 0, ""
	for range 500 {
		if code, body = fetch(t, admin, "/readyz"); code == http.StatusOK {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if code != http.StatusOK || !strings.Contains(body, "bind safari/both-1.1") {
		t.Errorf("/readyz: %d %s", code, body)
	}
	resp, err := http.PostForm("http://"+edge+"/ussd/safari", url.Values{"sessionId": {"s1"}, "phoneNumber": {"+254722000001"}, "serviceCode": {"*334#"}, "text": {""}})
	if err != nil {
		t.Fatal(err)
	}
	screen, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(string(screen), "END ") {
		t.Errorf("screen %d %q", resp.StatusCode, screen)
	}
	pages(t, admin)
	stop()
	select {
	case code := <-ended:
		if code != cli.Done {
			t.Errorf("exit %d\n%s", code, errs.String())
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not stop")
	}
}

func pages(t *testing.T, admin string) {
	t.Helper()
	var b struct{ Hash, Source string }
	_, body := fetch(t, admin, "/bundle")
	if err := json.Unmarshal([]byte(body), &b); err != nil || len(b.Hash) != 64 || !strings.Contains(b.Source, "menu: wallet@") {
		t.Errorf("/bundle: %v %.80s", err, body)
	}
	for path, want := range map[string]string{
		"/bundles/" + b.Hash: b.Hash, "/bundles/" + strings.Repeat("0", 64): "no such bundle here", "/bundles/xyz": "no hash of a bundle",
		"/trace?session=safari/254722000001/s1": `"kind":"http"`, "/metrics": `mlango_hops_total{door="http",operator="safari"} 1`, "/healthz": "alive",
	} {
		if _, got := fetch(t, admin, path); !strings.Contains(got, want) {
			t.Errorf("%s: %.200s", path, got)
		}
	}
}

func TestTakenPort(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	text := strings.Replace(good, "name: gw1\n", "name: gw1\nadmin: "+ln.Addr().String()+"\n", 1)
	code, _, errs := call(t, "", "serve", "--config", write(t, "gateway.yaml", text))
	if code != cli.Usage || !strings.Contains(errs, "set another `admin:`") {
		t.Errorf("%d %s", code, errs)
	}
}
