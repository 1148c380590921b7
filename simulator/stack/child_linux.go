package stack

import "syscall"

// alone puts a child into a process group of its own, out of reach of the
// terminal's Ctrl-C, and lets the kernel kill it when this program dies.
func alone() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
