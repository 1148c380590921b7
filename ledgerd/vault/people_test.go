package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func sealed(t testing.TB, v *Vault, account uint64) []byte {
	t.Helper()
	b, err := v.SealPerson(account, fmt.Sprintf("JANE W %d", account), fmt.Sprintf("2547220%05d", account))
	if err != nil || len(b) > MaxPersonSealed {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	return b
}

func opens(t testing.TB, v *Vault, account uint64, b []byte) {
	t.Helper()
	name, number, err := v.OpenPerson(account, b)
	if err != nil || name != fmt.Sprintf("JANE W %d", account) || number != fmt.Sprintf("2547220%05d", account) {
		t.Fatalf("account %d opens as %q %q, %v", account, name, number, err)
	}
}

func TestPeopleOverStarts(t *testing.T) {
	v := open(t, t.TempDir())
	if _, err := v.SealPerson(1, "A", "1"); !errors.Is(err, ErrNoPerson) {
		t.Error(err)
	}
	if err := v.AddPeople(1, 2, 3, 2); err != nil {
		t.Fatal(err)
	}
	one := sealed(t, v, 1)
	if err := v.AddPeople(3, 4, 1); err != nil {
		t.Fatal(err)
	}
	four := sealed(t, v, 4)
	for range 2 {
		v = again(t, v)
		opens(t, v, 1, one)
		opens(t, v, 4, four)
		if v.people.n != 4 {
			t.Errorf("%d people", v.people.n)
		}
	}
}

func TestAPersonOpensOnlyAtHome(t *testing.T) {
	v := open(t, t.TempDir())
	if err := v.AddPeople(1, 2); err != nil {
		t.Fatal(err)
	}
	b := sealed(t, v, 1)
	if _, _, err := v.OpenPerson(2, b); !errors.Is(err, ErrPerson) {
		t.Error(err)
	}
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 1
		if _, _, err := v.OpenPerson(1, bad); !errors.Is(err, ErrPerson) {
			t.Errorf("byte %d changed: %v", i, err)
		}
	}
	for _, n := range []int{0, personOverhead - 1, len(b) - 1} {
		if _, _, err := v.OpenPerson(1, b[:n]); !errors.Is(err, ErrPerson) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if _, err := v.SealPerson(1, string(make([]byte, MaxName+1)), ""); !errors.Is(err, ErrPersonLong) {
		t.Error(err)
	}
	if _, err := v.SealPerson(1, "", string(make([]byte, MaxNumber+1))); !errors.Is(err, ErrPersonLong) {
		t.Error(err)
	}
}

func TestForgottenForEver(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	if err := v.AddPeople(1, 2, 3); err != nil {
		t.Fatal(err)
	}
	two, three := sealed(t, v, 2), sealed(t, v, 3)
	key := v.people.at(1).key
	if !onDisk(t, dir, key[:]) {
		t.Fatal("the key is not where it is looked for")
	}
	for range 2 {
		if err := v.Forget(2); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Forget(9); !errors.Is(err, ErrNoPerson) {
		t.Error(err)
	}
	if onDisk(t, dir, key[:]) {
		t.Error("the key is still on disk")
	}
	for range 2 {
		if _, _, err := v.OpenPerson(2, two); !errors.Is(err, ErrForgotten) {
			t.Error(err)
		}
		if err := v.AddPeople(4, 2); !errors.Is(err, ErrForgotten) {
			t.Error(err)
		}
		if _, err := v.SealPerson(4, "A", "1"); !errors.Is(err, ErrNoPerson) {
			t.Error("half of a refused batch was added")
		}
		opens(t, v, 3, three)
		v = again(t, v)
	}
}

// TestTornEnd cuts the file at every byte and leaves holes in the last batch, of which
// nobody was told yet. Batches before it are never lost.
func TestTornEnd(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	if err := v.AddPeople(1, 2, 3); err != nil {
		t.Fatal(err)
	}
	three := sealed(t, v, 3)
	path := filepath.Join(dir, peopleFile)
	told, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.AddPeople(4, 5, 6, 7); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(good, told[:peopleHeader]) // which is written last
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	batch := peopleHeader + 3*personSize
	states := map[string][]byte{}
	for n := batch; n < len(good); n += 7 {
		states[fmt.Sprint("cut at ", n)] = good[:n]
		if (n-peopleHeader)%personSize > personSize-4 {
			continue // a record is never torn in the middle, least of all in its checksum
		}
		states[fmt.Sprint("zeros from ", n)] = append(bytes.Clone(good[:n]), make([]byte, len(good)-n)...)
	}
	hole := bytes.Clone(good)
	clear(hole[batch+personSize : batch+2*personSize])
	states["hole in the batch"] = hole
	for name, b := range states {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		w := open(t, dir)
		opens(t, w, 3, three)
		if err := w.AddPeople(7, 8); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_ = w.Close()
		w = open(t, dir)
		if _, err := w.SealPerson(8, "A", "1"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_ = w.Close()
	}
}

// TestAMissingSectorStops: a whole sector of zeros anywhere among those who were told, the
// last batch too, and an end that is cut off, are noticed with their place. Nothing is cut.
func TestAMissingSectorStops(t *testing.T) {
	const sector = 512
	dir := t.TempDir()
	v := open(t, dir)
	var batch []uint64
	for account := uint64(1); account <= 40; account++ {
		if batch = append(batch, account); account == 3 || account == 40 {
			if err := v.AddPeople(batch...); err != nil {
				t.Fatal(err)
			}
			batch = nil
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, peopleFile)
	good, _ := os.ReadFile(path)
	states := map[int][]byte{}
	for at := sector; at < len(good); at += sector {
		states[at] = bytes.Clone(good)
		clear(states[at][at:min(at+sector, len(good))])
	}
	for n := peopleHeader; n < len(good); n += 5 * personSize {
		states[n] = good[:n]
	}
	for at, bad := range states {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		for what, start := range map[string]func(string) (*Vault, error){"Open": Open, "Load": Load} {
			if _, err := start(dir); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), fmt.Sprintf("byte %d:", at)) {
				t.Fatalf("%s with byte %d and on gone: %v", what, at, err)
			}
		}
		if left, _ := os.ReadFile(path); !bytes.Equal(left, bad) {
			t.Fatalf("byte %d and on gone: the file was changed", at)
		}
	}
}

// TestABadRecordStops: it is never taken for a torn end, and nothing is cut.
func TestABadRecordStops(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	for account := uint64(1); account <= 4; account++ {
		if err := v.AddPeople(account); err != nil {
			t.Fatal(err)
		}
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, peopleFile)
	good, _ := os.ReadFile(path)
	for i := peopleHeader; i < len(good); i++ { // also in the last batch, which was promised
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir); !errors.Is(err, ErrDamaged) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if left, _ := os.ReadFile(path); len(left) != len(good) {
			t.Fatalf("byte %d changed: %d bytes are left", i, len(left))
		}
	}
}

// TestAFailedWriteIsForGood: once a write failed nothing more is written.
func TestAFailedWriteIsForGood(t *testing.T) {
	v := open(t, t.TempDir())
	if err := v.AddPeople(1); err != nil {
		t.Fatal(err)
	}
	whole := v.people.file
	broken, err := os.Open(whole.Name()) // cannot be written to
	if err != nil {
		t.Fatal(err)
	}
	v.people.file = broken
	if err := v.AddPeople(2); !errors.Is(err, ErrFailed) {
		t.Error(err)
	}
	if err := v.Forget(1); !errors.Is(err, ErrFailed) {
		t.Error(err)
	}
	v.people.file = whole
	if err := v.AddPeople(2); !errors.Is(err, ErrFailed) {
		t.Error("it goes on after a failed write")
	}
	if _, err := v.SealPerson(2, "A", "1"); !errors.Is(err, ErrNoPerson) {
		t.Error("a key that is not durable is used")
	}
	sealed(t, v, 1)
	_ = broken.Close()
}

func TestTheKeyIsDurableBeforeItIsUsed(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	if err := v.AddPeople(5); err != nil {
		t.Fatal(err)
	}
	if !onDisk(t, dir, v.people.at(0).key[:]) {
		t.Error("the key is in memory alone")
	}
}

// TestATokenLeavesNoNumber: the rooms in which tokens are made hold nobody's number.
func TestATokenLeavesNoNumber(t *testing.T) {
	v := open(t, t.TempDir())
	first := v.Token(1, "254722000001")
	for range 20 {
		r := v.tokens.Get().(*tokenRoom)
		if bytes.Contains(r.msg[:cap(r.msg)], []byte("722000001")) {
			t.Fatal("a number is left")
		}
		v.tokens.Put(r)
	}
	if v.Token(1, "254722000001") != first || v.Token(2, "254722000001") == first || v.Token(1, "254722000002") == first {
		t.Error("another token")
	}
}

// TestAMillionPeople bounds memory: a key is 32 bytes, and what finds it must not
// cost more than that again.
func TestAMillionPeople(t *testing.T) {
	const n = 1_000_000
	var before, after runtime.MemStats
	v := open(t, t.TempDir())
	runtime.GC()
	runtime.ReadMemStats(&before)
	accounts := make([]uint64, n)
	for i := range accounts {
		accounts[i] = uint64(i + 1)
	}
	for part := range slices.Chunk(accounts, 50_000) {
		if err := v.AddPeople(part...); err != nil {
			t.Fatal(err)
		}
	}
	accounts = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	if mb := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) >> 20; mb > 60 {
		t.Errorf("%d MiB for a million people", mb)
	} else {
		t.Logf("%d MiB for a million people", mb)
	}
	opens(t, v, n, sealed(t, v, n))
}

func FuzzPerson(f *testing.F) {
	v := open(f, f.TempDir())
	if err := v.AddPeople(1); err != nil {
		f.Fatal(err)
	}
	good := sealed(f, v, 1)
	f.Add(good)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := v.OpenPerson(1, b); (err == nil) != bytes.Equal(b, good) {
			t.Error(err)
		}
	})
}

// FuzzPeopleFile reads any bytes as records behind a good header.
func FuzzPeopleFile(f *testing.F) {
	dir := f.TempDir()
	v := open(f, dir)
	if err := v.AddPeople(1, 2); err != nil {
		f.Fatal(err)
	}
	if err := v.AddPeople(3); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(dir, peopleFile)
	good, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[peopleHeader:])
	f.Add(make([]byte, 100))
	f.Fuzz(func(t *testing.T, b []byte) {
		b = append(bytes.Clone(good[:peopleHeader]), b...)
		p := &people{err: ErrReadOnly}
		if err := p.load(bytes.NewReader(b)); err != nil {
			return
		}
		again := &people{err: ErrReadOnly}
		if err := again.load(bytes.NewReader(b[:recordAt(p.n)])); err != nil || !equal(p.register, again.register) {
			t.Fatalf("without the torn end it reads as something else: %v", err)
		}
	})
}

func equal(a, b register) bool {
	return a.n == b.n && slices.Equal(a.table, b.table) &&
		slices.EqualFunc(a.blocks, b.blocks, func(x, y *[blockEntries]entry) bool { return *x == *y })
}

func BenchmarkAddPeople(b *testing.B) {
	for _, batch := range []int{1, 1000} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			v := open(b, b.TempDir())
			accounts := make([]uint64, batch)
			next := uint64(0)
			for b.Loop() {
				for i := range accounts {
					next++
					accounts[i] = next
				}
				if err := v.AddPeople(accounts...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkToken(b *testing.B) {
	v := open(b, b.TempDir())
	for b.Loop() {
		_ = v.Token(TokenMSISDN, "254722000001")
	}
}

func BenchmarkOpenPerson(b *testing.B) {
	v := open(b, b.TempDir())
	if err := v.AddPeople(1); err != nil {
		b.Fatal(err)
	}
	s := sealed(b, v, 1)
	for b.Loop() {
		if _, _, err := v.OpenPerson(1, s); err != nil {
			b.Fatal(err)
		}
	}
}
