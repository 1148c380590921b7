package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Limits of a child's life.
const (
	readyPatience = 60 * time.Second        // a long journal is replayed first
	readyEvery    = 20 * time.Millisecond   // asked
	stopPatience  = 1200 * time.Millisecond // between SIGTERM and SIGKILL: two in turn, within 3 s
	killPatience  = 900 * time.Millisecond  // for the kernel to take it away
	tailBytes     = 2048                    // of a dead child's output, in the error
)

// errDied says that a program ended by itself.
var errDied = errors.New("stack: the program ended")

// child is one program that was started; it can be started again after its end.
type child struct {
	name  string
	path  string
	args  []string
	env   []string
	ready string      // URL that answers 200 once it works
	log   string      // file its output goes to
	ended chan string // told of an end nobody asked for

	turn  sync.Mutex // one restart at a time
	mu    sync.Mutex // guards what follows
	proc  *os.Process
	done  chan struct{} // closed when the process is gone
	asked bool          // its end was asked for
}

// start runs the program and waits until it is ready.
func (c *child) start(ctx context.Context) error {
	if err := c.launch(); err != nil {
		return fmt.Errorf("stack: start %s: %w", c.name, err)
	}
	return c.waitReady(ctx)
}

// launch starts the process. Linux kills it when the thread that made it ends,
// so one goroutine holds that thread for as long as the child lives.
func (c *child) launch() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	out, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(c.path, c.args...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Dir = filepath.Dir(c.log)
	cmd.Env = append(os.Environ(), c.env...)
	cmd.SysProcAttr = alone()
	started, done := make(chan error, 1), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in its log
			c.tell()
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	c.proc, c.done, c.asked = cmd.Process, done, false
	return nil
}

// tell says that the program ended, unless that was asked for.
func (c *child) tell() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked {
		return
	}
	select {
	case c.ended <- c.name:
	default:
	}
}

// waitReady asks until the program answers 200, ends, or patience is over.
func (c *child) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyPatience)
	defer cancel()
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		if pid, ok := answers(ctx, c.ready); ok && pid == c.pid() {
			return nil
		}
		select {
		case <-c.gone():
			return fmt.Errorf("%w: %s before it was ready; the end of %s:\n%s", errDied, c.name, c.log, tail(c.log))
		case <-ctx.Done():
			return fmt.Errorf("stack: %s did not get ready at %s: %w; the end of %s:\n%s", c.name, c.ready, ctx.Err(), c.log, tail(c.log))
		case <-tick.C:
		}
	}
}

// answers asks a readiness page; pid is whose page it is: another program may
// have taken the port meanwhile.
func answers(ctx context.Context, url string) (pid int, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, false
	}
	defer resp.Body.Close()
	var page struct{ PID int }
	err = json.NewDecoder(io.LimitReader(resp.Body, tailBytes)).Decode(&page)
	return page.PID, err == nil && resp.StatusCode == http.StatusOK
}

// pid is the process's number, 0 when none was started.
func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proc == nil {
		return 0
	}
	return c.proc.Pid
}

// gone is closed when no process runs.
func (c *child) gone() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		gone := make(chan struct{})
		close(gone)
		return gone
	}
	return c.done
}

// running tells whether the process lives.
func (c *child) running() bool {
	select {
	case <-c.gone():
		return false
	default:
		return true
	}
}

// ask is the process's number, also its group's, for an end that is asked for.
func (c *child) ask() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = true
	return c.proc.Pid
}

// stop asks the program to end and kills it when it does not.
func (c *child) stop() error {
	if !c.running() {
		return nil
	}
	_ = syscall.Kill(c.ask(), syscall.SIGTERM)
	select {
	case <-c.gone():
		return nil
	case <-time.After(stopPatience):
		return c.kill()
	}
}

// restart starts the program again; one that runs is stopped first. Two at a
// time take turns.
func (c *child) restart(ctx context.Context) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	if err := c.stop(); err != nil {
		return err
	}
	return c.start(ctx)
}

// kill takes the program away as a power cut would, with all it started.
func (c *child) kill() error {
	if !c.running() {
		return nil
	}
	_ = syscall.Kill(-c.ask(), syscall.SIGKILL)
	select {
	case <-c.gone():
		return nil
	case <-time.After(killPatience):
		return fmt.Errorf("stack: %s did not die of SIGKILL", c.name)
	}
}

// tail is the end of a file, indented.
func tail(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return "  " + err.Error()
	}
	if len(b) > tailBytes {
		b = b[len(b)-tailBytes:]
		b = b[bytes.IndexByte(b, '\n')+1:]
	}
	return "  " + strings.ReplaceAll(strings.TrimSpace(string(b)), "\n", "\n  ")
}
