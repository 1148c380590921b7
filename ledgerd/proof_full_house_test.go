//go:build house && linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// TestProofFullDisk: while there is too little room everything new is refused
// without a trace, reads go on, a start succeeds; when there is room again
// everything goes on, the refused asks among it.
func TestProofFullDisk(t *testing.T) {
	r := newRig(t, diskPeople)
	margin := r.margin()
	c := r.start(1)[0]
	audit := newAuditor(r.seed(c), r.pins)
	r.end()
	r.configure(fmt.Sprintf("limits: {min_free_mb: %d}", (r.free()-margin)>>20))
	c = r.start(1)[0]
	w := r.works(r.now, c)
	w.warm(t, r.now, diskWarm)
	ballast := r.ballast(2 * margin)
	r.refusesNew(c, w)
	r.kill()
	c = r.start(1)[0] // beside a full disk
	r.readsGoOn(c, w)
	r.refusesNew(c, w)
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.settled(r, audit, c)
	r.end()
	if line := r.verify(); verified(t, line, "transfers") != audit.made {
		t.Fatalf("%d transfers were audited, verify says %s", audit.made, line)
	}
}

// free is how much room there is for the data.
func (r *rig) free() uint64 {
	r.t.Helper()
	var s unix.Statfs_t
	if err := unix.Statfs(r.dir, &s); err != nil {
		r.t.Fatal(err)
	}
	return s.Bavail * uint64(s.Bsize)
}

// margin is far more than anything else on this machine takes meanwhile, where
// there is so much room.
func (r *rig) margin() uint64 { return min(r.free()/8, 1<<30) }

// ballast takes room away.
func (r *rig) ballast(size uint64) (path string) {
	r.t.Helper()
	path = filepath.Join(r.dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		r.t.Fatal(err)
	}
	defer f.Close()
	if err := unix.Fallocate(int(f.Fd()), 0, 0, int64(size)); err != nil {
		r.t.Fatalf("take %d bytes of the disk: %v", size, err)
	}
	return path
}

// refusesNew asks for what must not be made, and keeps it for when there is room.
func (r *rig) refusesNew(c *ledgerclient.Client, w *workload) {
	r.t.Helper()
	var list []*ask
	for n := range ledger.Account(diskPeople) {
		list = append(list, r.send(n+1, 1+(n+1)%diskPeople, 5))
	}
	w.mu.Lock()
	w.asked = append(w.asked, list...)
	w.mu.Unlock()
	if err := each(list, func(_ int, q *ask) error {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond) // of trying again
		defer cancel()
		if res, err := c.Do(ctx, q.req); err == nil && !res.Reject.Transient() {
			return fmt.Errorf("without room %s was answered %s", q.id, res.Reject)
		}
		return nil
	}); err != nil {
		r.t.Fatal(err)
	}
	reader := r.dial(1)
	defer hangUp(reader)
	for _, q := range list {
		if _, known, err := reader[0].Lookup(r.t.Context(), q.id); err != nil || known {
			r.t.Fatalf("%s was refused for want of room, and known: %v, %v", q.id, known, err)
		}
	}
	r.readsGoOn(reader[0], w)
}

// readsGoOn reads what was acknowledged, and what a dial asks first.
func (r *rig) readsGoOn(c *ledgerclient.Client, w *workload) {
	r.t.Helper()
	ctx := r.t.Context()
	if p, err := c.Profile(ctx, proofNumber(1)); err != nil || p.Account != 1 {
		r.t.Errorf("a profile without room: %+v, %v", p, err)
	}
	q, err := c.Quote(ctx, ledger.Ask{Kind: ledger.KindSend, Payer: proofNumber(1), Payee: proofNumber(2), Amount: 1})
	if err != nil || q.Name != proofName(2) {
		r.t.Errorf("a quote without room: %+v, %v", q, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, q := range w.asked {
		if !q.done {
			continue
		}
		if res, known, err := c.Lookup(ctx, q.id); err != nil || !known || !reflect.DeepEqual(res, q.res) {
			r.t.Fatalf("without room %s is %+v (known: %v), %v; it was answered %+v", q.id, res, known, err, q.res)
		}
	}
}

// TestProofNoNextSegment: the disk has no room for the journal's next segment. What
// does not fit the present one waits or is refused, reads go on, and when there is
// room everything is made once.
func TestProofNoNextSegment(t *testing.T) {
	r := newRig(t, diskPeople)
	l, f := r.launchAsked()
	clients, alive := r.clients(l, 1)
	if !alive {
		t.Fatalf("the start ended with %v", l.err)
	}
	c := clients[0]
	made := len(r.seed(c))
	r.fill(c, 8<<20) // not yet half of what the segment takes
	if f == nil {
		hangUp(clients)
		return // said in the log
	}
	f.set(func(c diskCall) syscall.Errno {
		if c.name == "pwrite64" && c.file == "next.tmp" {
			return syscall.ENOSPC
		}
		return 0
	})
	var last []ledger.Command
	for full := false; !full; {
		last = cents()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		full = refused(c.Admin(ctx, last)) != nil
		if cancel(); !full {
			made += len(last)
		}
		if made > 4*fillBytes/fillIssue {
			t.Fatal("there is no end to the segment")
		}
	}
	r.readsGoOn(c, &workload{})
	f.set(nil)
	for deadline := time.Now().Add(proofWait); refused(c.Admin(t.Context(), last)) != nil; l.rest() {
		if l.gone() || time.Now().After(deadline) {
			t.Fatalf("with room again it does not go on; the process: %v", l.err)
		}
	}
	made += len(last)
	hangUp(clients)
	r.end()
	if line := r.verify(); verified(t, line, "transfers") != made {
		t.Fatalf("%d transfers were acknowledged, verify says %s", made, line)
	}
}
