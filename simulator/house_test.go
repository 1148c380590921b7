//go:build house

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mlango/simulator/load"
)

// envPrograms names the folder of the three programs, built once.
const envPrograms = "SIMULATOR_TEST_PROGRAMS"

// rowsAtOnce is how many rows of a table run beside each other: they wait far more
// than they work.
const rowsAtOnce = "6"

// TestMain builds the programs, with stop points that only MLANGO_STOP arms.
func TestMain(m *testing.M) {
	flag.Parse()
	_ = flag.Set("test.parallel", rowsAtOnce)
	dir, err := os.MkdirTemp("", "mlango-bin-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	cmd := exec.Command("go", "build", "-tags", "stoppoints", "-o", dir+"/", "./gateway", "./ledgerd", "./simulator")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	code := 1
	if err == nil {
		_ = os.Setenv(envPrograms, dir)
		code = m.Run()
	} else {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// program is the path of one of them.
func program(name string) string { return filepath.Join(os.Getenv(envPrograms), name) }

// running is a demo as a person starts it.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	out  *screenText
	page string
	http string
	data string
	done chan error
}

// screenText is what a program has printed so far.
type screenText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screenText) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *screenText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// startDemo starts the real program and waits for its box.
func startDemo(t *testing.T, args ...string) *running {
	t.Helper()
	return startDemoAs(t, program("simulator"), t.TempDir(), time.Minute, args...)
}

// startDemoAs starts a program's demo in a folder.
func startDemoAs(t *testing.T, path, dir string, patience time.Duration, args ...string) *running {
	t.Helper()
	d := &running{t: t, out: &screenText{}, done: make(chan error, 1)}
	d.cmd = exec.Command(path, append([]string{"demo"}, args...)...)
	d.cmd.Dir = dir
	d.cmd.Stdout, d.cmd.Stderr = d.out, d.out
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { d.done <- d.cmd.Wait() }()
	t.Cleanup(func() { _ = d.cmd.Process.Kill() })
	for until := time.Now().Add(patience); !strings.Contains(d.out.String(), "Not for production"); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-d.done:
			t.Fatalf("the demo ended: %v\n%s", err, d.out)
		default:
		}
		if time.Now().After(until) {
			t.Fatalf("no box:\n%s", d.out)
		}
	}
	d.page = d.find(`Phones +(http://[0-9.:]+)`)
	d.http = d.find(`HTTP edge +(http://[0-9.:]+/ussd/\w+)`)
	d.data = d.find(`Data +(\S+)`)
	return d
}

func (d *running) find(pattern string) string {
	d.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(d.out.String())
	if m == nil {
		d.t.Fatalf("no %s in\n%s", pattern, d.out)
	}
	return m[1]
}

// stop presses Ctrl-C; the demo ends in order, within its promise.
func (d *running) stop() {
	d.t.Helper()
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		d.t.Fatal(err)
	}
	select {
	case err := <-d.done:
		if err != nil {
			d.t.Errorf("Ctrl-C: %v\n%s", err, d.out)
		}
	case <-time.After(10 * time.Second):
		d.t.Errorf("Ctrl-C did not stop it\n%s", d.out)
	}
}

func (d *running) post(path string, body, out any) int {
	d.t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := http.Post(d.page+path, "application/json", bytes.NewReader(b))
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode
}

// say dials and presses on a phone and returns the last screen.
func (d *running) say(number string, inputs ...string) screen {
	d.t.Helper()
	var s screen
	if code := d.post("/api/phones/"+number+"/dial", map[string]string{"code": "*334#"}, &s); code != 200 {
		d.t.Fatalf("dial: %d", code)
	}
	for _, in := range inputs {
		if !s.Open {
			d.t.Fatalf("the dialogue ended at %q before %q", s.Screen, in)
		}
		if code := d.post("/api/phones/"+number+"/press", map[string]string{"input": in}, &s); code != 200 {
			d.t.Fatalf("press: %d", code)
		}
	}
	return s
}

// texts waits for n SMS on a phone.
func (d *running) texts(number string, n int) []sms {
	d.t.Helper()
	var list []sms
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get(d.page + "/api/phones/" + number + "/sms")
		if err != nil {
			d.t.Fatal(err)
		}
		list = nil
		err = json.NewDecoder(resp.Body).Decode(&list)
		_ = resp.Body.Close()
		if err != nil {
			d.t.Fatal(err)
		}
		if len(list) >= n || time.Now().After(until) {
			break
		}
	}
	if len(list) != n {
		d.t.Fatalf("%s has %d SMS, want %d: %+v", number, len(list), n, list)
	}
	return list
}

const (
	payer = "254722000001"
	payee = "254722000002"
)

// paid checks the pair of SMS of one payment: one receipt, on the screen too.
func paid(t *testing.T, last screen, toPayer, toPayee sms) {
	t.Helper()
	receipt, rest, _ := strings.Cut(toPayer.Text, " ")
	if len(receipt) != 10 || !strings.HasPrefix(rest, "Confirmed. Ksh500.00 sent to JANE W 0722***002 on ") || !strings.HasSuffix(rest, " Transaction cost, Ksh7.00.") {
		t.Errorf("the payer reads %q", toPayer.Text)
	}
	if !strings.HasPrefix(toPayee.Text, receipt+" ") || !strings.Contains(toPayee.Text, "Ksh500.00 from AMINA O") {
		t.Errorf("the payee reads %q", toPayee.Text)
	}
	if last.Open || !strings.Contains(last.Screen, receipt) {
		t.Errorf("the last screen is %q", last.Screen)
	}
}

func TestHouseDemoPaysAndTellsBothSides(t *testing.T) {
	d := startDemo(t)
	last := d.say(payer, "1", "0722000002", "500", "4826")
	paid(t, last, d.texts(payer, 1)[0], d.texts(payee, 1)[0])

	var refused struct{ Error, Mend string }
	if code := d.post("/api/phones/"+payer+"/press", map[string]string{"input": "1"}, &refused); code != 409 || refused.Mend == "" {
		t.Errorf("a press after the end: %d %+v", code, refused)
	}
	resp, err := http.Get(d.page + "/api/trace?session=" + url.QueryEscape(last.Session))
	if err != nil {
		t.Fatal(err)
	}
	trace, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	for _, want := range []string{`"pdu"`, `"hop"`, `"sms"`} {
		if !bytes.Contains(trace, []byte(want)) {
			t.Errorf("no %s in the trace %s", want, trace)
		}
	}
	for _, not := range []string{`[^0-9A-Za-z.]4826[^0-9A-Za-z]`, payer, payee} { // an instant's fraction or an id may hold any digits
		if regexp.MustCompile(not).Match(trace) {
			t.Errorf("%s in the trace %s", not, trace)
		}
	}
	d.stop()
	if _, err := os.Stat(d.data); !os.IsNotExist(err) {
		t.Errorf("the fresh data folder is still there: %v", err)
	}
}

func TestHouseDialOnADemo(t *testing.T) {
	d := startDemo(t)
	out, err := exec.Command(program("simulator"), "dial", "334", "--operator", d.page, "--press", "1,0722000002,500,4826").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{"JANE W", "SMS to " + payer, "SMS to " + payee} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if bytes.Contains(out, []byte("4826")) {
		t.Errorf("the PIN was printed:\n%s", out)
	}
	d.stop()
}

func TestHouseDemoWorld(t *testing.T) {
	d := startDemo(t)
	for _, c := range []struct{ name, number, to, want string }{
		{"an empty wallet", "254722000009", "0722000002", "(?i)enough money"},
		{"a locked PIN", "254722000010", "0722000002", "(?i)locked"},
	} {
		var s screen
		d.post("/api/phones/"+c.number+"/dial", map[string]string{"code": "*334#"}, &s)
		for _, in := range []string{"1", c.to, "500", "4826"} {
			if s.Open {
				d.post("/api/phones/"+c.number+"/press", map[string]string{"input": in}, &s)
			}
			if regexp.MustCompile(c.want).MatchString(s.Screen) {
				break
			}
		}
		if !regexp.MustCompile(c.want).MatchString(s.Screen) {
			t.Errorf("%s: the last screen is %q", c.name, s.Screen)
		}
	}
	if s := d.say("254722000008"); !strings.Contains(s.Screen, "Tuma") {
		t.Errorf("the one who reads Swahili sees %q", s.Screen)
	}
	d.stop()
}

// post as Africa's Talking does.
func atPost(t *testing.T, door, session, number, text string) string {
	t.Helper()
	resp, err := http.PostForm(door, url.Values{"sessionId": {session}, "phoneNumber": {"+" + number}, "serviceCode": {"*334#"}, "networkCode": {"63902"}, "text": {text}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

func TestHouseDemoOverHTTP(t *testing.T) {
	d := startDemo(t)
	var last string
	for _, text := range []string{"", "1", "1*0722000002", "1*0722000002*500", "1*0722000002*500*4826"} {
		last = atPost(t, d.http, "ATUid_1", payer, text)
	}
	body, ended := strings.CutPrefix(last, "END ")
	if !ended {
		t.Fatalf("the last reply is %q", last)
	}
	paid(t, screen{Screen: body}, d.texts(payer, 1)[0], d.texts(payee, 1)[0])
	d.stop()
}

func TestHouseKilledLedgerdComesBackAndEverySMSArrives(t *testing.T) {
	d := startDemo(t)
	var none struct{}
	if code := d.post("/api/faults", map[string]any{"kind": "kill", "target": "ledgerd", "for_ms": 1500}, &none); code != 200 {
		t.Fatalf("kill: %d", code)
	}
	// while it is down a dial is answered truthfully and takes nothing
	if s := d.say(payer); s.Screen == "" {
		t.Error("no screen while the ledger is down")
	}
	// until it is up again the first screen ends the dialogue, so nothing is pressed
	for until := time.Now().Add(60 * time.Second); !d.say(payer).Open; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatal("no dial was taken within a minute of the kill")
		}
	}
	last := d.say(payer, "1", "0722000002", "500", "4826")
	paid(t, last, d.texts(payer, 1)[0], d.texts(payee, 1)[0])
	d.stop()
}

func TestHouseDataIsKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "world")
	d := startDemo(t, "--data", dir)
	d.say(payer, "1", "0722000002", "500", "4826")
	d.texts(payee, 1)
	d.stop()
	out, err := exec.Command(program("ledgerd"), "verify", "--data", filepath.Join(dir, "ledgerd")).CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("sum=0")) {
		t.Errorf("verify: %v %s", err, out)
	}
	d = startDemo(t, "--data", dir)
	if s := d.say(payer, "3", "1", "4826"); !strings.Contains(s.Screen, "24,493.00") {
		t.Errorf("after a restart the balance is %q", s.Screen)
	}
	d.stop()
}

func TestHouseChildrenDieWithAKilledDemo(t *testing.T) {
	d := startDemo(t)
	if err := d.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-d.done
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(d.http, "/ussd/sandbox"), nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			break
		}
		_ = resp.Body.Close()
		time.Sleep(20 * time.Millisecond)
	}
	if ctx.Err() != nil {
		t.Error("the gateway outlived its demo")
	}
	_ = os.RemoveAll(d.data)
}

func TestHouseLoadPasses(t *testing.T) {
	for name, more := range map[string][]string{"smpp": nil, "http": {"--http"}} {
		dir := t.TempDir()
		args := append([]string{"load", "--stack", "--profile", "salary-day", "--rate", "20", "--users", "2000", "--duration", "10s", "--speed", "5", "--listen", "1s", "--out", dir}, more...)
		cmd := exec.Command(program("simulator"), args...)
		cmd.Dir = t.TempDir()
		out, _ := cmd.CombinedOutput() // a busy machine makes the run invalid: the money must be right all the same
		var r load.Report
		b, err := os.ReadFile(filepath.Join(dir, "report.json"))
		if err != nil || json.Unmarshal(b, &r) != nil {
			t.Fatalf("%s: no report: %v\n%s", name, err, out)
		}
		if r.Verdict != "pass" && r.Verdict != "invalid" || r.Oracle.Anomalies != 0 || !r.Oracle.MoneyConserved || r.Payments.Committed == 0 || r.SMS.Missing != 0 {
			t.Errorf("%s:\n%s", name, out)
		}
	}
}
