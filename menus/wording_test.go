package menus

import "testing"

// An auditor who knows no catalogue words an SMS exactly as the gateway does.
func TestTextsSayWhatTheBundleSays(t *testing.T) {
	b := wallet(t)
	w, err := ParseTexts(WalletName, Wallet())
	if err != nil {
		t.Fatal(err)
	}
	if w.Hash() != b.Hash() {
		t.Fatal("another hash for the same menu")
	}
	vals := map[string]Value{}
	for _, name := range []string{"receipt", "name", "to", "from"} {
		vals[name] = Value{Set: true, Text: "254722000002"}
	}
	for _, name := range []string{"amount", "fee", "balance", "at", "zone"} {
		vals[name] = Value{Set: true, Int: 12345}
	}
	for _, template := range []string{SMSSent, SMSReceived, SMSIssued, SMSRedeemed, SMSAirtimeBought, SMSAirtimeReceived} {
		for _, lang := range []string{"en", "sw"} {
			a, errA := b.SMS(template, lang, vals)
			c, errC := w.SMS(template, lang, vals)
			if a != c || a == "" || errA != nil || errC != nil {
				t.Errorf("%s %s: %q %v, %q %v", template, lang, a, errA, c, errC)
			}
		}
	}
	if _, err := ParseTexts("x", []byte("menu: x\n")); err == nil {
		t.Error("a menu without texts was taken")
	}
}
