package order

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
)

func anOrder(n byte) Order {
	return Order{
		Request: ledger.Request{
			Transfer: &ledger.Transfer{ID: ledger.NewID(1_700_000_000_000, [10]byte{n}), Kind: ledger.KindSend, From: 1, To: 2, Amount: 50000,
				Currency: ledger.Currency{'K', 'E', 'S'}, Fee: 1300, Expires: time.Now().Add(time.Minute).UnixMilli(),
				Origin: ledger.Origin{Operator: "safari", Session: "s", Gateway: "g1"}, Language: ledger.Language{'e', 'n'}},
			SealKey: 3, Sealed: []byte{1, 2, 3}, Payer: "254722000001", Payee: "254722000002",
		},
		Payer: "254722000001", Lang: ledger.Language{'e', 'n'}, Shown: "0722***002", Arrived: time.UnixMilli(1_700_000_000_001),
	}
}

func idOf(n byte) ledger.ID { o := anOrder(n); return o.Request.ID() }

func openFile(t testing.TB, dir string) *File {
	t.Helper()
	f, err := OpenFile(dir, Config{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func leftIn(t testing.TB, f *File) (orders, promises int) {
	t.Helper()
	left := f.open()
	return len(left.Orders), len(left.Promises)
}

func put(t testing.TB, s Store, n byte) {
	t.Helper()
	o := anOrder(n)
	if err := s.Put(context.Background(), &o); err != nil {
		t.Fatal(err)
	}
}

func promise(t testing.TB, s Store, n byte) {
	t.Helper()
	o := anOrder(n)
	p := o.Promise()
	if err := s.Promise(context.Background(), &p); err != nil {
		t.Fatal(err)
	}
}

func TestFileKeepsWhatIsOpen(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, dir)
	put(t, f, 1)
	put(t, f, 2)
	promise(t, f, 2)
	put(t, f, 3)
	promise(t, f, 4) // adopted: there is no order of ours
	f.Done(idOf(1))
	f.Done(idOf(9)) // nobody knows it
	_ = f.Close()

	f = openFile(t, dir)
	left, _ := f.Left(context.Background())
	if len(left.Orders) != 2 || len(left.Promises) != 2 {
		t.Fatalf("%d orders, %d promises", len(left.Orders), len(left.Promises))
	}
	if again, _ := f.Left(context.Background()); len(again.Orders)+len(again.Promises) != 0 {
		t.Fatal("what was left is given out twice, so that its payers are told twice")
	}
	for _, o := range left.Orders {
		want := anOrder(o.Request.ID()[6])
		if *o.Request.Transfer != withExpiry(*want.Request.Transfer, o.Request.Transfer.Expires) || o.Payer != want.Payer || o.Shown != want.Shown ||
			!o.Arrived.Equal(want.Arrived) || !bytes.Equal(o.Request.Sealed, want.Request.Sealed) {
			t.Fatalf("read back %+v", o)
		}
	}
	f.Done(idOf(2))
	f.Done(idOf(3))
	f.Done(idOf(4))
	if o, p := leftIn(t, openFile(t, dir)); o+p != 0 {
		t.Fatalf("%d orders and %d promises came back", o, p)
	}
}

func withExpiry(t ledger.Transfer, expires int64) ledger.Transfer { t.Expires = expires; return t }

// TestFileCutAtEveryByte opens what a crash could leave: every prefix.
func TestFileCutAtEveryByte(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, dir)
	ends := []int64{f.size}
	for n := byte(1); n <= 3; n++ {
		put(t, f, n)
		ends = append(ends, f.size)
	}
	_ = f.Close()
	whole, err := os.ReadFile(filepath.Join(dir, fileName))
	if err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut <= len(whole); cut++ {
		want := 0
		for _, end := range ends[1:] {
			if int64(cut) >= end {
				want++
			}
		}
		read := &File{cfg: f.cfg, kept: map[ledger.ID]kept{}}
		if err := read.replay(whole[:cut]); err != nil || len(read.kept) != want {
			t.Fatalf("cut at %d: %d orders, want %d, %v", cut, len(read.kept), want, err)
		}
	}
	torn := whole[:len(whole)-1]
	if err := os.WriteFile(filepath.Join(dir, fileName), torn, 0o600); err != nil {
		t.Fatal(err)
	}
	f = openFile(t, dir)
	put(t, f, 4) // behind the cut, not behind the torn record
	_ = f.Close()
	if got, _ := leftIn(t, openFile(t, dir)); got != 3 {
		t.Fatalf("%d orders after a torn tail and one more", got)
	}
}

func TestFileDamage(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, dir)
	put(t, f, 1)
	first := f.size
	put(t, f, 2)
	put(t, f, 3)
	_ = f.Close()
	path := filepath.Join(dir, fileName)
	b, _ := os.ReadFile(path)
	for at := range recordHead + 6 { // length, sum, kind and inside of the second order
		bad := slices.Clone(b)
		bad[int(first)+at] ^= 0x11
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		damaged := openFile(t, dir)
		if got, _ := leftIn(t, damaged); got != 2 {
			t.Fatalf("byte %d: %d orders left of the two whole ones", at, got)
		}
		_ = damaged.Close()
	}
	if kept, err := os.ReadFile(path + damagedName); err != nil || len(kept) != len(b) {
		t.Fatalf("the damaged file was not kept: %v", err)
	}
	if err := os.WriteFile(path, []byte("a letter to the operator"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(dir, Config{}); err == nil {
		t.Fatal("a foreign file was taken, and would have been overwritten")
	}
}

func TestFileLimit(t *testing.T) {
	f, err := OpenFile(t.TempDir(), Config{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	put(t, f, 1)
	put(t, f, 2)
	o := anOrder(3)
	if err := f.Put(context.Background(), &o); err != ErrFull {
		t.Fatal(err)
	}
}

func TestFileIsRewritten(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, dir)
	put(t, f, 200)
	for range compactAt/300 + 10 {
		put(t, f, 1)
		f.Done(idOf(1))
	}
	if f.size > compactAt {
		t.Fatalf("the file has %d bytes for one order", f.size)
	}
	promise(t, f, 201)
	_ = f.Close()
	if o, p := leftIn(t, openFile(t, dir)); o != 1 || p != 1 {
		t.Fatalf("%d orders, %d promises", o, p)
	}
}

func TestPromisesShareTheDisk(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, dir)
	var wg sync.WaitGroup
	for n := range byte(64) {
		wg.Go(func() { promise(t, f, n) })
	}
	wg.Wait()
	if f.safe != f.wrote || f.wrote != 64 {
		t.Fatalf("%d of %d on the disk", f.safe, f.wrote)
	}
}

func TestBrokenDiskPromisesNothing(t *testing.T) {
	f := openFile(t, t.TempDir())
	put(t, f, 1)
	_ = f.f.Close() // every write and fsync fails from now on
	o := anOrder(2)
	p := o.Promise()
	for range 2 {
		if f.Promise(context.Background(), &p) == nil || f.Put(context.Background(), &o) == nil {
			t.Fatal("a write that failed was taken for done")
		}
	}
}

// TestLostNamePromisesNothing: when the rewritten file could not take its name, a
// crash would leave another file than the one that is written.
func TestLostNamePromisesNothing(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, dir)
	put(t, f, 1)
	if err := errors.Join(os.Remove(f.path()), os.Mkdir(f.path(), 0o700)); err != nil {
		t.Fatal(err)
	}
	if f.rewrite() == nil {
		t.Fatal("a file took the name of a folder")
	}
	o := anOrder(2)
	p := o.Promise()
	if f.Promise(context.Background(), &p) == nil || f.Put(context.Background(), &o) == nil {
		t.Fatal("something was promised into a file without a name")
	}
}

func FuzzReadFile(f *testing.F) {
	o := anOrder(1)
	b, err := EncodeOrder(&o)
	if err != nil {
		f.Fatal(err)
	}
	p := o.Promise()
	file := appendRecord(appendRecord([]byte(fileMagic), recOrder, b), recPromise, EncodePromise(&p))
	f.Add(file)
	f.Add(appendRecord(file, recDone, make([]byte, 16)))
	f.Fuzz(func(t *testing.T, b []byte) {
		file := &File{cfg: Config{}.withDefaults(), kept: map[ledger.ID]kept{}}
		if file.replay(b) == nil && file.left < 0 {
			t.Fatal("less than nothing is kept")
		}
	})
}

func FuzzDecodeOrder(f *testing.F) {
	o := anOrder(1)
	b, _ := EncodeOrder(&o)
	f.Add(b)
	p := o.Promise()
	f.Add(EncodePromise(&p))
	f.Fuzz(func(t *testing.T, b []byte) {
		if o, err := DecodeOrder(b); err == nil {
			again, err := EncodeOrder(o)
			if err != nil || o.Request.ID().IsZero() && len(again) == 0 {
				t.Fatalf("a decoded order does not encode: %v", err)
			}
		}
		if p, err := DecodePromise(b); err == nil {
			if q, err := DecodePromise(EncodePromise(p)); err != nil || *q != *p {
				t.Fatalf("%+v came back as %+v, %v", p, q, err)
			}
		}
	})
}
