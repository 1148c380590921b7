package dialog

import (
	"slices"
	"testing"

	"mlango/ledgerd/ledger"
	"mlango/menus"
)

func TestTheWalletHandlesTheWholeCatalogue(t *testing.T) {
	if _, err := menus.Parse(menus.WalletName, menus.Wallet(), Catalogue()); err != nil {
		t.Fatal(err)
	}
}

func TestOrdersCanEndInEveryReject(t *testing.T) {
	for name, fn := range Catalogue() {
		rejects := ledger.OrderRejects()[1:]
		if q := tableEffects[name].query; q != 0 {
			rejects = q.Rejects()
		}
		for _, r := range rejects {
			if fn.Effects && !slices.Contains(fn.Outcomes, r.String()) {
				t.Errorf("%s cannot end in %s", name, r)
			}
		}
		if fn.Effects != slices.Contains(fn.Outcomes, OutcomeUnknown) || fn.Effects == slices.Contains(fn.Outcomes, OutcomeTimeout) {
			t.Errorf("%s: an order ends in unknown, a call in timeout", name)
		}
		for outcome, values := range fn.Gives {
			if !slices.Contains(fn.Outcomes, outcome) {
				t.Errorf("%s gives values with %q, which is no outcome", name, outcome)
			}
			for _, v := range values {
				if fn.Out[v] == "" && v != fn.Rows.Name {
					t.Errorf("%s gives %q, which has no type", name, v)
				}
			}
		}
	}
}
