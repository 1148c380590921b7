package journal

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io"
	"testing"
)

// FuzzArchive reads any bytes as an archive. What it takes is what it says it is.
func FuzzArchive(f *testing.F) {
	start := place{hash: genesis(stateCluster)}
	frames := appendFrame(nil, &frame{kind: kindEntry, payload: []byte("hello"), Header: Header{Index: 1, Term: 1, Prev: start.hash}})
	first, _ := parseFrame(frames)
	end := place{index: 1, term: 1, hash: first.Hash}
	frames = appendFrame(frames, &frame{kind: kindEnd, durable: 1, Header: Header{Index: 1, Term: 1, Prev: end.hash}})
	good, err := (&Journal{}).pack(segment{size: 8192, cluster: stateCluster, node: 1, number: 1, first: 1, before: start}, end, frames)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good, false)
	f.Add(good[:len(good)-3], true)
	f.Add(make([]byte, archiveHeader), true)
	f.Fuzz(func(t *testing.T, b []byte, mend bool) {
		if mend && len(b) >= archiveHeader {
			b = bytes.Clone(b)
			binary.LittleEndian.PutUint32(b[12:], crc32.Checksum(b[archiveHeader:], tableCRC))
			binary.LittleEndian.PutUint32(b[archiveHeader-4:], crc32.Checksum(b[:archiveHeader-4], tableCRC))
		}
		p, why := parsePacked(b)
		if why != "" {
			return
		}
		p.content = b[archiveHeader:]
		frames, why := p.unpack(nil)
		if why != "" {
			return
		}
		if a := (archived{first: p.first, last: p.end.index}); p.check(a, frames) == nil && p.end.index-p.before.index > uint64(len(frames)/frameSize) {
			t.Fatalf("%d entries in %d bytes", p.end.index-p.before.index, len(frames))
		}
	})
}

// FuzzSnapshot reads any bytes as a snapshot. What it takes to the end would be
// written the same.
func FuzzSnapshot(f *testing.F) {
	d := newDisk(1)
	at := Snapshot{Index: 3, Term: 2, Hash: [32]byte{7}}
	write := func(content []byte) []byte {
		file, err := d.Create("s")
		if err != nil {
			f.Fatal(err)
		}
		w, err := newSnapWriter(file, at.encode(stateCluster, 1), func() error { return nil })
		if err == nil {
			_, err = w.Write(content)
		}
		if err == nil {
			err = w.end()
		}
		if err != nil {
			f.Fatal(err)
		}
		return d.names["s"].cache
	}
	f.Add(write([]byte("the books")))
	f.Add(write(nil))
	f.Add(write(content(1, snapBlock+1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := newDisk(1)
		file, err := d.Create("s")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteAt(b, 0); err != nil {
			t.Fatal(err)
		}
		j := Journal{cluster: stateCluster, node: 1}
		s, r, err := j.openSnapshot(at.name(), file)
		if err != nil {
			return
		}
		got, err := io.ReadAll(r)
		if err != nil {
			return
		}
		again, err := d.Create("again")
		if err != nil {
			t.Fatal(err)
		}
		w, err := newSnapWriter(again, s.encode(stateCluster, 1), func() error { return nil })
		if err == nil {
			_, err = w.Write(got)
		}
		if err == nil {
			err = w.end()
		}
		if err != nil || !bytes.Equal(d.names["again"].cache, b) {
			t.Fatalf("the snapshot is written differently: %v", err)
		}
	})
}

// FuzzSmallFiles reads any bytes as the files that stand beside the chain.
func FuzzSmallFiles(f *testing.F) {
	f.Add(encodeVote(voteMagic, stateCluster, 1, [3]uint64{1, 2, 3}, [32]byte{}), "00000000000000000001-00000000000000000002.arc")
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		if cluster, node, figures, hash, ok := parseVote(voteMagic, b); ok && !bytes.Equal(encodeVote(voteMagic, cluster, node, figures, hash), b) {
			t.Fatal("VOTE is written differently")
		}
		if a, ok := parseArchived(name); ok && a.name() != name {
			t.Fatalf("%q is named %q", name, a.name())
		}
	})
}
