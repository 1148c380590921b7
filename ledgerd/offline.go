package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"time"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
	"mlango/ledgerd/vault"
)

// books are a stopped node's journal, keys and state.
type books struct {
	zone    Zone
	journal *journal.Journal
	vault   *vault.Vault
	book    *ledger.Book
}

// openBooks opens a data folder for reading only; fs.ErrNotExist when there are
// no books in it.
func openBooks(data string) (*books, error) {
	zone, err := server.Zone(data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no books in %s – name the folder of a node; of `simulator demo --data DIR` it is DIR/ledgerd (%w)", data, err)
	}
	if err != nil {
		return nil, err
	}
	v, err := vault.Load(filepath.Join(data, server.VaultDir))
	if err != nil {
		return nil, err
	}
	j, err := journal.Open(filepath.Join(data, server.JournalDir), journal.Options{ReadOnly: true})
	if errors.Is(err, journal.ErrInUse) {
		err = usage("%w; stop the node first", err)
	}
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	return &books{zone: Zone(zone), journal: j, vault: v,
		book: ledger.New(ledger.Options{ReceiptKey: v.ReceiptKey(), ZoneMinutes: zone})}, nil
}

// replay books everything and tells each command to fn.
func (b *books) replay(fn func(server.Booked) error) error {
	return server.Replay(b.journal, b.book, func(done server.Booked) error {
		if fn == nil {
			return nil
		}
		return fn(done)
	})
}

func (b *books) close() error { return errors.Join(b.journal.Close(), b.vault.Close()) }

// errEnough ends a replay that has what it wanted.
var errEnough = errors.New("enough")

// verifyCmd checks a stopped node's data.
type verifyCmd struct {
	Data string `required:"" placeholder:"DIR" help:"The node's data folder."`
}

// Run prints one line; what does not hold is an error with its place.
func (c *verifyCmd) Run(w *world) error {
	b, err := openBooks(c.Data)
	if err != nil {
		return err
	}
	defer b.close()
	last := int64(0)
	if err := b.replay(func(done server.Booked) error {
		if done.At < last || done.At != done.Header.TimeMS {
			return fmt.Errorf("entry %d: its time %d does not follow %d", done.Place.Index, done.At, last)
		}
		last = done.At
		return server.KeyGone(b.vault, done)
	}); err != nil {
		return err
	}
	if cut := b.journal.Recovered(); cut.Cut > 0 {
		fmt.Fprintf(w.err, "ledgerd: the last run ended in the middle of a write: %d bytes from byte %d of %s were never promised; the next start cuts them\n",
			cut.Cut, cut.Offset, cut.File)
	}
	for currency, sum := range b.book.Sum() {
		if sum != 0 {
			return fmt.Errorf("the balances in %s add up to %d, not to 0", currency, sum)
		}
	}
	counts := b.book.Counts()
	index, head, _ := b.journal.Head()
	_, err = fmt.Fprintf(w.out, "entries=%d transfers=%d accounts=%d sum=0 head=%x state=%x\n",
		index, counts.Transfers, counts.Accounts, head, b.book.Digest())
	return err
}

// exportCmd prints postings.
type exportCmd struct {
	Data    string `required:"" placeholder:"DIR" help:"The node's data folder."`
	Account uint64 `placeholder:"ID" help:"Only this account's."`
	From    uint64 `placeholder:"I" help:"Only from this journal index on."`
	To      uint64 `placeholder:"I" help:"Only up to this journal index."`
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
}

// Run prints one line a posting.
func (c *exportCmd) Run(w *world) error {
	b, err := openBooks(c.Data)
	if err != nil {
		return err
	}
	defer b.close()
	write, flush := csvWriter(w.out)
	if c.Format == "json" {
		write, flush = jsonWriter(w.out)
	}
	err = b.replay(func(done server.Booked) error {
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

// postings writes the lines of one booked command; a repeat of an id has none.
func (b *books) postings(done server.Booked, c *exportCmd, write func(posting) error) error {
	m, ok := done.Cmd.(*ledger.Move)
	if !ok || done.Again || done.Result.Reject != ledger.OK || done.Result.Place != done.Place || done.Place.Index < c.From {
		return nil
	}
	shown, _ := b.book.Show(m.ID)
	for _, p := range shown.Postings {
		if c.Account != 0 && uint64(p.Account) != c.Account {
			continue
		}
		if err := write(posting{Index: done.Place.Index, Offset: done.Place.Offset, At: instant(done.At, b.zone),
			ID: m.ID.String(), Receipt: done.Result.Receipt.String(), Kind: kindWord(m.Kind), Account: uint64(p.Account),
			Debit: int64(p.Debit), Credit: int64(p.Credit), Unit: m.Currency.String()}); err != nil {
			return err
		}
	}
	return nil
}

func instant(ms int64, zone Zone) string {
	return time.UnixMilli(ms).In(zone.location()).Format("2006-01-02T15:04:05.000Z07:00")
}

func csvWriter(w io.Writer) (write func(posting) error, flush func() error) {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"index", "offset", "at", "id", "receipt", "kind", "account", "debit", "credit", "currency"}) // Flush tells
	return func(p posting) error {
			return out.Write([]string{strconv.FormatUint(p.Index, 10), strconv.FormatUint(uint64(p.Offset), 10), p.At, p.ID, p.Receipt, p.Kind,
				strconv.FormatUint(p.Account, 10), strconv.FormatInt(p.Debit, 10), strconv.FormatInt(p.Credit, 10), p.Unit})
		}, func() error {
			out.Flush()
			return out.Error()
		}
}

func jsonWriter(w io.Writer) (write func(posting) error, flush func() error) {
	out := json.NewEncoder(w)
	return func(p posting) error { return out.Encode(p) }, func() error { return nil }
}
