package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/edge"
	"mlango/gateway/incident"
	"mlango/internal/cli"
	"mlango/internal/dialect"
	"mlango/smpp"
)

// night is a moment when nobody wants to be called.
func night(second int) time.Time { return time.Date(2026, 11, 22, 3, 0, second, 0, time.Local) }

// watched is a configuration with an operator over SMPP and one over HTTP.
func watched() *Config {
	return &Config{Operators: []Operator{
		{Name: "safari", USSD: USSD{SMPP: "standard"}, Binds: []Bind{{Set: "ussd", PerSecond: 50}, {Set: "sms"}}},
		{Name: "sandbox", USSD: USSD{HTTP: "africastalking"}},
	}}
}

// far are the states of three binds that answer n messages a second.
type far struct {
	v      *observer
	cfg    *Config
	states []binds.BindState
	now    time.Time
	last   board
	took   []incident.Change
}

func newFar() *far {
	f := &far{v: newObserver(), cfg: watched(), now: night(0)}
	for _, name := range []string{"ussd-1.1", "ussd-1.2", "sms-2.1"} {
		f.states = append(f.states, binds.BindState{Operator: "safari", Bind: name, Addr: "smsc:2775", Set: binds.Set(strings.Split(name, "-")[0]),
			Phase: binds.Bound, Up: true, Since: f.now, Window: 10, Breaker: "closed", Mode: "trx"})
	}
	return f
}

// second has each bind answer n messages, bind 0 failing some.
func (f *far) second(n, failed int) {
	f.now = f.now.Add(time.Second)
	for i := range f.states {
		b := &f.states[i]
		if !b.Up {
			continue
		}
		b.Sent += uint64(n)
		b.Took += time.Duration(n) * 20 * time.Millisecond
		if i == 0 && failed > 0 {
			if b.Refused == nil {
				b.Refused = map[smpp.Status]uint64{}
			}
			b.Refused[smpp.StatusSysErr] += uint64(failed)
		}
		if i == 1 { // a subscriber's wrong number says nothing of the bind
			b.Refused = map[smpp.Status]uint64{smpp.StatusInvDstAddr: b.Sent / 2}
		}
	}
	f.v.glance(f.states)
	next := board{At: f.now}
	next.Binds, next.Operators = f.v.look(f.now, f.cfg, f.states)
	f.took = append(f.took, changed(f.last, next)...)
	f.v.keep(&next)
	f.last = next
}

func (f *far) health(name string) string { return f.last.bind(name).Health }

// TestOneBindFails five of a hundred messages: it is degraded within 30 s, and so is
// its operator; the others are good. Each change is taken down once.
func TestOneBindFails(t *testing.T) {
	f := newFar()
	for range 60 {
		f.second(20, 0)
	}
	if f.health("safari/ussd-1.1") != "good" || f.health("safari/ussd-1.2") != "good" || f.health("sandbox/http") != "unproven" {
		t.Fatalf("%+v", f.last.Binds)
	}
	seconds := 0
	for ; f.health("safari/ussd-1.1") == "good" && seconds < 60; seconds++ {
		f.second(20, 1)
	}
	o := f.last.operator("safari")
	if seconds > 30 || f.health("safari/ussd-1.1") != "degraded" || f.health("safari/ussd-1.2") != "good" || o.Health != "degraded" || !strings.Contains(o.Why, "ussd-1.1 is degraded: ") {
		t.Errorf("after %d s: %+v\n%+v", seconds, o, f.last.Binds)
	}
	for range 200 {
		f.second(20, 1)
	}
	for range 100 {
		f.second(20, 0)
	}
	var lines []string
	for _, c := range f.took {
		if strings.Contains(c.Text, "→") {
			lines = append(lines, c.What+" "+strings.Split(c.Text, ":")[0])
		}
	}
	want := []string{"bind safari/ussd-1.1 unproven → good", "bind safari/ussd-1.2 unproven → good", "bind safari/sms-2.1 unproven → good", "operator safari unproven → good",
		"bind safari/ussd-1.1 good → degraded", "operator safari good → degraded", "bind safari/ussd-1.1 degraded → good", "operator safari degraded → good"}
	if !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
}

// TestBindsGoDown: one of two is degraded for the operator, both of a set bad.
func TestBindsGoDown(t *testing.T) {
	f := newFar()
	for range 10 {
		f.second(20, 0)
	}
	lose := func(i int) {
		f.states[i].Up, f.states[i].Phase, f.states[i].LastError = false, binds.Waiting, "connection refused"
		for range 5 {
			f.second(20, 0)
		}
	}
	lose(0)
	if o := f.last.operator("safari"); f.health("safari/ussd-1.1") != "bad" || o.Health != "degraded" {
		t.Errorf("%+v", o)
	}
	lose(1)
	if o := f.last.operator("safari"); o.Health != "bad" || !strings.Contains(o.Why, "is bad: down: connection refused") {
		t.Errorf("%+v", o)
	}
	if b := f.last.bind("safari/ussd-1.1"); b.Throughput != "nothing leaves by it: connection refused" || !b.Limits {
		t.Errorf("%+v", b)
	}
	f.states = f.states[2:]
	f.second(20, 0)
	if f.last.bind("safari/ussd-1.1") != nil || len(f.v.binds) != 2 {
		t.Error("a bind that is gone is remembered")
	}
	text := ""
	for _, c := range f.took {
		text += fmt.Sprintln(c.What, c.Text, c.Bad)
	}
	for _, want := range []string{"bind safari/ussd-1.1 up at smsc:2775 false", "bind safari/ussd-1.1 down: connection refused true", "bind safari/ussd-1.1 good → bad: down: connection refused true"} {
		if strings.Count(text, want) != 1 {
			t.Errorf("%q in\n%s", want, text)
		}
	}
}

// TestSilentBind is bad within seconds, though it is up and nothing failed yet.
func TestSilentBind(t *testing.T) {
	f := newFar()
	for range 10 {
		f.second(200, 0)
	}
	f.states[0].Stalled, f.states[0].InFlight = true, 10
	for range 5 {
		f.second(0, 0)
	}
	if b := f.last.bind("safari/ussd-1.1"); b.Health != "bad" || b.State != "bound" || !strings.Contains(b.Why, "nothing that is in flight gets an answer") {
		t.Errorf("%+v", b)
	}
	f.states[0].Stalled = false
	f.second(20, 0)
	if f.health("safari/ussd-1.1") != "good" {
		t.Errorf("%+v", f.last.bind("safari/ussd-1.1"))
	}
}

// TestFullWindow answers why throughput is low.
func TestFullWindow(t *testing.T) {
	f := newFar()
	f.states[2].InFlight, f.states[2].WaitingSMS = 10, 40
	for range 12 {
		f.second(20, 0)
	}
	b := f.last.bind("safari/sms-2.1")
	if want := "window full 100 % of the time at 20 ms round trip: at most 500/s; ask for a larger window"; b.Throughput != want || !b.Limits {
		t.Errorf("%q", b.Throughput)
	}
	for range 12 {
		f.second(60, 0)
	}
	if b = f.last.bind("safari/ussd-1.2"); !strings.HasPrefix(b.Throughput, "our own per_second holds it at 50/s") {
		t.Errorf("%q", b.Throughput)
	}
}

func TestHopsOfABind(t *testing.T) {
	f := newFar()
	for range 10 {
		f.v.seen(edge.Seen{Operator: "sandbox", Door: "http", Op: dialect.Begin, Took: 5 * time.Millisecond})
	}
	f.v.seen(edge.Seen{Operator: "safari", Door: "smpp", Bind: "ussd-1.1", Op: dialect.Abort})
	f.v.seen(edge.Seen{Operator: "safari", Door: "smpp", Bind: "ussd-1.1", Op: dialect.Input, Took: time.Millisecond})
	f.second(0, 0)
	for range 8 {
		f.v.seen(edge.Seen{Operator: "sandbox", Door: "http", Refused: edge.RefusedFormat})
	}
	f.second(0, 0)
	if b := f.last.bind("safari/ussd-1.1"); b.Screens != 1 || b.Aborts != 1 {
		t.Errorf("%+v", b)
	}
	if b := f.last.bind("sandbox/http"); b.Screens != 10 || b.Health != "bad" || b.Window != 0 {
		t.Errorf("%+v", b)
	}
}

// TestTheRecord tells what else changed.
func TestTheRecord(t *testing.T) {
	was := board{At: night(0), Degraded: []string{ledgerAway}, OldestMS: 100}
	next := board{At: night(1), Degraded: []string{"redis: away"}, OldestMS: 31_000, Orders: 12, Dead: 2}
	text := ""
	for _, c := range changed(was, next) {
		text += fmt.Sprintln(c.What, c.Text, c.Bad)
	}
	if want := "gateway redis: away true\ngateway over: " + ledgerAway + " false\norders the oldest of 12 waits 31s true\nsms 2 given up, 2 so far true\n"; text != want {
		t.Errorf("%s", text)
	}
	if got := changed(next, next); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// TestTheBoard in widths, and as lines.
func TestTheBoard(t *testing.T) {
	f := newFar()
	f.states[0].InFlight, f.states[0].WaitingUSSD = 10, 3
	for range 40 {
		f.second(20, 1)
	}
	b := f.last
	b.Gateway, b.Started, b.Version = "gw1", night(0), 3
	top := &top{cmd: &topCmd{adminFlag: adminFlag{Admin: "here:1"}, Every: time.Second}, board: b}
	plain := func(s string) string { return s }
	wide := top.screen(140, plain)
	for _, want := range []string{"gateway gw1 here:1   up 40s   operators version 3", "safari is degraded since 03:0", " ! degraded ussd-1.1", "10/10 100%",
		"window full 100 % of the time at 20 ms round trip: at most 500/s; ask for a larger window", "   good     sms-2.1", "sandbox is unproven", "aborts"} {
		if !strings.Contains(wide, want) {
			t.Errorf("%q is not on\n%s", want, wide)
		}
	}
	narrow := top.screen(50, plain)
	for _, line := range strings.Split(narrow, "\n") {
		if len([]rune(line)) > 50 && !strings.Contains(line, "q ends") {
			t.Errorf("in 50 columns: %q", line)
		}
	}
	if lines := top.plain(); strings.Count(lines, "\n") != 4 || !strings.Contains(lines, "bind=safari/ussd-1.1 health=degraded state=bound in_flight=10 window=10 full=1.00 waiting=3 per_second=20.0 round_trip_ms=20.0") {
		t.Error(lines)
	}
	top.take(look{at: night(50), err: fmt.Errorf("nobody")})
	if got := top.screen(140, plain); !strings.Contains(got, "no answer since 03:00:50, these are the last figures: nobody") {
		t.Error(got)
	}
	if top.take(look{at: night(51), board: b}); top.lost != nil {
		t.Error("it stays lost")
	}
}

// TestOnCall uses every command against a gateway that runs.
func TestOnCall(t *testing.T) {
	stays, moves := newFarEnd(t), newFarEnd(t)
	text, admin := twoOperators(t, stays, moves)
	s := serve(t, write(t, "gateway.yaml", strings.Replace(text, "./acme.yaml", "standard", 1)), admin)
	until(t, "both bound", func() bool { return len(stays.Sessions()) == 1 && len(moves.Sessions()) == 1 })
	pcap := write(t, "call.pcap", "")
	traced := make(chan string, 1)
	go func() {
		_, out, errs := call(t, "", "trace", "0722000001", "--for", "3s", "--pcap", pcap, "--admin", admin)
		traced <- out + errs
	}()
	until(t, "traced", func() bool {
		_, out, _ := call(t, "", "incident", "--admin", admin)
		return strings.Contains(out, "the wires of 2547*****001 are traced for 3s")
	})
	for i := range 6 {
		stays.dials(t, byte(i))
	}
	if got := <-traced; !strings.Contains(got, "safari/both-1.1      ← deliver_sm      #1073741824 2547*****001 → 334  op 1 PSSR indication  \"*334#\"") ||
		!strings.Contains(got, "24 PDUs and calls in 3s.") || strings.Contains(got, "254722000001") {
		t.Error(got)
	}
	until(t, "judged", func() bool {
		_, body := fetch(t, admin, "/metrics")
		return strings.Contains(body, `mlango_bind_health{bind="both-1.1",operator="safari"} 1`)
	})
	_, metrics := fetch(t, admin, "/metrics")
	for _, want := range []string{`mlango_bind_up{bind="both-1.1",operator="moves"} 1`, `mlango_bind_health{bind="both-1.1",operator="moves"} 0`, `mlango_operator_health{operator="safari"} 1`,
		`mlango_bind_screens{bind="both-1.1",operator="safari"} 6`, `mlango_bind_window{bind="both-1.1",operator="safari"} 10`, "mlango_bind_enquire_link_age_seconds{", "mlango_bind_round_trip_seconds{", "mlango_bind_aborts{", "mlango_bind_window_full{", "mlango_bind_throttled{"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("%s is no metric", want)
		}
	}
	s.does(cli.Done, "bind=safari/both-1.1 health=good state=bound", "top", "--times", "2", "--every", "200ms")
	s.does(cli.Done, "wait  whether a screen reaches a handset", "operator", "test", "safari", "--config", s.file)
	s.does(cli.Usage, "not a mobile number", "operator", "test", "safari", "--config", s.file, "--msisdn", "12")
	s.does(cli.Usage, "--for is one second to 1h0m0s", "trace", "0722000001", "--for", "2h")
	s.does(cli.Check, "not a mobile number", "trace", "12")
	s.does(cli.Usage, "is no instant", "incident", "--from", "yesterday")
	s.does(cli.Usage, "is not before", "incident", "--from", "1h", "--to", "2h")
	s.does(cli.Done, "Nothing changed state.", "incident", "--from", "2020-01-01", "--to", "2020-01-02T03:04")
	if code, out, errs := call(t, "", "incident", "--config", s.file); code != cli.Done || !strings.Contains(out, "gw1 starts") {
		t.Error(code, out, errs)
	}
	if _, out, _ := call(t, "", "doctor", "--config", s.file); !strings.Contains(out, "ok    gateway gw1 runs at "+admin) || !strings.Contains(out, "mend  ledger at 127.0.0.1:") ||
		!strings.Contains(out, "ok    operators in force are the file's") || strings.Contains(out, "it is taken") {
		t.Error(out)
	}
	if code, _, errs := call(t, "", "top", "--admin", port(t)); code != cli.Unreachable || !strings.Contains(errs, "no gateway answers at 127.0.0.1:") || !strings.Contains(errs, "connection refused") {
		t.Error(code, errs)
	}
	for path, want := range map[string]int{"/incidents": 400, "/trace/wire/none": 404, "/operators/versions/none": 404, "/operators/diff?from=x&to=active": 404} {
		if code, body := fetch(t, admin, path); code != want || !strings.Contains(body, `"mend"`) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	resp, err := http.Post("http://"+admin+"/operators/rollback", "application/json", strings.NewReader("{"))
	if err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Error(resp, err)
	}
	resp.Body.Close()
}
