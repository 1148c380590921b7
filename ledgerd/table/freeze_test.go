package table

import (
	"bytes"
	"sync"
	"testing"
)

// TestFreezeWhileWriting writes views out on another goroutine while the tables
// go on changing: under the race detector nothing is shared, and what is loaded
// is what stood at the freeze.
func TestFreezeWhileWriting(t *testing.T) {
	seed := NewSeed([16]byte{6})
	var p Pages[item]
	var x Index
	d, _ := NewIDs(seed, HourMS, &Memory{})
	log, _ := NewLog[item](&Memory{}, 1)
	step := func(i uint64) {
		n, it := p.Add()
		it.A = i
		p.Edit(uint32(i * 7919 % uint64(p.Len()))).B[0]++
		x.Put(seed.Number(i), n, never)
		d.Put(idAt(int64(i)*100, i), i)
		_, it = log.Add()
		it.A = i
		if err := log.Spill(1); err != nil {
			t.Fatal(err)
		}
	}
	var wait sync.WaitGroup
	for i := range uint64(60_000) {
		if i%6000 == 5999 {
			write(t, &wait, i, p.Freeze(), x.Freeze(), d.Freeze(), log.Freeze())
		}
		step(i)
		if err := d.Retire(int64(i)*100, 1); err != nil {
			t.Fatal(err)
		}
	}
	wait.Wait()
}

func write(t *testing.T, wait *sync.WaitGroup, n uint64, p *View[item], x *IndexView, d *IDsView, log *LogView[item]) {
	wait.Go(func() {
		var b bytes.Buffer
		for _, err := range []error{p.Write(&b), x.Write(&b), d.Write(&b), log.Write(&b)} {
			if err != nil {
				t.Error(err)
			}
		}
		edits := uint64(0)
		var again Pages[item]
		if err := again.Load(&b); err != nil {
			t.Error(err)
			return
		}
		for i := range uint32(again.Len()) {
			edits += again.At(i).B[0]
		}
		if edits != n || uint64(again.Len()) != n || log.Len() != n {
			t.Errorf("a view of %d steps holds %d items and %d edits", n, again.Len(), edits)
		}
		p.Release()
		x.Release()
		d.Release()
	})
}
