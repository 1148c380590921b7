package oracle

// mostWrong is how many wrong PINs one after the other lock an account, by whatever way
// they come.
const mostWrong = 3

// The words of a ledger that say what it made of a PIN.
const (
	refusedAsWrong  = "pin_wrong"
	refusedAsLocked = "pin_locked"
	refusedAsNobody = "command_forbidden" // before or after the PIN was looked at
)

// tableUnasked are a ledger's words for what was refused before anybody looked at the PIN.
var tableUnasked = map[string]bool{
	"pin_key_gone": true, "pin_not_set": true, "expired": true, "id_time": true, "other_content": true,
	"busy": true, "overloaded": true, "needs_second_person": true,
}

// PIN holds what came of a typed PIN, right or wrong, to the count of the wrong ones: the
// third locks the account, and then none is taken any more. It is told of first answers
// only.
func (b *Books) PIN(w *Wish, right bool, s *Said) {
	a := b.accounts[w.From]
	switch {
	case a == nil || !s.Made && tableUnasked[s.Reject]:
		return
	case !s.Made && s.Reject == refusedAsNobody:
		a.unsure = a.unsure || a.wrong > 0
	case a.unsure && right && s.Reject != refusedAsLocked:
		a.wrong, a.unsure = 0, false
	case a.unsure:
	case !s.Made && s.Reject == refusedAsLocked && !a.locked:
		b.find(w, "it was refused for a locked PIN, and %d wrong ones were typed since the last right one", a.wrong)
	case !s.Made && s.Reject == refusedAsLocked:
	case a.locked:
		b.find(w, "a PIN was taken or counted, and %d wrong ones had locked it", mostWrong)
	case !s.Made && s.Reject == refusedAsWrong:
		a.wrong++
		a.locked = a.wrong >= mostWrong
	case right:
		a.wrong = 0
	}
	if right && !s.Made && s.Reject == refusedAsWrong {
		b.find(w, "it was refused for a wrong PIN, and the judge had called it right")
	}
}

// Lock begins the count of wrong PINs afresh: a PIN was set, cleared, locked or unlocked.
func (b *Books) Lock(n Account, locked bool) {
	if a := b.accounts[n]; a != nil {
		a.wrong, a.locked, a.unsure = 0, locked, false
	}
}
