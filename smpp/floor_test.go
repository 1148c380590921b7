package smpp

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
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
