package ledger

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"syscall"
	"testing"
	"time"

	"mlango/ledgerd/table"
)

// cpu is what this thread has worked: what others do on the machine is not in it.
func cpu() time.Duration {
	const thisThread = 1
	var u syscall.Rusage
	_ = syscall.Getrusage(thisThread, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkFrozen10M freezes ten million accounts and writes them out while
// batches of 500 transfers go on, then loads them. Its figures: what an account
// weighs, how long the freeze took, how much the longest batch worked
// before and meanwhile, how long writing and loading took.
func BenchmarkFrozen10M(b *testing.B) {
	const accounts, batch = 10_000_000, 500
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for b.Loop() {
		empty := heap()
		o := Options{Stores: Stores{&table.Memory{}, &table.Memory{}, &table.Memory{}, &table.Memory{}, &table.Memory{}, &table.Memory{}}}
		book := New(o)
		for n := range Account(accounts) {
			book.Apply(OpenAccount{Account: n + 1, Kind: AccountWallet, Currency: kes}, Place{}, scriptDay)
		}
		opened := heap()
		for i := range uint32(accounts) { // as if a PIN had been set and money had come
			a := book.accounts.Edit(i)
			a.credits = 1 << 40
			a.set(pinSet, true)
		}
		m := Move{Transfer: Transfer{Kind: KindSend, Amount: 1, Currency: kes, Expires: 1 << 60}, Verdict: VerdictRight}
		rnd, now := uint64(1), int64(scriptDay)
		transfers := func() time.Duration {
			start := cpu()
			now += 5
			for range batch {
				rnd = rnd*6364136223846793005 + 1442695040888963407
				var mac [10]byte
				binary.BigEndian.PutUint64(mac[:], rnd)
				m.ID, m.From, m.To = NewID(now, mac), Account(1+rnd>>20%accounts), Account(1+rnd>>40%accounts)
				book.Apply(&m, Place{}, now)
			}
			return cpu() - start
		}
		before := time.Duration(0)
		for range 400 {
			before = max(before, transfers())
		}
		start := time.Now()
		f := book.Freeze()
		froze := time.Since(start)
		done := make(chan error, 1)
		var file bytes.Buffer
		file.Grow(1 << 30)
		start = time.Now()
		go func() { done <- f.Write(&file) }()
		var worst, wrote time.Duration
		for wrote == 0 {
			worst = max(worst, transfers())
			select {
			case err := <-done:
				if err != nil {
					b.Fatal(err)
				}
				wrote = time.Since(start)
			default:
			}
		}
		f.Release()
		book = nil
		start = time.Now()
		if _, err := Load(&file, o); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric((opened-empty)/accounts, "B/account")
		b.ReportMetric(froze.Seconds()*1e3, "freeze-ms")
		b.ReportMetric(before.Seconds()*1e3, "batch-cpu-before-ms")
		b.ReportMetric(worst.Seconds()*1e3, "batch-cpu-while-ms")
		b.ReportMetric(wrote.Seconds(), "write-s")
		b.ReportMetric(time.Since(start).Seconds(), "load-s")
	}
}
