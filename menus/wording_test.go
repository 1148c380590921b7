package menus

import "testing"

func TestParseTextsWordsTheSameSMS(t *testing.T) {
	whole := wallet(t)
	words, err := ParseTexts("wallet.yaml", walletSource(t))
	if err != nil {
		t.Fatal(err)
	}
	if words.Hash() != whole.Hash() {
		t.Error("the same menu has two hashes")
	}
	vals := map[string]Value{
		"receipt": {Set: true, Text: "UKMYI93P3I"}, "amount": {Set: true, Int: 50000}, "fee": {Set: true, Int: 700},
		"balance": {Set: true, Int: 1000}, "name": {Set: true, Text: "JANE W"}, "to": {Set: true, Text: "254722000002"},
		"from": {Set: true, Text: "254722000001"}, "at": {Set: true, Int: 1}, "payee": {Set: true, Text: "0722***002"},
		"reason": {Set: true, Text: "not_enough_funds"}, "zone": {Set: true, Int: 180},
	}
	for _, name := range templateNames() {
		for _, lang := range whole.Languages() {
			want, err1 := whole.SMS(name, lang, vals)
			got, err2 := words.SMS(name, lang, vals)
			if got != want || err1 != nil || err2 != nil {
				t.Errorf("%s in %s: %q, %v; want %q, %v", name, lang, got, err2, want, err1)
			}
		}
	}
	if _, err := ParseTexts("m.yaml", []byte("menu: x@1\n")); err == nil {
		t.Error("a menu without texts was taken")
	}
}
