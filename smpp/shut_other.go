//go:build !linux

package smpp

import (
	"errors"
	"net"
	"net/netip"
	"time"
)

// dropSYNs is Linux's; elsewhere every connection of an address that hurries is closed
// unread.
func dropSYNs(net.Listener, map[netip.Addr]time.Time) error {
	return errors.ErrUnsupported
}
