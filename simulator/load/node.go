package load

import (
	"context"
	"fmt"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/simulator/oracle"
)

// Node is a running ledger that tells what an account has.
type Node interface {
	Account(ctx context.Context, n ledger.Account) (seen ledgerclient.Seen, known bool, err error)
}

// Bounds of asking the node at the end of a run.
const (
	maxAsked = 2000 // accounts
	askTries = 50   // settleEvery apart: what it says may be newer than what the feed brought
)

// ask holds what the running ledger says accounts have to what the oracle says, after
// the drain. What a journal says and what a ledger answers need not be the same.
func (r *run) ask(ctx context.Context) {
	if r.cfg.Node == nil || r.cfg.Feed == nil {
		return
	}
	list, known := r.audit.sample(maxAsked, r.cfg.Seed)
	r.report.Oracle.AccountsKnown = known
	for _, n := range list {
		wrong := ""
		for range r.tries {
			if wrong = r.compare(ctx, n); wrong == "" || !rest(ctx, settleEvery) {
				break
			}
		}
		if ctx.Err() != nil {
			return
		}
		if wrong == "" {
			r.report.Oracle.Accounts++
		} else if r.audit.say(wrong); r.audit.wrong() > MaxFindings {
			return // enough is known
		}
	}
}

// compare asks for one account; it is empty when both say the same.
func (r *run) compare(ctx context.Context, n ledger.Account) string {
	seen, known, err := r.cfg.Node.Account(ctx, n)
	own, _ := r.audit.balance(n)
	switch has := (oracle.Held{Posted: oracle.Amount(seen.Balance), HeldOut: oracle.Amount(seen.HeldDebits), HeldIn: oracle.Amount(seen.HeldCredits)}); {
	case err != nil:
		return fmt.Sprintf("the ledger does not say what account %d has: %v", n, err)
	case !known:
		return fmt.Sprintf("the ledger knows no account %d, and its journal does", n)
	case has != own:
		return fmt.Sprintf("the ledger says that account %d has %s (%s held), and its journal comes to %s (%s held)", n, has.Posted, has.HeldOut, own.Posted, own.HeldOut)
	}
	return ""
}
