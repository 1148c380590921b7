package table

import (
	"slices"
	"sort"
)

// leaving is an hour on its way out of memory. A table that was loaded begins
// anew: it writes the same pages.
type leaving struct {
	next  int // place in the directory
	page  uint64
	items []idEntry
}

// Retire lets the first hour go that has been over for the horizon at an instant:
// with each call so many shards of it, of at most two thousand ids each. It is
// found in memory until all of it has left.
func (d *IDs) Retire(now int64, shards int) error {
	if len(d.hours) == 0 || (d.hours[0].number+1)*HourMS+d.horizon > now {
		return nil
	}
	if d.old == nil {
		d.hours = slices.Delete(d.hours, 0, 1)
		return nil
	}
	if d.out == nil {
		d.out = &leaving{page: d.pages}
	}
	h := d.hours[0]
	for ; shards > 0 && d.out.next < len(h.index.dir); shards-- {
		if err := d.leave(h); err != nil {
			return err
		}
	}
	if d.out.next < len(h.index.dir) {
		return nil
	}
	return d.left(h)
}

// leave moves one shard of an hour out.
func (d *IDs) leave(h *hour) error {
	s := h.index.dir[d.out.next].shard
	d.out.next += 1 << (h.index.depth - s.depth)
	start := len(d.out.items)
	for _, v := range s.slots {
		if v != 0 {
			d.out.items = append(d.out.items, *h.entries.At(v&(1<<32-1) - 1))
		}
	}
	slices.SortFunc(d.out.items[start:], func(a, b idEntry) int { return d.order(a.ID, b.ID) })
	for uint64(len(d.out.items)) >= d.old.per {
		if err := d.page(d.out.items[:d.old.per]); err != nil {
			return err
		}
		d.out.items = append(d.out.items[:0], d.out.items[d.old.per:]...)
	}
	return nil
}

func (d *IDs) page(items []idEntry) error {
	d.out.page++
	return d.old.put(d.out.page-1, items)
}

// left ends the leave of an hour.
func (d *IDs) left(h *hour) error {
	if len(d.out.items) > 0 {
		full := make([]idEntry, d.old.per)
		copy(full, d.out.items)
		if err := d.page(full); err != nil {
			return err
		}
	}
	_, r := d.runs.Add()
	*r = run{Hour: h.number, First: d.pages, Many: uint64(h.entries.Len())}
	d.pages, d.out = d.out.page, nil
	d.hours = slices.Delete(d.hours, 0, 1)
	return nil
}

// Old is the number of an id that has left memory.
func (d *IDs) Old(id [16]byte) (value uint64, ok bool, err error) {
	number, runs := hourOf(id), d.runs.Len()
	if runs == 0 || number > d.runs.At(uint32(runs-1)).Hour { // as nearly all are
		return 0, false, nil
	}
	i := sort.Search(runs, func(i int) bool { return d.runs.At(uint32(i)).Hour >= number })
	if i == runs || d.runs.At(uint32(i)).Hour != number {
		return 0, false, nil
	}
	r := *d.runs.At(uint32(i))
	tag := d.seed.Key(id) >> 32
	lo, hi, err := d.around(r, id, tag*r.Many>>32)
	for err == nil && lo < hi {
		mid := (lo + hi) / 2
		e, wrong := d.old.at(r.First*d.old.per + mid)
		if wrong != nil {
			return 0, false, wrong
		}
		switch c := d.order(e.ID, id); {
		case c == 0:
			return e.Value, true, nil
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0, false, err
}

// around finds bounds of an id near where its hash lets it be expected: hashes
// spread evenly, so it is mostly the same page.
func (d *IDs) around(r run, id [16]byte, guess uint64) (lo, hi uint64, err error) {
	lo, hi = min(guess, r.Many), min(guess+1, r.Many)
	for step := uint64(64); lo > 0; step *= 2 {
		e, err := d.old.at(r.First*d.old.per + lo)
		if err != nil {
			return 0, 0, err
		}
		if d.order(e.ID, id) <= 0 {
			break
		}
		lo -= min(lo, step)
	}
	for step := uint64(64); hi < r.Many; step *= 2 {
		e, err := d.old.at(r.First*d.old.per + hi)
		if err != nil {
			return 0, 0, err
		}
		if d.order(e.ID, id) > 0 {
			break
		}
		hi += min(r.Many-hi, step)
	}
	return lo, hi, nil
}
