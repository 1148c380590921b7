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
	Transfers int // committed
	Rejects   int // remembered, of transfers and checks; tombstones aside
	Checks    int // answered
	Holds     int // that stand
	Open      int // notices kept for their consumers
}

// Counts tells how much the books hold.
func (b *Book) Counts() Counts {
	c := b.counts
	c.Accounts, c.IDs = b.accounts.n, b.records.n
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
	for n := range uint32(b.accounts.n) {
		a := b.accounts.at(n)
		sum[a.currency] += a.balance()
	}
	return sum
}

// Digest is one number for the whole state: two books that applied the same
// commands have the same. Receipts are left out, for an auditor has no key.
func (b *Book) Digest() [32]byte {
	d := &digest{h: sha256.New()}
	b.digestAccounts(d)
	b.digestRules(d)
	for n := range uint32(b.records.n) {
		b.digestRecord(d, b.records.at(n))
	}
	for _, day := range b.receipts.days {
		d.numbers(uint64(day.day), uint64(day.commit))
	}
	b.digestMoney(d)
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
	d.numbers(uint64(b.accounts.n))
	for n := range uint32(b.accounts.n) {
		a := b.accounts.at(n)
		d.numbers(uint64(a.number), uint64(a.debits), uint64(a.credits), uint64(a.heldDebits), uint64(a.heldCredits),
			uint64(a.maximum), uint64(a.epoch), uint64(a.history.last), uint64(a.history.count), uint64(a.home), uint64(a.wrong),
			uint64(a.kind), uint64(a.tier), flags(a.frozen, a.closed, a.pinSet, a.locked))
		b.digestDay(d, a)
		d.bytes(b.texts.get(a.sealed), a.salt[:], a.mac[:], a.currency[:], a.language[:])
	}
	d.numbers(uint64(b.aliases.n))
	for n := range uint32(b.aliases.n) {
		a := b.aliases.at(n)
		d.bytes(a.token[:])
		d.numbers(uint64(a.account), uint64(a.from), uint64(a.before))
	}
}

func (b *Book) digestDay(d *digest, a *account) {
	if a.day != b.today.day {
		return
	}
	for _, s := range a.sums {
		d.numbers(uint64(s.kind), uint64(s.sum))
	}
	for n := a.more; n != 0; {
		s := b.today.sums.at(n - 1)
		d.numbers(uint64(s.kind), uint64(s.side), uint64(s.sum))
		n = s.next
	}
}

func (b *Book) digestRules(d *digest) {
	for i := range b.tariffs {
		d.versions(b.tariffs[i].versions)
		for _, bands := range b.tariffs[i].states {
			d.numbers(uint64(len(bands)))
			for _, band := range bands {
				d.numbers(uint64(band.Upto), uint64(band.Fee), uint64(band.Tax), uint64(band.Commission))
			}
		}
		for tier := range b.limits[i] {
			d.versions(b.limits[i][tier].versions)
			for _, l := range b.limits[i][tier].states {
				d.numbers(uint64(l.Min), uint64(l.Max), uint64(l.PayerDaily), uint64(l.PayeeDaily), uint64(l.PayeeBalance))
			}
		}
	}
	d.numbers(uint64(b.window), flags(b.two), uint64(b.today.day), uint64(b.commits.n), uint64(b.records.n))
}

func (d *digest) versions(list []version) {
	d.numbers(uint64(len(list)))
	for _, v := range list {
		d.numbers(uint64(v.number), uint64(v.from))
	}
}

// digestMoney is postings, holds and what came back.
func (b *Book) digestMoney(d *digest) {
	d.numbers(uint64(b.lines.n), uint64(b.holds.n), uint64(b.reversed.n))
	for n := range uint32(b.lines.n) {
		l := b.lines.at(n)
		d.numbers(uint64(l.moved), uint64(l.balance), uint64(l.account), uint64(l.record), uint64(l.before), uint64(l.far))
	}
	for n := range uint32(b.holds.n) {
		h := b.holds.at(n)
		d.numbers(uint64(h.fee), uint64(h.tax), uint64(h.commission), uint64(h.until), uint64(h.record), uint64(h.end), uint64(h.day),
			uint64(h.payer), uint64(h.told), uint64(h.credited), uint64(h.fees), uint64(h.state), uint64(h.employer), uint64(h.agent))
	}
	for n := range uint32(b.reversed.n) {
		r := b.reversed.at(n)
		d.numbers(uint64(r.record), uint64(r.sum), flags(r.fee))
	}
}

func (b *Book) digestRecord(d *digest, r *record) {
	d.numbers(uint64(r.from), uint64(r.to), uint64(r.amount), uint64(r.quoted), uint64(r.kind), uint64(r.query),
		uint64(r.act), uint64(r.until), r.of, uint64(r.lines), uint64(r.parts), uint64(r.leg),
		uint64(r.place.Unit), r.place.Index, uint64(r.place.Offset), uint64(r.at), uint64(r.fee), uint64(r.balance),
		uint64(r.payeeBalance), r.seqs[0], r.seqs[1], uint64(r.first), uint64(r.last), uint64(r.reject), uint64(r.triesLeft))
	bundle := b.bundles.list[r.bundle]
	d.bytes(r.id[:], r.currency[:], r.language[:], r.payeeSees[:], b.texts.get(r.session),
		[]byte(b.operators.list[r.operator]), []byte(b.gateways.list[r.gateway]), bundle[:])
}

func (o *outbox) digest(d *digest) {
	for i := range o.consumers {
		who := &o.consumers[i]
		d.numbers(who.epoch, uint64(len(who.grants)))
		for _, g := range who.grants {
			d.numbers(uint64(g.from), uint64(g.to), g.epoch)
			d.bytes([]byte(g.owner))
		}
	}
	for at, l := range o.all() {
		d.numbers(uint64(at), l.count, uint64(len(l.queue)))
		for i := range l.cursors {
			d.numbers(l.cursors[i].upto, uint64(len(l.cursors[i].parked)))
			for _, p := range l.cursors[i].parked {
				d.numbers(p.seq)
			}
		}
	}
}
