package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Counts is how much the books hold.
type Counts struct {
	Accounts  int
	Aliases   int
	IDs       int // remembered, each with its answer
	Recent    int // of them, looked up in memory
	Spilled   int // answers that left memory for the disk
	Transfers int // committed
	Rejects   int // remembered, of transfers and checks; tombstones aside
	Checks    int // answered
	Holds     int // that stand
	Open      int // notices kept for their consumers
}

// Counts tells how much the books hold.
func (b *Book) Counts() Counts {
	c := b.counts
	c.Accounts, c.IDs = b.accounts.Len(), int(b.records.Len())
	c.Recent, c.Spilled = b.ids.Len(), int(b.records.Spilled())
	for _, h := range b.outbox.homes {
		if h != nil {
			c.Open += h.open
		}
	}
	return c
}

// Sum adds all balances of each currency. It is zero, or the books are wrong.
func (b *Book) Sum() map[Currency]Amount {
	sum := map[Currency]Amount{}
	for n := range uint32(b.accounts.Len()) {
		a := b.accounts.At(n)
		sum[a.currency] += a.balance()
	}
	return sum
}

// Digest is one number for the whole state: two books that applied the same
// commands have the same. Receipts are left out, for an auditor has no key.
func (b *Book) Digest() [32]byte {
	defer b.guard()
	d := &digest{h: sha256.New()}
	b.digestAccounts(d)
	b.digestRules(d)
	past := b.folded.upTo(b)
	d.numbers(past.Records.Sum, past.Records.Many, past.Lines.Sum, past.Lines.Many)
	for _, day := range b.receipts.days {
		d.numbers(uint64(day.Day), day.Commit)
	}
	b.digestMoney(d)
	b.digestNames(d)
	b.outbox.digest(d)
	return d.sum()
}

// digest feeds a hash with numbers and byte strings that cannot be confused.
type digest struct {
	h   hash.Hash
	buf []byte
}

func (d *digest) numbers(list ...uint64) {
	for _, n := range list {
		d.buf = binary.BigEndian.AppendUint64(d.buf, n)
	}
	d.flush(1 << 12)
}

func (d *digest) bytes(list ...[]byte) {
	for _, p := range list {
		d.buf = binary.AppendUvarint(d.buf, uint64(len(p)))
		d.buf = append(d.buf, p...)
	}
	d.flush(1 << 12)
}

func (d *digest) flush(above int) {
	if len(d.buf) > above {
		d.h.Write(d.buf)
		d.buf = d.buf[:0]
	}
}

func (d *digest) sum() (sum [32]byte) {
	d.flush(0)
	d.h.Sum(sum[:0])
	return sum
}

func flags(list ...bool) (n uint64) {
	for _, on := range list {
		n <<= 1
		if on {
			n |= 1
		}
	}
	return n
}

func (b *Book) digestAccounts(d *digest) {
	d.numbers(uint64(b.accounts.Len()))
	for n := range uint32(b.accounts.Len()) {
		a := b.accounts.At(n)
		e, p := b.extra(a), b.identity(a)
		d.numbers(uint64(a.number), uint64(a.debits), uint64(a.credits), uint64(e.heldDebits), uint64(e.heldCredits),
			uint64(e.maximum), uint64(e.askedIn)<<32|uint64(e.asked), uint64(a.epoch), a.history.last, a.history.far, uint64(a.lines), uint64(a.home), uint64(a.wrong),
			uint64(a.kind), uint64(a.tier), uint64(a.flags))
		b.digestDay(d, a)
		d.bytes(b.texts.Get(p.sealed), p.salt[:], p.mac[:], a.currency[:], a.language[:])
	}
	d.numbers(uint64(b.aliases.Len()))
	for n := range uint32(b.aliases.Len()) {
		a := b.aliases.At(n)
		d.bytes(a.token[:])
		d.numbers(uint64(a.account), uint64(a.from), uint64(a.before))
	}
}

func (b *Book) digestDay(d *digest, a *account) {
	if a.day != b.today.day {
		return
	}
	for n := a.used; n != 0; {
		s := b.today.sums.At(n - 1)
		d.numbers(uint64(s.kind), uint64(s.moved[0]), uint64(s.moved[1]))
		n = s.next
	}
}

func (b *Book) digestRules(d *digest) {
	for i := range b.tariffs {
		b.tariffs[i].digest(d, func(bands *[]Band) {
			d.numbers(uint64(len(*bands)))
			for _, band := range *bands {
				d.numbers(uint64(band.Upto), uint64(band.Fee), uint64(band.Tax), uint64(band.Commission))
			}
		})
		for tier := range b.limits[i] {
			b.limits[i][tier].digest(d, func(l *SetLimits) {
				d.numbers(uint64(l.Min), uint64(l.Max), uint64(l.PayerDaily), uint64(l.PayeeDaily), uint64(l.PayeeBalance), flags(l.AsFirst))
			})
		}
	}
	d.numbers(uint64(b.rulings), uint64(len(b.history)))
	for _, r := range b.history {
		d.numbers(uint64(r.Version), uint64(r.Back), uint64(r.Tables), uint64(r.From), uint64(r.Set), r.At.Index, uint64(r.At.Offset))
		d.bytes([]byte(r.Why), []byte(r.First), []byte(r.Second))
	}
	d.numbers(uint64(b.window), flags(b.two), uint64(b.today.day), b.commits.Len())
}

// digest is all versions of a table, former ones too.
func (t *versioned[T]) digest(d *digest, state func(*T)) {
	for _, versions := range [...][]version{t.Versions, t.FormerVersions} {
		d.versions(versions)
	}
	for _, states := range [...][]T{t.States, t.FormerStates} {
		for i := range states {
			state(&states[i])
		}
	}
}

func (d *digest) versions(list []version) {
	d.numbers(uint64(len(list)))
	for _, v := range list {
		d.numbers(uint64(v.No), uint64(v.In), uint64(v.Since), uint64(v.Set), v.At.Index, uint64(v.At.Offset))
		d.bytes([]byte(v.Signers.First), []byte(v.Signers.Second))
	}
}

// digestMoney is holds and what came back.
func (b *Book) digestMoney(d *digest) {
	d.numbers(uint64(b.holds.Len()), uint64(b.reversed.Len()))
	for n := range uint32(b.holds.Len()) {
		h := b.holds.At(n)
		d.numbers(uint64(h.fee), uint64(h.tax), uint64(h.commission), uint64(h.until), h.record, uint64(h.day),
			uint64(h.payer), uint64(h.told), uint64(h.credited), uint64(h.fees), uint64(h.state), uint64(h.employer), uint64(h.agent))
	}
	for n := range uint32(b.reversed.Len()) {
		r := b.reversed.At(n)
		d.numbers(r.record, uint64(r.sum), r.last, flags(r.fee))
	}
	b.asks.digest(d)
}

// digestNames is who and what the numbers in records stand for.
func (b *Book) digestNames(d *digest) {
	for _, list := range [...][]string{b.operators.list, b.gateways.list} {
		d.numbers(uint64(len(list)))
		for _, name := range list {
			d.bytes([]byte(name))
		}
	}
	for _, list := range [...][]uint32{b.operators.by, b.bundles.by} {
		for _, gateway := range list {
			d.numbers(uint64(gateway))
		}
	}
	d.numbers(uint64(len(b.bundles.list)))
	for i := range b.bundles.list {
		d.bytes(b.bundles.list[i][:])
	}
}

func (o *outbox) digest(d *digest) {
	for i := range o.consumers {
		who := &o.consumers[i]
		d.numbers(who.Epoch, uint64(len(who.Grants)), who.Missed, flags(who.On, who.Known))
		for _, g := range who.Grants {
			d.numbers(uint64(g.From), uint64(g.To), g.Epoch)
			d.bytes([]byte(g.Owner))
		}
	}
	for at, l := range o.all() {
		d.numbers(uint64(at), l.count(), uint64(l.queue.Len()))
		for i := range l.cursors {
			d.numbers(l.cursors[i].Upto, uint64(len(l.cursors[i].Parked)))
			for _, p := range l.cursors[i].Parked {
				d.numbers(p.Seq)
			}
		}
	}
}
