package smpp

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
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

// junkPerSecond is how often strangers connect, say something and leave.
const junkPerSecond = 10_000

// BenchmarkJunk is what a bound peer at 2,000 messages/s notices of strangers who
// connect 10,000 times a second: the p99 of its answers without and with them, in
// turns. Those who knock share the two cores with both, so "floor" is the same peer
// beside as many connections to a listener that does nothing.
func BenchmarkJunk(b *testing.B) {
	_, addr := listen(b, ServerConfig{MaxAddr: 0})
	s := dial(b, addr, func(c *Config) { c.Window = 10 })
	idle := deaf(b)
	var quiet, floor, junk []time.Duration
	for range b.N {
		quiet = append(quiet, paced(b, s)...)
		floor = append(floor, beside(b, idle, s)...)
		junk = append(junk, beside(b, addr, s)...)
	}
	b.ReportMetric(p99(quiet), "quiet-p99-µs")
	b.ReportMetric(p99(floor), "floor-p99-µs")
	b.ReportMetric(p99(junk), "junk-p99-µs")
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

// beside is paced while strangers knock at an address.
func beside(tb testing.TB, addr string, s *Session) []time.Duration {
	var over atomic.Bool
	var knocking sync.WaitGroup
	const hands = 4
	for range hands {
		knocking.Go(func() {
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for !over.Load() {
				<-tick.C
				for range junkPerSecond / 1000 / hands {
					if conn, err := net.Dial("tcp", addr); err == nil {
						_, _ = conn.Write([]byte("GET / HTTP/1.0\r\n\r\n"))
						_ = conn.Close()
					}
				}
			}
		})
	}
	took := paced(tb, s)
	over.Store(true)
	knocking.Wait()
	return took
}

func p99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*99/100].Microseconds())
}
