package smpp

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	foreign "github.com/fiorix/go-smpp/smpp"
	"github.com/fiorix/go-smpp/smpp/pdu"
	"github.com/fiorix/go-smpp/smpp/pdu/pdufield"
	"github.com/fiorix/go-smpp/smpp/pdu/pdutext"
	"github.com/fiorix/go-smpp/smpp/smpptest"
)

// foreignSMSC is go-smpp's test server, answering every submit_sm; then is what it
// does after that, on the goroutine that owns the connection, as nothing else may
// write there.
func foreignSMSC(tb testing.TB, user string, then ...func(smpptest.Conn)) *smpptest.Server {
	tb.Helper()
	v := smpptest.NewUnstartedServer()
	v.User, v.Passwd = user, secret
	v.Handler = func(c smpptest.Conn, p pdu.Body) {
		if p.Header().ID != pdu.SubmitSMID {
			return
		}
		r := pdu.NewSubmitSMResp()
		r.Header().Seq = p.Header().Seq
		_ = r.Fields().Set(pdufield.MessageID, "a1b2c3d4e5")
		_ = c.Write(r)
		for _, f := range then {
			f(c)
		}
	}
	v.Start()
	tb.Cleanup(v.Close)
	return v
}

// foreignESME is go-smpp's Transceiver, bound.
func foreignESME(tb testing.TB, addr string, window int) func() error {
	tb.Helper()
	tr := &foreign.Transceiver{Addr: addr, User: "house", Passwd: secret, WindowSize: uint(window)}
	if st := <-tr.Bind(); st.Status() != foreign.Connected {
		tb.Fatal(st.Error())
	}
	tb.Cleanup(func() { _ = tr.Close() })
	text := pdutext.Raw(benchMessage().Text)
	return func() error {
		_, err := tr.Submit(&foreign.ShortMessage{Src: "MLANGO", Dst: "254722000001", Text: text})
		return err
	}
}

// ourESME is our client, bound, which takes smpptest's answer to the bind too.
func ourESME(tb testing.TB, addr string, window int) func() error {
	tb.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := Bind(context.Background(), renumbered{conn}, Config{SystemID: "house", Password: secret, Window: window})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Abort)
	m := benchMessage()
	return func() error {
		_, err := s.Submit(context.Background(), m)
		return err
	}
}

// pressed runs send from w goroutines, b.N times in all.
func pressed(b *testing.B, w int, send func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	done := make(chan error, w)
	b.ReportAllocs()
	b.ResetTimer()
	for range w {
		go func() {
			for left.Add(-1) >= 0 {
				if err := send(); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range w {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

// BenchmarkPairs is ours and go-smpp's, as ESME and as SMSC, each against each, in
// one run: the ratios count, not the figures.
func BenchmarkPairs(b *testing.B) {
	for _, w := range []int{1, 10, 100} {
		for _, esme := range []struct {
			name string
			bind func(testing.TB, string, int) func() error
		}{{"ours", ourESME}, {"gosmpp", foreignESME}} {
			b.Run(fmt.Sprintf("w=%d/esme=%s/smsc=ours", w, esme.name), func(b *testing.B) {
				_, addr := listen(b, ServerConfig{})
				pressed(b, w, esme.bind(b, addr, w))
			})
			b.Run(fmt.Sprintf("w=%d/esme=%s/smsc=smpptest", w, esme.name), func(b *testing.B) {
				pressed(b, w, esme.bind(b, foreignSMSC(b, "house").Addr(), w))
			})
		}
	}
}

// BenchmarkServerGoSMPP is BenchmarkServer with smpptest for our server.
func BenchmarkServerGoSMPP(b *testing.B) {
	for _, w := range []int{10, 100} {
		b.Run(fmt.Sprintf("w=%d", w), func(b *testing.B) {
			v := foreignSMSC(b, "drive")
			one := appendMessage(nil, 1, benchMessage())
			b.ReportAllocs()
			b.ResetTimer()
			if err := drive(v.Addr(), one, w, b.N); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}

// TestIdleBindsAreSmall holds both ends of a few hundred binds in this process:
// what one end costs is at most 32 KiB.
func TestIdleBindsAreSmall(t *testing.T) {
	const binds = 200
	_, addr := listen(t, ServerConfig{})
	before := heap()
	for range binds {
		dial(t, addr)
	}
	each := (heap() - before) / (2 * binds)
	t.Logf("%d octets for each end of an idle bind", each)
	if each > 32<<10 {
		t.Errorf("an idle bind costs %d octets", each)
	}
}
