//go:build house

package main

import (
	"fmt"
	"testing"

	"mlango/internal/stop"
	"mlango/ledgerd/ledger"
)

// The attack: so many at once, on one account.
const (
	attackers = 256
	attacked  = ledger.Account(1)
)

// TestProofPINAttack: 256 callers at once over several connections try PINs on one
// account, by payments and by questions, and the process is killed among them,
// at each stop point. Whatever is asked again afterwards, an epoch tells at most
// three times that a PIN is wrong, and a locked account nothing.
func TestProofPINAttack(t *testing.T) {
	r := newRig(t, 3)
	c := r.start(1)[0]
	audit := newAuditor(r.seed(c), r.pins)
	r.end()
	points := []string{stop.AfterJudge, stop.AfterAppend, stop.AfterSync, stop.AfterApply, stop.BeforeAnswer, "nowhere"}
	for i, point := range points {
		cases := []struct{ right, changes int }{{0, 0}, {4, 0}, {128, 0}, {128, 16}} // of the callers know the PIN, and change it
		for _, n := range [][2]int{{0, 3}, {1, 3}, {2, 0}}[i%3] {
			c := cases[n]
			t.Run(fmt.Sprintf("%s, %d right, %d changes", point, c.right, c.changes), func(t *testing.T) {
				r.t = t
				r.attack(audit, fmt.Sprintf("%s:%d", point, 1+i%3), c.right, c.changes)
			})
		}
	}
}

// attack is one crowd, then more of the same against the process that was started
// again. The epoch ends with an unlock.
func (r *rig) attack(audit *auditor, point string, right, changes int) {
	r.t.Helper()
	list := r.attempts(attackers, right, changes)
	clients := r.crowd(list, point)
	more := r.attempts(attackers/4, right/4, changes/4)
	if err := each(more, func(i int, q *ask) error { return q.settle(r.now, clients[i%crowdConns]) }); err != nil {
		r.t.Fatal(err)
	}
	count := map[ledger.Reject]int{}
	for _, q := range append(list, more...) {
		count[q.res.Reject]++
		audit.answers = append(audit.answers, q)
	}
	if right == 0 && (count[ledger.PINWrong] != threeWrong || count[ledger.PINLocked] != len(list)+len(more)-threeWrong) {
		r.t.Errorf("wrong PINs only were answered %v", count)
	}
	if err := audit.journal(clients[0]); err != nil {
		r.t.Fatal(err)
	}
	if err := audit.audit(); err != nil {
		r.t.Fatal(err)
	}
	r.govern(clients[0], ledger.UnlockPIN{Account: attacked})
	r.pins[attacked-1] = audit.own[attacked].pin
	r.end()
}

// attempts are payments and questions, some of them with the right PIN. Of those
// some ask for a new one, after which the right PIN is wrong; others know it.
func (r *rig) attempts(n, right, changes int) (list []*ask) {
	r.t.Helper()
	own, fresh := r.pins[attacked-1], []string{newPIN(), newPIN()}
	for i := range n {
		typed := own
		switch {
		case i < changes:
			list = append(list, r.change(attacked, own, fresh[i%2]))
			continue
		case i < right && changes > 0:
			typed = []string{own, fresh[0], fresh[1]}[i%3]
		case i >= right:
			if typed = fmt.Sprintf("%06d", i); typed == own {
				typed = r.wrongPIN(attacked)
			}
		}
		switch i % 4 {
		case 0, 1:
			list = append(list, r.sendWith(attacked, 2, ledger.Amount(1+i%7), typed))
		case 2:
			list = append(list, r.checkWith(attacked, ledger.QueryBalance, typed))
		default:
			list = append(list, r.checkWith(attacked, ledger.QueryLast, typed))
		}
	}
	return list
}
