package smpp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// junkPerSecond is how often strangers connect, say something and leave.
const junkPerSecond = 10_000

// BenchmarkJunk is what a bound peer at 2,000 messages/s notices of strangers who
// knock 10,000 times a second: the p99 of its answers without and with them, in turns, each
// for as long as an address is shut out. "floor" is the same peer beside as many at a
// listener that accepts and closes, and does nothing else; "alone" beside as many of whom
// nobody hears: what their own process takes of the two cores, which in the world are
// another machine's. It has one of them, when nobody else wants it.
func BenchmarkJunk(b *testing.B) {
	_, addr := listen(b, ServerConfig{})
	s := dial(b, addr, func(c *Config) { c.Window = 10 })
	idle, shut := deaf(b), closed(b)
	beside := func(at string) (took []time.Duration) {
		stop, began := strangers(b, at), time.Now()
		took = paced(b, s)
		knocks, in := stop()
		b.Logf("%s: %.0f knocks/s, %d of %d let in", at, float64(knocks)/time.Since(began).Seconds(), in, knocks)
		return took
	}
	var quiet, alone, floor, junk []time.Duration
	for i := range b.N {
		if i%2 == 0 {
			quiet, junk = append(quiet, paced(b, s)...), append(junk, beside(addr)...)
		} else {
			junk, quiet = append(junk, beside(addr)...), append(quiet, paced(b, s)...)
		}
		floor, alone = append(floor, beside(idle)...), append(alone, beside(shut)...)
		time.Sleep(shutFor)
	}
	b.ReportMetric(p99(quiet), "quiet-p99-µs")
	b.ReportMetric(p99(alone), "alone-p99-µs")
	b.ReportMetric(p99(floor), "floor-p99-µs")
	b.ReportMetric(p99(junk), "junk-p99-µs")
	b.ReportMetric(p99(junk)/p99(quiet), "of-quiet")
}

// BenchmarkKnock is what one stranger costs the process he knocks at, the kernel's
// share included, in CPU time: a listener's that accepts and closes, and a server's, for
// whom after the first of them the kernel drops what they send.
func BenchmarkKnock(b *testing.B) {
	_, server := listen(b, ServerConfig{})
	for _, at := range []struct{ name, addr string }{{"deaf", deaf(b)}, {"server", server}} {
		b.Run(at.name, func(b *testing.B) {
			stop := strangers(b, at.addr)
			time.Sleep(200 * time.Millisecond) // past those that are turned away before they are shut out
			before := spent()
			time.Sleep(time.Second)
			after := spent()
			knocks, _ := stop()
			b.ReportMetric(float64((after-before).Nanoseconds())/(float64(knocks)/1.2), "cpu-ns/knock")
		})
	}
}

// spent is the CPU time of this process.
func spent() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// deaf accepts and closes.
func deaf(tb testing.TB) (addr string) {
	tb.Helper()
	return hear(tb, func(conn net.Conn) { _ = conn.Close() })
}

// closed hears nobody: the kernel drops every SYN.
func closed(tb testing.TB) (addr string) {
	tb.Helper()
	ln, err := Listen("127.0.0.1:0")
	if err == nil {
		err = dropSYNs(ln, []netip.Addr{netip.MustParseAddr("127.0.0.1")})
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { ln.Close() })
	return ln.Addr().String()
}

// paced submits 2,000 messages a second, for ten, and tells how long each answer took.
func paced(tb testing.TB, s *Session) (took []time.Duration) {
	tick := time.NewTicker(time.Second / 2000)
	defer tick.Stop()
	m := benchMessage()
	for range 20_000 {
		<-tick.C
		begin := time.Now()
		if _, err := s.Submit(tb.Context(), m); err != nil {
			tb.Fatal(err)
		}
		took = append(took, time.Since(begin))
	}
	return took
}

// strangersAt names the variable that makes this program the strangers of another.
const strangersAt = "MLANGO_STRANGERS_AT"

// strangers knock at an address from a process of their own until stop, which tells
// how often they did, and how many connections came about.
func strangers(tb testing.TB, addr string) (stop func() (knocks, in int)) {
	tb.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestStrangers$", "-test.v")
	cmd.Env = append(os.Environ(), strangersAt+"="+addr)
	until, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stdout = &said
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	return func() (knocks, in int) {
		_ = until.Close()
		_ = cmd.Wait()
		_, figures, _ := strings.Cut(said.String(), "knocked ")
		if _, err := fmt.Sscanf(figures, "%d in %d", &knocks, &in); err != nil {
			tb.Fatal(err, said.String())
		}
		return knocks, in
	}
}

// TestStrangers is what the process of strangers does; of itself it does nothing. It
// has one processor, when nothing else wants it: in the world they are other machines.
func TestStrangers(t *testing.T) {
	at, err := netip.ParseAddrPort(os.Getenv(strangersAt))
	if err != nil {
		return
	}
	var over atomic.Bool
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		over.Store(true)
	}()
	runtime.LockOSThread()
	if err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}, 0); err != nil {
		t.Fatal(err)
	}
	var ours, last unix.CPUSet
	if err := unix.SchedGetaffinity(0, &ours); err != nil {
		t.Fatal(err)
	}
	for cpu := range 1024 {
		if ours.IsSet(cpu) {
			last.Zero()
			last.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &last); err != nil {
		t.Fatal(err)
	}
	knocked, let := 0, 0
	for begin := time.Now(); !over.Load(); knocked++ {
		time.Sleep(time.Until(begin.Add(time.Duration(knocked) * time.Second / junkPerSecond)))
		in, err := knockOnce(at)
		if err != nil {
			t.Fatal(err)
		}
		if in {
			let++
		}
	}
	fmt.Printf("knocked %d in %d\n", knocked, let)
}

// knockOnce is one stranger: he connects, says something if he was let in, and leaves. He
// waits for nobody: on one machine a connection that is let in is so at once.
func knockOnce(at netip.AddrPort) (in bool, err error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return false, fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()}); err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return false, fmt.Errorf("connect: %w", err)
	}
	_, err = unix.Write(fd, []byte("GET / HTTP/1.0\r\n\r\n"))
	return err == nil, nil
}

func p99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*99/100].Microseconds())
}
