package rules

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"mlango/internal/conf"
	"mlango/ledgerd/ledger"
)

// good is a file that holds; the tests change a line of it.
const good = `after: 7
tariffs:
  send:
    - {upto: 100, fee: 0}
    - {upto: 500, fee: 7.00, tax: 1.05}
    - {upto: 250000, fee: 108}
  airtime: free
  deposit:
    - {upto: 150000, fee: 0, agent: 10}
  withdraw:
    - {upto: 2500, fee: 29, tax: 4.35, agent: 15}
    - {upto: 150000, fee: 197, agent: 90}
  paybill: free
  till: free
  payout: free
limits:
  send:
    least: 1
    most: 250000
    payer_day: 500000
    payee_has: 500000
    tiers:
      2: {least: 1, most: 150000, payer_day: 300000}
  airtime: {least: 5, most: 10000}
  deposit: {least: 50, most: 150000}
  withdraw: {least: 50, most: 150000}
  paybill: none
  till: none
  payout: none
`

func TestAFileSaysAllOfIt(t *testing.T) {
	set, err := Parse("rules.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if *set.After != 7 || set.Fees[ledger.KindSend][1] != (ledger.Band{Upto: 50000, Fee: 700, Tax: 105}) || len(set.Fees[ledger.KindTill]) != 0 ||
		set.Limits[ledger.KindSend][2].PayerDaily != 30000000 || set.Limits[ledger.KindSend][0].PayeeBalance != 50000000 {
		t.Errorf("%+v", set)
	}
	var out bytes.Buffer
	if err := set.Write(&out); err != nil {
		t.Fatal(err)
	}
	back, err := Parse("again", out.Bytes())
	if err != nil || len(Diff(set, back)) != 0 || !reflect.DeepEqual(set.Limits, back.Limits) || *back.After != 7 {
		t.Fatalf("%v, %v\n%s", err, Diff(set, back), &out)
	}
}

// TestWhatIsRefused: each mistake names its line and column, what is wrong, and the mend.
func TestWhatIsRefused(t *testing.T) {
	for _, c := range []struct{ name, old, now, want string }{
		{"another key", "after: 7", "after: 7\nfees: 1", `2:1: the key "fees" is not known here`},
		{"another kind", "  airtime: free", "  airtme: free", `did you mean "airtime"?`},
		{"a kind is missing", "  till: free\n", "", "3:3: the tariff of till is missing – write `till: free`"},
		{"limits are missing", "  till: none\n", "", "the limits of till are missing – write `till: none`"},
		{"no tariff", "airtime: free", "airtime: 7", "7:12: that is no tariff – write `free`"},
		{"no limits", "till: none", "till: 7", "those are no limits – write `none`"},
		{"no bands", "airtime: free", "airtime: []", "a tariff has 1 to 64 bands"},
		{"a band without a fee", "{upto: 100, fee: 0}", "{upto: 100}", "4:7: a band says up to which amount, and the fee"},
		{"an unknown figure", "{upto: 100, fee: 0}", "{upto: 100, fee: 0, vat: 1}", `the key "vat" is not known here`},
		{"overlap", "upto: 500,", "upto: 100,", "5:14: this band overlaps the one before it, which goes up to 100"},
		{"falling", "upto: 500,", "upto: 50,", "overlaps"},
		{"up to nothing", "upto: 100,", "upto: 0,", "a band up to nothing"},
		{"tax above the fee", "tax: 1.05", "tax: 8", "5:35: the tax is above the fee of 7"},
		{"an agent of a send", "tax: 1.05", "agent: 1", "no agent is part of such a transfer"},
		{"a fee above its amount", "{upto: 100, fee: 0}", "{upto: 100, fee: 2}", "4:24: the fee is above the amount: send of 1 would cost 2 – lower it, or write `least: 2`"},
		{"a gap", "most: 250000\n", "most: 300000\n", "a gap: no band says what send above 250000 costs, and up to 300000 may be paid"},
		{"below the least", "deposit: {least: 50,", "deposit: {least: 150001, payee_day: 1,", "a payee may get less in a day than the least transfer"},
		{"a band below the least", "{upto: 100, fee: 0}", "{upto: 0.50, fee: 0}", "nobody comes to this band: a send is 1 at least"},
		{"a band out of reach", "withdraw: {least: 50, most: 150000}", "withdraw: {least: 50, most: 2000}", "12:14: nobody comes to this band: a withdraw is 2000 at most"},
		{"least above most", "airtime: {least: 5, most: 10000}", "airtime: {least: 5, most: 4}", "24:20: the least is above the most"},
		{"a day below a transfer", "payer_day: 500000", "payer_day: 200000", "a payer may pay less in a day than in one transfer"},
		{"zero is no limit", "least: 1\n", "least: 0\n", "0 is no limit – leave the line away"},
		{"tier 0 twice", "      2: {", "      0: {", "23:7: there is no tier \"0\" here"},
		{"tier 9", "      2: {", "      9: {", "tiers are 1 to 7"},
		{"commas", "upto: 250000,", `upto: "250,000",`, "write it without commas: 250000"},
		{"a sign", "fee: 108", "fee: -108", `"-108" is no amount`},
		{"a third of a cent", "fee: 108", "fee: 108.333", `"108.333" is no amount`},
		{"beyond all money", "fee: 108", "fee: 1234567890123", "is no amount"},
		{"words", "fee: 108", "fee: none", `"none" is no amount`},
		{"not a version", "after: 7", "after: last", "is not a whole number"},
		{"an alias", "airtime: free", "airtime: *free", "a text without quotes begins with *"},
	} {
		src := strings.Replace(good, c.old, c.now, 1)
		_, err := Parse("rules.yaml", []byte(src))
		var wrong conf.Errors
		switch {
		case src == good:
			t.Errorf("%s: the file is as it was", c.name)
		case !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	var many strings.Builder
	for i := range 65 {
		fmt.Fprintf(&many, "    - {upto: %d, fee: 0}\n", i+1)
	}
	if _, err := Parse("x", []byte(strings.Replace(good, "  airtime: free\n", "  airtime:\n"+many.String(), 1))); err == nil {
		t.Error("65 bands were taken")
	}
	if _, err := Parse("x", make([]byte, MaxFile+1)); err == nil || !strings.Contains(err.Error(), "no file of rules") {
		t.Errorf("a file that is too large: %v", err)
	}
}

// TestADiffIsWordsAndFigures that a person can say yes to.
func TestADiffIsWordsAndFigures(t *testing.T) {
	for _, c := range []struct{ old, now, want string }{
		{"fee: 7.00, tax: 1.05", "fee: 9.50, tax: 1.05", "tariff of send|above 100.00 up to 500.00: fee 7.00 → 9.50; who pays 500.00 is charged 509.50 instead of 507.00"},
		{"{upto: 100, fee: 0}", "{upto: 200, fee: 0}", "tariff of send|above 100.00 up to 200.00: fee 7.00 → 0.00, of it tax 1.05 → 0.00; who pays 200.00 is charged 200.00 instead of 207.00"},
		{"fee: 108", "fee: 110", "tariff of send|above 500.00: fee 108.00 → 110.00; who pays 1,000.00 is charged 1,110.00 instead of 1,108.00"},
		{"agent: 10}", "agent: 12}", "tariff of deposit|of every amount: the agent gets 10.00 → 12.00"},
		{"upto: 250000, fee: 108}", "upto: 250000, fee: 108}\n    - {upto: 260000, fee: 108}", ""}, // the last band's figures stay above it
		{"    payer_day: 500000\n", "", "limits of send|most that a payer pays in a day: 500,000.00 → no limit"},
		{"2: {least: 1, most: 150000,", "3: {least: 1, most: 150000,", "limits of send, tier 2|none of its own any more: it has those of tier 0|limits of send, tier 3|has its own now; it had those of tier 0|most of one transfer: 250,000.00 → 150,000.00"},
	} {
		was, err := Parse("was", []byte(good))
		if err != nil {
			t.Fatal(err)
		}
		src := strings.Replace(good, c.old, c.now, 1)
		if strings.Contains(src, "260000") {
			src = strings.Replace(src, "    most: 250000\n", "    most: 260000\n", 1)
			was.Limits[ledger.KindSend][0] = func(l ledger.SetLimits) ledger.SetLimits { l.Max = 26000000; return l }(was.Limits[ledger.KindSend][0])
		}
		now, err := Parse("now", []byte(src))
		if err != nil {
			t.Errorf("%s: %v", c.now, err)
			continue
		}
		var words []string
		for _, ch := range Diff(was, now) {
			words = append(append(words, ch.Title()), ch.Words...)
		}
		if got := strings.Join(words, "|"); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s:\n%s\nwant\n%s", c.now, got, c.want)
		}
	}
}

// TestTheCommandMakesTheSet: books that had one and take the command of the difference
// ask what the other says, of every amount and tier.
func TestTheCommandMakesTheSet(t *testing.T) {
	was, err := Parse("was", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	now, err := Parse("now", []byte(strings.NewReplacer("fee: 7.00", "fee: 8.00", "paybill: free", "paybill: [{upto: 100, fee: 0}, {upto: 1000, fee: 5}]",
		"2: {least: 1, most: 150000,", "4: {least: 1, most: 150000,").Replace(good)))
	if err != nil {
		t.Fatal(err)
	}
	b := ledger.New(ledger.Options{})
	empty := NewSet()
	for i, step := range []struct{ from, to *Set }{{empty, was}, {was, now}, {now, was}} {
		cmd := step.to.Command(Diff(step.from, step.to))
		if res, _ := b.Apply(cmd, ledger.Place{Index: uint64(i + 1)}, int64(i+1)); res.Reject != ledger.OK {
			t.Fatalf("%d: %s", i, res.Reject)
		}
		for _, k := range Kinds() {
			for _, a := range []ledger.Amount{1, 10000, 10001, 50000, 50001, 100000, 100001, 25000000, 99999999} {
				if got, want := b.Fee(k.Kind, a, 1000), charge(step.to.Fees[k.Kind], a).Fee; got != want {
					t.Errorf("%d: %s of %d costs %d, want %d", i, k.Word, a, got, want)
				}
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("tariffs: {send: [{upto: 1, fee: 1}]}\nlimits: {send: {tiers: {1: none}}}"))
	f.Fuzz(func(t *testing.T, src []byte) {
		set, err := Parse("f", src)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := set.Write(&out); err != nil {
			t.Fatal(err)
		}
		back, err := Parse("again", out.Bytes())
		if err != nil || len(Diff(set, back)) != 0 {
			t.Fatalf("%v\n%s", err, &out)
		}
		if res, _ := ledger.New(ledger.Options{}).Apply(set.Command(append(Diff(NewSet(), set), Change{Kind: ledger.KindTill, Tier: 7, Limits: true})), ledger.Place{}, 1); res.Reject != ledger.OK && len(set.Limits[ledger.KindTill]) < 2 {
			t.Fatalf("the ledger says %s", res.Reject)
		}
	})
}
