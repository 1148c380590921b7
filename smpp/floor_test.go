package smpp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// hear listens until the test ends and hands on every connection.
func hear(tb testing.TB, each func(net.Conn)) (addr string) {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			each(conn)
		}
	}()
	return ln.Addr().String()
}

// sink is an SMSC that does nothing but answer: what is measured against it is the
// client's.
func sink(tb testing.TB) (addr string) {
	tb.Helper()
	return hear(tb, func(conn net.Conn) { go drain(conn) })
}

// drain answers every request of one connection, what came together together.
func drain(conn net.Conn) {
	defer conn.Close()
	in, out := newFrames(conn, time.Hour), []byte(nil)
	for {
		frame, err := in.next()
		if err != nil {
			return
		}
		h := parseHeader(frame)
		start := len(out)
		out = appendHeader(out, header{id: h.id | responseBit, seq: h.seq})
		if h.id != pdu.EnquireLinkID && h.id != pdu.UnbindID {
			out = appendCString(out, "a1b2c3d4e5")
		}
		out = closeFrame(out, start)
		if !in.ready() {
			if _, err := conn.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
	}
}

// BenchmarkClient is our client against an SMSC that only answers.
func BenchmarkClient(b *testing.B) {
	for _, w := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("w=%d", w), func(b *testing.B) {
			s := dial(b, sink(b), func(c *Config) { c.Window = w })
			m := benchMessage()
			b.ReportAllocs()
			pressed(b, w, func() error {
				_, err := s.Submit(context.Background(), m)
				return err
			})
		})
	}
}

// BenchmarkRawTCP is the floor under a window of one: a frame as long as ours one
// way, one as long as its answer back, and nothing else.
func BenchmarkRawTCP(b *testing.B) {
	conn, err := net.Dial("tcp", sink(b))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	one := appendMessage(nil, 1, benchMessage())
	answer := make([]byte, len(appendResponse(nil, header{id: pdu.SubmitSMID}, StatusOK, "a1b2c3d4e5")))
	b.ResetTimer()
	for range b.N {
		if _, err := conn.Write(one); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(conn, answer); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// BenchmarkWindowOne is one request after the other over our client and over a bare
// connection, in turns of a hundred, so that both have the machine's same moments: the
// share is what of the bare connection's rate ours keeps.
func BenchmarkWindowOne(b *testing.B) {
	addr := sink(b)
	s := dial(b, addr, func(c *Config) { c.Window = 1 })
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	m := benchMessage()
	one := appendMessage(nil, 1, m)
	answer := make([]byte, len(appendResponse(nil, header{id: pdu.SubmitSMID}, StatusOK, "a1b2c3d4e5")))
	var bare, ours []time.Duration
	for range b.N {
		bare = append(bare, hundred(b, func() error {
			if _, err := conn.Write(one); err != nil {
				return err
			}
			_, err := io.ReadFull(conn, answer)
			return err
		}))
		ours = append(ours, hundred(b, func() error {
			_, err := s.Submit(context.Background(), m)
			return err
		}))
	}
	slices.Sort(bare)
	slices.Sort(ours)
	half := len(bare) / 2
	b.ReportMetric(float64(100*bare[half])/float64(ours[half]), "%-of-bare")
	b.ReportMetric(float64(100*bare[0])/float64(ours[0]), "%-of-bare-at-best")
	b.ReportMetric(float64(ours[half].Nanoseconds())/100, "ours-ns")
	b.ReportMetric(float64(bare[half].Nanoseconds())/100, "bare-ns")
}

func hundred(tb testing.TB, trip func() error) time.Duration {
	began := time.Now()
	for range 100 {
		if err := trip(); err != nil {
			tb.Fatal(err)
		}
	}
	return time.Since(began)
}

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

// TestStrangers is what the process of strangers does; of itself it does nothing.
func TestStrangers(t *testing.T) {
	addr := os.Getenv(strangersAt)
	if addr == "" {
		return
	}
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19)
	var over atomic.Bool
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		over.Store(true)
	}()
	var knocked atomic.Int64
	var hands sync.WaitGroup
	for range 4 {
		hands.Go(func() {
			for begin, n := time.Now(), 0; !over.Load(); n++ {
				time.Sleep(time.Until(begin.Add(time.Duration(n) * time.Second * 4 / junkPerSecond)))
				if conn, err := net.Dial("tcp", addr); err == nil {
					_, _ = conn.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
					_ = conn.Close()
					knocked.Add(1)
				}
			}
		})
	}
	hands.Wait()
	fmt.Printf("knocked %d\n", knocked.Load())
}

func p99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*99/100].Microseconds())
}
