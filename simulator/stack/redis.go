package stack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Redis is a redis-server of a run's own, that keeps nothing on disk: it can be killed,
// stopped and started again.
type Redis struct {
	Addr string // host:port
	dir  string
	turn sync.Mutex // one end or beginning at a time
	cmd  *exec.Cmd
	done chan struct{} // closed when the process is gone
}

// errRedis says that no redis-server can be started.
var errRedis = errors.New("stack: Redis does not answer")

// redisPatience is how long a redis-server may take to answer.
const redisPatience = 10 * time.Second

// StartRedis starts one on a free port; dir is a folder that it may write to.
func StartRedis(ctx context.Context, dir string) (*Redis, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, fmt.Errorf("%w: there is no redis-server here – apt-get install redis-server, or name a running one: %w", ErrConfig, err)
	}
	addr, _, err := FreePort("127.0.0.1:16379")
	if err != nil {
		return nil, err
	}
	r := &Redis{Addr: addr, dir: dir}
	return r, r.Start(ctx)
}

// URL is how a stack names it.
func (r *Redis) URL() string { return "redis://" + r.Addr + "/0" }

// Start starts it, again after its end, and waits until it answers.
func (r *Redis) Start(ctx context.Context) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	_, port, err := net.SplitHostPort(r.Addr)
	if err != nil {
		return fmt.Errorf("stack: Redis: %w", err)
	}
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", r.dir)
	cmd.SysProcAttr = alone()
	began, done := make(chan error, 1), make(chan struct{})
	go func() { // Linux kills it when the thread that made it ends
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(done)
		err := cmd.Start()
		began <- err
		if err == nil {
			_ = cmd.Wait() // how it ended is nobody's concern
		}
	}()
	if err := <-began; err != nil {
		return fmt.Errorf("stack: start Redis: %w", err)
	}
	r.cmd, r.done = cmd, done
	ctx, cancel := context.WithTimeout(ctx, redisPatience)
	defer cancel()
	for tick := time.NewTicker(readyEvery); ; {
		if answer, err := askRedis(r.Addr, "", "PING"); err == nil && answer == "+PONG" {
			tick.Stop()
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			tick.Stop()
			return fmt.Errorf("%w at %s", errRedis, r.Addr)
		}
	}
}

// Kill takes it away as a power cut would.
func (r *Redis) Kill() error {
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.cmd == nil {
		return nil
	}
	_ = r.cmd.Process.Kill() // it may be dead
	select {
	case <-r.done:
		return nil
	case <-time.After(killPatience):
		return fmt.Errorf("stack: Redis did not die of SIGKILL")
	}
}

// Freeze stops it in its tracks, or lets it go on.
func (r *Redis) Freeze(on bool) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.cmd == nil {
		return nil
	}
	select {
	case <-r.done: // a dead program stands still, and its number may be another's by now
		return nil
	default:
		return signalGroup(r.cmd.Process.Pid, on)
	}
}

// FlushRedis lets the database of a stack's Redis forget everything.
func (s *Stack) FlushRedis() error {
	p, err := s.cfg.redis()
	if err != nil {
		return err
	}
	if p == nil {
		return fmt.Errorf("%w: this run has no Redis", ErrConfig)
	}
	if _, err := strconv.Atoi(p.DB); err != nil {
		return fmt.Errorf("%w: Redis database %q", ErrConfig, p.DB)
	}
	if answer, err := askRedis(p.Addr, p.Password, "SELECT "+p.DB, "FLUSHDB"); err != nil || !strings.HasPrefix(answer, "+OK") {
		return fmt.Errorf("stack: flush Redis: %q %w", answer, err)
	}
	return nil
}

// Freeze stops a program in its tracks (SIGSTOP), or lets it go on (SIGCONT).
func (s *Stack) Freeze(target string, on bool) error {
	c := s.children[target]
	if c == nil {
		return errTarget
	}
	if pid := c.pid(); c.running() && pid != 0 {
		return signalGroup(pid, on)
	}
	return nil // a dead program stands still
}

// signalGroup stops a process, or lets it go on.
func signalGroup(pid int, stop bool) error {
	signal := syscall.SIGCONT
	if stop {
		signal = syscall.SIGSTOP
	}
	if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stack: %s: %w", signal, err)
	}
	return nil
}

// askRedis sends commands and returns the first line of the last one's answer.
func askRedis(addr, password string, commands ...string) (answer string, err error) {
	conn, err := net.DialTimeout("tcp", addr, observePatience)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(observePatience))
	if password != "" {
		commands = append([]string{"AUTH " + password}, commands...)
	}
	lines := bufio.NewReader(io.LimitReader(conn, maxInfo))
	for _, c := range commands {
		if _, err := io.WriteString(conn, c+"\r\n"); err != nil {
			return "", err
		}
		if answer, err = lines.ReadString('\n'); err != nil {
			return "", err
		}
		answer = strings.TrimSpace(answer)
	}
	return answer, nil
}
