package load

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
)

// TestEveryProfileIsWhole: each built-in file can be read, its people and mix are whole,
// and somebody pays.
func TestEveryProfileIsWhole(t *testing.T) {
	all, err := Profiles()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Fields("friday-eve new-year ordinary-day outage-herd salary-day soak steady step-to-capacity")
	for i := range all {
		p := &all[i]
		if i >= len(want) || p.Name != want[i] || p.Says == "" {
			t.Errorf("profile %d is %q", i, p.Name)
		}
		if paying := p.Paying(); paying <= 0.1 || paying > 1 || p.MeanSession(1) < time.Second {
			t.Errorf("%s: %.2f of the sessions pay, and take %s", p.Name, paying, p.MeanSession(1))
		}
		src, err := ProfileSource(p.Name)
		if err != nil || p.Name != "steady" && p.Name != "step-to-capacity" && !strings.Contains(string(src), "Sources.") {
			t.Errorf("%s names no sources: %v", p.Name, err)
		}
	}
}

// TestProfilesAreRefusedWithTheirPlace: what is wrong in a file is told by line, with
// how to mend it.
func TestProfilesAreRefusedWithTheirPlace(t *testing.T) {
	good := "name: x\nhours: [" + strings.Repeat("1, ", 23) + "1]\nmix: {send: 1}\npeople: {novice: {share: 1}}\n"
	if _, err := ReadProfile("x.yaml", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for want, src := range map[string]string{
		"x.yaml:2:8: a day has 24 hours, not 3":                     strings.Replace(good, "hours: ["+strings.Repeat("1, ", 23)+"1]", "hours: [1, 2, 3]", 1),
		"the shares add up to 0.5":                                  strings.Replace(good, "send: 1", "send: 0.5", 1),
		"nobody pays in this mix":                                   strings.Replace(good, "send: 1", "balance: 1", 1),
		`there is no persona "wizard"`:                              strings.Replace(good, "novice", "wizard", 1),
		`"lots" is no figure – write one as 0.62, or 62%`:           good + "poor: lots\n",
		`x.yaml:5:1: the key "retri" is not known here`:             good + "retri: {}\n",
		"people who try again need a wait":                          good + "retry: {share: 0.5}\n",
		`"25:00" is no time of the day`:                             good + "batches:\n  - {at: \"25:00\", share: 0.1, after: 5s, within: 9s, amount: {median: 9}}\n",
		"people wake between after and within":                      good + "batches:\n  - {at: \"05:00\", share: 0.1, after: 9s, within: 5s, amount: {median: 9}}\n",
		`there is no fault "kil" – did you mean "kill"?`:            good + "faults:\n  - {at: 1s, kind: kil}\n",
		"a curve is hours or steps, not both":                       good + "steps: 5\n",
		"x.yaml:5:19: amounts have a median from 1, a most above i": good + "amounts: {others: {median: 0}}\n",
	} {
		if _, err := ReadProfile("x.yaml", []byte(src)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func FuzzReadProfile(f *testing.F) {
	all, err := Profiles()
	if err != nil {
		f.Fatal(err)
	}
	for _, p := range all {
		src, err := ProfileSource(p.Name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if p, err := ReadProfile("f.yaml", src); err == nil && (math.IsNaN(p.Paying()) || len(p.People) == 0) {
			t.Fatalf("taken, and nobody is in it: %+v", p)
		}
	})
}

// village of wallets, agents and shops.
func market() ([]Person, []Person) {
	people := make([]Person, 400)
	for i := range people {
		people[i] = Person{MSISDN: "254700000000", PIN: "2580", Account: ledger.Account(i + 1)}
		if i%40 == 0 {
			people[i].Kind, people[i].Number = ledger.AccountAgent, "100001"
		}
	}
	return people, []Person{{Account: 500, Kind: ledger.AccountTill, Number: "500001"}, {Account: 501, Kind: ledger.AccountPaybill, Number: "400200"}}
}

// TestOneSeedOneDay: the same seed gives the same dials, wages, goals, payers, payees,
// amounts and mishaps; another gives others.
func TestOneSeedOneDay(t *testing.T) {
	day := func(seed uint64) (list []Plan, paid int) {
		p, err := FindProfile("salary-day")
		if err != nil {
			t.Fatal(err)
		}
		people, others := market()
		c := &Config{Profile: p, Rate: 20, Duration: 30 * time.Second, From: 8*60 - 5, Speed: 60, Seed: seed, People: people, Others: others}
		crowd := newCrowd(people, others, rand.New(rand.NewPCG(seed, 5)))
		rng := rand.New(rand.NewPCG(seed, 1))
		for in := newInflow(c, len(people)); ; {
			next, ok := in.next()
			if !ok {
				return list, paid
			}
			plans := rand.New(rand.NewPCG(rng.Uint64(), 3))
			if paid += len(next.wages); next.wages != nil {
				continue
			}
			goal, from := c.Profile.goal(plans), crowd.someone()
			payer, ok := crowd.payer(goal, from, plans)
			if !ok {
				t.Fatal("nobody is free")
			}
			plan := crowd.draw(payer, goal, &c.Profile, plans)
			plan.Persona, plan.rng = nil, nil
			list = append(list, plan)
			crowd.free(payer)
			crowd.dials[payer].Store(0)
		}
	}
	first, paid := day(7)
	again, _ := day(7)
	other, _ := day(8)
	if len(first) < 500 || paid == 0 || len(first) != len(again) {
		t.Fatalf("%d and %d dials, %d wages", len(first), len(again), paid)
	}
	same := 0
	for i := range first {
		if first[i] != again[i] {
			t.Fatalf("dial %d: %+v, then %+v", i, first[i], again[i])
		}
		if i < len(other) && first[i] == other[i] {
			same++
		}
	}
	if same > len(first)/10 {
		t.Errorf("%d of %d dials do not depend on the seed", same, len(first))
	}
}
