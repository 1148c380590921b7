package smpp

import "time"

// Joiner puts the parts of long texts together again. It is bounded: the oldest
// unfinished text goes when there are too many. Not for concurrent use.
type Joiner struct {
	most int
	age  time.Duration
	open map[joinKey]*unfinished
}

// joinKey keeps the texts of different people apart: the reference alone is one
// octet.
type joinKey struct {
	from, to string
	ref      uint16
	total    uint8
}

type unfinished struct {
	begun  time.Time
	coding uint8
	parts  [][]byte
	have   int
	size   int // octets
}

// NewJoiner keeps at most max unfinished texts, each for at most age.
func NewJoiner(max int, age time.Duration) *Joiner {
	return &Joiner{most: max, age: age, open: make(map[joinKey]*unfinished)}
}

// Add takes one message and returns the whole text once its last part is in; a
// message without a header is whole at once. A part seen twice counts once. A text
// that grows past 64 KiB is dropped: 255 SMS are less.
func (j *Joiner) Add(now time.Time, m *Message) (text string, whole bool) {
	c, rest := concatOf(m)
	if c.total <= 1 {
		return DecodeText(m.DataCoding, rest), true
	}
	key := joinKey{from: m.Source.Addr, to: m.Dest.Addr, ref: c.ref, total: c.total}
	u := j.find(now, key, m.DataCoding)
	if u.parts[c.part-1] == nil {
		u.parts[c.part-1] = append([]byte{}, rest...)
		u.have++
		u.size += len(rest)
	}
	if u.size > maxJoined {
		delete(j.open, key)
		return "", false
	}
	if u.have < len(u.parts) {
		return "", false
	}
	delete(j.open, key)
	var b []byte // joined before it is decoded: others do cut surrogate pairs
	for _, p := range u.parts {
		b = append(b, p...)
	}
	return DecodeText(u.coding, b), true
}

// find is the text the key belongs to, a new one if there is none or it is old.
func (j *Joiner) find(now time.Time, key joinKey, coding uint8) *unfinished {
	u, ok := j.open[key]
	if ok && now.Sub(u.begun) <= j.age {
		return u
	}
	delete(j.open, key)
	j.sweep(now)
	u = &unfinished{begun: now, coding: coding, parts: make([][]byte, key.total)}
	j.open[key] = u
	return u
}

// sweep makes room for one more text.
func (j *Joiner) sweep(now time.Time) {
	if len(j.open) < j.most {
		return
	}
	var oldest joinKey
	var at time.Time
	for key, u := range j.open {
		if now.Sub(u.begun) > j.age {
			delete(j.open, key)
		} else if at.IsZero() || u.begun.Before(at) {
			oldest, at = key, u.begun
		}
	}
	if len(j.open) >= j.most {
		delete(j.open, oldest)
	}
}

type concat struct {
	ref         uint16
	total, part uint8
}

// concatOf reads a concatenation header, or the sar_ parameters that say the
// same, and returns the text behind it. What makes no sense is no header.
func concatOf(m *Message) (c concat, rest []byte) {
	rest = m.Content()
	if m.ESMClass&esmUDH != 0 && len(rest) > 0 && int(rest[0]) < len(rest) {
		header := rest[1 : 1+int(rest[0])]
		rest = rest[1+len(header):]
		c = concatIn(header)
	} else {
		c = sarOf(m)
	}
	if c.part == 0 || c.part > c.total {
		return concat{}, rest
	}
	return c, rest
}

func concatIn(header []byte) (c concat) {
	for len(header) >= 2 && int(header[1]) <= len(header)-2 {
		ie, v := header[0], header[2:2+int(header[1])]
		switch {
		case ie == concatIE && len(v) == 3:
			c = concat{ref: uint16(v[0]), total: v[1], part: v[2]}
		case ie == concatWideIE && len(v) == 4:
			c = concat{ref: uint16(v[0])<<8 | uint16(v[1]), total: v[2], part: v[3]}
		}
		header = header[2+len(v):]
	}
	return c
}

func sarOf(m *Message) (c concat) {
	ref, _ := m.TLV(TagSarRef)
	total, _ := m.TLV(TagSarTotal)
	part, _ := m.TLV(TagSarPart)
	if len(ref) != 2 || len(total) != 1 || len(part) != 1 {
		return concat{}
	}
	return concat{ref: uint16(ref[0])<<8 | uint16(ref[1]), total: total[0], part: part[0]}
}
