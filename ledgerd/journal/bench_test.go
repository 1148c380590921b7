package journal

import (
	"fmt"
	"path/filepath"
	"testing"
)

var tableSizes = []int{4 << 10, 64 << 10}

// BenchmarkAppendSync is one durable entry after another: the group of one.
func BenchmarkAppendSync(b *testing.B) {
	for _, size := range tableSizes {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			j, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer j.Close()
			payload := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := j.Append(payload, 1, 1); err != nil {
					b.Fatal(err)
				}
				if err := j.Sync(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRawSync is the disk alone under the same load: write and sync in a
// filled file.
func BenchmarkRawSync(b *testing.B) {
	for _, size := range tableSizes {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			f, err := osFS{}.Create(filepath.Join(b.TempDir(), "raw"))
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			if err := fill(f, SegmentBytes, func() bool { return false }); err != nil {
				b.Fatal(err)
			}
			payload := make([]byte, size)
			b.SetBytes(int64(size))
			for i := 0; b.Loop(); i++ {
				if _, err := f.WriteAt(payload, int64(i%(SegmentBytes/size)*size)); err != nil {
					b.Fatal(err)
				}
				if err := f.Sync(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAppend is what an entry costs without the disk: two checksums, a hash
// and a copy.
func BenchmarkAppend(b *testing.B) {
	d := newDisk(1)
	j, err := Open(folder, Options{FS: d})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	payload := make([]byte, 4<<10)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for b.Loop() {
		j.pending = j.pending[:0]
		j.active().offsets = j.active().offsets[:0]
		if _, err := j.Append(payload, 1, 1); err != nil {
			b.Fatal(err)
		}
	}
	j.pending = nil
}

// BenchmarkRead is checking and handing out a whole journal of 4 KiB entries, as
// at a start.
func BenchmarkRead(b *testing.B) {
	const n = 8000
	j, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	payload := make([]byte, 4<<10)
	for range n {
		if _, err := j.Append(payload, 1, 1); err != nil {
			b.Fatal(err)
		}
	}
	if err := j.Sync(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(n * int64(len(payload)))
	for b.Loop() {
		if err := j.Read(1, func(Header, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
