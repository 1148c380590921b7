package ledger

import (
	"bytes"
	"strings"
	"testing"
)

// rulingBook has rules of each kind that a set can change.
func rulingBook(t *testing.T) *Book {
	t.Helper()
	b := New(Options{})
	for _, c := range []Command{
		SetTariff{Kind: KindSend, Bands: []Band{{Upto: 100, Fee: 1}}},
		SetLimits{Kind: KindSend, Max: 1000},
		SetLimits{Kind: KindSend, Tier: 2, Max: 50},
	} {
		if res, _ := b.Apply(c, Place{Index: 1}, 10); res.Reject != OK {
			t.Fatal(res.Reject)
		}
	}
	return b
}

// TestRulesAreSetWholeOrNotAtAll: one table that does not do leaves every other as it was.
func TestRulesAreSetWholeOrNotAtAll(t *testing.T) {
	fee := SetTariff{Kind: KindAirtime, Bands: []Band{{Upto: 100, Fee: 2}}}
	many := func(n int) []Band {
		bands := make([]Band, n)
		for i := range bands {
			bands[i].Upto = Amount(i + 1)
		}
		return bands
	}
	for name, c := range map[string]struct {
		cmd  SetRules
		want Reject
	}{
		"nothing":               {SetRules{}, CommandForbidden},
		"stale":                 {SetRules{Version: 3, Tariffs: []SetTariff{fee}}, StaleVersion},
		"not yet":               {SetRules{Version: 5, Tariffs: []SetTariff{fee}}, StaleVersion},
		"bands that fall":       {SetRules{Tariffs: []SetTariff{fee, {Kind: KindSend, Bands: []Band{{Upto: 9}, {Upto: 9}}}}}, CommandForbidden},
		"a kind twice":          {SetRules{Tariffs: []SetTariff{fee, fee}}, CommandForbidden},
		"no kind":               {SetRules{Tariffs: []SetTariff{fee, {}}}, CommandForbidden},
		"its own version":       {SetRules{Tariffs: []SetTariff{fee, {Kind: KindSend, Version: 2}}}, CommandForbidden},
		"limits upside down":    {SetRules{Tariffs: []SetTariff{fee}, Limits: []SetLimits{{Kind: KindSend, Min: 2, Max: 1}}}, CommandForbidden},
		"limits twice":          {SetRules{Tariffs: []SetTariff{fee}, Limits: []SetLimits{{Kind: KindSend}, {Kind: KindSend}}}, CommandForbidden},
		"tier 0 as tier 0":      {SetRules{Tariffs: []SetTariff{fee}, Limits: []SetLimits{{Kind: KindSend, AsFirst: true}}}, CommandForbidden},
		"figures and as tier 0": {SetRules{Limits: []SetLimits{{Kind: KindSend, Tier: 1, Max: 5, AsFirst: true}}}, CommandForbidden},
		"a long why":            {SetRules{Tariffs: []SetTariff{fee}, Why: strings.Repeat("x", MaxWhy+1)}, CommandForbidden},
		"too many bands in all": {SetRules{Tariffs: []SetTariff{{Kind: KindSend, Bands: many(64)}, {Kind: KindAirtime, Bands: many(64)},
			{Kind: KindDeposit, Bands: many(64)}, {Kind: KindWithdraw, Bands: many(64)}, {Kind: KindTill, Bands: many(1)}}}, CommandForbidden},
	} {
		b := rulingBook(t)
		was := b.Digest()
		res, _ := b.Apply(c.cmd, Place{Index: 2}, 20)
		if res.Reject != c.want || b.Digest() != was {
			t.Errorf("%s: %s, changed %t", name, res.Reject, b.Digest() != was)
		}
		if c.want == StaleVersion && res.Version != 3 {
			t.Errorf("%s: the last is told to be %d", name, res.Version)
		}
	}
}

// TestRulesHoldTogether from one place on, with who said so, and are the same of a view
// that was written and read.
func TestRulesHoldTogether(t *testing.T) {
	b := rulingBook(t)
	set := SetRules{Version: 4, From: 50, Back: 1, Why: "as before", Tariffs: []SetTariff{{Kind: KindSend}, {Kind: KindTill, Bands: []Band{{Upto: 100, Fee: 3}}}},
		Limits: []SetLimits{{Kind: KindSend, Tier: 2, AsFirst: true}}}
	if res, _ := b.Apply(Approved{Cmd: set, First: "jane", Second: "paul", At: 20}, Place{Index: 2}, 20); res.Reject != OK || res.Version != 4 {
		t.Fatal(res.Reject, res.Version)
	}
	if b.Fee(KindSend, 5, 49) != 1 || b.Fee(KindSend, 5, 50) != 0 || b.Fee(KindTill, 5, 49) != 0 || b.Fee(KindTill, 5, 50) != 3 {
		t.Error("the fees do not change together")
	}
	if b.limitsOf(KindSend, 2, 49).Max != 50 || b.limitsOf(KindSend, 2, 50).Max != 1000 {
		t.Error("the tier does not have tier 0's limits again")
	}
	list := b.Rulings()
	if r := list[len(list)-1]; len(list) != 4 || r.Version != 4 || r.Back != 1 || r.Tables != 3 || r.First != "jane" || r.Second != "paul" || r.Why != "as before" || r.From != 50 {
		t.Fatalf("%+v", list)
	}
	if rules := b.Tariffs(KindSend); rules[0].In != 1 || rules[1].In != 4 {
		t.Errorf("%+v", rules)
	}
	var out bytes.Buffer
	frozen := b.Freeze()
	if err := frozen.Write(&out); err != nil {
		t.Fatal(err)
	}
	back, err := Load(&out, Options{})
	if err != nil || back.Digest() != b.Digest() {
		t.Fatalf("%v, the same: %t", err, err == nil && back.Digest() == b.Digest())
	}
}

// TestRulesAreTwoPeoples where two are required, a single one as many.
func TestRulesAreTwoPeoples(t *testing.T) {
	b := rulingBook(t)
	b.Apply(RequireTwo{}, Place{Index: 2}, 10)
	set, fee, most := SetRules{Tariffs: []SetTariff{{Kind: KindSend}}}, SetTariff{Kind: KindSend}, SetLimits{Kind: KindSend, Max: 5}
	for name, c := range map[string]struct {
		cmd  Command
		want Reject
	}{
		"nobody":               {set, NeedsSecondPerson},
		"one":                  {Approved{Cmd: set, First: "jane", At: 20}, NeedsSecondPerson},
		"two":                  {Approved{Cmd: set, First: "jane", Second: "paul", At: 20}, OK},
		"a tariff of nobody's": {fee, NeedsSecondPerson},
		"a tariff of one's":    {Approved{Cmd: fee, First: "jane", At: 20}, NeedsSecondPerson},
		"a tariff of two":      {Approved{Cmd: fee, First: "jane", Second: "paul", At: 20}, OK},
		"limits of one's":      {Approved{Cmd: most, First: "jane", At: 20}, NeedsSecondPerson},
		"limits of two":        {Approved{Cmd: most, First: "jane", Second: "paul", At: 20}, OK},
	} {
		if res, _ := b.Apply(c.cmd, Place{Index: 3}, 20); res.Reject != c.want {
			t.Errorf("%s: %s, want %s", name, res.Reject, c.want)
		}
	}
}
