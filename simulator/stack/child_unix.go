//go:build unix && !linux

package stack

import "syscall"

// alone puts a child into a process group of its own, out of reach of the
// terminal's Ctrl-C.
func alone() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
