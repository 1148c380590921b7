package oracle

// Limit is what transfers of a kind must keep; a zero figure is no limit. Those of one
// transfer and of a payer's day go by the payer's tier, a payee's by the payee's.
type Limit struct {
	Kind         Kind
	Tier         uint8
	Since        int64 // ms
	Min, Max     Amount
	PayerDaily   Amount // in a day of the operator's zone
	PayeeDaily   Amount
	PayeeBalance Amount
	AsFirst      bool // a tier has the first one's again
}

const (
	tiers     = 8
	dayMS     = 24 * 60 * 60 * 1000
	minuteMS  = 60 * 1000
	dailyWord = "payer_daily" // a ledger's word that the oracle holds against its own sums
)

// daySums are what an account sent and got on a day, by kind.
type daySums struct {
	day       int64
	sent, got [kinds]Amount
}

// Zone is how many minutes east of UTC the operator's days begin.
func (b *Books) Zone(minutes int) { b.zone = int64(minutes) * minuteMS }

// Limit notes new limits of a kind and a tier.
func (b *Books) Limit(l Limit) {
	if int(l.Kind) >= kinds || l.Tier >= tiers {
		return
	}
	list := b.limits[l.Kind][l.Tier]
	for len(list) > 1 && list[1].Since <= b.now {
		list = list[1:] // the first never holds again
	}
	b.limits[l.Kind][l.Tier] = append(list, l)
}

// Tier notes how well an account's holder is known, and the most it may hold; zero is no
// maximum of its own.
func (b *Books) Tier(n Account, tier uint8, maximum Amount) {
	if a := b.accounts[n]; a != nil && tier < tiers {
		a.tier, a.maximum = tier, maximum
	}
}

// limit is what holds for a tier now.
func (b *Books) limit(kind Kind, tier uint8) Limit {
	l, known := latest(b.limits[kind][tier], b.now)
	if !known || l.AsFirst {
		l, _ = latest(b.limits[kind][0], b.now)
	}
	return l
}

// latest is the last of some limits whose time has come.
func latest(list []Limit, now int64) (l Limit, known bool) {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Since <= now {
			return list[i], true
		}
	}
	return Limit{}, false
}

// today is the operator's day; a clock that steps back over midnight does not bring the
// day before back.
func (b *Books) today() int64 {
	t := b.now + b.zone
	d := t / dayMS
	if t%dayMS < 0 {
		d--
	}
	b.day = max(b.day, d)
	return b.day
}

// sums are an account's of today.
func (b *Books) sums(a *account) *daySums {
	if a.sums == nil || a.sums.day != b.today() {
		a.sums = &daySums{day: b.today()}
	}
	return a.sums
}

// use counts what is moved, or with sign -1 takes off what came free on the day it was
// counted.
func (b *Books) use(m *made, amount, sign Amount) {
	if int(m.wish.Kind) >= kinds || m.day != b.today() {
		return
	}
	if payer := b.accounts[m.wish.From]; payer != nil {
		b.sums(payer).sent[m.wish.Kind] += sign * amount
	}
	if payee := b.accounts[m.credited]; payee != nil && payee.kind <= lastHolderKind {
		b.sums(payee).got[m.wish.Kind] += sign * amount
	}
}

// within holds what was made to the limits.
func (b *Books) within(w *Wish, m *made) {
	payer, payee := b.accounts[w.From], b.accounts[m.credited]
	if payer == nil || payee == nil || int(w.Kind) >= kinds {
		return
	}
	l := b.limit(w.Kind, payer.tier)
	switch sum := b.sums(payer).sent[w.Kind] + w.Amount; {
	case w.Amount < l.Min:
		b.find(w, "it is below the least, %s", l.Min)
	case l.Max > 0 && w.Amount > l.Max:
		b.find(w, "it is above the most, %s", l.Max)
	case l.PayerDaily > 0 && sum > l.PayerDaily:
		b.find(w, "the payer comes to %s in this day, and %s is the most", sum, l.PayerDaily)
	}
	if payee.kind <= lastHolderKind {
		b.receives(w, m, payee)
	}
}

// receives holds what somebody got to what they may have and get in a day.
func (b *Books) receives(w *Wish, m *made, payee *account) {
	l := b.limit(w.Kind, payee.tier)
	reaches := payee.posted + payee.heldIn + w.Amount
	if m.charge.commission > 0 && m.agent() == m.credited {
		reaches += m.charge.commission
	}
	switch sum := b.sums(payee).got[w.Kind] + w.Amount; {
	case l.PayeeBalance > 0 && reaches > l.PayeeBalance, payee.maximum > 0 && reaches > payee.maximum:
		b.find(w, "the payee comes to hold %s, more than may be", reaches)
	case l.PayeeDaily > 0 && sum > l.PayeeDaily:
		b.find(w, "the payee comes to %s in this day, and %s is the most", sum, l.PayeeDaily)
	}
}

// room tells whether a payer has room for a wish in this day.
func (b *Books) room(w *Wish, payer *account) bool {
	l := b.limit(w.Kind, payer.tier)
	return l.PayerDaily == 0 || b.sums(payer).sent[w.Kind]+w.Amount <= l.PayerDaily
}
