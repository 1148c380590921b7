package table

// Index finds the number of an item by the hash of its key. The keys stay with
// the items, so a slot is 8 bytes, and 10 to 13 with the room to grow. It is cut
// into shards by the first bits of the hash; one that is too big for its room is
// parted in two, so that no put waits for a big one to be moved. The zero value
// is an empty index.
type Index struct {
	dir   []door // by the first depth bits; a shallower shard stands several times
	depth uint8
	used  int
	share share
}

// door leads into a shard, and has at hand what a find needs of it.
type door struct {
	slots []uint64
	depth uint8
	shard *shard
}

// shard is an open-addressed table. A slot holds the upper half of the hash, the
// tag, and the item's number+1; zero is an empty one. A tag's home follows from
// its bits after the shard's: the slots stand nearly in the order of the tags.
type shard struct {
	slots []uint64
	used  int
	depth uint8 // bits that all its tags share
	born  uint32
}

// Len is how many items the index finds.
func (x *Index) Len() int { return x.used }

// place is where a hash falls in the directory.
func (x *Index) place(h uint64) uint64 { return h >> (64 - x.depth) }

// Find gives the item of a hash that is the one.
func (x *Index) Find(h uint64, is func(n uint32) bool) (uint32, bool) {
	if x.used == 0 {
		return 0, false
	}
	d := &x.dir[x.place(h)]
	i, ok := seek(d.slots, d.depth, h, is)
	return uint32(d.slots[i]) - 1, ok
}

// Put points a hash to an item, in place of the one that has the same key.
// Numbers go up to 2^32-2.
func (x *Index) Put(h uint64, n uint32, is func(n uint32) bool) {
	s := x.own(h)
	i, ok := seek(s.slots, s.depth, h, is)
	if !ok {
		if s.used*5 >= len(s.slots)*4 {
			s = x.room(h, s)
			i, _ = seek(s.slots, s.depth, h, never)
		}
		s.used++
		x.used++
	}
	s.slots[i] = h>>32<<32 | uint64(n+1)
}

// Drop forgets the item of a hash that is the one.
func (x *Index) Drop(h uint64, is func(n uint32) bool) {
	if _, ok := x.Find(h, is); !ok {
		return
	}
	s := x.own(h)
	i, _ := seek(s.slots, s.depth, h, is)
	s.drop(i)
	x.used--
}

func never(uint32) bool { return false }

// own gives the shard of a hash to be changed.
func (x *Index) own(h uint64) *shard {
	if len(x.dir) == 0 {
		s := &shard{slots: make([]uint64, shardStart), born: x.share.epoch}
		x.dir = []door{{s.slots, 0, s}}
	}
	s := x.dir[x.place(h)].shard
	if s.born != x.share.epoch {
		if !x.share.ours(s.born) {
			s = &shard{slots: append([]uint64(nil), s.slots...), used: s.used, depth: s.depth}
			x.point(h, s)
		}
		s.born = x.share.epoch
	}
	return s
}

// point lets the directory know a shard to which a hash belongs.
func (x *Index) point(h uint64, s *shard) {
	wide := uint64(1) << (x.depth - s.depth)
	first := x.place(h) &^ (wide - 1)
	for i := first; i < first+wide; i++ {
		x.dir[i] = door{s.slots, s.depth, s}
	}
}

// room makes room in a shard that is full, and gives the one for the hash.
func (x *Index) room(h uint64, s *shard) *shard {
	wider := len(s.slots) * 5 / 4
	if wider <= shardSlots || s.depth == maxDepth {
		s.move(wider)
		x.point(h, s)
		return s
	}
	if s.depth == x.depth {
		x.deepen()
	}
	low, high := s.part(x.share.epoch)
	bit := uint64(1) << (63 - s.depth)
	x.point(h&^bit, low)
	x.point(h|bit, high)
	if h&bit != 0 {
		return high
	}
	return low
}

// deepen doubles the directory.
func (x *Index) deepen() {
	dir := make([]door, 2*len(x.dir))
	for i, d := range x.dir {
		dir[2*i], dir[2*i+1] = d, d
	}
	x.dir = dir
	x.depth++
}

// part cuts a shard in two by the next bit of its tags.
func (s *shard) part(epoch uint32) (low, high *shard) {
	halves := [2]*shard{}
	for i := range halves {
		halves[i] = &shard{depth: s.depth + 1, born: epoch}
	}
	for _, v := range s.slots {
		if v != 0 {
			halves[v>>(63-s.depth)&1].used++
		}
	}
	for _, half := range halves {
		half.slots = make([]uint64, max(shardStart, min(half.used*3/2, shardSlots)))
	}
	for _, v := range s.slots {
		if v != 0 {
			halves[v>>(63-s.depth)&1].insert(v)
		}
	}
	return halves[0], halves[1]
}

// move gives a shard another number of slots.
func (s *shard) move(slots int) {
	old := s.slots
	s.slots = make([]uint64, slots)
	for _, v := range old {
		if v != 0 {
			s.insert(v)
		}
	}
}

// home is the slot at which a tag would like to be.
func home(slots []uint64, depth uint8, tag uint32) int {
	return int(uint64(tag<<depth) * uint64(len(slots)) >> 32)
}

func next(slots []uint64, i int) int {
	if i++; i == len(slots) {
		return 0
	}
	return i
}

func (s *shard) insert(v uint64) {
	i := home(s.slots, s.depth, uint32(v>>32))
	for s.slots[i] != 0 {
		i = next(s.slots, i)
	}
	s.slots[i] = v
}

// seek goes to the item that is the one, or to the slot where it would be.
func seek(slots []uint64, depth uint8, h uint64, is func(n uint32) bool) (slot int, found bool) {
	tag := uint32(h >> 32)
	for i := home(slots, depth, tag); ; i = next(slots, i) {
		switch v := slots[i]; {
		case v == 0:
			return i, false
		case uint32(v>>32) == tag && is(uint32(v)-1):
			return i, true
		}
	}
}

// drop empties a slot and draws together what stood behind it.
func (s *shard) drop(hole int) {
	s.used--
	n := len(s.slots)
	for i := next(s.slots, hole); s.slots[i] != 0; i = next(s.slots, i) {
		at := home(s.slots, s.depth, uint32(s.slots[i]>>32))
		if (i-at+n)%n >= (i-hole+n)%n {
			s.slots[hole], hole = s.slots[i], i
		}
	}
	s.slots[hole] = 0
}
