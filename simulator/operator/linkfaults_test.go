package operator

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"
	"time"
)

// pdu is a header alone, with a command and a number.
func pdu(command, sequence uint32) []byte {
	b := make([]byte, respHeader)
	binary.BigEndian.PutUint32(b, respHeader)
	binary.BigEndian.PutUint32(b[4:], command)
	binary.BigEndian.PutUint32(b[12:], sequence)
	return b
}

// linkOf is a link with faults, and what arrives at its other end.
func linkOf(t *testing.T, f Faults) (*faultyConn, chan []byte) {
	t.Helper()
	o := &Operator{}
	o.SetFaults(f)
	near, far := net.Pipe()
	c := &faultyConn{Conn: near, o: o}
	came := make(chan []byte, 16)
	go func() {
		for {
			b := make([]byte, respHeader)
			for n := 0; n < len(b); {
				m, err := far.Read(b[n:])
				if err != nil {
					close(came)
					return
				}
				n += m
			}
			came <- b
		}
	}()
	t.Cleanup(func() { near.Close(); far.Close() })
	return c, came
}

// TestPDUsTwiceAndMixed: one PDU of so many comes twice, one after the next; none is lost.
func TestPDUsTwiceAndMixed(t *testing.T) {
	for name, row := range map[string]struct {
		f    Faults
		want []uint32
	}{
		"twice":    {Faults{PDUTwice: 2}, []uint32{1, 2, 2, 3, 4, 4}},
		"mixed":    {Faults{PDUSwap: 2}, []uint32{1, 3, 2, 4}},
		"answered": {Faults{RespTwice: 1}, []uint32{1, 1, 2, 2, 3, 3, 4, 4}},
	} {
		c, came := linkOf(t, row.f)
		for n := range uint32(4) {
			if _, err := c.Write(pdu(idSubmitResp, n+1)); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range row.want {
			if got := binary.BigEndian.Uint32((<-came)[12:]); got != want {
				t.Errorf("%s: number %d is %d, want %d", name, i, got, want)
			}
		}
	}
}

// TestHalfOpenStaysSo: nothing passes a link that was half open, and it looks well.
func TestHalfOpenStaysSo(t *testing.T) {
	c, came := linkOf(t, Faults{HalfOpen: true})
	if n, err := c.Write(pdu(idDeliver, 1)); n != respHeader || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	c.o.SetFaults(Faults{})
	if _, err := c.Write(pdu(idDeliver, 2)); err != nil {
		t.Fatal(err)
	}
	select {
	case b := <-came:
		t.Errorf("%d came", binary.BigEndian.Uint32(b[12:]))
	case <-time.After(20 * time.Millisecond):
	}
	good, arrives := linkOf(t, Faults{})
	if _, err := good.Write(pdu(idDeliver, 3)); err != nil || !bytes.Equal(<-arrives, pdu(idDeliver, 3)) {
		t.Error("a good link does not pass")
	}
}
