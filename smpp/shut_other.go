//go:build !linux

package smpp

import (
	"errors"
	"net"
	"net/netip"
)

// dropSYNs is Linux's; elsewhere every connection of an address that hurries is closed
// unread.
func dropSYNs(net.Listener, []netip.Addr) error {
	return errors.ErrUnsupported
}
