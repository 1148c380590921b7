//go:build house && linux

package main

import (
	"errors"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// A disk under load.
const (
	diskPeople  = 8
	diskCallers = 16
	diskWarm    = 200 // answers before the disk fails
)

// workload are callers on one life, and everything they asked.
type workload struct {
	mu       sync.Mutex
	asked    []*ask
	answered atomic.Int64
	over     sync.WaitGroup
	stop     atomic.Bool
}

// works has callers pay until the process is gone or they are told to stop.
func (r *rig) works(l *life, c *ledgerclient.Client) *workload {
	w := &workload{}
	for range diskCallers {
		w.over.Go(func() {
			for !l.gone() && !w.stop.Load() {
				from := ledger.Account(1 + rand.IntN(diskPeople))
				q := r.send(from, 1+from%diskPeople, ledger.Amount(1+rand.IntN(900)))
				w.mu.Lock()
				w.asked = append(w.asked, q)
				w.mu.Unlock()
				res, ok, _ := q.once(c)
				if !ok {
					l.rest()
					continue
				}
				_ = q.note(res) // the first one
				w.answered.Add(1)
			}
		})
	}
	return w
}

// warm waits until so many were answered since now.
func (w *workload) warm(t testing.TB, l *life, n int64) {
	t.Helper()
	n += w.answered.Load()
	for deadline := time.Now().Add(proofWait); w.answered.Load() < n; l.rest() {
		if l.gone() || time.Now().After(deadline) {
			t.Fatalf("%d answers, and no more; the process: %v", w.answered.Load(), l.err)
		}
	}
}

// settled asks everything again and has it audited.
func (w *workload) settled(r *rig, audit *auditor, c *ledgerclient.Client) {
	r.t.Helper()
	w.stop.Store(true)
	w.over.Wait()
	if err := each(w.asked, func(_ int, q *ask) error { return q.settle(r.now, c) }); err != nil {
		r.t.Fatal(err)
	}
	audit.answers = append(audit.answers, w.asked...)
	if err := audit.audit(); err != nil {
		r.t.Fatal(err)
	}
}

// ended waits until the process ended by itself, with an error and no signal.
func (r *rig) ended(l *life) {
	r.t.Helper()
	select {
	case <-l.over:
	case <-time.After(proofWait):
		r.t.Fatal("the process goes on")
	}
	var exit *exec.ExitError
	if !errors.As(l.err, &exit) || exit.ExitCode() <= 0 {
		r.t.Fatalf("the process ended with %v", l.err)
	}
}

// diskCase is one way in which a disk fails.
type diskCase struct {
	name string
	fail func(r *rig, l *life, f *faults)
	note bool // the failure can still be noted for the next start
}

// failOnce answers one call with an error, and lets everything else be done.
func failOnce(name string, errno syscall.Errno) func(*rig, *life, *faults) {
	return func(r *rig, l *life, f *faults) {
		if f == nil {
			cutOff(60)(r, l, f)
			return
		}
		done := false
		f.set(func(c diskCall) syscall.Errno {
			if done || c.name != name || filepath.Ext(c.file) != ".seg" {
				return 0
			}
			done = true
			return errno
		})
	}
}

// cutOff lets the process write no file beyond a size: what it writes next to the
// journal is torn there.
func cutOff(beyond int64) func(*rig, *life, *faults) {
	return func(r *rig, l *life, _ *faults) {
		most := uint64(0)
		if beyond >= 0 {
			most = uint64(r.writtenUpto() + beyond)
		}
		if err := unix.Prlimit(l.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: most, Max: unix.RLIM_INFINITY}, nil); err != nil {
			r.t.Fatal(err)
		}
	}
}

// writtenUpto is where the newest segment's zeros begin.
func (r *rig) writtenUpto() int64 {
	r.t.Helper()
	list, err := filepath.Glob(filepath.Join(r.data, "journal", "*.seg"))
	if err != nil || len(list) == 0 {
		r.t.Fatal(list, err)
	}
	return int64(len(strings.TrimRight(readText(r.t, list[len(list)-1]), "\x00")))
}

// TestProofFailedDisk: a write or sync of the real process fails under load. The
// process ends, nothing is tried again on that file, the next start wants a
// person's word, and then everything that was acknowledged is there.
func TestProofFailedDisk(t *testing.T) {
	r := newRig(t, diskPeople)
	c := r.start(1)[0]
	audit := newAuditor(r.seed(c), r.pins)
	r.end()
	for _, d := range []diskCase{
		{"a sync fails", failOnce("fdatasync", syscall.EIO), true},
		{"a sync finds the disk full", failOnce("fdatasync", syscall.ENOSPC), true},
		{"a write fails", failOnce("pwrite64", syscall.EIO), true},
		{"a write finds the disk full", failOnce("pwrite64", syscall.ENOSPC), true},
		{"a write is torn in a header", cutOff(60), true},
		{"a write is torn in an entry", cutOff(400), true},
		{"a write is torn later", cutOff(9000), true},
		{"nothing can be written at all", cutOff(-1), false},
	} {
		t.Run(d.name, func(t *testing.T) {
			r.t = t
			r.diskFails(d, audit)
		})
	}
	r.t = t
	if line := r.verify(); verified(t, line, "transfers") != audit.made || verified(t, line, "sum") != 0 {
		t.Fatalf("%d transfers were audited, verify says %s", audit.made, line)
	}
}

func (r *rig) diskFails(d diskCase, audit *auditor) {
	r.t.Helper()
	l, f := r.launchAsked()
	clients, alive := r.clients(l, 1)
	if !alive {
		r.t.Fatalf("the start ended with %v", l.err)
	}
	w := r.works(l, clients[0])
	w.warm(r.t, l, diskWarm)
	d.fail(r, l, f)
	r.ended(l)
	w.over.Wait()
	hangUp(clients)
	r.notRetried(f)
	if d.note {
		if said := r.refuses("serve", "--config", r.config); !strings.Contains(said, "--accept-failed-writes") {
			r.t.Errorf("the next start says %q", said)
		}
	}
	l = r.run(exec.Command(r.program, "serve", "--config", r.config, "--accept-failed-writes"))
	if clients, alive = r.clients(l, 1); !alive {
		r.t.Fatalf("the accepted start ended with %v", l.err)
	}
	defer hangUp(clients)
	w.settled(r, audit, clients[0])
	r.end()
}

// notRetried demands that a file of which a write or sync failed was never written
// or synced again.
func (r *rig) notRetried(f *faults) {
	r.t.Helper()
	if f == nil {
		return
	}
	var bad *diskCall
	for _, c := range f.calls() {
		if bad != nil && c.fd == bad.fd && c.file == bad.file {
			r.t.Errorf("after %s of %s failed there was %s", bad.name, bad.file, c.name)
		}
		if c.bad && bad == nil {
			bad = &c
		}
	}
}

// TestProofDurableFirst holds the disk in the middle of a sync: as long as it does
// not return nobody is answered and nothing is booked, while reads go on.
func TestProofDurableFirst(t *testing.T) {
	r := newRig(t, diskPeople)
	l, f := r.launchAsked()
	clients, alive := r.clients(l, 1)
	if !alive {
		t.Fatalf("the start ended with %v", l.err)
	}
	c := clients[0]
	defer hangUp(clients)
	r.seed(c)
	if f == nil {
		return // said in the log
	}
	for range 5 {
		syncing, goOn := make(chan struct{}), make(chan struct{})
		once := sync.OnceFunc(func() { close(syncing) })
		f.set(func(c diskCall) syscall.Errno {
			if c.name == "fdatasync" && filepath.Ext(c.file) == ".seg" {
				once()
				<-goOn
			}
			return 0
		})
		var list []*ask
		for n := range ledger.Account(diskPeople) {
			list = append(list, r.send(n+1, 1+(n+1)%diskPeople, 3))
		}
		var answered atomic.Int64
		settled := make(chan error, 1)
		go func() {
			settled <- each(list, func(_ int, q *ask) error {
				defer answered.Add(1)
				return q.settle(l, c)
			})
		}()
		<-syncing
		for range 20 { // more looks find more, none finds what is not there
			for _, q := range list {
				if _, known, err := c.Lookup(t.Context(), q.id); err != nil || known {
					t.Fatalf("before the sync returned %s was known: %v, %v", q.id, known, err)
				}
			}
			time.Sleep(proofPause)
		}
		if n := answered.Load(); n != 0 {
			t.Fatalf("%d were answered before the sync returned", n)
		}
		close(goOn)
		if err := <-settled; err != nil {
			t.Fatal(err)
		}
	}
	f.set(nil)
	r.end()
}
