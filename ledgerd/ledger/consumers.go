package ledger

import "slices"

// The consumers of the outbox, each with its own lanes, epochs and cursors. Every notice
// is kept until all that read acknowledged it.
const (
	ConsumerSMS        = "sms"        // tells payer and payee: reads from the first entry on, and for ever
	ConsumerPartner    = "partner"    // tells businesses' systems
	ConsumerSettlement = "settlement" // nets operators and banks
)

// ConsumerAudit reads what all lanes were told, whatever was acknowledged since. It owns
// none and acknowledges nothing, so the books know nothing of it.
const ConsumerAudit = "audit"

// tableConsumers are the consumers in the order of their cursors.
var tableConsumers = [...]string{ConsumerSMS, ConsumerPartner, ConsumerSettlement}

// numberSMS is the one without which nobody would be told.
const numberSMS = 0

func consumerNumber(name string) (int, bool) {
	n := slices.Index(tableConsumers[:], name)
	return n, n >= 0
}

// reader finds a consumer that reads.
func (o *outbox) reader(name string) (int, bool) {
	n, ok := consumerNumber(name)
	return n, ok && o.consumers[n].On
}

// setConsumer has a consumer read from now on, or no more. What it left open then is
// nobody's, its owners own nothing, and their epochs never come again.
func (o *outbox) setConsumer(c SetConsumer) Reject {
	i, ok := consumerNumber(c.Consumer)
	if !ok || i == numberSMS && !c.On {
		return CommandForbidden
	}
	who := &o.consumers[i]
	who.Known = true
	if who.On == c.On {
		return OK
	}
	for at, l := range o.all() {
		o.change(o.home(int(at/LanesPerOperator)), l, func() { l.cursors[i] = cursor{Upto: l.count()} })
	}
	who.On, who.Grants = c.On, nil
	return OK
}

// owe counts a new notice for all that read. Who is too far behind in a home loses its
// oldest there, of the lane in which it is furthest: nobody's payment and nobody else's
// lane waits for it. Only for SMS payments wait, for a payment is told.
func (o *outbox) owe(h *home) {
	for i := range o.consumers {
		if !o.consumers[i].On {
			continue
		}
		if h.behind[i]++; i != numberSMS && h.behind[i] > o.limit {
			o.giveUp(h, i)
		}
	}
}

// giveUp passes over the oldest notices of a consumer, and counts them.
func (o *outbox) giveUp(h *home, i int) {
	furthest := &h.lanes[0]
	for n := range h.lanes {
		if l := &h.lanes[n]; l.open(i) > furthest.open(i) {
			furthest = l
		}
	}
	before := furthest.open(i)
	o.change(h, furthest, func() {
		c := &furthest.cursors[i]
		drop := max(1, min(giveUpAtOnce, o.limit/8))
		parked := min(drop, len(c.Parked)) // they are older than all behind the cursor
		c.Parked = slices.Clone(c.Parked[parked:])
		c.Upto += min(uint64(drop-parked), furthest.count()-c.Upto)
	})
	o.consumers[i].Missed += uint64(before - furthest.open(i))
}

// Consumer is how one of the outbox's readers stands.
type Consumer struct {
	Name   string
	On     bool   // it reads
	Known  bool   // it was told to, once: when it is not on, it was retired
	Missed uint64 // notices that were given up because it was too far behind
}

// Consumers tells of all consumers there can be, those that read and the others.
func (b *Book) Consumers() (list []Consumer) {
	for i, name := range tableConsumers {
		c := &b.outbox.consumers[i]
		list = append(list, Consumer{Name: name, On: c.On, Known: c.Known || i == numberSMS, Missed: c.Missed})
	}
	return list
}

// Behind is how many notices a consumer has not acknowledged, in the home where it is
// furthest behind, and how many it may be.
func (b *Book) Behind(consumer string) (notices, limit int) {
	i, ok := b.outbox.reader(consumer)
	for _, h := range b.outbox.homes {
		if ok && h != nil {
			notices = max(notices, h.behind[i])
		}
	}
	return notices, b.outbox.limit
}
