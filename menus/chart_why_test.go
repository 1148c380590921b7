package menus

import "testing"

// TestChartKnowsWhyNot: a last screen that tells no is known by the outcome that brought
// it, in every language, and no other screen is.
func TestChartKnowsWhyNot(t *testing.T) {
	c, err := ReadChart(WalletName, Wallet())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ shown, language, want string }{
		{"You do not have enough money for this and its fee. Nothing was taken.", "en", "not_enough_funds"},
		{"Salio lako halitoshi kwa kiasi hiki na ada yake. Hakuna pesa iliyokatwa.", "sw", "not_enough_funds"},
		{"Your PIN is locked. Unlock it at any agent. Nothing was taken.", "en", "pin_locked"},
		{"We are busy. Nothing was taken. Please try later.", "en", "busy"},
		{"UKMA1B2C3D Confirmed. Ksh5.00 sent to P.", "en", ""},
		{"Welcome\n1 Send money", "en", ""},
	} {
		if got := c.Why(row.shown, row.language); got != row.want {
			t.Errorf("%q: %q, want %q", row.shown, got, row.want)
		}
	}
}
