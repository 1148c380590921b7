package server

import (
	"sync"
	"sync/atomic"
	"testing"

	"mlango/ledgerd/ledger"
)

// BenchmarkPayment is whole payments over the real wire and a real journal, both
// ends in this process: sealed PIN, fee, two notices. ns/op is per payment.
func BenchmarkPayment(b *testing.B) {
	for _, callers := range []struct {
		name string
		n    int
	}{{"1 caller", 1}, {"64 callers", 64}, {"512 callers", 512}} {
		b.Run(callers.name, func(b *testing.B) {
			n := start(b, b.TempDir()).seed()
			b.ReportAllocs()
			b.ResetTimer()
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			for i := range callers.n {
				wg.Go(func() {
					from := ledger.Account(i%people) + 1
					for left.Add(-1) >= 0 {
						res, err := n.c.Do(b.Context(), n.send(from, from%people+1, 1, 0, rightPIN))
						if err != nil || res.Reject != ledger.OK && !res.Reject.Transient() {
							b.Errorf("%s, %v", res.Reject, err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/float64(max(n.srv.Stats().Entries, 1)), "payments/sync")
		})
	}
}
