package journal

import (
	"fmt"
	"path/filepath"
	"time"
)

// rateBlock is what RawSyncRate writes before each sync.
const rateBlock = 4096

// RawSyncRate is how many times a second the disk under dir syncs 4 KiB in a
// filled file: what no journal on that disk can beat one entry at a time. Print
// it beside every figure that ends on a disk.
func RawSyncRate(dir string, d time.Duration) (perSecond float64, err error) {
	fs := osFS{}
	path := filepath.Join(dir, "rate"+tmpSuffix)
	f, err := fs.Create(path)
	if err != nil {
		return 0, fmt.Errorf("journal: sync rate: %w", err)
	}
	n, took, err := syncFor(f, d)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if rerr := fs.Remove(path); err == nil {
		err = rerr
	}
	if err != nil {
		return 0, fmt.Errorf("journal: sync rate: %w", err)
	}
	return float64(n) / took.Seconds(), nil
}

func syncFor(f File, d time.Duration) (n int, took time.Duration, err error) {
	const size = 4 << 20
	if err := fill(f, size, func() bool { return false }); err != nil {
		return 0, 0, err
	}
	start := time.Now()
	for ; n == 0 || time.Since(start) < d; n++ {
		if _, err := f.WriteAt(tableZeroes[:rateBlock], int64(n%(size/rateBlock))*rateBlock); err != nil {
			return 0, 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, 0, err
		}
	}
	return n, time.Since(start), nil
}
