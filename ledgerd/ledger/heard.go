package ledger

// Consumers are the names of all who may read the outbox.
func Consumers() []string { return tableConsumers[:] }

// Heard is how one consumer stands to one notice.
type Heard struct {
	Consumer string
	Acked    bool
	Aside    bool   // it went on and left this one open behind
	Missed   uint64 // notices that it lost so far; when there are some, one that is not open any more may be one of them
	Owner    string // of the lane now; nobody yet when empty
	Epoch    uint64 // under which it owns the lane
}

// Heard tells how every consumer that reads stands to a notice.
func (b *Book) Heard(at Lane, seq uint64) (list []Heard) {
	for i, name := range tableConsumers {
		if !b.outbox.consumers[i].On {
			continue
		}
		g := b.outbox.consumers[i].grantOf(at)
		h := Heard{Consumer: name, Owner: g.Owner, Epoch: g.Epoch, Missed: b.outbox.consumers[i].Missed}
		if l := b.outbox.lane(at); l != nil {
			c := &l.cursors[i]
			h.Acked = seq <= c.Upto
			for _, p := range c.Parked {
				if p.Seq == seq {
					h.Acked, h.Aside = false, true
				}
			}
		}
		list = append(list, h)
	}
	return list
}

// Lag is how many notices a consumer has not acknowledged, and when, in ms, the oldest of
// them was made; zero when there is none. It looks at one record, however many lanes there
// are: what waits long has left memory.
func (b *Book) Lag(consumer string) (notices int, since int64) {
	defer b.guard()
	i, ok := b.outbox.reader(consumer)
	if !ok {
		return 0, 0
	}
	oldest := b.records.Len()
	for _, l := range b.outbox.all() {
		c := &l.cursors[i]
		switch open := l.open(i); {
		case open == 0:
			continue
		case len(c.Parked) > 0: // they are older than all behind the cursor, and in order
			oldest = min(oldest, c.Parked[0].What.Record)
		default:
			oldest = min(oldest, l.at(c.Upto+1).Record)
		}
		notices += l.open(i)
	}
	if notices > 0 {
		since = b.records.at(oldest).at
	}
	return notices, since
}

// WaitsSince is when, in ms, the oldest notice of some lanes was made that a consumer has
// neither acknowledged nor set aside; zero when there is none.
func (b *Book) WaitsSince(consumer string, from, to Lane) (since int64) {
	defer b.guard()
	i, ok := b.outbox.reader(consumer)
	if !ok {
		return 0
	}
	oldest := b.records.Len()
	for at, l := range b.outbox.all() {
		if c := &l.cursors[i]; from <= at && at <= to && l.count() > c.Upto {
			oldest = min(oldest, l.at(c.Upto+1).Record)
		}
	}
	if oldest == b.records.Len() {
		return 0
	}
	return b.records.at(oldest).at
}

// Granted is lanes of a consumer that have an owner.
type Granted struct {
	From, To Lane
	Owner    string
	Epoch    uint64
}

// Grants are the lanes of a consumer that have an owner, in order.
func (b *Book) Grants(consumer string) (list []Granted) {
	i, ok := consumerNumber(consumer)
	if !ok {
		return nil
	}
	for _, g := range b.outbox.consumers[i].Grants {
		list = append(list, Granted(g))
	}
	return list
}

// OldestID are the begins, in ms, of the oldest hours of which ids are looked up in
// memory and on disk; zero when there are none.
func (b *Book) OldestID() (memory, disk int64) { return b.ids.Oldest() }
