//go:build house

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// The world of the proofs: people who pay each other, each with a PIN of their own.
const (
	proofMoney  = ledger.Amount(100_000)
	proofTrust  = ledger.Account(900_001)
	proofFees   = ledger.Account(900_002)
	proofHome   = 1
	proofFree   = ledger.Amount(500) // a transfer up to here costs nothing
	proofFee    = ledger.Amount(7)   // and above it this
	proofLife   = time.Minute        // of a wish
	proofWait   = time.Minute        // for what comes by itself; nothing is measured by it
	proofCall   = 5 * time.Second
	proofPause  = 5 * time.Millisecond
	lowestPort  = 20_000 // below the ports that the kernel gives to those who call
	highestPort = 32_000
)

// rig is the real process on one data folder, through many lives.
type rig struct {
	t       testing.TB
	dir     string // holds everything
	program string
	config  string
	data    string
	log     string // of all lives
	addr    string
	pins    []string      // of person n+1
	money   ledger.Amount // everybody's first
	keys    ledgerclient.Keys
	now     *life
}

// life is one run of the process.
type life struct {
	cmd  *exec.Cmd
	over chan struct{} // closed when the process is gone
	err  error         // how it ended
}

// tableProgram is the program, built as a person would, once for all proofs.
var tableProgram = [1]func() (string, error){sync.OnceValues(buildProgram)}

// tableBuilt is the folder where it is, once it is built.
var tableBuilt [1]string

func buildProgram() (path string, err error) {
	if tableBuilt[0], err = os.MkdirTemp("", "mlango-proof"); err != nil {
		return "", err
	}
	path = filepath.Join(tableBuilt[0], "ledgerd")
	if out, err := exec.Command("go", "build", "-tags", "stoppoints", "-o", path, ".").CombinedOutput(); err != nil {
		return path, fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
}

// TestMain takes the program away in the end.
func TestMain(m *testing.M) {
	code := m.Run()
	if tableBuilt[0] != "" {
		_ = os.RemoveAll(tableBuilt[0]) // what stays is in nobody's way
	}
	os.Exit(code)
}

// newRig gives the program a folder.
func newRig(t *testing.T, people int, config ...string) *rig {
	t.Helper()
	program, err := tableProgram[0]()
	if err != nil {
		t.Fatal(err)
	}
	return (&rig{program: program}).beside(t, people, config...)
}

// beside is another folder for the same program.
func (r *rig) beside(t *testing.T, people int, config ...string) *rig {
	t.Helper()
	dir := t.TempDir()
	r = &rig{t: t, dir: dir, program: r.program, addr: quietPort(t), config: filepath.Join(dir, "ledgerd.yaml"),
		data: filepath.Join(dir, "books"), log: filepath.Join(dir, "ledgerd.log"), money: proofMoney}
	for range people {
		r.pins = append(r.pins, newPIN())
	}
	r.configure(config...)
	t.Cleanup(func() {
		r.kill()
		if b, err := os.ReadFile(r.log); err == nil && t.Failed() {
			t.Logf("the end of the log:\n%s", b[max(0, len(b)-4000):])
		}
	})
	return r
}

// configure writes the configuration of the next life.
func (r *rig) configure(lines ...string) {
	r.t.Helper()
	text := "listen: " + r.addr + "\nadmin: \"\"\ndata: ./books\none_person: true\n"
	for _, line := range lines {
		text += line + "\n"
	}
	if err := os.WriteFile(r.config, []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// quietPort finds a port that only a listener could take away between two lives.
func quietPort(t testing.TB) string {
	t.Helper()
	for range 100 {
		addr := "127.0.0.1:" + strconv.Itoa(lowestPort+rand.IntN(highestPort-lowestPort))
		if ln, err := net.Listen("tcp", addr); err == nil {
			ln.Close()
			return addr
		}
	}
	t.Fatal("no port is free")
	return ""
}

// launch begins a life and does not wait for it.
func (r *rig) launch(env ...string) *life {
	r.t.Helper()
	return r.run(exec.Command(r.program, "serve", "--config", r.config), env...)
}

// run begins the life that a command is.
func (r *rig) run(cmd *exec.Cmd, env ...string) *life {
	r.t.Helper()
	out, err := os.OpenFile(r.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		r.t.Fatal(err)
	}
	defer out.Close()
	cmd.Env, cmd.Stderr = append(os.Environ(), env...), out
	l := &life{cmd: cmd, over: make(chan struct{})}
	if err := cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() {
		l.err = cmd.Wait()
		close(l.over)
	}()
	r.now = l
	return l
}

// gone tells whether the process ended.
func (l *life) gone() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// ends tells whether a process whose connection broke is ending: the kernel closes
// the one before it tells of the other.
func (l *life) ends() bool {
	select {
	case <-l.over:
		return true
	case <-time.After(proofCall):
		return false
	}
}

// rest waits a moment, or until the process ends.
func (l *life) rest() {
	select {
	case <-l.over:
	case <-time.After(proofPause):
	}
}

// kill is kill -9; a process that is gone already stays gone.
func (l *life) kill() {
	_ = l.cmd.Process.Kill() // an error says that it is gone
	<-l.over
}

func (r *rig) kill() {
	if r.now != nil {
		r.now.kill()
	}
}

// end stops the process in an orderly way.
func (r *rig) end() {
	r.t.Helper()
	if err := r.now.cmd.Process.Signal(os.Interrupt); err != nil {
		r.t.Fatal(err)
	}
	<-r.now.over
	if r.now.err != nil {
		r.t.Fatalf("an orderly stop ended with %v", r.now.err)
	}
}

// clients reach a life by n connections, or not at all when it ends before.
func (r *rig) clients(l *life, n int) (list []*ledgerclient.Client, alive bool) {
	r.t.Helper()
	for deadline := time.Now().Add(proofWait); ; {
		if list = r.dial(n); r.answers(list[0]) {
			return list, true
		}
		hangUp(list)
		if l.rest(); l.gone() {
			return nil, false
		}
		if time.Now().After(deadline) {
			r.t.Fatal("the process neither serves nor ends")
		}
	}
}

// dial makes clients that are closed with the test, if not before.
func (r *rig) dial(n int) (list []*ledgerclient.Client) {
	r.t.Helper()
	for range n {
		c, err := ledgerclient.Dial(ledgerclient.Config{Node: r.addr, Gateway: "proof", Timeout: proofCall})
		if err != nil {
			r.t.Fatal(err)
		}
		list = append(list, c)
	}
	return list
}

func hangUp(list []*ledgerclient.Client) {
	for _, c := range list {
		c.Close()
	}
}

// answers asks for the keys, which every wish needs.
func (r *rig) answers(c *ledgerclient.Client) bool {
	conn, err := net.Dial("tcp", r.addr) // nobody there does not cost the breaker
	if err != nil {
		return false
	}
	conn.Close()
	keys, err := c.Keys(context.Background())
	if err == nil {
		r.keys = keys
	}
	return err == nil
}

// start begins a life that must serve.
func (r *rig) start(n int) []*ledgerclient.Client {
	r.t.Helper()
	l := r.launch()
	list, alive := r.clients(l, n)
	if !alive {
		r.t.Fatalf("the start ended with %v", l.err)
	}
	r.t.Cleanup(func() { hangUp(list) })
	return list
}

// refuses runs a start, or another command, that must end by itself, and returns
// what it says.
func (r *rig) refuses(args ...string) string {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), proofWait)
	defer cancel()
	out, err := exec.CommandContext(ctx, r.program, args...).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() <= 0 {
		r.t.Fatalf("%v was not refused: %v\n%s", args, err, out)
	}
	return string(out)
}

// tool runs another command of the program, which must do what it is told.
func (r *rig) tool(env []string, args ...string) (out string) {
	r.t.Helper()
	cmd := exec.Command(r.program, args...)
	cmd.Env = append(os.Environ(), env...)
	b, err := cmd.CombinedOutput()
	if err != nil {
		r.t.Fatalf("%v: %v\n%s", args, err, b)
	}
	return string(b)
}

// verify runs the auditor's command on the stopped folder and tells its line.
func (r *rig) verify() (line string) {
	r.t.Helper()
	cmd := exec.Command(r.program, "verify", "--data", r.data)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("verify: %v\n%s%s", err, out, errs.String())
	}
	line, _, _ = strings.Cut(string(out), "\n")
	return line + "\n"
}

// Sealing and ids.

func proofNumber(n ledger.Account) string { return fmt.Sprintf("2547330%05d", n) }

func proofName(n ledger.Account) string { return fmt.Sprintf("NYAMBURA WANJIRU %05d", n) }

func proofID() ledger.ID {
	var mac [10]byte
	binary.BigEndian.PutUint64(mac[:], rand.Uint64())
	return ledger.NewID(time.Now().UnixMilli(), mac)
}

func inTime() int64 { return time.Now().Add(proofLife).UnixMilli() }

func (r *rig) seal(number string, id ledger.ID, typed string) (uint32, []byte) {
	r.t.Helper()
	k := r.keys.Seal[0]
	p, err := pin.Parse(typed)
	if err != nil {
		r.t.Fatal(err)
	}
	sealed, err := pin.Seal(pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}, p, number, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return k.ID, sealed
}
