package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// deed is what an administrator did, as an auditor reads it.
type deed struct {
	Index   uint64 `json:"index"`
	Offset  uint32 `json:"offset"`
	At      string `json:"at"`
	What    string `json:"what"`
	Account uint64 `json:"account,omitempty"`
	Outcome string `json:"outcome"`
	First   string `json:"first,omitempty"` // of two people, or who did alone what one may do; nobody on a node without certificates
	Second  string `json:"second,omitempty"`
	Says    string `json:"says,omitempty"` // what exactly; no name, no number, no PIN
}

// tableDeeds are the columns of a CSV export; new ones come at the end.
var tableDeeds = []string{"index", "offset", "at", "what", "account", "outcome", "first", "second", "says"}

// exportAdmin prints every command that no subscriber and no feed gave.
func (b *books) exportAdmin(c *exportCmd, out io.Writer) error {
	lines, objects := csv.NewWriter(out), json.NewEncoder(out)
	if c.Format == "csv" {
		_ = lines.Write(tableDeeds) // Flush tells
	}
	err := b.replay(func(done *server.Booked) error {
		if c.To != 0 && done.Place.Index > c.To {
			return errEnough
		}
		d, is := b.deed(done)
		switch {
		case !is || done.Place.Index < c.From || c.Account != 0 && d.Account != c.Account:
			return nil
		case c.Format == "json":
			return objects.Encode(d)
		}
		return lines.Write([]string{strconv.FormatUint(d.Index, 10), strconv.FormatUint(uint64(d.Offset), 10), d.At, d.What,
			strconv.FormatUint(d.Account, 10), d.Outcome, d.First, d.Second, d.Says})
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	lines.Flush()
	return lines.Error()
}

// deed reads one command; is tells whether an administrator gave it.
func (b *books) deed(done *server.Booked) (d deed, is bool) {
	d = deed{Index: done.Place.Index, Offset: done.Place.Offset, At: server.Instant(done.At, int(b.zone)), Outcome: done.Result.Reject.String()}
	cmd := done.Cmd
	a, signed := cmd.(ledger.Approved)
	if signed {
		cmd, d.First, d.Second = a.Cmd, a.First, a.Second
	}
	switch c := cmd.(type) {
	case *ledger.Answer, *ledger.ChangePIN, ledger.Grant, ledger.Ack, ledger.Tick:
		return d, false
	case ledger.Resolve, ledger.SetLanguage: // a gateway's, unless a name is on it
		if !signed {
			return d, false
		}
		d.Says = describe(c, b.zone)
	case *ledger.Move:
		if c.Kind.ByPIN() {
			return d, false
		}
		d.Says = describe(c, b.zone)
	case ledger.OpenAccount:
		d.Says = fmt.Sprintf("%s %s tier %d", server.AccountWord(c.Kind), c.Currency, c.Tier)
	case ledger.SetAlias:
		d.Says = fmt.Sprintf("number token %x…", c.Token[:4])
	case ledger.SetPIN, ledger.ClearPIN:
	default:
		d.Says = strings.TrimSpace(describe(c, b.zone))
	}
	d.What, d.Account = server.CommandWord(cmd), uint64(server.AccountOf(cmd))
	return d, !done.Again
}
