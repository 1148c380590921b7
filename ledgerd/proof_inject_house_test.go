//go:build house && linux

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A disk that fails, without a file system of our own and without rights: the
// kernel asks this test about every write and sync of the process (seccomp's user
// notification), and the test lets it be done or answers in the disk's place.

// A kernel that knows no such question – some sandboxes' do not – is told by the
// helper; then writes can only be cut off (see cutOff).

// injectHelper names the program that the helper becomes.
const injectHelper = "MLANGO_PROOF_BECOMES"

// diskCall is one system call of the process on one of its files.
type diskCall struct {
	name string // pwrite64, fdatasync, fsync
	file string // its base name
	fd   uint64
	bad  bool // it was answered with an error
}

// faults answer in the disk's place.
type faults struct {
	mu     sync.Mutex
	answer func(diskCall) syscall.Errno // zero lets it be done
	seen   []diskCall                   // since answer was set
}

// set says how to answer from now on.
func (f *faults) set(answer func(diskCall) syscall.Errno) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answer, f.seen = answer, nil
}

// calls are those that were seen since then.
func (f *faults) calls() []diskCall {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]diskCall(nil), f.seen...)
}

func (f *faults) ask(c diskCall) syscall.Errno {
	f.mu.Lock()
	defer f.mu.Unlock()
	errno := syscall.Errno(0)
	if f.answer != nil {
		errno = f.answer(c)
	}
	c.bad = errno != 0
	f.seen = append(f.seen, c)
	return errno
}

// TestProofHelper is no proof: the process that is to be asked about begins as it,
// puts the filter on itself, hands the other end over and becomes the program.
func TestProofHelper(t *testing.T) {
	program := os.Getenv(injectHelper)
	if program == "" {
		return
	}
	runtime.LockOSThread() // the filter is the thread's that becomes the program
	fd, err := filterCalls()
	if errors.Is(err, errNoFilter) {
		err = unix.Sendmsg(3, []byte{0}, nil, nil, 0)
	} else if err == nil {
		err = errors.Join(unix.Sendmsg(3, []byte{0}, unix.UnixRights(fd), nil, 0), unix.Close(fd))
	}
	if err == nil {
		err = unix.Close(3)
	}
	if err == nil {
		err = syscall.Exec(program, []string{program, "serve", "--config", os.Getenv(injectHelper + "_CONFIG")}, os.Environ())
	}
	t.Fatal(err)
}

// filterCalls has the kernel ask whoever holds the descriptor.
func filterCalls() (fd int, err error) {
	load := func(offset uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
	}
	equal := func(k uint32, yes uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: k, Jt: yes}
	}
	program := []unix.SockFilter{
		load(0), equal(unix.SYS_PWRITE64, 3), equal(unix.SYS_FDATASYNC, 2), equal(unix.SYS_FSYNC, 1),
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return 0, fmt.Errorf("no new privileges: %w", err)
	}
	p := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	n, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&p)))
	switch errno {
	case 0:
		return int(n), nil
	case unix.ENOSYS, unix.EINVAL, unix.EPERM, unix.EACCES:
		return 0, errNoFilter
	}
	return 0, fmt.Errorf("seccomp: %w", errno)
}

// errNoFilter says that this kernel asks nobody.
var errNoFilter = errors.New("this kernel lets nobody stand in for a disk")

// launchAsked begins a life about whose disk the test is asked; nil faults where the
// kernel does not ask.
func (r *rig) launchAsked() (*life, *faults) {
	r.t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		r.t.Fatal(err)
	}
	theirs := os.NewFile(uintptr(pair[1]), "theirs")
	cmd := exec.Command(os.Args[0], "-test.run", "^TestProofHelper$")
	cmd.ExtraFiles = []*os.File{theirs}
	l := r.run(cmd, injectHelper+"="+r.program, injectHelper+"_CONFIG="+r.config)
	theirs.Close()
	fd, err := receiveDescriptor(pair[0])
	if errors.Is(err, errNoFilter) {
		r.t.Log(err)
		return l, nil
	}
	if err != nil {
		r.t.Fatalf("the helper hands nothing over: %v", err)
	}
	f := &faults{}
	go f.serve(fd)
	return l, f
}

func receiveDescriptor(socket int) (int, error) {
	s := os.NewFile(uintptr(socket), "ours")
	defer s.Close()
	c, err := net.FileConn(s)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	room := make([]byte, unix.CmsgSpace(4))
	got, n, _, _, err := c.(*net.UnixConn).ReadMsgUnix(make([]byte, 1), room)
	if err != nil || got == 0 {
		return 0, fmt.Errorf("%d bytes: %w", got, err)
	}
	if n == 0 {
		return 0, errNoFilter
	}
	messages, err := unix.ParseSocketControlMessage(room[:n])
	if err != nil || len(messages) != 1 {
		return 0, fmt.Errorf("%d messages: %w", len(messages), err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return 0, fmt.Errorf("%d descriptors: %w", len(fds), err)
	}
	return fds[0], nil
}

// notification is struct seccomp_notif, and verdict struct seccomp_notif_resp.
type notification struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

type verdict struct {
	id    uint64
	value int64
	errno int32
	flags uint32
}

// serve answers the kernel until the process is gone.
func (f *faults) serve(fd int) {
	defer unix.Close(fd)
	for {
		wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(wait, -1); err != nil && err != unix.EINTR {
			return
		}
		if wait[0].Revents&unix.POLLIN == 0 && wait[0].Revents&unix.POLLHUP != 0 {
			return
		}
		var n notification
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&n))); errno != 0 {
			continue // its caller was killed meanwhile
		}
		a := verdict{id: n.id, flags: unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE}
		if errno := f.ask(callOf(&n)); errno != 0 {
			a.flags, a.errno = 0, -int32(errno)
		}
		_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&a))) // it fails when nobody waits any more
	}
}

func callOf(n *notification) diskCall {
	path, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", n.pid, n.args[0])) // none: the process is gone
	c := diskCall{file: filepath.Base(path), fd: n.args[0]}
	switch n.nr {
	case unix.SYS_PWRITE64:
		c.name = "pwrite64"
	case unix.SYS_FDATASYNC:
		c.name = "fdatasync"
	case unix.SYS_FSYNC:
		c.name = "fsync"
	}
	return c
}
