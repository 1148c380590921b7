package smpp

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What a filter of a TCP socket reads: from zero on the segment, and from networkHeader
// on the packet around it (Linux, include/uapi/linux/filter.h, SKF_NET_OFF).
const (
	networkHeader = 0xFFF00000
	ip4Source     = networkHeader + 12 // RFC 791 §3.1
	ip6Source     = networkHeader + 8  // RFC 8200 §3; its first 64 bits are the neighbourhood
	tcpFlags      = 13                 // RFC 9293 §3.1
	flagSYN       = 0x02
	flagACK       = 0x10
	etherIP4      = 0x0800

	keepAll = 1<<32 - 1 // octets of the packet that are kept
	drop    = 0
)

// dropSYNs has the kernel drop the opening packets that these addresses send to a
// listener, and no others. Nothing else of a connection passes its filter, and a
// connection that it lets through inherits a filter that has no more to say.
func dropSYNs(ln net.Listener, from map[netip.Addr]time.Time) error {
	at, ok := ln.(syscall.Conn)
	if !ok {
		return fmt.Errorf("smpp: filter: %T has no descriptor", ln)
	}
	raw, err := at.SyscallConn()
	if err != nil {
		return fmt.Errorf("smpp: filter: %w", err)
	}
	code, err := bpf.Assemble(synFilter(slices.SortedFunc(maps.Keys(from), netip.Addr.Compare)))
	if err != nil {
		return fmt.Errorf("smpp: filter: %w", err)
	}
	program := make([]unix.SockFilter, len(code))
	for i, c := range code {
		program[i] = unix.SockFilter{Code: c.Op, Jt: c.Jt, Jf: c.Jf, K: c.K}
	}
	whole := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	var refused error
	if err := raw.Control(func(fd uintptr) {
		refused = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &whole)
	}); err != nil {
		return fmt.Errorf("smpp: filter: %w", err)
	}
	if refused != nil {
		return fmt.Errorf("smpp: SO_ATTACH_FILTER: %w", refused)
	}
	return nil
}

// synFilter is the program: what is no opening packet stays, of those the ones from the
// addresses go. At most 4 + 5*maxShut + 3 instructions, of the kernel's 4,096.
func synFilter(from []netip.Addr) []bpf.Instruction {
	var four, six []bpf.Instruction
	for _, a := range from {
		if a.Is4() {
			four = append(four, whenEqual(be32(a.AsSlice()), 1), bpf.RetConstant{Val: drop})
			continue
		}
		sixteen := a.As16()
		six = append(six,
			bpf.LoadAbsolute{Off: ip6Source, Size: 4}, whenEqual(be32(sixteen[:4]), 3),
			bpf.LoadAbsolute{Off: ip6Source + 4, Size: 4}, whenEqual(be32(sixteen[4:8]), 1),
			bpf.RetConstant{Val: drop})
	}
	keep := bpf.RetConstant{Val: keepAll}
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: tcpFlags, Size: 1},
		bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: flagSYN | flagACK},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: flagSYN, SkipTrue: 1}, keep,
		bpf.LoadExtension{Num: bpf.ExtProto},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: etherIP4, SkipTrue: 1},
		bpf.Jump{Skip: uint32(len(four) + 2)},
		bpf.LoadAbsolute{Off: ip4Source, Size: 4},
	}
	program = append(append(program, four...), keep)
	return append(append(program, six...), keep)
}

// whenEqual goes on where the accumulator is val, and skips so many instructions where
// it is not.
func whenEqual(val uint32, skip uint8) bpf.Instruction {
	return bpf.JumpIf{Cond: bpf.JumpEqual, Val: val, SkipFalse: skip}
}

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}
