package server

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"testing/cryptotest"
	"time"

	"mlango/internal/pin"
	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/node"
	"mlango/ledgerd/wire"
)

// What a run from a seed does.
const (
	seeds     = 16
	seedSteps = 1200
	seedFull  = time.Hour // an item that never grows too old
	seedFile  = 32 << 10  // bytes of a journal's file: a run has many
	seedSnap  = 60        // commands between two snapshots
)

// rig is a whole node without a goroutine, a clock or a disk of its own: writer,
// disk's loop, clock and callers take turns as a seed says. Between any two of
// them, and inside the disk's, the power may go.
type rig struct {
	t      *testing.T
	rng    *rand.Rand
	dir    string
	disk   *cutDisk
	now    time.Time
	srv    *Server
	work   *node.Write // what the disk was given
	chore  func()      // a snapshot that is to be written
	wishes []*wish
	marks  map[uint64][32]byte // digests, as the books went on
	starts int
	loaded int // starts from a snapshot
}

// wish is one caller who insists.
type wish struct {
	r    *rig
	req  *ledger.Request
	wait bool           // an answer is due
	res  *ledger.Result // the lasting one
}

// answer holds every lasting answer to what was said before, and to the disk.
func (w *wish) answer(_ uint64, res ledger.Result, _ uint64) {
	w.wait = false
	if res.Reject.Transient() {
		return
	}
	if durable, _, _ := w.r.srv.journal.Head(); res.Place.Index > durable || res.Place.Index > w.r.srv.upto {
		w.r.t.Fatalf("answered from entry %d; durable %d, applied %d", res.Place.Index, durable, w.r.srv.upto)
	}
	if w.res != nil && !sameAnswer(*w.res, res) {
		w.r.t.Fatalf("the same id was answered %+v, first %+v", res, *w.res)
	}
	w.res = &res
}

func newRig(t *testing.T, seed uint64) *rig {
	cryptotest.SetGlobalRandom(t, seed)
	r := &rig{t: t, rng: rand.New(rand.NewPCG(seed, 1)), dir: t.TempDir(), disk: newCutDisk(),
		now: time.UnixMilli(1_900_000_000_000), marks: map[uint64][32]byte{}}
	r.open()
	r.settle()
	r.book(ledger.OpenAccount{Account: trust, Kind: ledger.AccountTrust, Currency: tableKES})
	for n := ledger.Account(1); n <= people; n++ {
		p, err := pin.Parse(rightPIN)
		if err != nil {
			t.Fatal(err)
		}
		set := ledger.SetPIN{Account: n}
		set.Salt, set.MAC = r.srv.judge.Keep(n, p)
		r.book(ledger.OpenAccount{Account: n, Kind: ledger.AccountWallet, Currency: tableKES, Home: homeNet})
		r.book(ledger.SetAlias{Token: r.srv.judge.Token(msisdn(n)), Account: n})
		r.book(set)
		r.book(&ledger.Move{Transfer: ledger.Transfer{ID: r.id(), Kind: ledger.KindIssue, From: trust, To: n, Amount: startKES,
			Currency: tableKES, Expires: r.now.Add(time.Minute).UnixMilli()}})
	}
	return r
}

// id is of the rig's own randomness.
func (r *rig) id() ledger.ID {
	var mac [10]byte
	for i := range mac {
		mac[i] = byte(r.rng.Uint32())
	}
	return ledger.NewID(r.now.UnixMilli(), mac)
}

func (r *rig) open() {
	r.t.Helper()
	srv, err := Open(Config{Data: r.dir, ZoneMinutes: 180, Disk: r.disk, Segment: seedFile, Snapshot: seedSnap, Accept: true, Wall: func() time.Time { return r.now }})
	if err != nil {
		r.t.Fatalf("start %d: %v", r.starts, err)
	}
	r.srv, r.work, r.chore = srv, nil, nil
	srv.snaps.beside, srv.snaps.rest = func(f func()) { r.chore = f }, 0
	r.starts++
	if srv.journal.Recovered().Snapshot > 0 {
		r.loaded++
	}
	r.hold()
}

// hold checks what is true at any moment.
func (r *rig) hold() {
	r.t.Helper()
	for currency, sum := range r.srv.book.Sum() {
		if sum != 0 {
			r.t.Fatalf("the balances in %s add up to %d", currency, sum)
		}
	}
	for _, w := range r.wishes {
		if w.res == nil {
			continue
		}
		if res, known := r.srv.book.Lookup(w.req.ID()); !known || !sameAnswer(res, *w.res) {
			r.t.Fatalf("answered %+v; after start %d the books say %+v, %v", *w.res, r.starts, res, known)
		}
	}
	r.marks[r.srv.upto] = r.srv.Digest()
}

// book enters one command and waits for it.
func (r *rig) book(cmd ledger.Command) {
	r.t.Helper()
	var h heard
	r.srv.inbox.put(item{cmd: cmd, to: &h})
	r.settle()
	if len(h.results) != 1 || h.results[0].Reject != ledger.OK {
		r.t.Fatalf("%T: %+v", cmd, h.results)
	}
}

// settle lets writer and disk take turns until there is nothing left to do.
func (r *rig) settle() {
	r.t.Helper()
	for more := true; more; {
		if err := r.turn(); err != nil {
			r.t.Fatal(err)
		}
		var err error
		if more, err = r.works(); err != nil {
			r.t.Fatal(err)
		}
	}
}

// turn is the writer's.
func (r *rig) turn() error {
	_, err := r.srv.turn()
	select {
	case r.work = <-r.srv.disk.in:
	default:
	}
	return err
}

// works is the disk's turn, if it has anything to do.
func (r *rig) works() (bool, error) {
	if r.work == nil {
		return false, nil
	}
	w := r.work
	r.work = nil
	return true, r.srv.wrote(r.srv.disk.write(w))
}

// chores is the snapshot's turn, if there is one.
func (r *rig) chores() error {
	if r.chore == nil {
		return nil
	}
	f := r.chore
	r.chore = nil
	f()
	return r.srv.kept(<-r.srv.snaps.done)
}

// ask makes a new wish, or repeats an old one.
func (r *rig) ask() {
	var w *wish
	if n := len(r.wishes); n > 0 && r.rng.IntN(4) == 0 {
		w = r.wishes[r.rng.IntN(n)]
		if w.wait || w.req.Transfer.Expires < r.now.UnixMilli() {
			return
		}
	} else {
		w = r.newWish()
		r.wishes = append(r.wishes, w)
	}
	r.send(w)
}

func (r *rig) send(w *wish) {
	w.wait = r.srv.inbox.put(item{req: w.req, arrived: time.Now().Add(seedFull), to: w})
}

func (r *rig) newWish() *wish {
	from := ledger.Account(r.rng.IntN(people)) + 1
	to := from%people + 1
	typed := rightPIN
	if r.rng.IntN(20) == 0 {
		typed = wrongPIN
	}
	id := r.id()
	p, err := pin.Parse(typed)
	if err != nil {
		r.t.Fatal(err)
	}
	k, _, err := r.srv.vault.Seals(r.srv.clock.look())
	if err != nil {
		r.t.Fatal(err)
	}
	sealed, err := pin.Seal(pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}, p, msisdn(from), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return &wish{r: r, req: &ledger.Request{SealKey: k.ID, Sealed: sealed, Payer: msisdn(from), Payee: msisdn(to), Transfer: &ledger.Transfer{
		ID: id, Kind: ledger.KindSend, From: from, To: to, Amount: ledger.Amount(1 + r.rng.IntN(1000)), Currency: tableKES,
		Expires: r.now.Add(10 * time.Minute).UnixMilli(), Origin: ledger.Origin{Gateway: "seed"}}}}
}

// step is one thing that happens. An error is the process's end.
func (r *rig) step() (err error) {
	switch n := r.rng.IntN(100); {
	case n < 40:
		r.ask()
	case n < 65:
		err = r.turn()
	case n < 85:
		_, err = r.works()
	case n < 90:
		r.srv.beat()
		select {
		case r.work = <-r.srv.disk.in:
		default:
		}
	case n < 96:
		r.now = r.now.Add(time.Duration(r.rng.IntN(40)) * time.Millisecond)
	case n < 98:
		err = r.chores()
	case n < 99 && r.rng.IntN(2) == 0:
		r.disk.cutAt = r.disk.ops + 1 + r.rng.IntN(8)
	case n < 99:
		r.disk.failAt = r.disk.ops + 1 + r.rng.IntN(8)
	case r.rng.IntN(2) == 0:
		err = errPower
	}
	return err
}

// restart is another process, after a power cut or a kill. Those who were not
// answered ask again, under the same id.
func (r *rig) restart() {
	r.t.Helper()
	r.marks[r.srv.upto] = r.srv.Digest()
	power := r.rng.IntN(3) > 0
	r.disk = r.disk.after(r.rng, power)
	_ = r.srv.Close() // what it says went with the process
	r.open()
	for _, w := range r.wishes {
		if w.wait {
			r.send(w)
		}
	}
}

// run takes steps, with as many processes as it needs, and settles everything.
func (r *rig) run(steps int) {
	r.t.Helper()
	for range steps {
		if err := r.step(); err != nil {
			r.restart()
		}
	}
	r.disk.cutAt, r.disk.failAt = 0, 0
	for unanswered := true; unanswered; {
		r.settle()
		unanswered = false
		for _, w := range r.wishes {
			if w.res == nil {
				unanswered = true
				r.send(w)
			}
		}
	}
	r.hold()
}

// audit holds the balances to the answers, and the journal to the books.
func (r *rig) audit() {
	r.t.Helper()
	want := map[ledger.Account]ledger.Amount{}
	for n := ledger.Account(1); n <= people; n++ {
		want[n] = startKES
	}
	for _, w := range r.wishes {
		if w.res.Reject == ledger.OK {
			want[w.req.Transfer.From] -= w.req.Transfer.Amount
			want[w.req.Transfer.To] += w.req.Transfer.Amount
		}
	}
	for n, balance := range want {
		if v, _ := r.srv.book.Account(n); v.Balance != balance {
			r.t.Fatalf("account %d has %d, the answers say %d", n, v.Balance, balance)
		}
	}
	again := ledger.New(ledger.Options{ReceiptKey: r.srv.vault.ReceiptKey(), ZoneMinutes: 180})
	if err := r.srv.journal.Read(1, func(h journal.Header, payload []byte) error {
		e, err := wire.DecodeEntry(payload)
		for i, cmd := range e.Commands {
			again.Apply(cmd, ledger.Place{Index: h.Index, Offset: uint32(i)}, e.At)
		}
		if digest, marked := r.marks[h.Index]; marked && again.Digest() != digest {
			r.t.Fatalf("the books after entry %d were others", h.Index)
		}
		return err
	}); err != nil {
		r.t.Fatal(err)
	}
	if again.Digest() != r.srv.Digest() {
		r.t.Fatal("the replayed books differ")
	}
}

// TestFromASeed: whatever happens, nobody is told what is not durable, nothing that
// was told is lost, one id has one answer, and no money comes or goes.
func TestFromASeed(t *testing.T) {
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := newRig(t, seed)
			r.run(seedSteps)
			r.audit()
			t.Logf("%d starts, %d from a snapshot, %d wishes, %d entries", r.starts, r.loaded, len(r.wishes), r.srv.upto)
			if err := r.srv.Close(); err != nil && !errors.Is(err, errPower) {
				t.Fatal(err)
			}
		})
	}
}

// TestASeedIsARun: the same seed makes the same journal, to the last bit.
func TestASeedIsARun(t *testing.T) {
	var heads [2][32]byte
	for i := range heads {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := newRig(t, 77)
			r.run(seedSteps / 3)
			_, heads[i], _ = r.srv.journal.Head()
			_ = r.srv.Close()
		})
	}
	if heads[0] != heads[1] {
		t.Fatalf("%x and %x", heads[0], heads[1])
	}
}

// sameAnswer tells whether two answers say the same.
func sameAnswer(a, b ledger.Result) bool { return reflect.DeepEqual(a, b) }
