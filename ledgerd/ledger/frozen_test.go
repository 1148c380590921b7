package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"testing"

	"mlango/ledgerd/table"
	"pgregory.net/rapid"
)

// frosty are options under which everything leaves memory as soon as it can.
func frosty() Options {
	return Options{
		ReceiptKey: [16]byte{1}, ZoneMinutes: 180, Horizon: 1, Keep: 1, every: 1,
		Stores: Stores{&table.Memory{}, &table.Memory{}, &table.Memory{}, &table.Memory{}, &table.Memory{}, &table.Memory{}},
	}
}

// thaw writes frozen books and loads them.
func thaw(t interface{ Fatal(...any) }, f *Frozen, o Options) *Book {
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	f.Release()
	book, err := Load(&b, o)
	if err != nil {
		t.Fatal(err)
	}
	if b.Len() > 0 {
		t.Fatal(b.Len(), "bytes were left")
	}
	return book
}

// TestFrozenBooksGoOn: the books agree with the model although they are frozen
// before every command, so that every change is one of a page that is held; and
// although at times the ones that go on are those that were written and loaded.
func TestFrozenBooksGoOn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, o := newDuel(), frosty()
		d.book = New(o)
		for _, say := range d.said {
			say(d.book)
		}
		var past *Frozen
		var digest [32]byte
		var held []*Frozen
		d.each = func() {
			if held = append(held, d.book.Freeze()); len(held) > 3 {
				held[0].Release()
				held = held[1:]
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"move": d.move, "move more": d.move, "check": d.check, "resolve": d.resolve, "govern": d.govern, "end": d.end,
			"ask": d.ask, "end ask": d.endAsk, "reverse": d.reverse, "linked": d.linked,
			"wait": func(t *rapid.T) {
				d.now += rapid.SampledFrom([]int64{1, 60_000, 5 * 3_600_000, 100 * 3_600_000}).Draw(t, "ms")
			},
			"tick": func(*rapid.T) {
				d.model.tick(d.now)
				d.say(Tick{})
			},
			"freeze": func(*rapid.T) {
				if past == nil {
					past, digest = d.book.Freeze(), d.book.Digest()
				}
			},
			"thaw": func(t *rapid.T) {
				if past != nil {
					if thaw(t, past, o).Digest() != digest {
						t.Fatal("what was loaded is not what was frozen")
					}
					past = nil
				}
			},
			"go on": func(t *rapid.T) {
				digest := d.book.Digest()
				d.book = thaw(t, d.book.Freeze(), o)
				if d.book.Digest() != digest {
					t.Fatal("loaded books differ")
				}
			},
			"": d.stand,
		})
		d.replay(t)
	})
}

// longRun books so much that records, lines and ids leave memory: in both the same.
func longRun(t *testing.T, list ...*Book) {
	for _, b := range list {
		b.Apply(OpenAccount{Account: 1, Kind: AccountTrust, Currency: kes}, Place{}, scriptDay)
		for n := range Account(20) {
			b.Apply(OpenAccount{Account: n + 10, Kind: AccountWallet, Currency: kes}, Place{}, scriptDay)
			b.Apply(SetPIN{Account: n + 10}, Place{}, scriptDay)
		}
	}
	for i := range uint64(4000) {
		now := scriptDay + int64(i)*10_000
		m := Move{Transfer: Transfer{ID: longID(i), Kind: KindSend, From: Account(10 + i%20), To: Account(10 + (i+1)%20), Amount: Amount(5 + i), Currency: kes,
			Expires: now, Origin: Origin{Operator: "safari", Gateway: "g1", Session: "s"}}, Epoch: 1, Verdict: VerdictRight}
		if i < 20 {
			m.Kind, m.From, m.To, m.Amount = KindIssue, 1, Account(10+i), 1_000_000
		}
		if i%3 == 0 && i > 20 {
			m.Until = now + 30_000
		}
		var first Result
		for j, b := range list {
			b.Apply(Tick{}, Place{Index: i}, now)
			res, _ := b.Apply(&m, Place{Index: i, Offset: 1}, now)
			if j == 0 {
				first = res
			}
			if !reflect.DeepEqual(res, first) || b.Err() != nil || res.Reject != OK && res.Reject != LooksRepeated {
				t.Fatalf("transfer %d: %+v, first %+v, %v", i, res, first, b.Err())
			}
		}
	}
}

func longID(i uint64) ID {
	var mac [10]byte
	binary.BigEndian.PutUint64(mac[:], i*0x9e3779b97f4a7c15)
	return NewID(scriptDay+int64(i)*10_000, mac)
}

// TestWhatLeftMemoryIsRead: books that keep next to nothing in memory answer as
// those that keep all.
func TestWhatLeftMemoryIsRead(t *testing.T) {
	o := frosty()
	small, whole := New(o), New(Options{ReceiptKey: [16]byte{1}, ZoneMinutes: 180})
	longRun(t, small, whole)
	if small.records.Spilled() == 0 || small.lines.Spilled() == 0 || small.ids.Len() > 3000 || small.ids.Len() == whole.ids.Len() {
		t.Fatalf("%d records, %d lines spilled, %d ids in memory", small.records.Spilled(), small.lines.Spilled(), small.ids.Len())
	}
	loaded := thaw(t, small.Freeze(), o)
	for _, b := range []*Book{small, loaded} {
		if b.Digest() != whole.Digest() {
			t.Fatal("digests differ")
		}
		for i := range uint64(4000) {
			want, _ := whole.Show(longID(i))
			if got, ok := b.Show(longID(i)); !ok || !reflect.DeepEqual(got, want) {
				t.Fatalf("transfer %d is shown as %+v, not %+v", i, got, want)
			}
			if want.Result.Receipt == (Receipt{}) {
				continue
			}
			if got, ok := b.ShowReceipt(want.Result.Receipt); !ok || got.Result.ID != longID(i) {
				t.Fatalf("receipt of transfer %d leads to %+v", i, got)
			}
		}
		for n := range Account(20) {
			if got, want := b.Statement(n+10, 1000), whole.Statement(n+10, 1000); !reflect.DeepEqual(got, want) {
				t.Fatalf("account %d: other lines", n+10)
			}
		}
	}
	// an old id is answered as ever, and not executed
	m := Move{Transfer: Transfer{ID: longID(100), Kind: KindSend, From: 1, To: 2, Expires: 1 << 60}}
	now := scriptDay + 90*day
	for _, b := range []*Book{small, whole, loaded} {
		if res, _ := b.Apply(&m, Place{}, now); res.Reject != OtherContent {
			t.Fatal(res)
		}
		if res, _ := b.Apply(Resolve{ID: longID(100)}, Place{}, now); res.ID != longID(100) || res.Reject == Expired {
			t.Fatal(res)
		}
	}
}

// TestHowAHoldEndedStaysKnown: its place is used again, and whoever comes too late is
// told how and by what it ended, a year later as well.
func TestHowAHoldEndedStaysKnown(t *testing.T) {
	b := New(frosty())
	longRun(t, b)
	if b.holds.Len() > 5 || b.held.Len() > 5 {
		t.Fatalf("%d holds are known in %d places", b.held.Len(), b.holds.Len())
	}
	now := scriptDay + 40_000_000 // the last that was made still stands
	voided := Void{ID: NewID(now, [10]byte{1}), Hold: longID(3999), Expires: now}
	if res, _ := b.Apply(voided, Place{}, now); res.Reject != OK {
		t.Fatal(res.Reject)
	}
	for _, later := range []int64{1, 5 * day, 365 * day} {
		now := now + later
		b.Apply(Tick{}, Place{}, now)
		for i := range uint64(20) { // hours leave memory
			b.Apply(Resolve{ID: NewID(now, [10]byte{9, byte(i)})}, Place{}, now)
		}
		for n, row := range []struct {
			hold ID
			want Act
		}{{longID(33), ActExpire}, {longID(3999), ActVoid}} {
			s, _ := b.Show(row.hold)
			res, _ := b.Apply(Post{ID: NewID(now, [10]byte{2, byte(n)}), Hold: row.hold, Expires: now}, Place{}, now)
			if !s.Over || s.How != row.want || res.Reject != HoldEnded || res.Ended != row.want || res.First != s.Ended || res.First.IsZero() {
				t.Fatalf("after %d ms: shown as %v by %v, the answer %+v", later, s.How, s.Ended, res)
			}
			if end, ok := b.Show(res.First); !ok || end.Of != row.hold || end.Result.At != res.FirstAt {
				t.Fatalf("%v leads to %+v", res.First, end)
			}
		}
		res, _ := b.Apply(Void{ID: NewID(now, [10]byte{3}), Hold: longID(34), Expires: now}, Place{}, now)
		if res.Reject != HoldUnknown {
			t.Fatal(res.Reject)
		}
	}
}

// TestAnExpiryThatCameLate: the node was down when the hold's time was over, and for
// longer than the ids of that hour stay; that it expired is still known.
func TestAnExpiryThatCameLate(t *testing.T) {
	s := runScript(t, "open jane wallet 100.00\nopen paul wallet\nsend h1 jane paul 60.00 until 60000")
	until := s.now + 60_000
	s.now += 5 * day
	s.do("void e1 h1 → hold_ended ended expired")
	s.do("tick → ok jane/held 0.00")
	s.do("void e2 h1 → hold_ended ended expired")
	for _, label := range []string{"e1", "e2"} {
		if res, _ := s.book.Lookup(s.ids[label]); !res.First.IsZero() || res.FirstAt != until {
			t.Errorf("%s: %+v", label, res)
		}
	}
}

// broken is a store that fails.
type broken struct{ table.Memory }

var errBroken = errors.New("broken")

func (*broken) WritePage(uint64, []byte) error { return errBroken }

// TestStoreThatFailsEndsTheBooks: nothing is answered any more.
func TestStoreThatFailsEndsTheBooks(t *testing.T) {
	o := frosty()
	o.Stores.Records = &broken{}
	b := New(o)
	b.Apply(OpenAccount{Account: 1, Kind: AccountWallet, Currency: kes}, Place{}, scriptDay)
	for i := uint64(0); b.Err() == nil; i++ {
		b.Apply(&Answer{Check: Check{ID: longID(i), Account: 1, Expires: 1 << 60}}, Place{}, longID(i).Time())
	}
	if !errors.Is(b.Err(), errBroken) {
		t.Fatal(b.Err())
	}
	if res, _ := b.Apply(UnlockPIN{1}, Place{}, 0); res.Reject != Overloaded {
		t.Fatal(res)
	}
	if err := b.Freeze().Write(&bytes.Buffer{}); !errors.Is(err, errBroken) {
		t.Fatal(err)
	}
}

// TestLoadRefuses what cannot be gone on with: other keys, other zones, other
// stores, and every byte that is not as it was written.
func TestLoadRefuses(t *testing.T) {
	o := frosty()
	b := New(o)
	longRun(t, b)
	var w bytes.Buffer
	if err := b.Freeze().Write(&w); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[error]func(*Options){
		ErrOtherBooks:   func(o *Options) { o.ReceiptKey[3]++ },
		table.ErrBeyond: func(o *Options) { o.Stores.Lines = &table.Memory{} },
	} {
		other := o
		change(&other)
		if _, err := Load(bytes.NewReader(w.Bytes()), other); !errors.Is(err, want) {
			t.Fatalf("%v, not %v", err, want)
		}
	}
	o.ZoneMinutes++
	if _, err := Load(bytes.NewReader(w.Bytes()), o); !errors.Is(err, ErrOtherBooks) {
		t.Fatal(err)
	}
	o.ZoneMinutes--
	raw := w.Bytes()
	for i := 0; i < len(raw); i += 1 + len(raw)/500 {
		raw[i] ^= 0x20
		if _, err := Load(bytes.NewReader(raw), o); err == nil {
			t.Fatalf("byte %d changed and nobody noticed", i)
		}
		raw[i] ^= 0x20
		if _, err := Load(bytes.NewReader(raw[:i]), o); err == nil {
			t.Fatalf("cut off at byte %d and nobody noticed", i)
		}
	}
}
