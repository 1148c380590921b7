package wire

import (
	"errors"
	"reflect"
	"testing"

	"mlango/ledgerd/ledger"
)

// TestRoomIsUsedAgain: nothing of what a room held before is in what it holds next.
func TestRoomIsUsedAgain(t *testing.T) {
	full := &ledger.Move{Transfer: ledger.Transfer{ID: ledger.ID{1}, Kind: ledger.KindSend, From: 1, To: 2, Amount: 3, Fee: 4, Again: ledger.ID{9},
		Expires: 5, Until: 6, Origin: ledger.Origin{Operator: "op", Session: "s1", Gateway: "gw"}, Bundle: [32]byte{7}, Language: ledger.Language{'e', 'n'}},
		PayerToken: ledger.Token{8}, PayeeToken: ledger.Token{9}, Verdict: ledger.VerdictRight, Epoch: 2}
	bare := &ledger.Move{Transfer: ledger.Transfer{ID: ledger.ID{2}, Kind: ledger.KindIssue, From: 2, To: 1, Amount: 1}}
	other := &ledger.Move{Transfer: ledger.Transfer{ID: ledger.ID{3}, Origin: ledger.Origin{Operator: "op", Session: "s2"}}}
	var r Room
	for _, cmds := range [][]ledger.Command{{full, ledger.Tick{}, full}, {bare, other}, {other, bare, full}, {bare}} {
		r.Clear()
		payload := BeginEntry(nil, 77)
		for _, c := range cmds {
			var err error
			if payload, err = AppendCommand(payload, 0, c); err != nil {
				t.Fatal(err)
			}
		}
		EndEntry(payload, len(cmds))
		at, n, err := r.Entry(payload)
		if err != nil || at != 77 || n != len(cmds) || !reflect.DeepEqual(r.Commands, cmds) {
			t.Fatalf("%d commands at %d: %+v (%v)", n, at, r.Commands, err)
		}
		var wrong *Error
		if _, _, err := r.Entry(payload[:len(payload)-1]); !errors.As(err, &wrong) || len(r.Commands) != len(cmds) {
			t.Fatalf("half an entry left %d commands: %v", len(r.Commands), err)
		}
	}
}
