package table

import (
	"encoding/binary"
	"io"
)

// arenaChunk bounds a text, and is what texts are packed into.
const arenaChunk = 8 << 10

// Arena keeps short byte strings end to end, so that millions of them are a few
// objects to the garbage collector. The zero value is an empty arena.
type Arena struct {
	chunks Pages[[arenaChunk]byte]
	used   uint16 // bytes of the last chunk
}

// Text is a byte string in an arena.
type Text struct {
	Chunk   uint32
	At, Len uint16
}

// Keep copies b, which is at most 8 KiB long.
func (a *Arena) Keep(b []byte) Text {
	if len(b) == 0 {
		return Text{}
	}
	if a.chunks.Len() == 0 || int(a.used)+len(b) > arenaChunk {
		a.chunks.Add()
		a.used = 0
	}
	t := Text{Chunk: uint32(a.chunks.Len() - 1), At: a.used, Len: uint16(len(b))}
	copy(a.chunks.Edit(t.Chunk)[t.At:], b)
	a.used += t.Len
	return t
}

// Get is a text to be read, good until the next change of the arena.
func (a *Arena) Get(t Text) []byte {
	if t.Len == 0 {
		return nil
	}
	return a.chunks.At(t.Chunk)[t.At : t.At+t.Len : t.At+t.Len]
}

// Set writes over a text with another as long.
func (a *Arena) Set(t Text, b []byte) {
	if t.Len > 0 {
		copy(a.chunks.Edit(t.Chunk)[t.At:t.At+t.Len], b)
	}
}

// Erase writes zeros over a text.
func (a *Arena) Erase(t Text) {
	if t.Len > 0 {
		clear(a.chunks.Edit(t.Chunk)[t.At : t.At+t.Len])
	}
}

// ArenaView is a frozen arena.
type ArenaView struct {
	*View[[arenaChunk]byte]
	used uint16
}

// Freeze gives the arena as it is now.
func (a *Arena) Freeze() *ArenaView { return &ArenaView{a.chunks.Freeze(), a.used} }

// Get is a text to be read.
func (v *ArenaView) Get(t Text) []byte {
	if t.Len == 0 {
		return nil
	}
	return v.At(t.Chunk)[t.At : t.At+t.Len : t.At+t.Len]
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
	if len(b) != 2 || binary.LittleEndian.Uint16(b) > arenaChunk {
		return damaged("the end of an arena")
	}
	a.used = binary.LittleEndian.Uint16(b)
	return a.chunks.Load(r)
}
