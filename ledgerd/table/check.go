package table

// SpilledPages is how many full pages stand in the store.
func (l *Log[T]) SpilledPages() uint64 { return l.tail.first / l.old.per }

// PageOf is the page of the store in which an item stands that was spilled.
func (l *Log[T]) PageOf(n uint64) uint64 { return n / l.old.per }

// StoredPages is how many pages of the store the ids take that left memory.
func (d *IDs) StoredPages() uint64 { return d.pages }

// EachStored tells every id that has left memory, with the page of the store in which
// it stands, until fn fails. A page that is not as it was written is an error.
func (d *IDs) EachStored(fn func(page uint64, id [16]byte, value uint64) error) error {
	for i := range uint32(d.runs.Len()) {
		r := *d.runs.At(i)
		for n := range r.Many {
			at := r.First*d.old.per + n
			e, err := d.old.at(at)
			if err == nil {
				err = fn(at/d.old.per, e.ID, e.Value)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
