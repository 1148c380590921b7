package ledger

// ConsumerSMS tells payer and payee by SMS.
const ConsumerSMS = "sms"

// tableConsumers are those who read the outbox, each with its own cursors. Every
// notice is kept until all of them acknowledged it.
var tableConsumers = [...]string{ConsumerSMS}

// outbox is every committed event that a consumer has not acknowledged, in
// lanes. The journal is its disk.
type outbox struct {
	lanes     map[Lane]*lane
	consumers [len(tableConsumers)]consumer
	open      map[uint16]int // notices kept, per home operator
	fresh     []Lane         // got a notice since FreshLanes
	limit     int
}

// consumer is who owns which lanes, disjoint, in order.
type consumer struct {
	grants []grant
	epoch  uint64 // of the latest grant
}

type grant struct {
	from, to Lane
	owner    string
	epoch    uint64
}

// lane is a queue without gaps, cut off below the lowest cursor.
type lane struct {
	queue   []told
	next    uint64 // sequence number to come; the last in queue is next-1
	cursors [len(tableConsumers)]cursor
	fresh   bool
}

// cursor is how far a consumer has come, and what it left open behind.
type cursor struct {
	upto   uint64
	parked []parked
}

// told is one side of a committed record.
type told struct {
	record uint32
	side   Side
}

type parked struct {
	told
	seq uint64
}

func newOutbox() outbox {
	return outbox{lanes: map[Lane]*lane{}, open: map[uint16]int{}, limit: MaxOpenNotices}
}

// LaneOf is the lane in which an account of a home operator is told.
func LaneOf(home uint16, n Account) Lane {
	const spread = 0x9e3779b97f4a7c15 // neighbours fall into different lanes
	return Lane(home)*LanesPerOperator + Lane(uint64(n)*spread>>56)
}

func (l Lane) home() uint16 { return uint16(l / LanesPerOperator) }

// full tells whether an account's home operator has too much left to tell.
func (b *Book) full(n Account) bool {
	a := b.account(n)
	return a != nil && b.outbox.open[a.home] >= b.outbox.limit
}

// tell makes the two notices of a commit.
func (b *Book) tell(n uint32, r *record, t *terms) {
	if r.language == (Language{}) {
		r.language = t.payer.language
	}
	r.payeeSees = t.told.language
	r.seqs[0] = b.outbox.put(LaneOf(t.payer.home, r.from), told{n, SidePayer})
	r.seqs[1] = b.outbox.put(LaneOf(t.told.home, r.to), told{n, SidePayee})
}

func (o *outbox) put(at Lane, what told) (seq uint64) {
	l := o.lanes[at]
	if l == nil {
		l = &lane{next: 1}
		o.lanes[at] = l
	}
	l.queue = append(l.queue, what)
	seq = l.next
	l.next++
	o.open[at.home()]++
	if !l.fresh {
		l.fresh = true
		o.fresh = append(o.fresh, at)
	}
	return seq
}

// first is the sequence number of the head of the queue.
func (l *lane) first() uint64 { return l.next - uint64(len(l.queue)) }

// kept is how many notices the lane holds.
func (l *lane) kept() int {
	n := len(l.queue)
	for i := range l.cursors {
		n += len(l.cursors[i].parked)
	}
	return n
}

// trim lets go of what every consumer has passed.
func (l *lane) trim() {
	low := l.cursors[0].upto
	for i := range l.cursors {
		low = min(low, l.cursors[i].upto)
	}
	if first := l.first(); low >= first {
		l.queue = l.queue[low-first+1:]
	}
}
