package ledger

import (
	"iter"

	"mlango/ledgerd/table"
)

// outbox is every committed event that a consumer has not acknowledged, in
// lanes. The journal is its disk.
type outbox struct {
	homes     []*home // by home operator's number; nil until it has told something
	consumers [len(tableConsumers)]consumer
	fresh     []Lane // got a notice since FreshLanes
	limit     int    // of what a consumer may leave open of a home
}

// home is the lanes of one home operator.
type home struct {
	lanes  [LanesPerOperator]lane
	open   int                      // notices kept
	behind [len(tableConsumers)]int // of them, not acknowledged by each
}

// lane is a queue without gaps, cut off below the lowest cursor.
type lane struct {
	queue   table.Line[told]
	cursors [len(tableConsumers)]cursor
	fresh   bool
}

// cursor is how far a consumer has come, and what it left open behind.
type cursor struct {
	Upto   uint64
	Parked []parked
}

// told is one side of a committed record.
type told struct {
	Record uint64
	Side   Side
}

type parked struct {
	What told
	Seq  uint64
}

func newOutbox() outbox {
	o := outbox{limit: MaxOpenNotices}
	o.consumers[numberSMS].On = true
	return o
}

// LaneOf is the lane in which an account of a home operator is told.
func LaneOf(home uint16, n Account) Lane {
	const spread = 0x9e3779b97f4a7c15 // neighbours fall into different lanes
	return Lane(home)*LanesPerOperator + Lane(uint64(n)*spread>>56)
}

// home finds the lanes of one home operator; nil when it has never told anything.
func (o *outbox) home(number int) *home {
	if number >= len(o.homes) {
		return nil
	}
	return o.homes[number]
}

// lane finds a lane; nil when its operator has never told anything.
func (o *outbox) lane(at Lane) *lane {
	h := o.home(int(at / LanesPerOperator))
	if h == nil {
		return nil
	}
	return &h.lanes[at%LanesPerOperator]
}

// all walks the lanes that have ever told something, in order.
func (o *outbox) all() iter.Seq2[Lane, *lane] {
	return func(yield func(Lane, *lane) bool) {
		for number, h := range o.homes {
			for i := 0; h != nil && i < LanesPerOperator; i++ {
				l := &h.lanes[i]
				if l.count() > 0 && !yield(Lane(number*LanesPerOperator+i), l) {
					return
				}
			}
		}
	}
}

// settle finds the lanes of a home operator, or makes them.
func (o *outbox) settle(number int) *home {
	for number >= len(o.homes) {
		o.homes = append(o.homes, nil)
	}
	if o.homes[number] == nil {
		o.homes[number] = &home{}
	}
	return o.homes[number]
}

// full tells whether an account's home operator has too many people left to tell by SMS.
// The house is never told.
func (o *outbox) full(a *account) bool {
	if a == nil || !a.kind.Holder() {
		return false
	}
	h := o.home(int(a.home))
	return h != nil && h.behind[numberSMS] >= o.limit
}

// tell makes the notices of a commit, one for each side that is somebody's; who buys
// airtime for their own number is both, and told once.
func (b *Book) tell(n uint64, r *record, payer, to seat) {
	from, payee := b.at(payer), b.at(to)
	if r.language == (Language{}) {
		r.language = from.language
	}
	r.payeeSees = payee.language
	if from.kind.Holder() && r.amount > 0 { // of a fee that came back alone nothing is taken
		r.seqs[0] = b.outbox.put(from, told{n, SidePayer})
	}
	if payee.kind.Holder() && payer != to {
		r.seqs[1] = b.outbox.put(payee, told{n, SidePayee})
	}
}

// tellPayer makes the one notice of what moves nothing: that money is held, is free
// again, or is asked for. The payee hears of money when it comes.
func (b *Book) tellPayer(n uint64, r *record, payer seat) {
	from := b.at(payer)
	if r.language == (Language{}) {
		r.language = from.language
	}
	if from.kind.Holder() {
		r.seqs[0] = b.outbox.put(from, told{n, SidePayer})
	}
}

func (o *outbox) put(to *account, what told) (seq uint64) {
	h := o.settle(int(to.home))
	at := LaneOf(to.home, to.number)
	l := &h.lanes[at%LanesPerOperator]
	_, last := l.queue.Add()
	*last = what
	h.open++
	o.owe(h)
	if !l.fresh {
		l.fresh = true
		o.fresh = append(o.fresh, at)
	}
	return l.count()
}

// count is how many notices there were so far: the sequence number of the last.
func (l *lane) count() uint64 { return l.queue.Next() }

// at is the notice with a sequence number that is still in the queue.
func (l *lane) at(seq uint64) told { return *l.queue.At(seq - 1) }

// kept is how many notices the lane holds.
func (l *lane) kept() int {
	n := l.queue.Len()
	for i := range l.cursors {
		n += len(l.cursors[i].Parked)
	}
	return n
}

// change moves cursors of a lane, lets go of what every consumer has passed, and counts
// anew what is left. Who is no consumer has nothing open: its cursor stands for nothing.
func (o *outbox) change(h *home, l *lane, move func()) {
	before := l.kept()
	var open [len(tableConsumers)]int
	for i := range l.cursors {
		open[i] = l.open(i)
	}
	move()
	low := l.count()
	for i := range l.cursors {
		if o.consumers[i].On {
			low = min(low, l.cursors[i].Upto)
			h.behind[i] += l.open(i) - open[i]
		}
	}
	l.queue.Cut(low)
	h.open += l.kept() - before
}
