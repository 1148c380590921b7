package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/rules"
	"mlango/ledgerd/server"
)

// rulesNow are the rules that hold at an instant, as the books stand.
func rulesNow(sheet *server.RuleSheet, at string) (*rules.Set, error) {
	now, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return nil, err
	}
	return pickRules(sheet, func(v *server.RuleVersion) bool {
		from, err := time.Parse(time.RFC3339, v.From)
		return err == nil && !from.After(now) && v.State != server.NeverHeld
	}), nil
}

// pickRules takes the newest version that fits of each table.
func pickRules(sheet *server.RuleSheet, fits func(*server.RuleVersion) bool) *rules.Set {
	set := rules.NewSet()
	for i := range sheet.Tariffs {
		kind, _ := server.ParseKind(sheet.Tariffs[i].Kind)
		for k := range sheet.Tariffs[i].Versions {
			if v := &sheet.Tariffs[i].Versions[k]; fits(&v.RuleVersion) {
				for _, b := range v.Bands {
					set.Fees[kind] = append(set.Fees[kind], ledger.Band{Upto: ledger.Amount(b.Upto), Fee: ledger.Amount(b.Fee), Tax: ledger.Amount(b.Tax), Commission: ledger.Amount(b.Commission)})
				}
				break
			}
		}
	}
	for i := range sheet.Limits {
		l := &sheet.Limits[i]
		kind, _ := server.ParseKind(l.Kind)
		for k := range l.Versions {
			v := &l.Versions[k]
			if !fits(&v.RuleVersion) {
				continue
			}
			if set.Limits[kind] != nil && !v.AsFirst {
				set.Limits[kind][ledger.Tier(l.Tier)] = ledger.SetLimits{Kind: kind, Tier: ledger.Tier(l.Tier), Min: ledger.Amount(v.Min), Max: ledger.Amount(v.Max),
					PayerDaily: ledger.Amount(v.PayerDaily), PayeeDaily: ledger.Amount(v.PayeeDaily), PayeeBalance: ledger.Amount(v.PayeeBalance)}
			}
			break
		}
	}
	return set
}

// rulesChanges is what a set changes from an instant on. What waits for a later one is set
// too, even where it stays as it is, so that nothing else begins to hold then.
func rulesChanges(sheet *server.RuleSheet, set *rules.Set, from string) ([]rules.Change, error) {
	if _, err := instantOf("--from", from); err != nil {
		return nil, err
	}
	at := cmp.Or(from, sheet.At)
	now, err := rulesNow(sheet, at)
	if err != nil {
		return nil, err
	}
	changes := rules.Diff(now, set)
	lift := func(c rules.Change, v *server.RuleVersion) {
		if v.State != server.ToCome || !later(v.From, at) {
			return
		}
		words := fmt.Sprintf("version %d, set to hold from %s, never will", v.Version, second(v.From))
		for i := range changes {
			if there := &changes[i]; there.Kind == c.Kind && there.Limits == c.Limits && there.Tier == c.Tier {
				there.Words = append(there.Words, words)
				return
			}
		}
		c.Words = []string{words}
		changes = append(changes, c)
	}
	for i := range sheet.Tariffs {
		for k := range sheet.Tariffs[i].Versions {
			kind, _ := server.ParseKind(sheet.Tariffs[i].Kind)
			lift(rules.Change{Kind: kind}, &sheet.Tariffs[i].Versions[k].RuleVersion)
		}
	}
	for i := range sheet.Limits {
		for k := range sheet.Limits[i].Versions {
			kind, _ := server.ParseKind(sheet.Limits[i].Kind)
			lift(rules.Change{Kind: kind, Tier: ledger.Tier(sheet.Limits[i].Tier), Limits: true}, &sheet.Limits[i].Versions[k].RuleVersion)
		}
	}
	return changes, nil
}

// later tells whether one instant comes after another.
func later(a, b string) bool {
	x, errX := time.Parse(time.RFC3339, a)
	y, errY := time.Parse(time.RFC3339, b)
	return errX == nil && errY == nil && x.After(y)
}

// asRules is a table, or several, as a set of them.
func asRules(item any) *ledger.SetRules {
	switch v := item.(type) {
	case ledger.SetTariff:
		return &ledger.SetRules{From: v.From, Tariffs: []ledger.SetTariff{v}}
	case ledger.SetLimits:
		return &ledger.SetRules{From: v.From, Limits: []ledger.SetLimits{v}}
	}
	c, _ := item.(ledger.SetRules)
	return &c
}

// sayRulesNow tells an approver what a set of rules changes of what holds now.
func sayRulesNow(ctx context.Context, w *world, client *ledgerclient.Client, c *ledger.SetRules) error {
	sheet, err := rulesOf(ctx, client)
	if err != nil {
		return err
	}
	if c.Version != 0 && c.Version != sheet.Version+1 {
		fmt.Fprintf(w.out, "  it would be refused: it was to be version %d, and there is %d already\n", c.Version, sheet.Version)
	}
	from := ""
	if c.From != 0 {
		from = server.Instant(c.From, 0)
	}
	set, err := rulesNow(sheet, cmp.Or(from, sheet.At))
	if err != nil {
		return err
	}
	for _, t := range c.Tariffs {
		set.Fees[t.Kind] = t.Bands
	}
	for _, l := range c.Limits {
		if set.Limits[l.Kind] == nil {
			continue
		}
		set.Limits[l.Kind][l.Tier] = l
		if l.AsFirst {
			delete(set.Limits[l.Kind], l.Tier)
		}
	}
	changes, err := rulesChanges(sheet, set, from)
	if err != nil {
		return err
	}
	changes = slices.DeleteFunc(changes, func(ch rules.Change) bool { return !names(c, &ch) }) // other tables wait on
	fmt.Fprintln(w.out, "it changes:")
	return sayChanges(w.out, sheet, changes)
}

// names tells whether a set of rules has a table.
func names(c *ledger.SetRules, ch *rules.Change) bool {
	if ch.Limits {
		return slices.ContainsFunc(c.Limits, func(l ledger.SetLimits) bool { return l.Kind == ch.Kind && l.Tier == ch.Tier })
	}
	return slices.ContainsFunc(c.Tariffs, func(t ledger.SetTariff) bool { return t.Kind == ch.Kind })
}

// describeRules says which tables somebody wants to set to what.
func describeRules(v ledger.SetRules, zone Zone) string {
	words := []string{"set rules"}
	if v.Version != 0 {
		words = append(words, fmt.Sprintf("version %d", v.Version))
	}
	if v.Back != 0 {
		words = append(words, fmt.Sprintf("bringing back version %d", v.Back))
	}
	if v.From != 0 {
		words = append(words, "from "+zone.says(v.From))
	} else {
		words = append(words, "at once")
	}
	if v.Why != "" {
		words = append(words, fmt.Sprintf("because %q", v.Why))
	}
	lines := []string{strings.Join(words, ", ")}
	for _, t := range v.Tariffs {
		lines = append(lines, fmt.Sprintf("tariff of %s: %s", server.KindWord(t.Kind), bandWords(sheetBands(t.Bands))))
	}
	for _, l := range v.Limits {
		lines = append(lines, describeLimits(&l))
	}
	return strings.Join(lines, " | ")
}

func describeLimits(l *ledger.SetLimits) string {
	title := fmt.Sprintf("limits of %s, tier %d: ", server.KindWord(l.Kind), l.Tier)
	if l.AsFirst {
		return title + "those of tier 0"
	}
	var words []string
	for _, f := range []struct {
		word string
		a    ledger.Amount
	}{{"least", l.Min}, {"most", l.Max}, {"payer a day", l.PayerDaily}, {"payee a day", l.PayeeDaily}, {"payee has", l.PayeeBalance}} {
		if f.a != 0 {
			words = append(words, f.word+" "+figure(f.a))
		}
	}
	return title + orElse(strings.Join(words, ", "), "none")
}

func sheetBands(list []ledger.Band) (bands []server.TariffBand) {
	for _, b := range list {
		bands = append(bands, server.TariffBand{Upto: int64(b.Upto), Fee: int64(b.Fee), Tax: int64(b.Tax), Commission: int64(b.Commission)})
	}
	return bands
}
