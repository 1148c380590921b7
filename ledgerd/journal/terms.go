package journal

import "slices"

// terms are the stretches of entries with one term, oldest first. There is one
// for each election, so they are few.
type terms []stretch

// stretch begins at an entry and goes on to where the next begins.
type stretch struct{ first, term uint64 }

// add tells that the entry has the term.
func (t *terms) add(index, term uint64) {
	if n := len(*t); n == 0 || (*t)[n-1].term != term {
		*t = append(*t, stretch{index, term})
	}
}

// of is the term of an entry at or behind the first stretch.
func (t terms) of(index uint64) uint64 {
	i, _ := slices.BinarySearchFunc(t, index+1, func(s stretch, want uint64) int {
		if s.first < want {
			return -1
		}
		return 1
	})
	return t[i-1].term
}

// cut forgets what follows an entry.
func (t *terms) cut(after uint64) {
	for n := len(*t); n > 1 && (*t)[n-1].first > after; n-- {
		*t = (*t)[:n-1]
	}
}
