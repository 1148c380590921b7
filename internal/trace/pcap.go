package trace

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// What a capture is made of: the classic pcap file (magic 0xa1b2c3d4, version 2.4,
// microseconds, link type Ethernet; draft-ietf-opsawg-pcap §4) with TCP segments
// (RFC 9293 §3.1) in IPv4 (RFC 791 §3.1) or IPv6 (RFC 8200 §3) in Ethernet II.
const (
	pcapMagic   = 0xa1b2c3d4
	pcapSnap    = 1 << 18
	linkEther   = 1
	mostSegment = 1400 // octets of payload: fits an Ethernet frame with either IP
	etherLen    = 14
	ip4Len      = 20
	ip6Len      = 40
	tcpLen      = 20
	protoTCP    = 6
	flagSYN     = 0x02
	flagPSH     = 0x08
	flagACK     = 0x10
)

// Capture writes what was said over TCP connections as a pcap file that any
// dissector reads. Ethernet, IP and TCP around it are made up: handshake, sequence
// numbers and checksums are right, but only what was kept is in the stream, so
// numbers are not those of the real connection.
type Capture struct {
	w     io.Writer
	talks map[[2]netip.AddrPort]*talk
	last  time.Time
}

// talk is one connection: the next sequence number of client and server.
type talk struct{ next [2]uint32 }

// NewCapture writes the head of the file.
func NewCapture(w io.Writer) (*Capture, error) {
	var head [24]byte
	binary.BigEndian.PutUint32(head[0:], pcapMagic)
	binary.BigEndian.PutUint16(head[4:], 2)
	binary.BigEndian.PutUint16(head[6:], 4)
	binary.BigEndian.PutUint32(head[16:], pcapSnap)
	binary.BigEndian.PutUint32(head[20:], linkEther)
	if _, err := w.Write(head[:]); err != nil {
		return nil, fmt.Errorf("trace: pcap: %w", err)
	}
	return &Capture{w: w, talks: map[[2]netip.AddrPort]*talk{}}, nil
}

// Said adds what one end of a connection said to the other. Instants that go back
// are written as the one before: a capture's time does not.
func (c *Capture) Said(at time.Time, client, server netip.AddrPort, byClient bool, what []byte) error {
	if at.Before(c.last) {
		at = c.last
	}
	c.last = at
	ends := [2]netip.AddrPort{client, server}
	t := c.talks[ends]
	if t == nil {
		t = &talk{}
		c.talks[ends] = t
		if err := c.handshake(at, ends, t); err != nil {
			return err
		}
	}
	from := 1
	if byClient {
		from = 0
	}
	for len(what) > 0 {
		n := min(len(what), mostSegment)
		if err := c.segment(at, ends, t, from, flagPSH|flagACK, what[:n]); err != nil {
			return err
		}
		what = what[n:]
	}
	return nil
}

// handshake begins a connection, so that a dissector knows who called whom.
func (c *Capture) handshake(at time.Time, ends [2]netip.AddrPort, t *talk) error {
	for _, step := range []struct {
		from  int
		flags byte
	}{{0, flagSYN}, {1, flagSYN | flagACK}, {0, flagACK}} {
		if err := c.segment(at, ends, t, step.from, step.flags, nil); err != nil {
			return err
		}
		if step.flags&flagSYN != 0 {
			t.next[step.from]++
		}
	}
	return nil
}

// segment writes one packet; from is 0 for the client, 1 for the server.
func (c *Capture) segment(at time.Time, ends [2]netip.AddrPort, t *talk, from int, flags byte, data []byte) error {
	src, dst := ends[from], ends[1-from]
	tcp := make([]byte, tcpLen, tcpLen+len(data))
	binary.BigEndian.PutUint16(tcp[0:], src.Port())
	binary.BigEndian.PutUint16(tcp[2:], dst.Port())
	binary.BigEndian.PutUint32(tcp[4:], t.next[from])
	if flags&flagACK != 0 {
		binary.BigEndian.PutUint32(tcp[8:], t.next[1-from])
	}
	tcp[12], tcp[13] = tcpLen/4<<4, flags
	binary.BigEndian.PutUint16(tcp[14:], 0xffff) // window
	tcp = append(tcp, data...)
	t.next[from] += uint32(len(data))
	packet := ipPacket(src.Addr(), dst.Addr(), tcp)
	var head [16]byte
	binary.BigEndian.PutUint32(head[0:], uint32(at.Unix()))
	binary.BigEndian.PutUint32(head[4:], uint32(at.Nanosecond()/1000))
	binary.BigEndian.PutUint32(head[8:], uint32(len(packet)))
	binary.BigEndian.PutUint32(head[12:], uint32(len(packet)))
	if _, err := c.w.Write(append(head[:], packet...)); err != nil {
		return fmt.Errorf("trace: pcap: %w", err)
	}
	return nil
}

// ipPacket puts a TCP segment into IP and Ethernet, and its checksum into it
// (RFC 9293 §3.1, RFC 8200 §8.1: over a pseudo-header and the segment).
func ipPacket(src, dst netip.Addr, tcp []byte) []byte {
	src, dst = src.Unmap(), dst.Unmap()
	ether := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1}
	if src.Is4() && dst.Is4() {
		s, d := src.As4(), dst.As4()
		pseudo := binary.BigEndian.AppendUint32(append(append([]byte(nil), s[:]...), d[:]...), protoTCP<<16|uint32(len(tcp)))
		binary.BigEndian.PutUint16(tcp[16:], checksum(pseudo, tcp))
		ip := make([]byte, ip4Len)
		ip[0], ip[6], ip[8], ip[9] = 0x45, 0x40, 64, protoTCP // don't fragment, 64 hops
		binary.BigEndian.PutUint16(ip[2:], uint16(ip4Len+len(tcp)))
		copy(ip[12:], s[:])
		copy(ip[16:], d[:])
		binary.BigEndian.PutUint16(ip[10:], checksum(nil, ip))
		return append(append(append(ether, 0x08, 0x00), ip...), tcp...)
	}
	s, d := src.As16(), dst.As16()
	pseudo := append(append([]byte(nil), s[:]...), d[:]...)
	pseudo = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(pseudo, uint32(len(tcp))), protoTCP)
	binary.BigEndian.PutUint16(tcp[16:], checksum(pseudo, tcp))
	ip := make([]byte, ip6Len)
	ip[0], ip[6], ip[7] = 0x60, protoTCP, 64
	binary.BigEndian.PutUint16(ip[4:], uint16(len(tcp)))
	copy(ip[8:], s[:])
	copy(ip[24:], d[:])
	return append(append(append(ether, 0x86, 0xdd), ip...), tcp...)
}

// checksum is the Internet's (RFC 1071 §1) over both parts; the first has an even
// length.
func checksum(a, b []byte) uint16 {
	var sum uint32
	for _, part := range [][]byte{a, b} {
		for i := 0; i < len(part); i += 2 {
			sum += uint32(part[i]) << 8
			if i+1 < len(part) {
				sum += uint32(part[i+1])
			}
		}
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
