package menus

import "testing"

// TestChartFindsTheWay: whoever reads the chart of the wallet finds each payment, and
// knows each screen by its words.
func TestChartFindsTheWay(t *testing.T) {
	c, err := ReadChart(WalletName, Wallet())
	if err != nil {
		t.Fatal(err)
	}
	for _, goal := range []string{"send", "airtime", "balance", "last"} {
		at := c.Goals(goal)
		if len(at) == 0 || !c.Screens[at[0]].Secret {
			t.Fatalf("%s: at %d", goal, at)
		}
		d := c.Distances(at)
		reached := false
		for _, start := range c.Starts {
			reached = reached || d[start] > 0
		}
		if !reached {
			t.Errorf("%s is %v from the starts %v", goal, d, c.Starts)
		}
	}
	if at := c.Goals("lottery"); len(at) > 0 {
		t.Error("there is a lottery")
	}
	if !c.Repeats(c.Goals("repeated")[0]) || c.Repeats(c.Goals("who")[0]) {
		t.Error("the question whether a repeated payment is meant was not found")
	}
	if len(c.Dials) == 0 || c.More != "98" {
		t.Errorf("dials %v, more %q", c.Dials, c.More)
	}
}

// TestChartKnowsScreens reads what a handset shows, in every language, with a note
// above and values in the middle.
func TestChartKnowsScreens(t *testing.T) {
	c, err := ReadChart(WalletName, Wallet())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ language, shown, want string }{
		{"en", "Send Ksh500.00 to JANE W 0722000002\nFee Ksh7.00\nEnter PIN\n0 Back 00 Home", "confirm"},
		{"en", "Wrong PIN. Tries left: 2\nSend Ksh500.00 to JANE W 0722000002\nFee Ksh7.00\nEnter PIN", "confirm"},
		{"sw", "Tuma pesa kwa namba gani?\n0 Rudi 00 Mwanzo", "who"},
		{"en", "You sent Ksh500 to JANE W at 9:14 AM (UKM4K2X9QZ).\n1 Send again\n2 Cancel\n0 Back 00 Home", "repeated"},
		{"en", "UKM4K2X9QZ Confirmed. Ksh500.00 sent to JANE W.", ""},
		{"en", "", ""},
	} {
		name := ""
		if at := c.Recognise(row.shown, row.language, Nowhere, nil); at != Nowhere {
			name = c.Screens[at].Name
		}
		if name != row.want {
			t.Errorf("%q is %q, want %q", row.shown, name, row.want)
		}
	}
	again := "You paid Ksh66 to SHOP 1 at 9:14 AM (UKM4K2X9QZ).\n1 Pay again\n2 Cancel"
	for goal, want := range map[string]string{"buy_goods": "goods_again", "pay_bill": "bill_again"} {
		if at := c.Recognise(again, "en", Nowhere, c.Distances(c.Goals(goal))); at == Nowhere || c.Screens[at].Name != want {
			t.Errorf("on the way to %s it is screen %d", goal, at)
		}
	}
	home := c.Goals("home")[0]
	shown := "M-Wallet\n1 Send money\n2 Buy airtime\n3 My account"
	if at := c.Recognise(shown, "en", home, nil); at != home {
		t.Logf("home is %d: the wallet has grown", at) // the words of its options are whose they are
	}
	if yes, anew, ok := c.OffersToGoOn("Continue: send money to 0722***002?\n1 Continue\n2 Start again"); !ok || yes != "1" || anew != "2" {
		t.Error("the offer to go on is not known")
	}
	if _, _, ok := c.OffersToGoOn(shown); ok {
		t.Error("the first screen offers to go on")
	}
	if !Offers(shown, "2") || Offers(shown, "4") || Offers(shown, "M") {
		t.Error("the keys on the screen are not known")
	}
}
