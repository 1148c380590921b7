package wire

import (
	"encoding/binary"

	"mlango/ledgerd/ledger"
)

// Entry is one journaled batch: facts in an order, and the leader's time.
type Entry struct {
	At       int64 // ms
	Commands []ledger.Command
}

// BeginEntry writes the head of an entry's payload; commands are appended after
// it and EndEntry completes it.
func BeginEntry(dst []byte, at int64) []byte {
	var head [entryHead]byte
	head[0] = version
	binary.LittleEndian.PutUint64(head[8:], uint64(at))
	return append(dst, head[:]...)
}

// EndEntry writes how many commands a payload has. The payload begins at dst[0].
func EndEntry(payload []byte, commands int) {
	binary.LittleEndian.PutUint32(payload[4:], uint32(commands))
}

// EntryAt is the leader's time of a payload; one without commands' head has none.
func EntryAt(payload []byte) int64 {
	if len(payload) < entryHead {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(payload[8:]))
}

// DecodeEntry reads an entry's payload, into memory of its own.
func DecodeEntry(payload []byte) (Entry, error) {
	var r Room
	at, _, err := r.Entry(payload)
	return Entry{At: at, Commands: r.Commands}, err
}

// entryCount checks the head, and that so many commands can be in so few bytes.
func entryCount(payload []byte) (int, error) {
	if len(payload) < entryHead {
		return 0, &Error{At: len(payload), What: "an entry's head is cut short"}
	}
	n := int(binary.LittleEndian.Uint32(payload[4:]))
	switch {
	case payload[0] != version:
		return 0, &Error{At: 0, What: "unknown version of an entry"}
	case payload[1]|payload[2]|payload[3] != 0:
		return 0, &Error{At: 1, What: "a reserved byte is not zero"}
	case len(payload) > MaxPayload:
		return 0, &Error{At: 0, What: "an entry is longer than its limit"}
	case n > MaxBatch || n > (len(payload)-entryHead)/minCommand:
		return 0, &Error{At: 4, What: "more commands than can be there"}
	}
	return n, nil
}
