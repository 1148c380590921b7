package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// exportCmd prints postings.
type exportCmd struct {
	Data    string `required:"" placeholder:"DIR" help:"The data folder of a stopped node or a copy, with its vault: receipt numbers are made with a key of it."`
	Account uint64 `placeholder:"ID" help:"Only this account's."`
	From    uint64 `placeholder:"I" help:"Only from this journal index on."`
	To      uint64 `placeholder:"I" help:"Only up to this journal index."`
	Admin   bool   `help:"Instead of postings what administrators did: each command with its account, outcome, place, and its people as far as the journal knows them."`
	Format  string `enum:"csv,json" default:"csv" help:"csv or json."`
}

// posting is one exported line.
type posting struct {
	Index   uint64 `json:"index"`
	Offset  uint32 `json:"offset"`
	At      string `json:"at"`
	ID      string `json:"id"`
	Receipt string `json:"receipt"`
	Kind    string `json:"kind"`
	Account uint64 `json:"account"`
	Debit   int64  `json:"debit"`
	Credit  int64  `json:"credit"`
	Unit    string `json:"currency"`
	Part    string `json:"part"`            // of the transfer
	Balance int64  `json:"balance"`         // the account's right after
	Of      string `json:"of,omitempty"`    // the hold that was ended, the transfer that came back
	First   string `json:"first,omitempty"` // the two people who stand behind it
	Second  string `json:"second,omitempty"`
}

// tableColumns are the columns of a CSV export; new ones come at the end.
var tableColumns = []string{"index", "offset", "at", "id", "receipt", "kind", "account", "debit", "credit", "currency",
	"part", "balance", "of", "first", "second"}

// Run prints one line a posting.
func (c *exportCmd) Run(w *world) error {
	b, err := openBooks(c.Data)
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.needVault(); err != nil {
		return err
	}
	if c.Admin {
		return b.exportAdmin(c, w.out)
	}
	write, flush := csvWriter(w.out)
	if c.Format == "json" {
		write, flush = jsonWriter(w.out)
	}
	err = b.replay(func(done *server.Booked) error {
		if c.To != 0 && done.Place.Index > c.To {
			return errEnough
		}
		return b.postings(done, c, write)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return flush()
}

// postings writes the lines of one booked command, which may have made several
// transfers; a repeat of an id has none.
func (b *books) postings(done *server.Booked, c *exportCmd, write func(posting) error) error {
	if done.Again || done.Place.Index < c.From {
		return nil
	}
	for _, id := range ledger.IDs(done.Cmd) {
		shown, known := b.book.Show(id)
		if !known || shown.Result.Place != done.Place || shown.Result.Reject != ledger.OK {
			continue
		}
		for _, p := range shown.Postings {
			if c.Account != 0 && uint64(p.Account) != c.Account {
				continue
			}
			if err := write(b.posting(done, &shown, p)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *books) posting(done *server.Booked, s *ledger.Shown, p ledger.Posting) posting {
	v := posting{Index: done.Place.Index, Offset: done.Place.Offset, At: server.Instant(done.At, int(b.zone)),
		ID: s.Result.ID.String(), Receipt: s.Result.Receipt.String(), Kind: server.KindWord(s.Kind), Account: uint64(p.Account),
		Debit: int64(p.Debit), Credit: int64(p.Credit), Unit: s.Currency.String(), Part: server.PartWord(p.Part), Balance: int64(p.Balance)}
	if !s.Of.IsZero() {
		v.Of = s.Of.String()
	}
	if a, ok := done.Cmd.(ledger.Approved); ok {
		v.First, v.Second = a.First, a.Second
	}
	return v
}

func csvWriter(w io.Writer) (write func(posting) error, flush func() error) {
	out := csv.NewWriter(w)
	_ = out.Write(tableColumns) // Flush tells
	return func(p posting) error {
			return out.Write([]string{strconv.FormatUint(p.Index, 10), strconv.FormatUint(uint64(p.Offset), 10), p.At, p.ID, p.Receipt, p.Kind,
				strconv.FormatUint(p.Account, 10), strconv.FormatInt(p.Debit, 10), strconv.FormatInt(p.Credit, 10), p.Unit,
				p.Part, strconv.FormatInt(p.Balance, 10), p.Of, p.First, p.Second})
		}, func() error {
			out.Flush()
			return out.Error()
		}
}

func jsonWriter(w io.Writer) (write func(posting) error, flush func() error) {
	out := json.NewEncoder(w)
	return func(p posting) error { return out.Encode(p) }, func() error { return nil }
}
