package pin

import "crypto/subtle"

// Same tells whether two PINs are one, in a time that does not depend on where they
// differ. What is no PIN is the same as none.
func Same(a, b PIN) bool {
	if a.IsZero() || b.IsZero() {
		return false
	}
	x, y := a.digits(), b.digits()
	return subtle.ConstantTimeCompare(x.typ[:], y.typ[:])&subtle.ConstantTimeByteEq(x.n, y.n) == 1
}
