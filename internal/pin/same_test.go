package pin

import "testing"

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{{"4826", "4826", true}, {"4826", "4827", false}, {"0000", "00000", false}, {"000000", "000000", true}} {
		if Same(mustPIN(t, c.a), mustPIN(t, c.b)) != c.same {
			t.Errorf("two PINs of %d and %d digits are told as same: %v", len(c.a), len(c.b), !c.same)
		}
	}
	if Same(PIN{}, PIN{}) || Same(PIN{}, mustPIN(t, "4826")) {
		t.Error("no PIN is the same as one")
	}
}
