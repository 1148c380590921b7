package table

import (
	"encoding/binary"
	"io"
	"math/bits"
)

// IndexView is a frozen index.
type IndexView struct {
	hold
	dir  []door
	used int
}

// Freeze gives the index as it is now. It copies one door for each shard.
func (x *Index) Freeze() *IndexView {
	return &IndexView{hold: x.share.freeze(), dir: append([]door(nil), x.dir...), used: x.used}
}

// shards lists each shard once, in order.
func (v *IndexView) shards() (list []*shard) {
	for i, d := range v.dir {
		if i == 0 || d.shard != v.dir[i-1].shard {
			list = append(list, d.shard)
		}
	}
	return list
}

// shardHead says how a shard was written: 8 bytes, depth u32 and slots u32.
const shardHead = 8

// Write writes the view out with its slots as they stand: nothing is hashed again
// when it is loaded.
func (v *IndexView) Write(w io.Writer) error {
	list := v.shards()
	h := head{kind: kindIndex, count: uint64(v.used), extra: uint64(len(list))}
	if err := h.write(w); err != nil {
		return err
	}
	heads := make([]byte, 0, len(list)*shardHead)
	for _, s := range list {
		heads = binary.LittleEndian.AppendUint32(heads, uint32(s.depth))
		heads = binary.LittleEndian.AppendUint32(heads, uint32(len(s.slots)))
	}
	if err := writePage(w, heads); err != nil {
		return err
	}
	for _, s := range list {
		if err := writePage(w, bytesOf(s.slots)); err != nil {
			return err
		}
	}
	return nil
}

// Load reads what a view wrote, in place of what the index held.
func (x *Index) Load(r io.Reader) error {
	layout := uint64(0)
	h, err := readHead(r, kindIndex, layout)
	if err != nil {
		return err
	}
	if h.extra > 1<<maxDepth {
		return damaged("an index of %d shards", h.extra)
	}
	heads := make([]byte, h.extra*shardHead)
	if err := readPage(r, heads); err != nil {
		return err
	}
	*x = Index{}
	var list []*shard
	for ; len(heads) > 0; heads = heads[shardHead:] {
		s, err := loadShard(r, binary.LittleEndian.Uint32(heads), binary.LittleEndian.Uint32(heads[4:]))
		if err != nil {
			return err
		}
		list = append(list, s)
		x.depth = max(x.depth, s.depth)
		x.used += s.used
	}
	if uint64(x.used) != h.count {
		return damaged("an index of %d items that should hold %d", x.used, h.count)
	}
	return x.spread(list)
}

// loadShard reads the slots of one shard.
func loadShard(r io.Reader, depth, slots uint32) (*shard, error) {
	if depth > maxDepth || slots < shardStart || slots > shardSlots && depth < maxDepth || slots > maxBlob/8 {
		return nil, damaged("a shard of %d slots at depth %d", slots, depth)
	}
	s := &shard{slots: make([]uint64, slots), depth: uint8(depth)}
	if err := readPage(r, bytesOf(s.slots)); err != nil {
		return nil, err
	}
	for _, v := range s.slots {
		if v != 0 {
			s.used++
		}
	}
	if s.used == len(s.slots) {
		return nil, damaged("a shard without an empty slot") // a seek would not end
	}
	return s, nil
}

// spread makes the directory: the shards, in order, must fill it exactly.
func (x *Index) spread(list []*shard) error {
	if len(list) == 0 {
		return nil
	}
	x.dir = make([]door, 0, 1<<x.depth)
	for _, s := range list {
		wide := 1 << (x.depth - s.depth)
		if len(x.dir)&(wide-1) != 0 || len(x.dir)+wide > 1<<x.depth {
			return damaged("the shards of an index do not fit together")
		}
		for range wide {
			x.dir = append(x.dir, door{s.slots, s.depth, s})
		}
	}
	if bits.OnesCount(uint(len(x.dir))) != 1 || len(x.dir) != 1<<x.depth {
		return damaged("the shards of an index leave a hole")
	}
	return nil
}
