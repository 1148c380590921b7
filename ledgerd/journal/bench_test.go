package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
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

// BenchmarkOpen is a start: everything is read, checked, and told once.
func BenchmarkOpen(b *testing.B) {
	const n, size = 20_000, 4 << 10
	dir := b.TempDir()
	filled(b, dir, n, size, 0)
	b.SetBytes(n * size)
	for b.Loop() {
		told := 0
		j, err := Open(dir, Options{Replay: &Replay{Entry: func(Header, []byte) error { told++; return nil }}})
		if err != nil || told != n {
			b.Fatal(told, err)
		}
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReadArchive is checking a year: unpacking, checksums and hashes.
func BenchmarkReadArchive(b *testing.B) {
	const n, size = 20_000, 4 << 10
	dir := b.TempDir()
	filled(b, dir, n, size, n)
	j, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	b.SetBytes(n * size)
	for b.Loop() {
		if err := j.Read(1, func(Header, []byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFindInArchive is one entry out of an archived segment.
func BenchmarkFindInArchive(b *testing.B) {
	const n, size = 20_000, 4 << 10
	dir := b.TempDir()
	filled(b, dir, n, size, n)
	j, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	for b.Loop() {
		if got, err := j.Entries(5000, 5001, 1); err != nil || len(got) != 1 {
			b.Fatal(err)
		}
	}
}

// BenchmarkRetire is compressing, checking and clearing one segment.
func BenchmarkRetire(b *testing.B) {
	const size = 4 << 10
	b.SetBytes(SegmentBytes)
	for b.Loop() {
		b.StopTimer()
		dir := b.TempDir()
		filled(b, dir, 4200, size, 0)
		j, err := Open(dir, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if err := j.Retire(4200); err != nil || len(j.archives) != 1 {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := j.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkSnapshot is writing a gigabyte's eighth and loading it again.
func BenchmarkSnapshot(b *testing.B) {
	const size = 128 << 20
	page := make([]byte, 64<<10)
	for i := range page {
		page[i] = byte(i * i >> 3)
	}
	j, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Append(nil, 1, 1); err != nil {
		b.Fatal(err)
	}
	if err := j.Sync(); err != nil {
		b.Fatal(err)
	}
	b.Run("save", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			if err := j.SaveSnapshot(1, func(w io.Writer) error {
				for range size / len(page) {
					if _, err := w.Write(page); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("load", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			if _, _, err := j.LoadSnapshot(func(_ Snapshot, r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// filled makes a journal of n entries, retired up to one, with bytes that shrink
// to about a half.
func filled(b *testing.B, dir string, n uint64, size int, retire uint64) {
	b.Helper()
	j, err := Open(dir, Options{})
	if err != nil {
		b.Fatal(err)
	}
	payload := make([]byte, size)
	for i := range n {
		for off := 0; off < size; off += 16 {
			binary.LittleEndian.PutUint64(payload[off:], (i+uint64(off))*0x9E3779B97F4A7C15)
		}
		if _, err := j.Append(payload, 1, 1); err != nil {
			b.Fatal(err)
		}
		if i%200 == 199 {
			if err := j.Sync(); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := errors.Join(j.Sync(), j.Retire(retire), j.Close()); err != nil {
		b.Fatal(err)
	}
}
