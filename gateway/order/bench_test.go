package order

import (
	"context"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
)

func BenchmarkEncodeOrder(b *testing.B) {
	o := anOrder(1)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := EncodeOrder(&o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFilePutAndDone(b *testing.B) {
	f := openFile(b, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		put(b, f, 1)
		f.Done(idOf(1))
	}
}

// BenchmarkPlace is an order's whole way through a dispatcher whose ledger
// answers at once.
func BenchmarkPlace(b *testing.B) {
	f := openFile(b, b.TempDir())
	d := NewDispatcher(f, &script{says: []any{ledger.OK}}, &ears{}, Config{Now: time.Now})
	defer d.Close()
	o := anOrder(1)
	b.ReportAllocs()
	for b.Loop() {
		ch, err := d.Place(context.Background(), o)
		if err != nil {
			b.Fatal(err)
		}
		<-ch
		d.Forget(o.Request.ID())
	}
}
