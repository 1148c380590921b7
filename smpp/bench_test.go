package smpp

import (
	"bytes"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// benchMessage is a USSD screen: a submit_sm of about 150 octets with two TLVs.
func benchMessage() *Message {
	m := sms("1. Send money\n2. Airtime\n3. Balance\n4. Last transaction\n5. Lugha\n0. Back")
	m.ServiceType = "USSD"
	m.TLVs = []TLV{{TagUSSDServiceOp, []byte{2}}, {TagITSSessionInfo, []byte{1, 2}}}
	return m
}

func BenchmarkDecodeSubmitSM(b *testing.B) {
	frame := appendMessage(nil, 1, benchMessage())
	b.ReportAllocs()
	b.SetBytes(int64(len(frame)))
	for b.Loop() {
		if _, err := DecodeMessage(pdu.SubmitSMID, frame[headerLen:]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeGoSMPP reads the same PDU with go-smpp, for the ratio.
func BenchmarkDecodeGoSMPP(b *testing.B) {
	frame := appendMessage(nil, 1, benchMessage())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pdu.Decode(bytes.NewReader(frame)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeSubmitSM(b *testing.B) {
	m := benchMessage()
	dst := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.check(); err != nil {
			b.Fatal(err)
		}
		dst = appendMessage(dst[:0], 1, m)
	}
}

func BenchmarkEncodeSubmitSMResp(b *testing.B) {
	dst := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		dst = appendResponse(dst[:0], header{id: pdu.SubmitSMID, seq: 7}, StatusOK, "a1b2c3d4e5")
	}
}

func BenchmarkEncodeText(b *testing.B) {
	const text = "TKM4K2X9QZ Confirmed. Ksh5,000.00 sent to JANE W 0722***002 on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00. Transaction cost, Ksh57.00."
	b.ReportAllocs()
	for b.Loop() {
		EncodeText(text)
	}
}

// BenchmarkExchange is submit_sm and its answer over loopback TCP, both ends in
// this process: w requests in flight on one bind.
func BenchmarkExchange(b *testing.B) {
	for _, w := range []int{1, 10, 100} {
		b.Run(fmt.Sprintf("w=%d", w), func(b *testing.B) {
			_, addr := listen(b, ServerConfig{})
			s := dial(b, addr, func(c *Config) { c.Window = w })
			m := benchMessage()
			var left atomic.Int64
			left.Store(int64(b.N))
			done := make(chan error, w)
			b.ReportAllocs()
			b.ResetTimer()
			for range w {
				go func() {
					for left.Add(-1) >= 0 {
						if _, err := s.Submit(b.Context(), m); err != nil {
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
		})
	}
}

// BenchmarkServer is our server under a raw client that keeps w requests in
// flight and only counts the answers: the figure of peers' servers in the anchor.
func BenchmarkServer(b *testing.B) {
	for _, w := range []int{10, 100} {
		b.Run(fmt.Sprintf("w=%d", w), func(b *testing.B) {
			_, addr := listen(b, ServerConfig{})
			one := appendMessage(nil, 1, benchMessage())
			b.ReportAllocs()
			b.ResetTimer()
			if err := drive(addr, one, w, b.N); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
		})
	}
}
