package server

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire/pb"
)

// RuleSheet is the tariffs and limits as tools print them.
type RuleSheet struct {
	At      string        `json:"at"`                // as of when
	Repeat  int64         `json:"looks_repeated_ms"` // an equal payment within it looks repeated
	Tariffs []TariffSheet `json:"tariffs"`           // of each kind that was ever given one
	Limits  []LimitSheet  `json:"limits"`            // of each kind and tier
	Version uint32        `json:"version"`           // of all rules: every change of a tariff or of limits raises it
	History []RuleChange  `json:"history"`           // the changes, the newest first, as far as they are kept
	Two     bool          `json:"two_people"`        // money is made, taken out and brought back by two people only
}

// How a version stands.
const (
	InForce   = "in force"
	ToCome    = "to come"
	Former    = "former"
	NeverHeld = "never held" // another took its place before its time came
)

// RuleChange is one change of the rules.
type RuleChange struct {
	Version  uint32   `json:"version"`
	State    string   `json:"state"`                 // to come while anything of it is, in force while anything of it is; else as RuleVersion's
	Tables   int      `json:"tables"`                // tariffs and limits that it set
	From     string   `json:"from"`                  // when it held, or will
	Set      string   `json:"set"`                   // when it was said
	Place    string   `json:"place"`                 // of that in the journal
	Back     uint32   `json:"brings_back,omitempty"` // the version that it brought back
	Why      string   `json:"why,omitempty"`         // as its first person said
	Approved []string `json:"approved_by,omitempty"`
}

// RuleVersion is one version of a tariff or of limits.
type RuleVersion struct {
	Version  uint32   `json:"version"`
	Rules    uint32   `json:"rules"`           // version of all rules in which it came
	State    string   `json:"state"`           // InForce, ToCome, Former or NeverHeld
	From     string   `json:"from"`            // when it began, or will
	Until    string   `json:"until,omitempty"` // when another took its place, or will
	Set      string   `json:"set"`             // when it was said
	Place    string   `json:"place"`           // of that in the journal
	Approved []string `json:"approved_by,omitempty"`
}

// TariffSheet is the versions of one kind's fees, the newest first.
type TariffSheet struct {
	Kind     string          `json:"kind"`
	Versions []TariffVersion `json:"versions"`
}

// TariffVersion is one of them.
type TariffVersion struct {
	RuleVersion
	Bands []TariffBand `json:"bands"`
}

// TariffBand is one step: amounts up to and with Upto.
type TariffBand struct {
	Upto       int64 `json:"upto"`
	Fee        int64 `json:"fee"` // all of it; the tax is a part
	Tax        int64 `json:"tax"`
	Commission int64 `json:"commission"`
}

// LimitSheet is the versions of one kind's limits for accounts of one tier, the newest
// first.
type LimitSheet struct {
	Kind     string         `json:"kind"`
	Tier     uint8          `json:"tier"`
	Versions []LimitVersion `json:"versions"`
}

// LimitVersion is one of them; zero is no limit.
type LimitVersion struct {
	RuleVersion
	Min          int64 `json:"min"`
	Max          int64 `json:"max"`
	PayerDaily   int64 `json:"payer_daily"`
	PayeeDaily   int64 `json:"payee_daily"`
	PayeeBalance int64 `json:"payee_balance"`
	AsFirst      bool  `json:"as_tier_0,omitempty"`
}

// NewRuleSheet reads the rules of books at an instant.
func NewRuleSheet(book *ledger.Book, now int64, zoneMinutes int) *RuleSheet {
	v := &RuleSheet{At: Instant(now, zoneMinutes), Repeat: book.RepeatWindow(), Two: book.RequiresTwo(), Tariffs: []TariffSheet{}, Limits: []LimitSheet{}, History: []RuleChange{}}
	for _, r := range book.Rulings() {
		v.Version = r.Version
		v.History = append(v.History, RuleChange{Version: r.Version, Tables: r.Tables, From: Instant(max(r.From, r.Set), zoneMinutes), Set: Instant(r.Set, zoneMinutes),
			Place: placeWord(r.At), Back: r.Back, Why: r.Why, Approved: names(r.First, r.Second)})
	}
	slices.Reverse(v.History)
	for _, k := range tableKinds {
		if t := (TariffSheet{Kind: k.word}); t.read(book.Tariffs(k.kind), now, zoneMinutes) {
			v.Tariffs = append(v.Tariffs, t)
		}
		for tier := range ledger.MaxTier + 1 {
			if l := (LimitSheet{Kind: k.word, Tier: uint8(tier)}); l.read(book.Limits(k.kind, tier), now, zoneMinutes) {
				v.Limits = append(v.Limits, l)
			}
		}
	}
	v.stand()
	return v
}

// stand says of each change how it stands, by what became of its tables.
func (v *RuleSheet) stand() {
	rank := map[string]int{NeverHeld: 1, Former: 2, InForce: 3, ToCome: 4}
	states := map[uint32]string{}
	note := func(r *RuleVersion) {
		if rank[r.State] > rank[states[r.Rules]] {
			states[r.Rules] = r.State
		}
	}
	for i := range v.Tariffs {
		for k := range v.Tariffs[i].Versions {
			note(&v.Tariffs[i].Versions[k].RuleVersion)
		}
	}
	for i := range v.Limits {
		for k := range v.Limits[i].Versions {
			note(&v.Limits[i].Versions[k].RuleVersion)
		}
	}
	for i := range v.History {
		v.History[i].State = cmp.Or(states[v.History[i].Version], Former) // of one whose tables are not kept
	}
}

func (t *TariffSheet) read(list []ledger.Rule[[]ledger.Band], now int64, zone int) bool {
	for i := len(list) - 1; i >= 0; i-- {
		v := TariffVersion{RuleVersion: ruleVersion(&list[i], now, zone), Bands: []TariffBand{}}
		for _, b := range list[i].State {
			v.Bands = append(v.Bands, TariffBand{int64(b.Upto), int64(b.Fee), int64(b.Tax), int64(b.Commission)})
		}
		t.Versions = append(t.Versions, v)
	}
	return len(list) > 0
}

func (l *LimitSheet) read(list []ledger.Rule[ledger.SetLimits], now int64, zone int) bool {
	for i := len(list) - 1; i >= 0; i-- {
		s := &list[i].State
		l.Versions = append(l.Versions, LimitVersion{ruleVersion(&list[i], now, zone), int64(s.Min), int64(s.Max),
			int64(s.PayerDaily), int64(s.PayeeDaily), int64(s.PayeeBalance), s.AsFirst})
	}
	return len(list) > 0
}

// ruleVersion words how a version stands.
func ruleVersion[T any](r *ledger.Rule[T], now int64, zone int) RuleVersion {
	v := RuleVersion{Version: r.Version, Rules: r.In, From: Instant(max(r.From, r.Set), zone), Set: Instant(r.Set, zone), Place: placeWord(r.At), State: Former}
	switch {
	case r.Never():
		v.State = NeverHeld
	case r.Holds(now):
		v.State = InForce
	case max(r.From, r.Set) > now:
		v.State = ToCome
	}
	if r.Until != 0 {
		v.Until = Instant(r.Until, zone)
	}
	v.Approved = names(r.First, r.Second)
	return v
}

// names are the people behind something, as many as there are.
func names(people ...string) []string {
	return slices.DeleteFunc(people, func(name string) bool { return name == "" })
}

// Rules reads the tariffs and limits.
func (g *service) Rules(context.Context, *pb.RulesRequest) (*pb.RulesAnswer, error) {
	g.s.mu.RLock()
	sheet := NewRuleSheet(g.s.book, g.s.clock.look(), g.s.cfg.ZoneMinutes)
	g.s.mu.RUnlock()
	b, err := json.Marshal(sheet)
	if err != nil {
		return nil, g.s.failed("rules", err)
	}
	return &pb.RulesAnswer{Json: b}, nil
}
