package report

import (
	"fmt"
	"strings"
)

// Retries count people who tried again because they heard nothing good, and what
// became of it.
type Retries struct {
	Redials   int `json:"redials"`                   // dials for a wish that was dialled for before
	Looked    int `json:"looked_first"`              // dials to look at the account before that
	Prevented int `json:"second_payments_prevented"` // the same payment asked for again after it was made, told to look repeated, and not made
	Made      int `json:"second_payments_made"`      // and made: the person meant it, or the system let it through
	LateKeys  int `json:"late_keys"`                 // pressed after the network ended the dialogue
	Strays    int `json:"late_keys_with_a_screen"`   // of them, that were answered by a screen: none should be
}

// Approvals are requests for money that a business sent to handsets; asked is all of them.
type Approvals struct {
	Asked      int            `json:"asked"`
	RefusedFor map[string]int `json:"refused_for,omitempty"` // by why: the handset was busy, the account could not pay, or a screen told no
	Unseen     int            `json:"without_a_screen"`      // it was taken on, and the handset showed nothing
	Paid       int            `json:"paid"`
	Declined   int            `json:"declined"`
	Ignored    int            `json:"not_answered"`
	Silent     int            `json:"no_screen_after_the_pin"`
}

// line is how they went.
func (a *Approvals) line() string {
	s := fmt.Sprintf("%d asked by a business: %d paid, %d declined, %d not answered, %d without a screen", a.Asked, a.Paid, a.Declined, a.Ignored, a.Unseen+a.Silent)
	if no := (&Payments{ToldNo: a.RefusedFor}).No(len(a.RefusedFor)); no != "" {
		s += "; refused " + no
	}
	return s
}

// Capacity is what a run in steps found.
type Capacity struct {
	Steps    []CapacityStep `json:"steps"`
	LastGood Figure         `json:"last_good_per_second"` // payments offered a second; null when no step was good
	Rule     string         `json:"rule"`                 // what a good step keeps
}

// CapacityStep is one stair of a run in steps.
type CapacityStep struct {
	FromMS    int64   `json:"from_ms"` // after the run's begin
	ToMS      int64   `json:"to_ms"`
	Offered   float64 `json:"offered_per_second"` // payments
	Committed float64 `json:"committed_per_second"`
	FailShare float64 `json:"fail_share"`
	P99MS     Figure  `json:"p99_ms"` // of screens
	Good      bool    `json:"good"`
}

// line is the capacity in one line of the summary.
func (c *Capacity) line() string {
	said := strings.TrimSuffix(c.says(), ".")
	return fmt.Sprintf("%s%s (%s; a good one keeps %s)", strings.ToLower(said[:1]), said[1:], many(len(c.Steps), "step", "steps"), c.Rule)
}
