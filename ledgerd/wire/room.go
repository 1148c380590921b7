package wire

import (
	"encoding/binary"
	"slices"

	"mlango/ledgerd/ledger"
)

// Room is what entries are decoded into, one behind the other. It is used again and
// again: a start reads millions of commands with the memory of a few hundred.
type Room struct {
	Commands []ledger.Command
	moves    []*ledger.Move // made so far, to be used again; there is hardly anything else
	used     int            // of them
}

// Clear forgets what was decoded. Nobody may use it any more.
func (r *Room) Clear() {
	clear(r.Commands)
	r.Commands, r.used = r.Commands[:0], 0
}

// Entry decodes an entry's payload behind what is there. It gives the leader's time
// and how many commands there were; on an error there are none. An empty payload says
// nothing: it begins a leader's term.
func (r *Room) Entry(payload []byte) (at int64, commands int, err error) {
	if len(payload) == 0 {
		return 0, 0, nil
	}
	n, err := entryCount(payload)
	if err != nil {
		return 0, 0, err
	}
	r.Commands = slices.Grow(r.Commands, n)
	before := len(r.Commands)
	for rest := payload[entryHead:]; err == nil && len(rest) > 0; {
		var rec Record
		if rec, rest, err = Next(rest, len(payload)-len(rest)); err == nil {
			err = r.command(rec)
		}
	}
	if err == nil && len(r.Commands)-before != n {
		err = &Error{At: 4, What: "another number of commands than was said"}
	}
	if err != nil {
		r.Commands = r.Commands[:before]
		return 0, 0, err
	}
	return int64(binary.LittleEndian.Uint64(payload[8:])), n, nil
}

// command decodes one command.
func (r *Room) command(rec Record) (err error) {
	var cmd ledger.Command
	if rec.Kind == KindMove {
		m := r.move()
		c := rec.open(KindMove)
		c.move(m)
		cmd, err = m, c.close()
	} else {
		cmd, err = rec.Command()
	}
	switch {
	case err != nil:
		return err
	case rec.Correlation != 0:
		return &Error{At: rec.at + 8, What: "a correlation inside an entry"}
	}
	r.Commands = append(r.Commands, cmd)
	return nil
}

// move is an empty one, but for where the one before came from: that is mostly what
// will be read, and then no text is made of it.
func (r *Room) move() *ledger.Move {
	if r.used == len(r.moves) {
		r.moves = append(r.moves, new(ledger.Move))
	}
	m := r.moves[r.used]
	r.used++
	*m = ledger.Move{Transfer: ledger.Transfer{Origin: m.Origin}}
	return m
}
