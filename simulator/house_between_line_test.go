//go:build house

package main

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
)

// line stands between the gateway and the operator. What the gateway sends on a bind
// goes through change, which may keep a PDU and give it back with a later one.
type line struct {
	t      testing.TB
	ln     net.Listener
	real   string // the operator's own port
	change func(p []byte) [][]byte
	mu     sync.Mutex // one PDU at a time
}

func newLine(t testing.TB, change func(p []byte) [][]byte) *line {
	t.Helper()
	ln, err := net.Listen("tcp", newPort(t))
	if err != nil {
		t.Fatal(err)
	}
	l := &line{t: t, ln: ln, change: change}
	t.Cleanup(func() { _ = ln.Close() })
	return l
}

// lead takes binds from now on, to the operator at addr, and tells where.
func (l *line) lead(addr string) string {
	l.real = addr
	go func() {
		for {
			conn, err := l.ln.Accept()
			if err != nil {
				return
			}
			go l.pass(conn)
		}
	}()
	return l.ln.Addr().String()
}

// pass carries one bind both ways until either side is gone.
func (l *line) pass(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", l.real)
	if err != nil {
		return
	}
	defer far.Close()
	go func() {
		_, _ = io.Copy(near, far)
		_ = near.Close()
	}()
	for {
		p, err := readPDU(near)
		if err != nil {
			return
		}
		for _, out := range l.changed(p) {
			if _, err := far.Write(out); err != nil {
				return
			}
		}
	}
}

func (l *line) changed(p []byte) [][]byte {
	if binary.BigEndian.Uint32(p[4:]) != idSubmitSM {
		return [][]byte{p}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.change(p)
}

// textAt is where the sm_length of a submit_sm stands (SMPP 3.4 §4.4.1).
func textAt(p []byte) int {
	at := pduHeader
	skip := func(fixed int) { at += bytes.IndexByte(p[at:], 0) + 1 + fixed }
	skip(2) // service_type, then the source's TON and NPI
	skip(2) // source_addr, then the destination's
	skip(3) // destination_addr, then esm_class, protocol_id, priority_flag
	skip(0) // schedule_delivery_time
	skip(4) // validity_period, then registered_delivery to sm_default_msg_id
	return at
}

func textOf(p []byte) []byte {
	at := textAt(p)
	return p[at+1 : at+1+int(p[at])]
}

// withText is a submit_sm with another text.
func withText(p, text []byte) []byte {
	at := textAt(p)
	out := append(bytes.Clone(p[:at]), byte(len(text)))
	out = append(append(out, text...), p[at+1+int(p[at]):]...)
	binary.BigEndian.PutUint32(out, uint32(len(out)))
	return out
}

// changesNothing is a line that does not lie.
func changesNothing() func(p []byte) [][]byte {
	return func(p []byte) [][]byte { return [][]byte{withText(p, textOf(p))} }
}

// swapsFigures changes a digit of the amount in one SMS of a few.
func swapsFigures() func(p []byte) [][]byte {
	n := 0
	return func(p []byte) [][]byte {
		text := textOf(p)
		at := bytes.Index(text, []byte("Ksh"))
		if at < 0 || !bytes.Contains(text, []byte("New balance is")) {
			return [][]byte{p}
		}
		if n++; n%lieEvery == 0 {
			digit := &text[at+len("Ksh")]
			*digit = '1' + (*digit-'0')%9
		}
		return [][]byte{p}
	}
}

// swapsScreens keeps one screen of a few that says done until the next one comes, and
// gives each the other's text: it is late, and wrong.
func swapsScreens() func(p []byte) [][]byte {
	var kept []byte
	n := 0
	return func(p []byte) [][]byte {
		text := textOf(p)
		if !bytes.Contains(text, []byte(" Confirmed. ")) || !bytes.Contains(text, []byte(". Fee Ksh")) {
			return [][]byte{p}
		}
		if n++; kept == nil && n%lieEvery == 0 {
			kept = p
			return nil
		} else if kept == nil {
			return [][]byte{p}
		}
		first, second := withText(kept, text), withText(p, textOf(kept))
		kept = nil
		return [][]byte{first, second}
	}
}
