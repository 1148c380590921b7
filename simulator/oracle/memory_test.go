package oracle

import (
	"encoding/binary"
	"strings"
	"testing"
)

// dated is an id of an instant.
func dated(at int64, n byte) (id ID) {
	binary.BigEndian.PutUint64(id[:], uint64(at)<<16)
	id[15] = n
	return id
}

// TestBooksForget what is long over and nothing else: their size does not grow, a hold
// that stands is known, a second transfer under a forgotten id is found, and what brings
// a forgotten transfer back is booked and counted.
func TestBooksForget(t *testing.T) {
	const span = 10 * minuteMS
	d := newDesk()
	d.Begin(1_795_000_000_000)
	start := d.now
	d.Forget(span)
	first := send(1_00)
	first.ID = dated(d.now, 1)
	d.wish(first)
	hold := send(5_00)
	hold.ID, hold.Until = dated(d.now, 2), start+100*span
	d.wish(hold)
	most := 0
	for i := range 5000 {
		d.Begin(start + int64(i+1)*minuteMS/10)
		w := Wish{Transfer: Transfer{Kind: Issue, From: trust, To: jane, Amount: 1, ID: dated(d.now, byte(i))}}
		d.wish(w)
		most = max(most, d.Wishes())
	}
	if most > 240 || len(d.found) > 0 { // two spans of a wish each six seconds
		t.Errorf("%d of 5,000 wishes were remembered; %q", most, d.found)
	}
	if d.ids.moved(first.ID) != nil || d.ids.moved(hold.ID) == nil {
		t.Error("a hold that stands was forgotten, or a payment long ago was not")
	}
	w := send(1_00)
	w.ID = first.ID
	d.wish(w)
	if len(d.found) != 1 || !strings.Contains(d.found[0], "which is too old: it had its answer then") {
		t.Errorf("a second transfer under a forgotten id: %q", d.found)
	}
	had, _ := d.Balance(amina)
	d.Reverse(Ending{ID: dated(d.now, 3), Of: dated(start, 9), Amount: 1_00}, &Said{Made: true, Lines: []Line{
		{jane, -1_00, d.accounts[jane].posted - 1_00}, {amina, 1_00, had.Posted + 1_00}}})
	if has, _ := d.Balance(amina); d.Unjudged() != 1 || has.Posted != had.Posted+1_00 || len(d.found) != 1 {
		t.Errorf("%d reversals on the ledger's word, %s: %q", d.Unjudged(), has.Posted-had.Posted, d.found)
	}
}
