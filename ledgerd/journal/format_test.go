package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"
)

// TestTheFormatIsFrozen holds every byte of a small journal. When it fails, the
// version has to change, and the old one must still be read.
func TestTheFormatIsFrozen(t *testing.T) {
	h := house{t, t.TempDir()}
	h.build(7, 3, true)
	for name, want := range map[string]string{
		identityName:               "4385d4e5b2f68fabaa6189ec7c5d4edf17e38f6a5b3d1e0194ba94dac21bdead",
		"00000000000000000001.seg": "da470f62463d53efe7a7c29142e71a4b5060fa442edc36db90a1cddc2757c448",
	} {
		b, err := os.ReadFile(h.path(name))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if got := hex.EncodeToString(sum[:]); got != want {
			t.Errorf("%s has sum %s, want %s", filepath.Base(name), got, want)
		}
	}
}

// TestTheOtherFormatsAreFrozen holds what does not depend on a compressor: headers,
// small files and a snapshot.
func TestTheOtherFormatsAreFrozen(t *testing.T) {
	at := place{index: 9, term: 4, hash: [32]byte{1, 2, 3}}
	s := segment{size: 8192, cluster: stateCluster, node: 4, number: 2, first: 5, before: place{index: 4, term: 3, hash: [32]byte{9}}}
	j := Journal{cluster: stateCluster, node: 4}
	d := newDisk(1)
	f, err := d.Create("s")
	if err != nil {
		t.Fatal(err)
	}
	w, err := newSnapWriter(f, Snapshot{Index: 9, Term: 4, Hash: at.hash}.encode(stateCluster, 4), func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content(9, snapBlock+5)); err != nil {
		t.Fatal(err)
	}
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"archive":  {packed{segment: s, end: at, bytes: 77, raw: 99, sum: 5}.encode(), "8391c7122d45b9d7c1ad814ef0c3e1e3feb607934d8e16ac5242023f78f7b573"},
		"VOTE":     {encodeVote(voteMagic, stateCluster, 4, [3]uint64{7, 2, 9}, [32]byte{}), "93716bf426ac0f21a49279ca47552e7dd78cca444c9d5cadeabbc8edd31072ad"},
		"BACKUP":   {encodeVote(backupMagic, stateCluster, 4, [3]uint64{9, 4}, at.hash), "d6ef231bdf860292f12ad479744f56e4d3c929452d823078a0f81e5d2ad54640"},
		"CUT":      {j.encodeCut(at), "4daa90183dd5cfb80e6c0b62610cc27f899b57a376f953b6d525e834a104e3ac"},
		"snapshot": {d.names["s"].cache, "a2ee20111f03cc419b68938ff2deb29b616aabaf039e24a783cfd06c5a0ad144"},
	} {
		sum := sha256.Sum256(c.b)
		if got := hex.EncodeToString(sum[:]); got != c.want {
			t.Errorf("%s has sum %s, want %s", name, got, c.want)
		}
	}
}

// TestTheChainIsTheSameOnEveryNode: how a node groups its writes, and in which
// segments it keeps them, is its own affair.
func TestTheChainIsTheSameOnEveryNode(t *testing.T) {
	var heads [][32]byte
	for i, group := range []int{1, 4, 50} {
		o := stateOptions()
		o.Node = uint64(i + 1)
		o.SegmentBytes = int64(8192 * (i + 1))
		j := open(t, t.TempDir(), o)
		write(t, j, 1, 100, group)
		_, hash, _ := j.Head()
		heads = append(heads, hash)
	}
	if heads[0] != heads[1] || heads[1] != heads[2] {
		t.Errorf("heads differ: %x", heads)
	}
}

// mendSums gives every frame in b, as far as they go, checksums that hold, so
// that fuzzing gets past them.
func mendSums(b []byte) {
	for off := 0; off+frameSize <= len(b); {
		h := b[off:]
		n := int(binary.LittleEndian.Uint32(h[8:]))
		if n > len(h)-frameSize {
			return
		}
		binary.LittleEndian.PutUint32(h[12:], crc32.Checksum(h[frameSize:frameSize+n], tableCRC))
		binary.LittleEndian.PutUint32(h[116:], crc32.Checksum(h[:116], tableCRC))
		off += frameBytes(n)
	}
}

// FuzzReader walks through any bytes as a segment's frames. What it takes must be
// exactly what would be written again.
func FuzzReader(f *testing.F) {
	start := place{hash: genesis(stateCluster)}
	good := appendFrame(nil, &frame{kind: kindEntry, payload: []byte("hello"), Header: Header{Index: 1, Term: 1, TimeMS: 5, Prev: start.hash}})
	first, _ := parseFrame(good)
	good = appendFrame(good, &frame{kind: kindEntry, durable: 1, Header: Header{Index: 2, Term: 1, TimeMS: 5, Prev: first.Hash}})
	second, _ := parseFrame(good[first.size:])
	good = appendFrame(good, &frame{kind: kindMark, durable: 2, Header: Header{Index: 2, Term: 1, Prev: second.Hash}})
	f.Add(good, false)
	f.Add(append(bytes.Clone(good), make([]byte, 300)...), true)
	f.Add(good[:len(good)-20], true)
	f.Add(make([]byte, 512), false)
	f.Fuzz(func(t *testing.T, b []byte, mend bool) {
		b = b[:len(b)&^(frameAlign-1)]
		if mend {
			mendSums(b)
		}
		w := walker{name: "fuzz", b: b, at: start, mark: true}
		for w.next() {
			again := w.f
			if got := appendFrame(nil, &again); !bytes.Equal(got, b[w.off-w.f.size:w.off]) {
				t.Fatalf("frame before %d is written differently", w.off)
			}
		}
		e := w.ending(promise{})
		if e.off < 0 || e.off+e.dirty > int64(len(b)) || e.at.index > uint64(len(b)/frameSize) {
			t.Fatalf("ending %+v of %d bytes", e, len(b))
		}
	})
}

// FuzzSegmentHeader reads any block as a segment's header and as an identity.
func FuzzSegmentHeader(f *testing.F) {
	f.Add(segment{size: SegmentBytes, number: 1, first: 1}.encode(), false)
	f.Add(encodeIdentity(stateCluster, 1), true)
	f.Fuzz(func(t *testing.T, b []byte, mend bool) {
		if mend && len(b) == headerSize {
			binary.LittleEndian.PutUint32(b[headerSize-4:], crc32.Checksum(b[:headerSize-4], tableCRC))
		}
		if s, why := parseSegment(b); why == "" && !isSegment(s.name()) {
			t.Fatalf("segment %+v has no name", s)
		}
		if cluster, node, ok := parseIdentity(b); ok && !bytes.Equal(encodeIdentity(cluster, node), b) {
			t.Fatal("the identity is written differently")
		}
	})
}
