package ledger

// Consumers are the names of all who may read the outbox.
func Consumers() []string { return tableConsumers[:] }

// Heard is how one consumer stands to one notice.
type Heard struct {
	Consumer string
	Acked    bool
	Aside    bool   // it went on and left this one open behind
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
		h := Heard{Consumer: name, Owner: g.Owner, Epoch: g.Epoch}
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
