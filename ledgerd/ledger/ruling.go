package ledger

import "slices"

// Ruling is one change of the rules, as tools show it: each raises their version by one.
type Ruling struct {
	Version       uint32
	Back          uint32 // the version that it brought back; zero of none
	Tables        int    // tariffs and limits that it set
	From, Set     int64  // ms: when it was to hold, and when it was said
	At            Place
	First, Second string // who stands behind it: two people, one, or nobody who is known
	Why           string
}

// Rulings are the changes of tariffs and limits, the oldest first, as far as they are
// kept; the version of all rules is the last one's.
func (b *Book) Rulings() []Ruling { return slices.Clone(b.history) }

// rule takes tariffs and limits together and tells which version all rules have then.
// Everything is looked at first: a table that does not do leaves all as they are.
func (b *Book) rule(c SetRules, at Place, now int64) (uint32, Reject) {
	switch {
	case b.alone:
		return 0, NeedsSecondPerson
	case c.Version != 0 && c.Version != b.rulings+1:
		return b.rulings, StaleVersion
	case !b.rulable(&c, now):
		return 0, CommandForbidden
	}
	said := b.said(c.From, at, now)
	for _, t := range c.Tariffs {
		b.tariffs[t.Kind-1].succeed(0, said, slices.Clone(t.Bands))
	}
	for _, l := range c.Limits {
		b.limits[l.Kind-1][l.Tier].succeed(0, said, l)
	}
	b.ruled(OK, Ruling{Back: c.Back, Tables: len(c.Tariffs) + len(c.Limits), Why: c.Why}, said)
	return b.rulings, OK
}

// rulable tells whether every table may be set, none of them twice.
func (b *Book) rulable(c *SetRules, now int64) bool {
	var fees [kindCount]bool
	var limits [kindCount][MaxTier + 1]bool
	bands, later := 0, c.From > now
	for _, t := range c.Tariffs {
		if t.Version != 0 || t.From != 0 || !t.Kind.Asked() || fees[t.Kind-1] || len(t.Bands) > maxBands || !sound(t.Kind, t.Bands) ||
			later && b.tariffs[t.Kind-1].pending(now) >= maxVersions {
			return false
		}
		fees[t.Kind-1] = true
		bands += len(t.Bands)
	}
	for _, l := range c.Limits {
		if l.Version != 0 || l.From != 0 || !l.sound() || limits[l.Kind-1][l.Tier] ||
			later && b.limits[l.Kind-1][l.Tier].pending(now) >= maxVersions {
			return false
		}
		limits[l.Kind-1][l.Tier] = true
	}
	return len(c.Tariffs)+len(c.Limits) > 0 && bands <= MaxRulesBands && len(c.Why) <= MaxWhy
}

// ruled counts a change that was made, and notes it. The list is made anew: a view may
// hold it.
func (b *Book) ruled(reject Reject, r Ruling, said version) Reject {
	if reject != OK {
		return reject
	}
	b.rulings++
	r.Version, r.From, r.Set, r.At = b.rulings, said.Since, said.Set, said.At
	r.First, r.Second = said.Signers.First, said.Signers.Second
	told := append(slices.Clone(b.history), r)
	b.history = told[max(0, len(told)-maxRuled):]
	return OK
}
