package menus

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestCallsOfAHopAreCounted: as many as a dialogue waits for, however short.
func TestCallsOfAHopAreCounted(t *testing.T) {
	chain := func(n int) string {
		var out strings.Builder
		for i := range n {
			next := fmt.Sprintf("p%d", i+1)
			if i == n-1 {
				next = "much"
			}
			fmt.Fprintf(&out, "  p%d: {call: ping, budget: 1ms, then: {ok: %s, timeout: much}}\n", i, next)
		}
		return strings.Replace(strings.NewReplacer("  much:\n", out.String()+"  much:\n", "    go: much\n", "    go: p0\n", "{code: \"1*{to}*{amount}\", lands: quote}", "{code: \"1*{to}\", lands: p0}").Replace(good), "septets: 120", "septets: 120, depth: 12", 1)
	}
	if _, err := Parse("m.yaml", []byte(chain(MaxCallsHop)), goodCatalogue()); err != nil {
		t.Fatal(err)
	}
	if _, err := Parse("m.yaml", []byte(chain(MaxCallsHop+1)), goodCatalogue()); err == nil || !strings.Contains(err.Error(), `8 calls follow each other from "p0" on, more than 7`) {
		t.Fatal(err)
	}
}

func TestCallsNameWhatAGatewayMustOffer(t *testing.T) {
	want := slices.Sorted(maps.Keys(testCatalogue())) // the wallet uses all that there is
	if got := wallet(t).Calls(); !slices.Equal(got, want) {
		t.Fatal(got)
	}
}

func TestTypedDates(t *testing.T) {
	for typed, want := range map[string]string{
		"22112026": "22/11/2026", "22/11/2026": "22/11/2026", "2-1-1999": "02/01/1999", "29.2.2024": "29/02/2024",
		"29/2/2023": "", "31/4/2026": "", "0/1/2026": "", "1/13/2026": "", "1/1/26": "", "1/1/1899": "", "1/1/2200": "", "1/1": "", "1/1/2026/1": "", "x": "",
		"2211202": "", "221120261": "", "٢٢/١١/٢٠٢٦": "", "": "", "-1/1/2026": "",
	} {
		v, ok := readDate(typed)
		if got := string(appendDate(nil, v.Int)); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %s, %v, not %q", typed, got, ok, want)
		}
	}
	midnight := time.Date(2026, 11, 22, 22, 30, 0, 0, time.UTC)
	if Day(midnight, 180) != Day(midnight, 0)+1 {
		t.Error("a day is not the zone's")
	}
}
