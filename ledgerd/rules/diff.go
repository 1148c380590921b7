package rules

import (
	"fmt"
	"slices"
	"strings"

	"mlango/ledgerd/ledger"
)

// Change is one table that another set has otherwise: a tariff, or the limits of a tier.
type Change struct {
	Kind   ledger.Kind
	Tier   ledger.Tier
	Limits bool     // not the tariff
	Words  []string // what changes, a line each; none of one that was only to wait no longer
}

// Title names the table.
func (c *Change) Title() string {
	word := ""
	for _, k := range tableKinds {
		if k.Kind == c.Kind {
			word = k.Word
		}
	}
	switch {
	case !c.Limits:
		return "tariff of " + word
	case c.Tier == 0:
		return "limits of " + word
	}
	return fmt.Sprintf("limits of %s, tier %d", word, c.Tier)
}

// Diff is what would change from one set to another.
func Diff(from, to *Set) []Change {
	var list []Change
	for _, k := range tableKinds {
		if words := diffFees(from.Fees[k.Kind], to.Fees[k.Kind]); len(words) > 0 {
			list = append(list, Change{Kind: k.Kind, Words: words})
		}
		for tier := range ledger.MaxTier + 1 {
			if words := diffTier(from, to, k.Kind, tier); len(words) > 0 {
				list = append(list, Change{Kind: k.Kind, Tier: tier, Limits: true, Words: words})
			}
		}
	}
	return list
}

// span is amounts above one and up to another that cost the same; upto is zero without end.
type span struct {
	above, upto ledger.Amount
	was, now    ledger.Band
}

// diffFees tells, span by span, what costs otherwise.
func diffFees(from, to []ledger.Band) (words []string) {
	var ends []ledger.Amount
	for _, bands := range [][]ledger.Band{from, to} {
		for _, b := range bands[:max(len(bands)-1, 0)] { // the last one's figures stay above it
			ends = append(ends, b.Upto)
		}
	}
	slices.Sort(ends)
	ends = append(slices.Compact(ends), 0)
	var last *span
	var spans []span
	above := ledger.Amount(0)
	for _, end := range ends {
		s := span{above, end, charge(from, above+1), charge(to, above+1)}
		above = end
		switch {
		case s.was == s.now:
			last = nil
		case last != nil && last.was == s.was && last.now == s.now:
			last.upto = s.upto
		default:
			spans = append(spans, s)
			last = &spans[len(spans)-1]
		}
	}
	for i := range spans {
		words = append(words, spans[i].words())
	}
	return words
}

func (s *span) words() string {
	example := s.upto
	where := "of every amount"
	switch {
	case s.above == 0 && s.upto != 0:
		where = "up to " + Figure(s.upto)
	case s.upto != 0:
		where = fmt.Sprintf("above %s up to %s", Figure(s.above), Figure(s.upto))
	case s.above != 0:
		where, example = "above "+Figure(s.above), 2*s.above
	default:
		example = 100_00
	}
	parts := []string{}
	for _, f := range []struct {
		word     string
		was, now ledger.Amount
	}{{"fee", s.was.Fee, s.now.Fee}, {"of it tax", s.was.Tax, s.now.Tax}, {"the agent gets", s.was.Commission, s.now.Commission}} {
		if f.was != f.now {
			parts = append(parts, fmt.Sprintf("%s %s → %s", f.word, Figure(f.was), Figure(f.now)))
		}
	}
	text := where + ": " + strings.Join(parts, ", ")
	if s.was.Fee != s.now.Fee {
		text += fmt.Sprintf("; who pays %s is charged %s instead of %s", Figure(example), Figure(example+s.now.Fee), Figure(example+s.was.Fee))
	}
	return text
}

// diffTier tells what a tier may otherwise.
func diffTier(from, to *Set, kind ledger.Kind, tier ledger.Tier) (words []string) {
	was, hadOwn := from.tier(kind, tier)
	now, hasOwn := to.tier(kind, tier)
	switch {
	case !hadOwn && !hasOwn:
		return nil
	case hadOwn && !hasOwn:
		return []string{"none of its own any more: it has those of tier 0"}
	case !hadOwn:
		words, was = []string{"has its own now; it had those of tier 0"}, from.Limits[kind][0]
	}
	for _, f := range []struct {
		word     string
		was, now ledger.Amount
	}{
		{"least of one transfer", was.Min, now.Min}, {"most of one transfer", was.Max, now.Max}, {"most that a payer pays in a day", was.PayerDaily, now.PayerDaily},
		{"most that a payee gets in a day", was.PayeeDaily, now.PayeeDaily}, {"most that a payee has", was.PayeeBalance, now.PayeeBalance},
	} {
		if f.was != f.now {
			words = append(words, fmt.Sprintf("%s: %s → %s", f.word, limitWord(f.was), limitWord(f.now)))
		}
	}
	return words
}

func limitWord(a ledger.Amount) string {
	if a == 0 {
		return "no limit"
	}
	return Figure(a)
}

// Command sets the tables of the changes as a set has them.
func (s *Set) Command(changes []Change) ledger.SetRules {
	var c ledger.SetRules
	for _, ch := range changes {
		if !ch.Limits {
			c.Tariffs = append(c.Tariffs, ledger.SetTariff{Kind: ch.Kind, Bands: s.Fees[ch.Kind]})
			continue
		}
		l, own := s.tier(ch.Kind, ch.Tier)
		l.Kind, l.Tier, l.AsFirst = ch.Kind, ch.Tier, !own
		c.Limits = append(c.Limits, l)
	}
	return c
}
