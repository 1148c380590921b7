package load

import (
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/oracle"
)

// typedPIN is a PIN that left the handset.
type typedPIN struct {
	at    time.Time
	right bool
	shown string // the screen that asked for it
	chart int    // which of the menu's it is; Nowhere when nobody knows the menu
}

// judged tells the oracle what a judge made of a PIN, and what came of it.
func (f *fact) judged(payer ledger.Account, o ledger.Origin, v ledger.PINVerdict, asked bool) {
	if !asked {
		return
	}
	if f.verdict = v; !f.first || f.again {
		return
	}
	w := oracle.Wish{Session: o.Session, Transfer: oracle.Transfer{ID: oracle.ID(f.res.ID), From: oracle.Account(payer)}}
	f.books.PIN(&w, v == ledger.VerdictRight, &oracle.Said{Made: f.res.Reject == ledger.OK, Reject: f.res.Reject.String()})
}

// pins holds what the ledger made of each PIN of a session to what was typed, in the order
// in which they left: a deed is of the first PIN that could have made it. It
// returns which.
func (m *matcher) pins(v *visit, deeds []*deed) map[*deed]*typedPIN {
	of, misjudged := v.pinned(deeds)
	for _, d := range misjudged {
		m.misjudged(v, d)
	}
	return of
}

// pinned finds the PIN of each deed, and the deeds whose verdict no PIN can bear.
func (v *visit) pinned(deeds []*deed) (of map[*deed]*typedPIN, misjudged []*deed) {
	next := 0
	of = map[*deed]*typedPIN{}
	for _, d := range deeds {
		if d.verdict == ledger.VerdictNone || d.query.BringsPIN() || next >= len(v.typed) {
			continue
		}
		at := next
		for at < len(v.typed) && !v.typed[at].bears(d) {
			at++
		}
		if at == len(v.typed) {
			misjudged = append(misjudged, d)
			at = next
		}
		of[d], next = &v.typed[at], at+1
	}
	return of, misjudged
}

// bears tells whether a deed can have come of a PIN.
func (p *typedPIN) bears(d *deed) bool {
	if p.at.UnixMilli() > d.at+clockSlack.Milliseconds() {
		return false
	}
	return d.verdict == ledger.VerdictKeyGone || p.right == (d.verdict == ledger.VerdictRight)
}

// misjudged finds a PIN that was called what it is not.
func (m *matcher) misjudged(v *visit, d *deed) {
	if d.verdict == ledger.VerdictRight {
		m.find(m.of(v), "a wrong PIN was typed, and the ledger took it as right: %s", d)
		return
	}
	m.find(m.of(v), "the right PIN was typed, and the ledger called it wrong: %s", d)
}
