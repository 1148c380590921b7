package main

import (
	"fmt"
	"time"

	"mlango/ledgerd/rules"
	"mlango/ledgerd/server"
)

// rulesAsOf are the rules as they stood, or will, when a version of them began, and what
// that version is. Of one that never held they are what it said.
func rulesAsOf(sheet *server.RuleSheet, version uint32) (*rules.Set, *server.RuleChange, error) {
	if version == 0 || version > sheet.Version {
		return nil, nil, fmt.Errorf("there is no version %d of the rules: the last is %d, `ledgerd admin rules history` lists them", version, sheet.Version)
	}
	change := changeOf(sheet, version)
	whole := change != nil
	eachTable(sheet, func(_ string, oldest, _ *server.RuleVersion) {
		whole = whole && (oldest.Rules <= version || oldest.Version == 1)
	})
	if !whole {
		return nil, nil, fmt.Errorf("the books do not know the rules of version %d whole any more, only the journal does: take a later one", version)
	}
	begins, err := time.Parse(time.RFC3339, change.From)
	if err != nil {
		return nil, nil, err
	}
	never := change.State == server.NeverHeld
	return pickRules(sheet, func(v *server.RuleVersion) bool {
		from, err := time.Parse(time.RFC3339, v.From)
		switch {
		case err != nil || from.After(begins):
			return false
		case never:
			return v.Rules <= version
		}
		return v.State != server.NeverHeld && (from.Before(begins) || v.Rules <= version)
	}), change, nil
}

func changeOf(sheet *server.RuleSheet, version uint32) *server.RuleChange {
	for i := range sheet.History {
		if sheet.History[i].Version == version {
			return &sheet.History[i]
		}
	}
	return nil
}

// eachTable visits each version of each tariff and of all limits, with the oldest of
// its table that is kept.
func eachTable(sheet *server.RuleSheet, visit func(title string, oldest, v *server.RuleVersion)) {
	for i := range sheet.Tariffs {
		t := &sheet.Tariffs[i]
		for k := range t.Versions {
			visit("the tariff of "+t.Kind, &t.Versions[len(t.Versions)-1].RuleVersion, &t.Versions[k].RuleVersion)
		}
	}
	for i := range sheet.Limits {
		l := &sheet.Limits[i]
		for k := range l.Versions {
			visit(fmt.Sprintf("the limits of %s, tier %d,", l.Kind, l.Tier), &l.Versions[len(l.Versions)-1].RuleVersion, &l.Versions[k].RuleVersion)
		}
	}
}

// notesOf says of a version of the rules whether it holds, and from when, so that nobody
// takes what is only planned, or was given up, for what people pay.
func notesOf(sheet *server.RuleSheet, c *server.RuleChange) (lines []string) {
	switch c.State {
	case server.NeverHeld:
		return []string{fmt.Sprintf("Version %d NEVER HELD: it was to from %s, and another took its place before.", c.Version, second(c.From))}
	case server.ToCome:
		lines = append(lines, fmt.Sprintf("Version %d DOES NOT HOLD YET: it will from %s. `rules get` without a version prints what holds now.", c.Version, second(c.From)))
	default:
		lines = append(lines, fmt.Sprintf("The rules as version %d began to hold: from %s.", c.Version, second(c.From)))
	}
	eachTable(sheet, func(title string, _, v *server.RuleVersion) {
		if v.Rules == c.Version && v.State == server.NeverHeld {
			lines = append(lines, fmt.Sprintf("What it said of %s never held: another took its place before.", title))
		}
	})
	return lines
}

// waitingNotes says which versions are still to come.
func waitingNotes(sheet *server.RuleSheet) (lines []string) {
	for i := len(sheet.History) - 1; i >= 0; i-- {
		if c := &sheet.History[i]; c.State == server.ToCome {
			lines = append(lines, fmt.Sprintf("Not in here: version %d, which holds from %s; `rules get %d` prints it.", c.Version, second(c.From), c.Version))
		}
	}
	return lines
}
