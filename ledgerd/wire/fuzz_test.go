package wire

import (
	"bytes"
	"testing"

	"mlango/ledgerd/ledger"
)

// FuzzFrame: whatever the bytes, no panic; and what is read writes back to the
// same bytes, so no two encodings mean one thing.
func FuzzFrame(f *testing.F) {
	tr, ck := someTransfer(), someCheck()
	seed := func(b []byte, err error) {
		if err == nil {
			f.Add(b)
		}
	}
	seed(AppendRequest(nil, 1, &ledger.Request{Transfer: &tr, Payer: "254722000001", Sealed: []byte{1}}))
	seed(AppendRequest(nil, 1, &ledger.Request{Check: &ck}))
	seed(AppendResult(nil, 1, &ledger.Result{First: ledger.ID{1}, Ended: ledger.ActPost, Lines: []ledger.Statement{{OtherName: "A"}, {Amount: 1}}}))
	seed(AppendQuote(nil, 1, &ledger.Quote{Name: "A"}))
	seed(AppendNotice(nil, &ledger.Notice{Addr: "1", Act: ledger.ActVoid, Released: 1}))
	seed(AppendPerson(nil, 1, &Person{Name: "A"}))
	for _, cmd := range someCommands() {
		seed(AppendCommand(nil, 1, cmd))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		_ = Each(frame, func(r Record) error {
			v, err := readAny(r)
			if err != nil {
				return err
			}
			back, err := writeAny(r, v)
			if err != nil || !bytes.Equal(back, r.bytes) && r.Kind != KindNotice && r.Kind != KindGranted {
				t.Fatalf("%v read as %+v and written back as\n%x (%v), was\n%x", r.Kind, v, back, err, r.bytes)
			}
			return nil
		})
	})
}

// FuzzEntry: a journal's payload is read strictly or refused, never half.
func FuzzEntry(f *testing.F) {
	payload := BeginEntry(nil, 1)
	for _, cmd := range someCommands() {
		payload, _ = AppendCommand(payload, 0, cmd)
	}
	EndEntry(payload, len(someCommands()))
	f.Add(payload)
	f.Add(BeginEntry(nil, 0))
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := DecodeEntry(payload)
		if err != nil || len(payload) == 0 { // an empty one begins a term and says nothing
			return
		}
		back := BeginEntry(nil, e.At)
		for _, cmd := range e.Commands {
			if back, err = AppendCommand(back, 0, cmd); err != nil {
				t.Fatal(err)
			}
		}
		EndEntry(back, len(e.Commands))
		if !bytes.Equal(back, payload) {
			t.Fatalf("read and written back as\n%x, was\n%x", back, payload)
		}
	})
}

func BenchmarkRequest(b *testing.B) {
	tr := someTransfer()
	r := &ledger.Request{Transfer: &tr, SealKey: 1, Sealed: make([]byte, 35), Payer: "254722000001", Payee: "254722000002"}
	buf, _ := AppendRequest(nil, 1, r)
	b.ReportAllocs()
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		buf, _ = AppendRequest(buf[:0], 1, r)
		rec, _, err := Next(buf, 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := rec.Request(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkResult(b *testing.B) {
	r := &ledger.Result{ID: ledger.ID{1}, Balance: 5, Receipt: ledger.Receipt{'A'}}
	buf, _ := AppendResult(nil, 1, r)
	b.ReportAllocs()
	b.SetBytes(int64(len(buf)))
	for b.Loop() {
		buf, _ = AppendResult(buf[:0], 1, r)
		rec, _, _ := Next(buf, 0)
		if _, err := rec.Result(); err != nil {
			b.Fatal(err)
		}
	}
}
