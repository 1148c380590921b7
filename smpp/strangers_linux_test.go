package smpp

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// junkPerSecond is how often strangers connect, say something and leave.
const junkPerSecond = 10_000

// BenchmarkJunk is what a bound peer at 2,000 messages/s notices of strangers who
// connect 10,000 times a second: the p99 of its answers without and with them, in
// turns. The strangers are a process of the lowest priority, as their work is not
// ours; what the kernel does for each of their connections is nobody's choice, so
// "floor" is the same peer beside as many at a listener that does nothing.
func BenchmarkJunk(b *testing.B) {
	_, addr := listen(b, ServerConfig{})
	s := dial(b, addr, func(c *Config) { c.Window = 10 })
	idle := deaf(b)
	var quiet, floor, junk []time.Duration
	knocks, knocking := 0, time.Duration(0)
	for i := range b.N {
		quiet = append(quiet, paced(b, s)...)
		for _, first := range []bool{i%2 == 0, i%2 != 0} {
			at, took := addr, &junk
			if first {
				at, took = idle, &floor
			}
			stop, began := strangers(b, at), time.Now()
			*took = append(*took, paced(b, s)...)
			knocking += time.Since(began)
			knocks += stop()
		}
	}
	b.ReportMetric(p99(quiet), "quiet-p99-µs")
	b.ReportMetric(p99(floor), "floor-p99-µs")
	b.ReportMetric(p99(junk), "junk-p99-µs")
	b.ReportMetric(float64(knocks)/knocking.Seconds(), "knocks/s")
}

// BenchmarkKnock is what one stranger costs the process he knocks at, the kernel's
// share included, in CPU time: a server's, and a listener's that does nothing.
func BenchmarkKnock(b *testing.B) {
	_, server := listen(b, ServerConfig{})
	for _, at := range []struct{ name, addr string }{{"deaf", deaf(b)}, {"server", server}} {
		b.Run(at.name, func(b *testing.B) {
			stop := strangers(b, at.addr)
			time.Sleep(200 * time.Millisecond) // past the share that an address has at once
			before := spent()
			time.Sleep(time.Second)
			after := spent()
			b.ReportMetric(float64((after-before).Nanoseconds())/(float64(stop())/1.2), "cpu-ns/knock")
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

// paced submits 2,000 messages in a second and tells how long each answer took.
func paced(tb testing.TB, s *Session) (took []time.Duration) {
	tick := time.NewTicker(time.Second / 2000)
	defer tick.Stop()
	m := benchMessage()
	for range 2000 {
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
// how often they did.
func strangers(tb testing.TB, addr string) (stop func() (knocks int)) {
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
	return func() (knocks int) {
		_ = until.Close()
		_ = cmd.Wait()
		if _, err := fmt.Sscanf(said.String()[strings.Index(said.String(), "knocked "):], "knocked %d", &knocks); err != nil {
			tb.Fatal(err, said.String())
		}
		return knocks
	}
}

// TestStrangers is what the process of strangers does; of itself it does nothing. Its
// threads run when nothing else wants to: in the world they are other machines.
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
	var knocked atomic.Int64
	var hands sync.WaitGroup
	for range 4 {
		hands.Go(func() {
			runtime.LockOSThread()
			if err := unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}, 0); err != nil {
				t.Error(err)
			}
			for begin, n := time.Now(), 0; !over.Load(); n++ {
				time.Sleep(time.Until(begin.Add(time.Duration(n) * time.Second * 4 / junkPerSecond)))
				if err := knockOnce(at); err != nil {
					t.Error(err)
					return
				}
				knocked.Add(1)
			}
		})
	}
	hands.Wait()
	fmt.Printf("knocked %d\n", knocked.Load())
}

// knockOnce is one stranger: he connects, says something if he was let in, and leaves. He
// waits for nobody.
func knockOnce(at netip.AddrPort) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().As4()})
	if err == nil {
		_, _ = unix.Write(fd, []byte("GET / HTTP/1.0\r\n\r\n"))
	}
	return nil
}

func p99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*99/100].Microseconds())
}
