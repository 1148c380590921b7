package session

import "encoding/binary"

// Limits of what a session keeps of secrets.
const (
	MaxKept   = 3  // secrets that one order takes from earlier screens
	MaxSealed = 64 // bytes of one, sealed
)

// Kept are the secrets that were typed for an order which still asks for more: sealed,
// each bound to who typed it and to that order.
type Kept struct {
	Visit uint32 // of the screen that asked for the first: the order's id is made of it
	Until int64  // ms; after it they are good for nothing
	Boxes []Box
}

// Box is one sealed secret.
type Box struct {
	Number uint8  // in the menu
	Key    uint32 // id of the seal key
	Sealed []byte
}

// None tells that nothing is kept.
func (k *Kept) None() bool { return len(k.Boxes) == 0 }

// Put keeps a secret, in the place of one of the same number; false when there are too
// many.
func (k *Kept) Put(b Box) bool {
	left := k.without(func(n uint8) bool { return n == b.Number })
	if len(left) == MaxKept {
		return false
	}
	k.Boxes = append(left, b)
	return true
}

// Drop forgets some; with the last of them goes what all had in common.
func (k *Kept) Drop(which func(number uint8) bool) {
	if k.Boxes = k.without(which); k.None() {
		*k = Kept{}
	}
}

// without is a list of its own: other copies of the session have theirs.
func (k *Kept) without(which func(number uint8) bool) (left []Box) {
	for _, b := range k.Boxes {
		if !which(b.Number) {
			left = append(left, b)
		}
	}
	return left
}

func (k *Kept) append(b []byte, started int64) []byte {
	if k.None() {
		return b
	}
	b = binary.AppendUvarint(b, uint64(k.Visit))
	b = binary.AppendVarint(b, k.Until-started)
	b = append(b, byte(len(k.Boxes)))
	for _, one := range k.Boxes {
		b = binary.BigEndian.AppendUint32(append(b, one.Number), one.Key)
		b = appendText(b, string(one.Sealed))
	}
	return b
}

func (k *Kept) read(r *reader, started int64) {
	k.Visit, k.Until = uint32(r.uvarint()), started+r.varint()
	n := int(r.byte())
	if r.bad = r.bad || n == 0 || n > MaxKept; r.bad {
		return
	}
	for range n {
		k.Boxes = append(k.Boxes, Box{Number: r.byte(), Key: r.number(), Sealed: []byte(r.text(MaxSealed))})
	}
}
