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
