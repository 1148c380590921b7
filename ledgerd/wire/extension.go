package wire

import "encoding/binary"

// An extension is one byte of tag, two of length, and the bytes. Tags rise in a
// record, so each comes at most once and equal values have equal bytes; an empty
// value is not written.

// extension begins the extension tag when it is there: when writing, present
// says so and n is its size; when reading it returns the size found.
func (c *codec) extension(tag uint8, present bool, n, limit int) (size int, ok bool) {
	if c.writing {
		return n, present && c.putExtension(tag, n, limit)
	}
	if c.err != nil || c.at == c.end || c.b[c.at] != tag {
		return 0, false
	}
	return c.takeExtension(limit)
}

func (c *codec) putExtension(tag uint8, n, limit int) bool {
	if n > limit {
		c.fail("an extension is longer than its limit")
	}
	if c.err != nil {
		return false
	}
	c.grow(extHead + n)
	p := c.span(extHead)
	p[0] = tag
	binary.LittleEndian.PutUint16(p[1:], uint16(n))
	return true
}

func (c *codec) takeExtension(limit int) (size int, ok bool) {
	p := c.span(extHead)
	if p == nil {
		return 0, false
	}
	size = int(binary.LittleEndian.Uint16(p[1:]))
	switch {
	case size == 0:
		c.fail("an empty extension")
	case size > limit:
		c.fail("an extension is longer than its limit")
	case size > c.end-c.at:
		c.fail("an extension reaches past its record")
	}
	return size, c.err == nil
}

// text is a bounded string. What is read into may hold it already.
func (c *codec) text(tag uint8, v *string, limit int) {
	n, ok := c.extension(tag, *v != "", len(*v), limit)
	switch {
	case !ok && c.writing:
	case !ok:
		*v = ""
	case c.writing:
		copy(c.span(n), *v)
	default:
		if p := c.span(n); *v != string(p) {
			*v = string(p)
		}
	}
}

// blob is bounded bytes; what is read owns its bytes.
func (c *codec) blob(tag uint8, v *[]byte, limit int) {
	n, ok := c.extension(tag, len(*v) > 0, len(*v), limit)
	if !ok {
		return
	}
	p := c.span(n)
	if c.writing {
		copy(p, *v)
	} else {
		*v = append([]byte(nil), p...)
	}
}

// array is bytes of a fixed size that are left out when all are zero.
func (c *codec) array(tag uint8, v []byte) {
	n, ok := c.extension(tag, !isZero(v), len(v), len(v))
	if !ok {
		return
	}
	if n != len(v) {
		c.fail("an extension of another size")
		return
	}
	c.raw(v)
	if isZero(v) {
		c.fail("an empty extension")
	}
}

// part begins an extension of a fixed size whose fields follow.
func (c *codec) part(tag uint8, present bool, size int) bool {
	n, ok := c.extension(tag, present, size, size)
	if ok && n != size {
		c.fail("an extension of another size")
	}
	return ok && c.err == nil
}

// numbers is a bounded list of eight-byte numbers.
func (c *codec) numbers(tag uint8, v *[]uint64, limit int) {
	n, ok := c.extension(tag, len(*v) > 0, 8*len(*v), 8*limit)
	if !ok {
		return
	}
	if !c.writing {
		if n%8 != 0 {
			c.fail("a list that ends inside a number")
			return
		}
		*v = make([]uint64, n/8)
	}
	for i := range *v {
		num(c, &(*v)[i])
	}
}

func isZero(v []byte) bool {
	for len(v) >= 8 {
		if binary.LittleEndian.Uint64(v) != 0 {
			return false
		}
		v = v[8:]
	}
	for _, b := range v {
		if b != 0 {
			return false
		}
	}
	return true
}
