package load

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// mostSenders bounds those that are told apart: more is wrong anyway.
const mostSenders = 8

// senders counts the texts that handsets got, by whom they came from.
type senders map[string]int

func (s senders) put(from string) {
	if _, known := s[from]; known || len(s) < mostSenders {
		s[from]++
	}
}

// String is all of them, the one with most texts first.
func (s senders) String() string {
	names := slices.SortedFunc(maps.Keys(s), func(a, b string) int { return cmp.Or(s[b]-s[a], strings.Compare(a, b)) })
	for i, name := range names {
		names[i] = fmt.Sprintf("%d from %q", s[name], name)
	}
	return strings.Join(names, ", ")
}

// oneSender finds that SMS came from several: people trust a name, and a house has one.
func (m *matcher) oneSender(now time.Time) {
	m.mail.mu.Lock()
	defer m.mail.mu.Unlock()
	if len(m.mail.senders) > 1 {
		m.find(nobody(now.UnixMilli()), "SMS came from more than one sender: %s", m.mail.senders)
	}
}

// tardy finds a screen that came to a key which was pressed after the network had ended the
// dialogue: whoever pressed it was in no session. A run that does not know when the network
// ends them only counts it.
func (m *matcher) tardy(v *visit) {
	if v.late == lateStray && m.cfg.Idle > 0 {
		m.find(m.of(v), "a key after the dialogue's end got a screen: %q", clip(v.screen))
	}
}
