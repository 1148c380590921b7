package operator

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
)

// BenchmarkHop is a press and its screen over SMPP, both ends of the wire in
// this process, many handsets at once.
func BenchmarkHop(b *testing.B) {
	o, _ := house(b, Config{Window: 1000}, wallet)
	var next atomic.Uint64
	b.SetParallelism(500)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		number := fmt.Sprintf("2547%08d", next.Add(1))
		open := false
		for pb.Next() {
			var s Screen
			var err error
			if open {
				s, err = o.Press(context.Background(), number, "1")
			} else {
				s, err = o.Dial(context.Background(), number, "*334#")
			}
			if err != nil {
				b.Error(err)
				return
			}
			open = s.Open
		}
	})
}
