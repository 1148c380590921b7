package trace

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// packets reads a capture back with nothing of ours but checksum, which over a
// right packet is zero.
func packets(t *testing.T, file []byte, ipLen int) (streams map[string][]byte, flags []byte) {
	t.Helper()
	if binary.BigEndian.Uint32(file) != 0xa1b2c3d4 || binary.BigEndian.Uint32(file[20:]) != 1 {
		t.Fatalf("head % x", file[:24])
	}
	streams, next := map[string][]byte{}, map[string]uint32{}
	for rest := file[24:]; len(rest) > 0; {
		n := binary.BigEndian.Uint32(rest[8:])
		p := rest[16 : 16+n]
		rest = rest[16+n:]
		ip, tcp := p[14:14+ipLen], p[14+ipLen:]
		var pseudo []byte
		if ipLen == 20 {
			if int(binary.BigEndian.Uint16(ip[2:])) != len(p)-14 || checksum(nil, ip) != 0 {
				t.Errorf("IP head % x", ip)
			}
			pseudo = append(append(pseudo, ip[12:20]...), 0, 6, byte(len(tcp)>>8), byte(len(tcp)))
		} else {
			pseudo = append(append(pseudo, ip[8:40]...), 0, 0, byte(len(tcp)>>8), byte(len(tcp)), 0, 0, 0, 6)
		}
		if checksum(pseudo, tcp) != 0 {
			t.Errorf("TCP checksum of % x", tcp)
		}
		way := string(tcp[:4])
		seq := binary.BigEndian.Uint32(tcp[4:])
		if tcp[13]&flagSYN != 0 {
			next[way] = seq + 1
		} else if seq != next[way] {
			t.Errorf("sequence number %d, want %d", seq, next[way])
		}
		if back := string(tcp[2:4]) + string(tcp[:2]); tcp[13]&flagACK != 0 && binary.BigEndian.Uint32(tcp[8:]) != next[back] {
			t.Errorf("acknowledges %d, want %d", binary.BigEndian.Uint32(tcp[8:]), next[back])
		}
		next[way] += uint32(len(tcp) - 20)
		streams[way] = append(streams[way], tcp[20:]...)
		flags = append(flags, tcp[13])
	}
	return streams, flags
}

func TestCapture(t *testing.T) {
	for _, c := range []struct {
		client, server string
		ipLen          int
	}{{"10.0.0.1:40001", "10.0.0.2:2775", 20}, {"[fd00::1]:40001", "[fd00::2]:2775", 40}, {"[::ffff:10.0.0.1]:40001", "10.0.0.2:2775", 20}} {
		var file bytes.Buffer
		w, err := NewCapture(&file)
		if err != nil {
			t.Fatal(err)
		}
		client, server := netip.MustParseAddrPort(c.client), netip.MustParseAddrPort(c.server)
		at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
		long := strings.Repeat("a screen ", 400)
		for i, said := range []string{"dial", long, "press"} {
			if err := w.Said(at.Add(-time.Duration(i)*time.Second), client, server, i%2 == 0, []byte(said)); err != nil {
				t.Fatal(err)
			}
		}
		streams, flags := packets(t, file.Bytes(), c.ipLen)
		up := string([]byte{40001 >> 8, 40001 & 255, 2775 >> 8, 2775 & 255})
		if got := string(streams[up]); got != "dialpress" {
			t.Errorf("client said %q", got)
		}
		if got := string(streams[up[2:]+up[:2]]); got != long {
			t.Errorf("server said %d octets", len(got))
		}
		if len(flags) != 3+1+3+1 || flags[0] != flagSYN || flags[1] != flagSYN|flagACK || flags[2] != flagACK {
			t.Errorf("flags % x", flags)
		}
	}
}
