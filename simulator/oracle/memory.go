package oracle

import "encoding/binary"

// How old the instant in an id may be when something is made under it, in ms: ten
// minutes, and where two people stand behind it a quarter of an hour more
// (ledgerd/ledger/RULES.md). What is older must have been answered before, or is refused.
const (
	idLife    = 10 * minuteMS
	idLifeTwo = idLife + 15*minuteMS
)

// answer is what is remembered of an id.
type answer uint8

const (
	answerMade  answer = iota // a transfer, or a hold
	answerNo                  // nothing was made of it, nor may be
	answerEnded               // it ended a hold, and moved nothing
)

// memory is what came of each id, for a span of time at least and twice that at most: it
// is kept in two halves, and the older one goes as a whole.
type memory struct {
	now, before map[ID]*made
	span        int64 // ms; zero: nothing is forgotten
	since       int64 // when the younger half began
	no, ended   *made // what ids without a transfer share
}

func newMemory() memory {
	return memory{now: map[ID]*made{}, before: map[ID]*made{}, no: &made{answer: answerNo}, ended: &made{answer: answerEnded}}
}

// of is what came of an id; nil when it is not known, or not any more.
func (m *memory) of(id ID) *made {
	if one := m.now[id]; one != nil {
		return one
	}
	return m.before[id]
}

// moved is the transfer or hold of an id; nil when there is none.
func (m *memory) moved(id ID) *made {
	if one := m.of(id); one != nil && one.answer == answerMade {
		return one
	}
	return nil
}

// turn forgets what is older than twice the span. A hold that stands is taken along.
func (m *memory) turn(now int64) {
	if m.span == 0 || now-m.since < m.span {
		return
	}
	old := m.before
	m.before, m.now, m.since = m.now, map[ID]*made{}, now
	for id, one := range old {
		if one.wish.Until != 0 && !one.over {
			m.now[id] = one
		}
	}
}

// gone tells whether an id is so old that what came of it may be forgotten.
func (m *memory) gone(id ID, now int64) bool { return m.span > 0 && id.at() < now-m.span }

// at is the instant in an id, in ms since the Unix epoch: its first 48 bits.
func (id ID) at() int64 { return int64(binary.BigEndian.Uint64(id[:8]) >> 16) }

// Forget lets the books forget what came of an id some time after, in ms, but not before
// nobody may take it back any more; zero is never.
// A second transfer under a forgotten id is found all the same: the id is too old to be
// taken. What brings a forgotten transfer back is booked as the ledger says, and counted.
func (b *Books) Forget(after int64) {
	if b.ids.span = after; after > 0 {
		b.ids.span = max(after, recallWithin+minuteMS)
	}
}

// Unjudged is how many reversals brought back what was forgotten.
func (b *Books) Unjudged() int { return b.unjudged }

// Wishes is how many ids are remembered.
func (b *Books) Wishes() int { return len(b.ids.now) + len(b.ids.before) }

// timely holds what was made under an id of which nothing is known to the end of its order
// and to the instant in it.
func (b *Books) timely(w *Wish) {
	life := int64(idLife)
	if w.Two {
		life = idLifeTwo
	}
	if w.Expires != 0 && b.now > w.Expires {
		b.find(w, "it was made %d ms after its order was over", b.now-w.Expires)
	}
	if b.ids.span > 0 && w.ID.at() < b.now-life {
		b.find(w, "it was made under an id of %d min before, which is too old: it had its answer then", (b.now-w.ID.at())/minuteMS)
	}
}

// trust books a reversal of what was forgotten by the lines that the ledger says.
func (b *Books) trust(w *Wish, s *Said) Figures {
	b.unjudged++
	if len(s.Lines) > 1 {
		w.From, w.To, w.Amount = s.Lines[0].Account, s.Lines[1].Account, -s.Lines[0].Moved
	}
	lines := make([]Line, len(s.Lines))
	for i, l := range s.Lines {
		lines[i] = Line{Account: l.Account, Moved: l.Moved}
	}
	b.same(w, s, lines)
	return b.figures(&made{wish: w.Transfer, credited: w.To, charge: charge{fee: s.Fee}})
}
