package stack

import (
	"fmt"
	"net"
	"strconv"
)

// portTries is how many ports after a taken one are tried.
const portTries = 64

// FreePort returns addr, or the next free port on the same host; moved says
// that it is not the one asked for. Port 0 is any free one. On Linux whoever
// else asks while this process lives gets another.
func FreePort(addr string) (free string, moved bool, err error) {
	host, text, err := net.SplitHostPort(addr)
	if err != nil {
		return "", false, fmt.Errorf("stack: address %q: %w", addr, err)
	}
	first, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return "", false, fmt.Errorf("stack: address %q: the port is not a number", addr)
	}
	for port := first; port < min(first+portTries, 1<<16); port++ {
		ln, err := net.Listen("tcp", net.JoinHostPort(host, strconv.FormatUint(port, 10)))
		if err != nil {
			continue
		}
		free = ln.Addr().String()
		if err := ln.Close(); err != nil {
			return "", false, fmt.Errorf("stack: try port %d: %w", port, err)
		}
		if claim(free) {
			return free, first != 0 && port != first, nil
		}
	}
	return "", false, fmt.Errorf("stack: no free port on %s from %d to %d", host, first, first+portTries-1)
}

// ports hands out free ports that differ from each other.
type ports struct{ taken map[string]bool }

// free is FreePort, but never an address that was handed out before.
func (p *ports) free(addr string) (string, bool, error) {
	want := addr
	for range portTries {
		got, moved, err := FreePort(want)
		if err != nil {
			return "", false, err
		}
		if !p.taken[got] {
			if p.taken == nil {
				p.taken = make(map[string]bool)
			}
			p.taken[got] = true
			return got, moved || want != addr, nil
		}
		want = next(got)
	}
	return "", false, fmt.Errorf("stack: no free port near %s", addr)
}

// next is the address one port higher.
func next(addr string) string {
	host, text, _ := net.SplitHostPort(addr)
	port, _ := strconv.Atoi(text)
	return net.JoinHostPort(host, strconv.Itoa(port+1))
}
