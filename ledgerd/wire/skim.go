package wire

// EachCommand calls fn for the record of every command in an entry's payload, not yet
// decoded, with its place in the entry, until one fails: for who looks for a few among
// many.
func EachCommand(payload []byte, fn func(offset uint32, r Record) error) error {
	if len(payload) == 0 {
		return nil
	}
	if _, err := entryCount(payload); err != nil {
		return err
	}
	offset := uint32(0)
	return Each(payload[entryHead:], func(r Record) error {
		offset++
		return fn(offset-1, r)
	})
}
