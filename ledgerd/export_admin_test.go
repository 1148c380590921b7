package main

import (
	"testing"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// TestEveryDeedOfAnAdministratorIsListed: also what gateways say too, as soon as a name is
// on it.
func TestEveryDeedOfAnAdministratorIsListed(t *testing.T) {
	b := &books{folder: &folder{}}
	for _, cmd := range []ledger.Command{ledger.SetLanguage{Account: 7, Language: ledger.Language{'s', 'w'}}, ledger.Resolve{ID: ledger.ID{1}, Expires: 5}} {
		if _, is := b.deed(&server.Booked{Cmd: cmd}); is {
			t.Errorf("a gateway's %T is an administrator's", cmd)
		}
		d, is := b.deed(&server.Booked{Cmd: ledger.Approved{Cmd: cmd, First: "jane.w"}})
		if !is || d.First != "jane.w" || d.What == "" || d.Says == "" {
			t.Errorf("an administrator's %T: %+v, %v", cmd, d, is)
		}
	}
}
