package smpp

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// header is the head of every PDU (SMPP 3.4 §3.2); the length is the frame's.
type header struct {
	id     CommandID
	status Status
	seq    uint32
}

const responseBit CommandID = 0x80000000

func (h header) isResponse() bool { return h.id&responseBit != 0 }

// answer is the head of the response to h.
func (h header) answer(status Status) header {
	return header{id: h.id | responseBit, status: status, seq: h.seq}
}

func parseHeader(frame []byte) header {
	return header{
		id:     CommandID(binary.BigEndian.Uint32(frame[4:])),
		status: Status(binary.BigEndian.Uint32(frame[8:])),
		seq:    binary.BigEndian.Uint32(frame[12:]),
	}
}

// appendHeader begins a PDU whose length closeFrame fills in.
func appendHeader(dst []byte, h header) []byte {
	dst = append(dst, 0, 0, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(h.id))
	dst = binary.BigEndian.AppendUint32(dst, uint32(h.status))
	return binary.BigEndian.AppendUint32(dst, h.seq)
}

// closeFrame writes the length of the PDU that begins at start.
func closeFrame(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start:], uint32(len(dst)-start))
	return dst
}

// appendBare is a PDU that is only a header.
func appendBare(dst []byte, h header) []byte {
	return closeFrame(appendHeader(dst, h), len(dst))
}

// frames cuts what a peer sends into PDUs. Its buffer starts small and grows only
// as octets really come, never beyond the PDU that is being read.
type frames struct {
	conn  net.Conn
	half  time.Duration // for a PDU that began to be complete
	buf   []byte
	r, w  int
	armed bool // the connection has a read deadline
	timed bool // it is this PDU's

	failed error       // every later call's; resume may lift it
	called atomic.Bool // whoever reads is to stop: see lease
}

func newFrames(conn net.Conn, half time.Duration) *frames {
	return &frames{conn: conn, half: half, buf: make([]byte, firstRead)}
}

// ready says that the next PDU is here whole, so next will not wait.
func (f *frames) ready() bool {
	n, err := f.length()
	return err != nil || n > 0 && f.w-f.r >= n
}

// length of the PDU at hand, 0 while its first four octets are not here.
func (f *frames) length() (int, error) {
	if f.w-f.r < 4 {
		return 0, nil
	}
	n := binary.BigEndian.Uint32(f.buf[f.r:])
	if n < headerLen || n > maxPDU {
		return 0, fmt.Errorf("%w: %d", errBadLength, n)
	}
	return int(n), nil
}

// next returns the next PDU, valid until the call after it.
func (f *frames) next() ([]byte, error) {
	if err := f.fill(); err != nil {
		return nil, err
	}
	n, _ := f.length() // fill looked at it
	frame := f.buf[f.r : f.r+n]
	f.r += n
	f.timed = false
	return frame, nil
}

// fill waits until the next PDU is here whole. A PDU that began must be complete in
// time; between two PDUs it waits for ever, the sweep and the handshake look after
// silence. Its error is every later call's.
func (f *frames) fill() error {
	for f.failed == nil {
		n, err := f.length()
		if err == nil && n > 0 && f.w-f.r >= n {
			return nil
		}
		if err == nil {
			err = f.more(n)
		}
		f.failed = err
	}
	return f.failed
}

// more reads what has come of a PDU of n octets, 0 when that is not known yet.
func (f *frames) more(n int) error {
	if err := f.clock(f.w > f.r); err != nil {
		return err
	}
	if f.called.Load() { // asked after clock, which may have moved the deadline that calls
		return os.ErrDeadlineExceeded
	}
	f.room(n)
	got, err := f.conn.Read(f.buf[f.w:])
	f.w += got
	if err != nil && got == 0 {
		return fmt.Errorf("smpp: read: %w", err)
	}
	return nil
}

// clock starts when a PDU begins and stops at the boundary.
func (f *frames) clock(half bool) error {
	var at time.Time
	switch {
	case half && !f.timed:
		at = time.Now().Add(f.half)
	case half, !f.armed:
		return nil
	}
	f.armed, f.timed = half, half
	if err := f.conn.SetReadDeadline(at); err != nil {
		return fmt.Errorf("smpp: read deadline: %w", err)
	}
	return nil
}

// room moves the PDU at hand, of n octets, to the start of the buffer, and
// doubles a buffer that is full. One that grew for a large PDU is given back.
func (f *frames) room(n int) {
	size := len(f.buf)
	switch {
	case f.r == f.w && size > busyRead:
		size = busyRead
	case f.w-f.r == size, f.w == size && size < busyRead:
		size = min(2*size, max(n, busyRead))
	case f.r == 0:
		return
	}
	to := f.buf
	if size != len(to) {
		to = make([]byte, size)
	}
	f.w = copy(to, f.buf[f.r:f.w])
	f.buf, f.r = to, 0
}
