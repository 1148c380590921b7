package smpp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

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
// listener, and those alone. Everything else that comes by the listener, such as the ACK
// that ends a handshake, is let through; a connection that is accepted meanwhile inherits
// the filter, and four instructions a segment.
func dropSYNs(ln net.Listener, from []netip.Addr) error {
	at, ok := ln.(syscall.Conn)
	if !ok {
		return fmt.Errorf("smpp: filter: %T has no descriptor: %w", ln, errors.ErrUnsupported)
	}
	raw, err := at.SyscallConn()
	if err != nil {
		return fmt.Errorf("smpp: filter: %w", err)
	}
	set := detach
	if len(from) > 0 {
		if set, err = attach(synFilter(from)); err != nil {
			return err
		}
	}
	var refused error
	if err := raw.Control(func(fd uintptr) { refused = set(int(fd)) }); err != nil {
		return fmt.Errorf("smpp: filter: %w", err)
	}
	if refused != nil {
		return fmt.Errorf("smpp: filter: %w", refused)
	}
	return nil
}

// detach takes a socket's filter away, if it has one.
func detach(fd int) error {
	err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}

// attach gives a socket a filter in the place of the one it has.
func attach(program []bpf.Instruction) (set func(fd int) error, err error) {
	code, err := bpf.Assemble(program)
	if err != nil {
		return nil, fmt.Errorf("smpp: filter: %w", err)
	}
	raw := make([]unix.SockFilter, len(code))
	for i, c := range code {
		raw[i] = unix.SockFilter{Code: c.Op, Jt: c.Jt, Jf: c.Jf, K: c.K}
	}
	whole := unix.SockFprog{Len: uint16(len(raw)), Filter: &raw[0]}
	return func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &whole)
	}, nil
}

// synFilter is the program: what is no opening packet stays, of those the ones from the
// addresses go. At most 10 + 5*maxShut instructions, of the kernel's 4,096.
func synFilter(from []netip.Addr) []bpf.Instruction {
	var four, six []bpf.Instruction
	for _, a := range from {
		if a.Is4() {
			four = append(four, whenEqual(binary.BigEndian.Uint32(a.AsSlice()), 1), bpf.RetConstant{Val: drop})
			continue
		}
		sixteen := a.As16()
		six = append(six,
			bpf.LoadAbsolute{Off: ip6Source, Size: 4}, whenEqual(binary.BigEndian.Uint32(sixteen[:4]), 3),
			bpf.LoadAbsolute{Off: ip6Source + 4, Size: 4}, whenEqual(binary.BigEndian.Uint32(sixteen[4:8]), 1),
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
