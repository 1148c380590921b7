package load

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Look describes the machine: its cores, its Go, and how often a second its disk
// makes a small write durable in dir.
func Look(dir string) Environment {
	e := Environment{Cores: runtime.NumCPU(), Go: runtime.Version()}
	e.FdataSync, _ = syncRate(dir, 300*time.Millisecond) // 0 says that it could not be measured
	return e
}

// syncRate counts 4 KiB writes made durable one by one.
func syncRate(dir string, span time.Duration) (perSecond float64, err error) {
	path := filepath.Join(dir, ".sync-rate")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, fmt.Errorf("load: sync rate: %w", err)
	}
	defer os.Remove(path)
	defer f.Close()
	block, n, begun := make([]byte, 4096), 0, time.Now()
	for ; time.Since(begun) < span; n++ {
		if _, err := f.WriteAt(block, 0); err != nil {
			return 0, fmt.Errorf("load: sync rate: %w", err)
		}
		if err := syscall.Fsync(int(f.Fd())); err != nil {
			return 0, fmt.Errorf("load: sync rate: %w", err)
		}
	}
	return float64(n) / time.Since(begun).Seconds(), nil
}

// cpuTime is what this process has used of the processors so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
