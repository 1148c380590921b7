package table

import (
	"encoding/binary"
	"io"
)

// IDsView is a frozen memory of ids.
type IDsView struct {
	hours []hourView
	runs  *View[run]
	pages uint64
	store Store
}

type hourView struct {
	number  int64
	entries *Line[idEntry]
	index   *IndexView
}

// Freeze gives the memory as it is now. It copies one pointer for every thousand
// or so ids.
func (d *IDs) Freeze() *IDsView {
	v := &IDsView{runs: d.runs.Freeze(), pages: d.pages}
	if d.old != nil {
		v.store = d.old.store
	}
	for _, h := range d.hours {
		v.hours = append(v.hours, hourView{h.number, h.entries.Freeze(), h.index.Freeze()})
	}
	return v
}

// Release tells the memory that the view is not read any more.
func (v *IDsView) Release() {
	v.runs.Release()
	for i := range v.hours {
		v.hours[i].index.Release()
	}
}

// Write writes the view out; the store is synced first.
func (v *IDsView) Write(w io.Writer) error {
	if v.store != nil && v.pages > 0 {
		if err := v.store.Sync(); err != nil {
			return err
		}
	}
	b := binary.LittleEndian.AppendUint64(nil, v.pages)
	for _, h := range v.hours {
		b = binary.LittleEndian.AppendUint64(b, uint64(h.number))
	}
	if err := WriteBlob(w, b); err != nil {
		return err
	}
	if err := v.runs.Write(w); err != nil {
		return err
	}
	for _, h := range v.hours {
		if err := h.entries.Write(w); err != nil {
			return err
		}
		if err := h.index.Write(w); err != nil {
			return err
		}
	}
	return nil
}

// Load reads what a view wrote, in place of what was remembered, and makes sure
// that the store has the last page that left.
func (d *IDs) Load(r io.Reader) error {
	b, err := ReadBlob(r)
	if err != nil {
		return err
	}
	if len(b)%8 != 0 || len(b) == 0 {
		return damaged("the hours of the ids")
	}
	d.pages, d.hours, d.out = binary.LittleEndian.Uint64(b), nil, nil
	if err := d.runs.Load(r); err != nil {
		return err
	}
	for b = b[8:]; len(b) > 0; b = b[8:] {
		h := &hour{number: int64(binary.LittleEndian.Uint64(b))}
		if n := len(d.hours); n > 0 && d.hours[n-1].number >= h.number {
			return damaged("the order of the hours of the ids")
		}
		if err := h.load(r); err != nil {
			return err
		}
		d.hours = append(d.hours, h)
	}
	return d.loadOld()
}

func (h *hour) load(r io.Reader) error {
	if err := h.entries.Load(r); err != nil {
		return err
	}
	if err := h.index.Load(r); err != nil {
		return err
	}
	if h.entries.First() != 0 || h.entries.Len() != h.index.Len() {
		return damaged("an hour of %d ids finds %d", h.entries.Len(), h.index.Len())
	}
	return nil
}

func (d *IDs) loadOld() error {
	if d.old == nil {
		return nil
	}
	d.old.forget()
	if d.pages == 0 {
		return nil
	}
	_, err := d.old.at(d.pages*d.old.per - 1)
	return err
}
