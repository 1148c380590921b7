package table

import (
	"io"
	"runtime"
	"testing"
	"time"
)

// account is about as wide as one of the books'.
type account struct {
	Number, Debits, Credits uint64
	Rest                    [6]uint64
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkFreeze freezes ten million items and writes them out while batches of
// 500 change two items each at random: the longest a freeze and a batch took.
func BenchmarkFreeze(b *testing.B) {
	const items = 10_000_000
	seed, before := NewSeed([16]byte{7}), heap()
	var p Pages[account]
	var x Index
	for i := range uint32(items) {
		_, a := p.Add()
		a.Number = uint64(i)
		x.Put(seed.Number(uint64(i)), i, never)
	}
	each := float64(heap()-before) / items
	batch := func(n *uint64) time.Duration {
		start := time.Now()
		for range 1000 {
			*n = seed.Number(*n + 1)
			p.Edit(uint32(*n%items)).Debits++
		}
		return time.Since(start)
	}
	var freeze, worst, plain, written time.Duration
	batches, long := 0, 0
	n := uint64(0)
	for b.Loop() {
		for range 200 {
			plain = max(plain, batch(&n))
		}
		start := time.Now()
		v, w := p.Freeze(), x.Freeze()
		freeze = max(freeze, time.Since(start))
		done := make(chan error, 1)
		go func() {
			err := v.Write(io.Discard)
			if err == nil {
				err = w.Write(io.Discard)
			}
			done <- err
		}()
		for busy := true; busy; {
			select {
			case err := <-done:
				if err != nil {
					b.Fatal(err)
				}
				busy = false
			default:
				took := batch(&n)
				worst = max(worst, took)
				if batches++; took > 10*time.Millisecond {
					long++
				}
			}
		}
		written = max(written, time.Since(start))
		v.Release()
		w.Release()
	}
	b.ReportMetric(each, "B/item")
	b.ReportMetric(float64(long)/float64(batches), "above-10ms")
	b.ReportMetric(float64(freeze.Microseconds())/1e3, "freeze-ms")
	b.ReportMetric(float64(plain.Microseconds())/1e3, "batch-before-ms")
	b.ReportMetric(float64(worst.Microseconds())/1e3, "batch-while-ms")
	b.ReportMetric(float64(written.Milliseconds()), "written-ms")
}

// BenchmarkIDs remembers and finds ids of two hours, and weighs one.
func BenchmarkIDs(b *testing.B) {
	before := heap()
	d, _ := NewIDs(NewSeed([16]byte{8}), 72*HourMS, nil)
	n := uint64(0)
	for b.Loop() {
		id := idAt(int64(n%(2*HourMS)), n)
		if _, ok := d.Find(id); ok {
			b.Fatal("found a new id")
		}
		d.Put(id, n)
		n++
	}
	b.ReportMetric(float64(heap()-before)/float64(n), "B/id")
	runtime.KeepAlive(d)
}

// BenchmarkRetire is one shard of an hour's leave.
func BenchmarkRetire(b *testing.B) {
	d, _ := NewIDs(NewSeed([16]byte{8}), 0, discard{})
	for b.Loop() {
		if d.Len() == 0 {
			b.StopTimer()
			d, _ = NewIDs(d.seed, 0, discard{})
			for n := range uint64(1_000_000) {
				d.Put(idAt(0, n), n)
			}
			b.StartTimer()
		}
		if err := d.Retire(HourMS, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// discard is a store that takes everything and gives nothing.
type discard struct{}

func (discard) WritePage(uint64, []byte) error { return nil }
func (discard) ReadPage(uint64, []byte) error  { return ErrBeyond }
func (discard) Sync() error                    { return nil }

// BenchmarkLog adds records of 200 bytes that leave memory behind them.
func BenchmarkLog(b *testing.B) {
	type record struct{ A [25]uint64 }
	l, _ := NewLog[record](discard{}, 16)
	for b.Loop() {
		n, r := l.Add()
		r.A[0] = n
		if err := l.Spill(1); err != nil {
			b.Fatal(err)
		}
	}
}
