package journal

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// last is for a head that is the one before the last segment.
const last = ^uint64(0)

// tableStates are the rows of FORMAT.md: what a crash can leave, and what it
// cannot. Without an error, head is the last entry after recovery and cut tells
// whether it took anything off.
var tableStates = []struct {
	row  string
	make func(h house)
	head uint64
	cut  bool
	err  error
	at   string // part of the error's text
}{
	{row: "A", make: func(house) {}},
	{row: "B", make: func(h house) { h.put(nextName, []byte("half a header")) }},
	{row: "C", make: func(h house) {
		h.build(0, 1, false)
		h.move(h.path(identityName), "")
		h.put(identityName+tmpSuffix, []byte("x"))
	}},
	{row: "D", head: 9, cut: true, make: func(h house) {
		h.build(10, 1, false)
		h.inLast(func(b []byte, offs []int) { clear(b[offs[9]+130 : offs[10]]) })
	}},
	{row: "E", head: 4, cut: true, make: func(h house) {
		h.build(8, 4, false)
		h.inLast(func(b []byte, offs []int) { clear(b[offs[4]:offs[6]]) })
	}},
	{row: "F", head: 8, make: func(h house) { h.build(8, 4, false) }},
	{row: "G", head: 10, cut: true, make: func(h house) {
		h.build(10, 1, true)
		h.inLast(func(b []byte, offs []int) { clear(b[offs[10]+20 : offs[10]+60]) })
	}},
	{row: "H", head: 10, make: func(h house) {
		h.build(10, 1, false)
		h.put(nextName, make([]byte, 4096))
	}},
	{row: "I", head: last, make: func(h house) { h.beforeLast() }},
	{row: "J", head: last, cut: true, make: func(h house) {
		h.beforeLast()
		all := h.segments()
		h.edit(all[len(all)-2], func(b []byte) []byte {
			offs := frames(b)
			copy(b[offs[len(offs)-1]:], "MLJF\x01\x00\x03")
			return b
		})
	}},
	{row: "K", head: last, make: func(h house) {
		h.build(80, 1, false)
		h.inLast(func(b []byte, _ []int) { clear(b[headerSize:]) })
	}},
	{row: "L", make: func(h house) {
		h.build(10, 1, false)
		h.put(failedName, []byte("sync: input/output error"))
	}, err: ErrFailedBefore},
	{row: "X", head: 80, make: func(h house) {
		h.chain()
		h.put(Snapshot{Index: 80}.name()+tmpSuffix, []byte("half"))
		h.put("spare-00000000000000000001.tmp", make([]byte, 8192))
		h.put(archiveDir+"/"+archived{first: 60, last: 70}.name()+tmpSuffix, []byte("half"))
	}},
	{row: "Y", head: 80, make: func(h house) {
		h.build(80, 1, false)
		all := h.segments()
		closed := all[len(all)-2]
		b, err := os.ReadFile(closed)
		if err != nil {
			h.t.Fatal(err)
		}
		h.chain()
		h.put(filepath.Base(closed), b)
	}},
	{row: "Z", head: 30, make: func(h house) {
		h.build(80, 1, false)
		h.intend(30)
	}},
	{row: "AA", make: func(h house) {
		h.build(10, 1, false)
		h.put(copyingName, nil)
	}, err: ErrUnfinished},
	{row: "M", make: func(h house) {
		h.build(10, 1, false)
		h.inLast(func(b []byte, offs []int) { b[offs[4]+125] ^= 1 })
	}, err: ErrDamaged, at: "entry 5: the payload's checksum does not hold"},
	{row: "N", make: func(h house) {
		h.build(10, 5, true)
		h.inLast(func(b []byte, offs []int) { b[offs[9]+3] ^= 1 })
	}, err: ErrDamaged, at: "entry 10: no entry begins here"},
	{row: "O", make: func(h house) {
		h.build(10, 1, false)
		h.inLast(func(b []byte, offs []int) {
			f, _ := parseFrame(b[offs[9]:])
			f.payload = bytes.ToUpper(f.payload)
			f.Prev[0] ^= 1
			copy(b[offs[9]:], appendFrame(nil, &f))
		})
	}, err: ErrDamaged, at: "entry 10: the chain is broken"},
	{row: "O", make: func(h house) {
		h.build(10, 1, true)
		h.inLast(func(b []byte, offs []int) { // a payload changed with care for every checksum
			b[offs[3]+frameSize] ^= 1
			mendSums(b[offs[3]:offs[4]])
		})
	}, err: ErrDamaged, at: "entry 4: the chain is broken: the hash does not hold"},
	{row: "P", make: func(h house) {
		h.build(80, 1, false)
		h.move(h.segments()[1], "")
	}, err: ErrMissing},
	{row: "P", make: func(h house) {
		h.build(80, 1, false)
		h.move(h.segments()[0], "")
	}, err: ErrMissing},
	{row: "P", make: func(h house) {
		h.build(80, 1, false)
		all := h.segments()
		h.move(all[len(all)-1], "")
	}, err: ErrMissing},
	{row: "P", make: func(h house) {
		h.build(10, 1, false)
		h.move(h.segments()[0], "")
	}, err: ErrMissing},
	{row: "Q", make: func(h house) {
		h.build(10, 1, false)
		h.move(h.segments()[0], h.path("00000000000000000007.seg"))
	}, err: ErrDamaged, at: "renamed"},
	{row: "Q", make: func(h house) {
		h.build(10, 1, false)
		h.edit(h.segments()[0], func(b []byte) []byte { return b[:len(b)-512] })
	}, err: ErrDamaged, at: "7680 bytes"},
	{row: "Q", make: func(h house) {
		h.build(10, 1, false)
		h.edit(h.segments()[0], func([]byte) []byte { return nil })
	}, err: ErrDamaged, at: "shorter"},
	{row: "R", make: func(h house) {
		o := small
		o.Cluster = [16]byte{9}
		if err := open(h.t, h.dir, o).Close(); err != nil {
			h.t.Fatal(err)
		}
	}, err: ErrForeign},
	{row: "R", make: func(h house) {
		h.build(80, 1, false)
		o := stateOptions()
		o.Node = 5
		other := house{h.t, h.t.TempDir()}
		j := open(h.t, other.dir, o)
		write(h.t, j, 1, 80, 1)
		h.move(other.segments()[1], h.segments()[1])
	}, err: ErrForeign},
	{row: "S", make: func(h house) {
		h.build(80, 1, false)
		h.edit(h.segments()[0], func(b []byte) []byte { b[len(b)-1] = 1; return b })
	}, err: ErrDamaged, at: "bytes behind the end"},
	{row: "T", make: func(h house) {
		h.build(10, 1, false)
		h.edit(h.segments()[0], func(b []byte) []byte { b[3000] = 1; return b })
	}, err: ErrDamaged, at: "segment header"},
	{row: "U", make: func(h house) {
		h.build(80, 1, false)
		all := h.segments()
		h.edit(all[len(all)-2], func(b []byte) []byte {
			offs := frames(b)
			clear(b[offs[len(offs)-2]:])
			return b
		})
	}, err: ErrDamaged, at: "the segment ends too early"},
	{row: "V", make: func(h house) {
		h.beforeLast()
		all := h.segments()
		h.edit(all[len(all)-2], func(b []byte) []byte {
			offs := frames(b)
			clear(b[offs[len(offs)-2]:])
			return b
		})
	}, err: ErrDamaged, at: "does not follow"},
	{row: "W", make: func(h house) {
		h.build(10, 1, false)
		h.edit(h.path(identityName), func(b []byte) []byte { b[20] ^= 1; return b })
	}, err: ErrDamaged, at: "identity"},
	{row: "W", make: func(h house) {
		h.chain()
		h.edit(h.path(voteName), func(b []byte) []byte { b[40] ^= 1; return b })
	}, err: ErrDamaged, at: "VOTE"},
	{row: "W", make: func(h house) {
		h.build(80, 1, false)
		h.intend(30)
		h.edit(h.path(cutName), func(b []byte) []byte { b[40] ^= 1; return b })
	}, err: ErrDamaged, at: "CUT"},
	{row: "AB", make: func(h house) {
		h.chain()
		h.move(h.archives()[1], "")
	}, err: ErrMissing, at: "entries 17 to"},
	{row: "AB", make: func(h house) {
		h.chain()
		all := h.archives()
		h.move(all[len(all)-1], "")
	}, err: ErrMissing},
	{row: "AC", make: func(h house) {
		h.chain()
		all := h.archives()
		h.edit(all[len(all)-1], func(b []byte) []byte { b[70] ^= 1; return b })
	}, err: ErrDamaged, at: "header's checksum does not hold (it holds entries"},
	{row: "AC", make: func(h house) {
		h.chain()
		other := house{h.t, h.t.TempDir()}
		j := open(h.t, other.dir, stateOptions())
		for i := uint64(1); i <= 80; i++ { // the same sizes, other words
			if _, err := j.Append(bytes.ToUpper(payload(i)), 1+i/10, 0); err != nil {
				h.t.Fatal(err)
			}
		}
		if err := errors.Join(j.Sync(), j.Retire(80), j.Close()); err != nil {
			h.t.Fatal(err)
		}
		all := h.archives()
		h.move(other.archives()[len(all)-1], all[len(all)-1])
	}, err: ErrDamaged, at: "does not continue it"},
	{row: "AD", head: 80, make: func(h house) {
		h.chain()
		h.edit(h.path(Snapshot{Index: 80}.name()), func(b []byte) []byte { b[snapHeader+20] ^= 1; return b })
	}},
	{row: "AE", make: func(h house) {
		h.build(80, 1, true)
		h.snapshot(80, stateOptions())
		h.inLast(func(b []byte, offs []int) { clear(b[offs[len(offs)-3]:]) })
	}, err: ErrDamaged, at: "it knows of entry 80, and the chain ends at 79"},
	{row: "AE", make: func(h house) { // a torn end that would be cut, but somebody knows better
		h.build(80, 1, false)
		h.snapshot(80, stateOptions())
		h.inLast(func(b []byte, offs []int) { clear(b[offs[len(offs)-2]:]); b[offs[len(offs)-3]+121] ^= 1 })
	}, err: ErrDamaged, at: "entry 80: the payload's checksum does not hold"},
	{row: "AF", make: func(h house) {
		h.build(80, 1, true)
		j := open(h.t, h.dir, stateOptions())
		j.durable.hash[0] ^= 1
		j.marked = true
		if err := errors.Join(j.SaveSnapshot(80, func(io.Writer) error { return nil }), j.Close()); err != nil {
			h.t.Fatal(err)
		}
	}, err: ErrDamaged, at: "another hash"},
	{row: "AG", make: func(h house) {
		h.chain()
		other := house{h.t, h.t.TempDir()}
		o := stateOptions()
		o.Node = 9
		j := open(h.t, other.dir, o)
		write(h.t, j, 1, 80, 1)
		if err := j.Close(); err != nil {
			h.t.Fatal(err)
		}
		other.snapshot(80, o)
		all := h.archives()
		h.move(other.archives()[len(all)-1], all[len(all)-1])
	}, err: ErrForeign},
	{row: "AG", make: func(h house) {
		h.build(80, 1, true)
		other := house{h.t, h.t.TempDir()}
		o := stateOptions()
		o.Node = 9
		if err := open(h.t, other.dir, o).SaveState(3, 1); err != nil {
			h.t.Fatal(err)
		}
		h.move(other.path(voteName), h.path(voteName))
	}, err: ErrForeign},
	{row: "AG", make: func(h house) {
		h.chain()
		other := house{h.t, h.t.TempDir()}
		o := stateOptions()
		o.Node = 9
		j := open(h.t, other.dir, o)
		write(h.t, j, 1, 80, 1)
		if err := j.Close(); err != nil {
			h.t.Fatal(err)
		}
		other.snapshot(80, o)
		h.move(other.path(Snapshot{Index: 80}.name()), h.path(Snapshot{Index: 80}.name()))
	}, err: ErrForeign},
	{row: "AH", make: func(h house) {
		h.build(80, 1, true)
		h.put(backupName, nil)
	}, err: ErrBackup},
}
