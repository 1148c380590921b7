package ledger

import (
	"crypto/sha256"
	"encoding/binary"
)

// What names the payer at the payee: the number of a bill or a meter. It belongs to
// what was confirmed. The books keep it sealed and never read it.
const (
	MaxRef       = 20               // bytes, as it is typed
	MaxRefSealed = 12 + MaxRef + 16 // nonce, text, tag
)

// ref is the sealed reference of one payment.
type ref struct {
	n uint8
	b [MaxRefSealed]byte
}

// refers tells whether a transfer of the kind may carry a reference.
func (k Kind) refers() bool { return k == KindPaybill }

// keepRef remembers the reference of a payment that was made or is held.
func (b *Book) keepRef(r *record, sealed []byte) {
	if len(sealed) > 0 {
		var v ref
		v.n = uint8(copy(v.b[:], sealed))
		r.last = b.refs.put(v) + 1
	}
}

// Ref is the reference of the payment, or of the request for one, behind an id: what it was sealed for – the
// payment's own id, or of a hold that was posted the hold's – and by whom. Nothing is
// sealed when there is none.
func (b *Book) Ref(id ID) (of ID, payer Account, sealed []byte) {
	defer b.guard()
	r := b.record(id)
	if r != nil && r.act == ActPost && r.committed() {
		r = b.records.at(r.first - 1)
	}
	if r == nil || r.act != ActTransfer && r.act != ActAsk || !r.kind.refers() || r.last == 0 {
		return ID{}, 0, nil
	}
	v := b.refs.at(r.last - 1)
	return r.id, r.from, v.b[:v.n]
}

// withRef is what an id stands for when a reference belongs to it: a digest of the
// content and of the reference; never zero.
func (c *content) withRef(sealed []byte) uint64 {
	if len(sealed) == 0 {
		return 0
	}
	said := make([]byte, 0, 128)
	for _, n := range [...]uint64{uint64(c.kind), uint64(c.from), uint64(c.to), uint64(c.amount), uint64(c.quoted), uint64(c.until)} {
		said = binary.BigEndian.AppendUint64(said, n)
	}
	sum := sha256.Sum256(append(append(said, c.currency[:]...), sealed...))
	return binary.BigEndian.Uint64(sum[:]) | 1
}
