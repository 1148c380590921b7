package smpp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/net/bpf"
)

// TestFilterDropsOnlyOpeningPackets of the addresses it names, of IPv6 the whole /64.
func TestFilterDropsOnlyOpeningPackets(t *testing.T) {
	var from []netip.Addr
	for i := range maxShut - 2 { // as many as there can be: every jump is as far as it gets
		from = append(from, netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}))
	}
	from = append(from, netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8:0:7::"))
	vm, six := filterVM(t, from, etherIP4), filterVM(t, from, 0x86DD)
	for _, c := range []struct {
		src   string
		flags byte
		kept  bool
	}{
		{"192.0.2.7", 0x02, false}, {"198.51.100.0", 0x02, false}, {"198.51.100.29", 0xC2, false},
		{"192.0.2.7", 0x10, true}, {"192.0.2.7", 0x12, true}, {"192.0.2.7", 0x11, true}, {"192.0.2.7", 0x04, true},
		{"192.0.2.8", 0x02, true}, {"198.51.100.30", 0x02, true},
		{"2001:db8:0:7::1", 0x02, false}, {"2001:db8:0:7:ffff::9", 0xC2, false},
		{"2001:db8:0:7::1", 0x18, true}, {"2001:db8:0:8::1", 0x02, true}, {"2001:db9:0:7::1", 0x02, true},
	} {
		src, at := netip.MustParseAddr(c.src), vm
		packet := make([]byte, 20+40)
		packet[tcpFlags] = c.flags
		if src.Is4() {
			copy(packet[20+12:], src.AsSlice())
		} else {
			copy(packet[20+8:], src.AsSlice())
			at = six
		}
		if n, err := at.Run(packet); err != nil || (n > 0) != c.kept {
			t.Errorf("%s flags %#x: kept %d %v", c.src, c.flags, n, err)
		}
	}
}

// filterVM runs the filter as the kernel does, over a TCP header with the network's
// behind it, where the kernel has it before.
func filterVM(t *testing.T, from []netip.Addr, protocol uint32) *bpf.VM {
	t.Helper()
	program := synFilter(from)
	for i, one := range program {
		switch one := one.(type) {
		case bpf.LoadAbsolute:
			if one.Off >= networkHeader {
				program[i] = bpf.LoadAbsolute{Off: one.Off - networkHeader + 20, Size: one.Size}
			}
		case bpf.LoadExtension:
			program[i] = bpf.LoadConstant{Dst: bpf.RegA, Val: protocol}
		}
	}
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	return vm
}

// TestWhoHurriesIsNotEvenOpened: the kernel drops what an address opens that was turned
// away too often, at a listener that came later, too. What it had open goes on, everybody
// else comes in, and so does it when its time is over.
func TestWhoHurriesIsNotEvenOpened(t *testing.T) {
	v, addr := listen(t, ServerConfig{})
	v.mu.Lock()
	v.shutter.after, v.shutter.lasts = 10, 30*time.Second // a slow machine does not knock so fast
	v.mu.Unlock()
	conn, err := from("127.0.0.2", addr, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	before, err := Bind(context.Background(), conn, Config{SystemID: "early", Password: secret})
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close(context.Background())
	hurry(t, v, addr)
	late, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close()
	v.listen(late)
	for _, at := range []string{addr, late.Addr().String()} {
		var slow net.Error
		if _, err := from("127.0.0.2", at, 300*time.Millisecond); !errors.As(err, &slow) || !slow.Timeout() {
			t.Fatal("still let in, or refused in another way:", err)
		}
	}
	if r, err := before.Submit(t.Context(), sms("still here")); err != nil || r.Status != StatusOK {
		t.Error(r, err)
	}
	dial(t, addr)
	v.mu.Lock()
	for who := range v.shutter.out {
		v.shutter.out[who] = time.Now()
	}
	v.mu.Unlock()
	v.lift()
	again, err := from("127.0.0.2", addr, time.Minute)
	if err != nil {
		t.Fatal("not let in again:", err)
	}
	again.Close()
}

// from connects from an address of this machine.
func from(ip, to string, patience time.Duration) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(ip)}, Timeout: patience}
	return d.Dial("tcp", to)
}

// hurry knocks until 127.0.0.2 is shut out.
func hurry(t *testing.T, v *Server, addr string) {
	t.Helper()
	for range 100_000 {
		if conn, err := from("127.0.0.2", addr, time.Second); err == nil {
			conn.Close()
		}
		v.mu.Lock()
		_, out := v.shutter.out[netip.MustParseAddr("127.0.0.2")]
		v.mu.Unlock()
		if out {
			return
		}
	}
	t.Fatal("nobody is shut out")
}
