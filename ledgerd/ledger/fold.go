package ledger

import (
	"encoding/binary"
	"math/bits"
)

// folded is all records and lines up to one as two numbers, so that a digest need
// not read back what has left memory. It tells states apart that went different
// ways; it keeps nobody from forging one, which is the journal's to do.
type folded struct{ Records, Lines fold }

// fold is a running sum over the first so many items.
type fold struct{ Sum, Many uint64 }

// word mixes a number in: the halves of a 128-bit product.
func (f *fold) word(n uint64) {
	const odd1, odd2 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	hi, lo := bits.Mul64(f.Sum^odd1, n^odd2)
	f.Sum = hi ^ lo ^ bits.RotateLeft64(f.Sum, 29)
}

// four mixes four numbers in and waits for the sum once.
func (f *fold) four(a, b, c, d uint64) {
	const odd1, odd2, odd3, odd4 = 0xa0761d6478bd642f, 0xe7037ed1a0b428db, 0x8ebc6af09c88c6e3, 0x589965cc75374cc3
	hi, lo := bits.Mul64(a^odd1, b^odd2)
	up, down := bits.Mul64(c^odd3, d^odd4)
	f.word(hi ^ lo ^ bits.RotateLeft64(up^down, 32))
}

func (f *fold) words(list ...uint64) {
	for ; len(list) >= 4; list = list[4:] {
		f.four(list[0], list[1], list[2], list[3])
	}
	for _, n := range list {
		f.word(n)
	}
}

// text mixes in a short byte string of a fixed size.
func (f *fold) text(p []byte) {
	for ; len(p) >= 32; p = p[32:] {
		f.four(binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:]), binary.LittleEndian.Uint64(p[16:]), binary.LittleEndian.Uint64(p[24:]))
	}
	for ; len(p) >= 8; p = p[8:] {
		f.word(binary.LittleEndian.Uint64(p))
	}
	if len(p) > 0 {
		var last [8]byte
		copy(last[:], p)
		f.word(binary.LittleEndian.Uint64(last[:]))
	}
}

// fold goes on to the last record and line.
func (b *Book) fold() { b.folded = b.folded.upTo(b) }

func (f folded) upTo(b *Book) folded {
	for ; f.Records.Many < b.records.Len(); f.Records.Many++ {
		f.Records.record(b.records.at(f.Records.Many))
	}
	for ; f.Lines.Many < b.lines.Len(); f.Lines.Many++ {
		l := b.lines.at(f.Lines.Many)
		f.Lines.words(uint64(l.moved), uint64(l.balance), uint64(l.account), l.record, l.before, l.far)
	}
	return f
}

// record mixes in all of a record but its receipt, for which an auditor has no
// key.
func (f *fold) record(r *record) {
	f.words(uint64(r.from), uint64(r.to), uint64(r.amount), uint64(r.quoted), uint64(r.kind)<<16|uint64(r.query)<<8|uint64(r.act),
		uint64(r.until), r.of, r.lines, uint64(r.found)<<32|uint64(r.parts)<<24|uint64(r.leg)<<16|uint64(r.reject)<<8|uint64(r.triesLeft),
		uint64(r.unit)<<32|uint64(r.offset), r.index, uint64(r.at), uint64(r.fee), uint64(r.balance), uint64(r.free),
		uint64(r.payeeBalance), r.seqs[0], r.seqs[1], r.first, r.last, uint64(r.bundle), uint64(r.operator)<<32|uint64(r.gateway))
	f.text(r.id[:])
	f.text([]byte{r.currency[0], r.currency[1], r.currency[2], r.language[0], r.language[1], r.payeeSees[0], r.payeeSees[1], r.session.n})
	f.text(r.session.b[:])
}
