package table

import (
	"encoding/binary"
	"io"
)

// arenaPage is what texts are packed into; none is longer.
const arenaPage = pageLen * arenaItem

// Arena keeps short byte strings end to end, so that millions of them are a few
// objects to the garbage collector. The zero value is an empty arena.
type Arena struct {
	pages Pages[[arenaItem]byte]
	used  uint16 // bytes of the last page
}

// Text is a byte string in an arena.
type Text struct {
	Page    uint32
	At, Len uint16
}

// Keep copies b, which is at most 8 KiB long.
func (a *Arena) Keep(b []byte) Text {
	if len(b) == 0 {
		return Text{}
	}
	if a.pages.Len() == 0 || int(a.used)+len(b) > arenaPage {
		for range pageLen {
			a.pages.Add()
		}
		a.used = 0
	}
	t := Text{Page: uint32(len(a.pages.list) - 1), At: a.used, Len: uint16(len(b))}
	a.used += t.Len
	copy(t.of(a.pages.own(t.Page)), b) // where nothing was yet
	return t
}

func (t Text) of(p *page[[arenaItem]byte]) []byte {
	return bytesOf(p[:])[t.At : t.At+t.Len : t.At+t.Len]
}

// Get is a text to be read. What it gives stays as it is, whatever becomes of the
// arena: who got it may read it beside whoever changes that.
func (a *Arena) Get(t Text) []byte {
	if t.Len == 0 {
		return nil
	}
	return t.of(a.pages.list[t.Page])
}

// Erase writes zeros over a text, in a copy of its page: somebody may be reading the
// text, who got it before.
func (a *Arena) Erase(t Text) {
	if t.Len > 0 {
		clear(t.of(a.pages.renew(t.Page)))
	}
}

// ArenaView is a frozen arena.
type ArenaView struct {
	*View[[arenaItem]byte]
	used uint16
}

// Freeze gives the arena as it is now.
func (a *Arena) Freeze() *ArenaView { return &ArenaView{a.pages.Freeze(), a.used} }

// Get is a text to be read.
func (v *ArenaView) Get(t Text) []byte {
	if t.Len == 0 {
		return nil
	}
	return t.of(v.list[t.Page])
}

// Write writes the view out.
func (v *ArenaView) Write(w io.Writer) error {
	if err := WriteBlob(w, binary.LittleEndian.AppendUint16(nil, v.used)); err != nil {
		return err
	}
	return v.View.Write(w)
}

// Load reads what a view wrote, in place of what the arena held.
func (a *Arena) Load(r io.Reader) error {
	b, err := ReadBlob(r)
	if err != nil {
		return err
	}
	if len(b) != 2 || binary.LittleEndian.Uint16(b) > arenaPage {
		return damaged("the end of an arena")
	}
	a.used = binary.LittleEndian.Uint16(b)
	return a.pages.Load(r)
}
