package dialog

import (
	"strings"

	"mlango/gateway/session"
)

// verdict says what a hop is to the session it meets.
type verdict uint8

const (
	isNext    verdict = iota + 1
	isRepeat          // of the last hop
	isDead            // after END
	isStray           // out of order
	isBlocked         // another hop's effect is under way
)

// judge compares a hop with the session.
func judge(s *session.Session, hop *Hop, mac [16]byte) verdict {
	switch {
	case hop.Position == s.Position && mac == s.Repeat && !retyped(s, hop):
		return isRepeat
	case s.End || s.Lost:
		return isDead
	case !follows(s, hop):
		return isStray
	case !s.Pending.None():
		return isBlocked
	}
	return isNext
}

// retyped tells the same input, typed once more into the next screen, from a
// repeat, where the operator does not number its hops. What has an effect under
// way or an end behind it is not typed into; nor is a dial typed twice, which some
// operators send again much later.
func retyped(s *session.Session, hop *Hop) bool {
	least := RepeatLeast
	if s.Secret {
		least = SecretLeast
	}
	return hop.Modulo == 1 && hop.Code == "" && !s.End && s.Pending.None() && hop.Arrived.UnixMilli()-s.Saved >= least.Milliseconds()
}

func follows(s *session.Session, hop *Hop) bool {
	if hop.Cumulative {
		return hop.Position > s.Position && int(hop.Position) == len(parts(hop.Text))
	}
	next := s.Position + 1
	if hop.Modulo > 0 {
		next %= hop.Modulo
	}
	return hop.Position == next
}

// parts are the inputs of a cumulative text.
func parts(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "*")
}

// typed is what is new in a hop that follows the session.
func typed(s *session.Session, hop *Hop) string {
	if !hop.Cumulative {
		return hop.Text
	}
	return strings.Join(parts(hop.Text)[s.Position:], "*")
}

// shortcut is what was dialled behind the short code.
func shortcut(hop *Hop) string {
	code := strings.TrimSuffix(strings.TrimPrefix(hop.Code, "*"), "#")
	if _, rest, ok := strings.Cut(code, "*"); ok {
		return rest
	}
	if hop.Cumulative {
		return hop.Text
	}
	return ""
}

// dials tells whether an input without a session may be a dial: in a cumulative
// dialect a shortcut arrives as text of several parts, and one that does not mark
// its dials has a code of ours where an input would stand.
func dials(hop *Hop) bool {
	return hop.Cumulative && hop.Code != "" && len(parts(hop.Text)) > 1 || unmarked(hop)
}

// unmarked tells an input that says what a dial would.
func unmarked(hop *Hop) bool { return hop.Op == Input && hop.Modulo == 1 && hop.Code != "" }
