//go:build house

package main

import (
	"context"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// How the tests of the whole house wait. Nothing is asserted of time: these only
// end a test that would hang.
const (
	rigPatience = 60 * time.Second
	rigEvery    = 20 * time.Millisecond
	rigReply    = 20 * time.Second // the network waits so long for a screen, unless told otherwise
	rigLowest   = 20_000           // ports below those the kernel gives out by itself
	rigHighest  = 32_000
)

// lastPort is where the search for the next port goes on; every test process
// begins elsewhere.
var lastPort atomic.Int32

// newPort is a loopback address that nobody listens at, not given out before. It
// is none of the kernel's own: while a program is dead, its port must not become
// the other end of somebody's connection. It asks by dialling: a listener of its
// own would live on for a moment in a program that is being started beside it.
func newPort(t testing.TB) string {
	t.Helper()
	lastPort.CompareAndSwap(0, int32(rigLowest+os.Getpid()%(rigHighest-rigLowest)))
	for range rigHighest - rigLowest {
		port := lastPort.Add(1)
		if port > rigHighest {
			lastPort.CompareAndSwap(port, rigLowest)
			continue
		}
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return addr
		}
		_ = conn.Close()
	}
	t.Fatal("no free port")
	return ""
}

// parts says of what a rig is made.
type parts struct {
	second    bool   // two gateways; needs redis
	redis     bool   // sessions and orders in a real Redis; else memory and a file
	http      bool   // subscribers come by the HTTP door instead of SMPP
	web       string // the dialect there [africastalking]
	sms       string // the aggregator's HTTP API that takes SMS, instead of SMPP
	theirs    bool   // the operator's USSD centre binds to the gateway
	dialect   string // over SMPP, or the file of one [standard]
	sandbox   bool   // a second operator, by the HTTP door
	arms      bool   // the programs have stop points
	loud      bool   // the gateway logs all it can
	expires   string // an order's life
	binds     int
	window    int
	front     *front // stands between the gateway and the operator
	line      *line  // stands there too, and changes what the gateway sends
	onSMS     func(operator.SMS)
	onPush    func(string, operator.Screen)
	onReceipt func(operator.Reported)
	inbox     int
	reply     time.Duration // the network waits so long for a screen [rigReply]
	idle      time.Duration // and ends a dialogue in which nothing is pressed for so long
}

// rig is a real ledgerd and gateway with their operator, on ports and in a folder
// of its own.
type rig struct {
	t     testing.TB
	op    *operator.Operator
	stack *stack.Stack
	redis *redisServer
	smpp  string // the operator's port
	api   string // its port for SMS over HTTP
	data  string
	doors [2]string // where partners ask
	armed string    // the file that stop points look into
	over  bool      // stopped by the test itself
	takes string    // where the operator takes pushes over HTTP
	began time.Time // at the latest
}

// newRig starts one; the test's end stops it.
func newRig(t testing.TB, p parts) *rig {
	t.Helper()
	r := &rig{t: t, data: t.TempDir()}
	r.armed = filepath.Join(r.data, "stop-point")
	ports := stack.Ports{Ledger: newPort(t), LedgerAdmin: newPort(t), HTTP: newPort(t), GatewayAdmin: newPort(t), USSD: newPort(t), Partners: newPort(t)}
	if p.second {
		ports.Second, ports.SecondAdmin, ports.SecondPartners = newPort(t), newPort(t), newPort(t)
	}
	r.doors = [2]string{ports.Partners, ports.SecondPartners}
	if p.reply == 0 {
		p.reply = rigReply
	}
	r.startOperator(p, ports)
	far := r.smpp
	if p.front != nil {
		far = p.front.ln.Addr().String()
		p.front.serve(r.smpp)
	}
	if p.line != nil {
		far = p.line.lead(r.smpp)
	}
	cfg := stack.Config{
		Data: r.data, Ports: ports, HTTP: p.http, Web: p.web, Binds: p.theirs, SMPP: p.dialect, Expires: p.expires, Loud: p.loud, Second: p.second,
		Programs: map[string]string{stack.Ledgerd: program(stack.Ledgerd), stack.Gateway: program(stack.Gateway)},
		Far: stack.Far{Name: demoOperator, Addr: far, USSDSystemID: demoUSSD, SMSSystemID: demoSMS, Password: demoPassword,
			Binds: p.binds, Window: p.window, SMSAPI: p.sms, SMSAddr: r.api, Pushes: r.takes},
	}
	if p.sandbox {
		cfg.Sandbox = demoSandbox
	}
	if p.redis {
		r.redis = startRedis(t)
		cfg.Redis = "redis://" + r.redis.addr + "/0"
	}
	if p.arms {
		arm := []string{"MLANGO_STOP=@" + r.armed}
		cfg.Env = map[string][]string{stack.Ledgerd: arm, stack.Gateway: arm}
	}
	var err error
	if r.stack, err = stack.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	r.began = time.Now()
	t.Cleanup(r.end)
	r.bound()
	return r
}

func (r *rig) startOperator(p parts, ports stack.Ports) {
	r.t.Helper()
	r.smpp = newPort(r.t)
	ln, err := net.Listen("tcp", r.smpp)
	if err != nil {
		r.t.Fatal(err)
	}
	cfg := operator.Config{
		Name: demoOperator, USSDSystemID: demoUSSD, SMSSystemID: demoSMS, Password: demoPassword,
		Dialect: p.dialect, HTTPDialect: p.web, OnPush: p.onPush, Reply: p.reply, Idle: p.idle, OnSMS: p.onSMS, OnReceipt: p.onReceipt, Inbox: p.inbox, Window: p.window,
	}
	if p.theirs {
		cfg.Target = ports.USSD
	}
	if p.sms != "" {
		cfg.SMSAPI, cfg.Reports = p.sms, "http://"+ports.HTTP+"/dlr/"+demoOperator
	}
	if p.http {
		cfg.Aggregator = "http://" + ports.HTTP + "/ussd/" + demoOperator
	}
	if r.op, err = operator.New(cfg); err != nil {
		r.t.Fatal(err)
	}
	if p.sms != "" {
		r.api = newPort(r.t)
		web, err := net.Listen("tcp", r.api)
		if err != nil {
			r.t.Fatal(err)
		}
		go func() { _ = r.op.ServeSMS(web) }() // ends with end
	}
	if p.http && p.onPush != nil {
		web := httptest.NewServer(r.op.Pushes())
		r.takes = web.URL
		r.t.Cleanup(web.Close)
	}
	go func() { _ = r.op.Serve(ln) }() // ends with end
	r.t.Cleanup(r.endOperator)
}

// endOperator ends the network, and what it still had to say with it.
func (r *rig) endOperator() {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	_ = r.op.Close(ctx)
}

// end stops the programs, and shows what they said when the test failed.
func (r *rig) end() {
	if r.t.Failed() {
		for _, name := range []string{stack.Ledgerd, stack.Gateway} {
			r.t.Logf("the end of %s's log:\n%s", name, r.stack.Tail(name))
		}
	}
	r.stop()
}

// stop ends both programs in order, once.
func (r *rig) stop() {
	if r.over {
		return
	}
	r.over = true
	if err := r.stack.Stop(); err != nil {
		r.t.Errorf("stop: %v", err)
	}
}

// bound waits until the gateway can be dialled.
func (r *rig) bound() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), rigPatience)
	defer cancel()
	if err := r.op.WaitBound(ctx); err != nil {
		r.t.Fatal(err)
	}
}

// demoWorld opens the ten people and the rest.
func (r *rig) demoWorld() *rig {
	r.t.Helper()
	if err := r.stack.SeedDemo(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	return r
}

// restart starts a program again and waits until dials reach it.
func (r *rig) restart(name string) {
	r.t.Helper()
	if err := r.stack.Restart(r.t.Context(), name); err != nil {
		r.t.Fatal(err)
	}
	r.bound()
}

// kill takes a program away with SIGKILL.
func (r *rig) kill(name string) {
	r.t.Helper()
	if err := r.stack.Kill(r.t.Context(), name); err != nil {
		r.t.Fatal(err)
	}
}

// until waits for what must come.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(rigPatience); !ok(); time.Sleep(rigEvery) {
		if time.Now().After(deadline) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// pid is the process that was started with the configuration file of a program.
func (r *rig) pid(name string) string {
	r.t.Helper()
	config := filepath.Join(r.data, name+".yaml")
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		r.t.Fatal(err)
	}
	for _, path := range all {
		if b, err := os.ReadFile(path); err == nil && strings.Contains(string(b), config) {
			return filepath.Base(filepath.Dir(path))
		}
	}
	r.t.Fatalf("%s does not run", name)
	return ""
}

// redisServer is a redis-server of one test's own, that forgets all when it dies.
type redisServer struct {
	t    testing.TB
	addr string
	dir  string
	cmd  *exec.Cmd
}

// startRedis fails where there is no redis-server.
func startRedis(t testing.TB) *redisServer {
	t.Helper()
	s := &redisServer{t: t, addr: newPort(t), dir: t.TempDir()}
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *redisServer) start() {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.addr)
	s.cmd = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
		"--rdbcompression", "no", "--dir", s.dir)
	if err := s.cmd.Start(); err != nil {
		s.t.Fatalf("start redis-server: %v", err)
	}
	until(s.t, "redis-server answers", func() bool { return s.say("PING") == "+PONG" })
}

// kill ends it with SIGKILL.
func (s *redisServer) kill() {
	_ = s.cmd.Process.Kill() // it may be dead
	_ = s.cmd.Wait()
}

// say sends one command and returns the first line of the answer.
func (s *redisServer) say(command string) string {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		return ""
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(rigPatience))
	if _, err := fmt.Fprint(conn, command+"\r\n"); err != nil {
		return ""
	}
	b := make([]byte, 512)
	n, _ := conn.Read(b)
	line, _, _ := strings.Cut(string(b[:n]), "\r\n")
	return line
}

// matches is how many texts of a handset a pattern matches.
func (r *rig) matches(number string, pattern *regexp.Regexp) (texts []string) {
	for _, s := range r.op.Inbox(number) {
		if pattern.MatchString(s.Text) {
			texts = append(texts, s.Text)
		}
	}
	return texts
}
