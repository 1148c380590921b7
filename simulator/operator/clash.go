package operator

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
)

// maxClashPDU is the longest PDU that goes through a clashing link.
const maxClashPDU = 64 << 10

// clashing is a link on which the network numbers its own requests as the ESME did
// its latest: SMPP counts each direction by itself (SMPP 3.4 §2.6), and some ESMEs
// take such a request for the answer to theirs.
type clashing struct {
	net.Conn
	in   *bufio.Reader
	left []byte // of the PDU that is being read

	mu     sync.Mutex
	theirs uint32            // the number of their latest submit_sm
	ours   map[uint32]uint32 // our own number by the one it travels under
}

func newClashing(conn net.Conn) *clashing {
	return &clashing{Conn: conn, in: bufio.NewReader(conn), ours: map[uint32]uint32{}}
}

// Read returns octets of whole PDUs, our own numbers in the answers to us.
func (c *clashing) Read(b []byte) (int, error) {
	if len(c.left) == 0 {
		var head [4]byte
		if _, err := io.ReadFull(c.in, head[:]); err != nil {
			return 0, err
		}
		size := binary.BigEndian.Uint32(head[:])
		if size < respHeader || size > maxClashPDU {
			return 0, fmt.Errorf("operator: a PDU of %d octets", size)
		}
		c.left = make([]byte, size)
		copy(c.left, head[:])
		if _, err := io.ReadFull(c.in, c.left[4:]); err != nil {
			return 0, err
		}
		c.back(c.left)
	}
	n := copy(b, c.left)
	c.left = c.left[n:]
	return n, nil
}

// back notes their number, or puts our own back.
func (c *clashing) back(pdu []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seq := binary.BigEndian.Uint32(pdu[12:])
	switch binary.BigEndian.Uint32(pdu[4:]) {
	case idSubmit:
		c.theirs = seq
	case idDeliverResp:
		if own, clashed := c.ours[seq]; clashed {
			delete(c.ours, seq)
			binary.BigEndian.PutUint32(pdu[12:], own)
		}
	}
}

// Write sends whole PDUs; a deliver_sm goes under their number, once.
func (c *clashing) Write(b []byte) (int, error) {
	out := append([]byte(nil), b...)
	for rest := out; len(rest) >= respHeader; rest = rest[pduSize(rest):] {
		c.number(rest)
	}
	return c.Conn.Write(out)
}

func (c *clashing) number(pdu []byte) {
	if binary.BigEndian.Uint32(pdu[4:]) != idDeliver {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, used := c.ours[c.theirs]; used || c.theirs == 0 {
		return
	}
	c.ours[c.theirs] = binary.BigEndian.Uint32(pdu[12:])
	binary.BigEndian.PutUint32(pdu[12:], c.theirs)
}
