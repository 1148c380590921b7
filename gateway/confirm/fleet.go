package confirm

import (
	"encoding/json"
	"time"

	"mlango/smpp"
)

// passedReceipt is a receipt as gateways of a fleet pass it on: an SMSC that has several
// of them bound sends it to any.
type passedReceipt struct {
	Operator string `json:"o"`
	From     string `json:"f,omitempty"` // the number the SMS went to
	ID       string `json:"i"`
	Stat     string `json:"s"`
	Err      string `json:"e,omitempty"`
}

// Share passes receipts about no SMS of this gateway on by pass, which does not wait; false
// from it says that it could not. Without Share, or then, they are strangers. It is called
// before Run.
func (c *Confirm) Share(pass func(b []byte) bool) { c.receipts.pass = pass }

// Passed takes what another gateway of the fleet passed on. What is about no SMS of this
// one either is passed over: another may know it.
func (c *Confirm) Passed(b []byte) { c.receipts.passed(b, time.Now()) }

func (r *receipts) passed(b []byte, now time.Time) {
	var p passedReceipt
	if json.Unmarshal(b, &p) != nil || p.ID == "" {
		return
	}
	d := smpp.Receipt{ID: p.ID, Stat: p.Stat, Err: p.Err}
	r.mu.Lock()
	defer r.mu.Unlock()
	a := r.find(p.Operator, p.From, d)
	if a == nil {
		return
	}
	r.seen(a.operator, a.bind, ReceiptElsewhere)
	r.settle(a, a.bind, d, now)
}

// passOn gives a receipt to the others of the fleet; false when there is none, or it
// could not.
func (r *receipts) passOn(e *early) bool {
	if r.pass == nil {
		return false
	}
	b, err := json.Marshal(passedReceipt{Operator: e.operator, From: e.from, ID: e.receipt.ID, Stat: e.receipt.Stat, Err: e.receipt.Err})
	return err == nil && r.pass(b)
}
