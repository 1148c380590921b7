package table

// Warm reads what a Find of the hash will read first, and gives something of it so
// that it is read indeed. Several in a row wait for memory together, where finds wait
// one after the other.
func (x *Index) Warm(h uint64) uint64 {
	if x.used == 0 {
		return 0
	}
	d := &x.dir[h>>(64-x.depth)]
	return d.slots[home(d.slots, d.depth, uint32(h>>32))]
}

// Guess is the item of a hash, by the half of it that the index keeps: Find knows.
func (x *Index) Guess(h uint64) (uint32, bool) {
	if x.used == 0 {
		return 0, false
	}
	d := &x.dir[x.place(h)]
	for i := home(d.slots, d.depth, uint32(h>>32)); ; i = next(d.slots, i) {
		switch v := d.slots[i]; {
		case v>>32 == h>>32:
			return uint32(v) - 1, true
		case v == 0:
			return 0, false
		}
	}
}

// Warm is an index's, for the latest hour.
func (d *IDs) Warm(h uint64) uint64 {
	if len(d.hours) == 0 {
		return 0
	}
	return d.hours[len(d.hours)-1].index.Warm(h)
}
