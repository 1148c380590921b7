package table

// Oldest are the begins, in milliseconds, of the oldest hours of which ids stand in
// memory and in the store; zero when there are none.
func (d *IDs) Oldest() (memory, store int64) {
	if len(d.hours) > 0 {
		memory = d.hours[0].number * HourMS
	}
	if d.runs.Len() > 0 {
		store = d.runs.At(0).Hour * HourMS
	}
	return memory, store
}
