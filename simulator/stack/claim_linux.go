package stack

import "golang.org/x/sys/unix"

// claim takes a port for this process among all that choose ports, before the program
// that will listen there does: two that start in the same moment would find the same
// ports free. The claim is a name of the kernel's, of no file, and ends with the process.
func claim(addr string) bool {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return true // out of descriptors: who listens finds out
	}
	if unix.Bind(fd, &unix.SockaddrUnix{Name: "@mlango " + addr}) == nil {
		return true
	}
	_ = unix.Close(fd)
	return false
}
