package confirm

import (
	"testing"

	"mlango/ledgerd/ledger"
)

// TestWordsForWhateverIsTold: the books tell each side that is somebody's, of every
// kind but an issue.
func TestWordsForWhateverIsTold(t *testing.T) {
	for k := ledger.KindSend; k <= ledger.KindPayout; k++ {
		for _, side := range []ledger.Side{ledger.SidePayer, ledger.SidePayee} {
			house := k == ledger.KindIssue || k == ledger.KindRedeem && side == ledger.SidePayee
			if !house && tableTemplates[k][side] == "" {
				t.Errorf("nothing is said about kind %d to side %d", k, side)
			}
		}
	}
}
