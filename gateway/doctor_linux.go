package main

import (
	"context"
	"errors"
	"fmt"
	"syscall"
)

const (
	leastFiles    = 8192
	leastRoom     = 1 << 30 // bytes
	timeError     = 5       // adjtimex(2): TIME_ERROR
	statusUnsynch = 0x0040  // adjtimex(2): STA_UNSYNC
)

var errClock = errors.New("nothing keeps the clock right")

// machine looks at limits, disk and clock.
func machine(data string) []probe {
	return []probe{
		{"room on the disk of " + data, "make room: an order that cannot be written down is refused", func(context.Context) error {
			var fs syscall.Statfs_t
			if err := syscall.Statfs(data, &fs); err != nil {
				return err
			}
			if left := fs.Bavail * uint64(fs.Bsize); left < leastRoom {
				return fmt.Errorf("only %d MiB are left", left>>20)
			}
			return nil
		}},
		{"open files", fmt.Sprintf("raise the limit to %d or more (ulimit -n, LimitNOFILE=)", leastFiles), func(context.Context) error {
			var l syscall.Rlimit
			if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
				return err
			}
			if l.Cur < leastFiles && l.Max < leastFiles {
				return fmt.Errorf("only %d may be open", l.Cur)
			}
			return nil
		}},
		{"clock", "start chrony or systemd-timesyncd: an id is refused when our clock is 5 s fast", func(context.Context) error {
			var t syscall.Timex
			state, err := syscall.Adjtimex(&t)
			if err != nil {
				return err
			}
			if state == timeError || t.Status&statusUnsynch != 0 {
				return errClock
			}
			return nil
		}},
	}
}
