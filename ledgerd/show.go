package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// showCmd shows one transfer.
type showCmd struct {
	Of       string `arg:"" name:"id|receipt|number" help:"An id of 32 hexadecimal digits, a receipt number, or the number of a request that admin ask made."`
	Whole    bool   `help:"Names and whole numbers, not masked: for administrators, and the node's log says who looked."`
	JSON     bool   `name:"json" help:"For programs: amounts in minor units."`
	Data     string `placeholder:"DIR" help:"A stopped node's data folder, instead of a running node."`
	nodeFlag `embed:""`
}

// Run prints what the books and the journal know.
func (c *showCmd) Run(ctx context.Context, w *world) error {
	if (c.Data != "") == c.named() {
		return usage("say where to look: --config FILE or --node ADDR of a running node, or --data DIR of a stopped one")
	}
	look := c.online
	if c.Data != "" {
		look = c.offline
	}
	sheet, err := look(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(w.out, sheet)
	}
	return saySheet(w.out, sheet)
}

// errNotShown says that the books know no such id or receipt.
var errNotShown = errors.New("the books know no such id, receipt or request: look at it again, a receipt has 10 characters and an id 32, and a request is found by its number for a day; what was never booked is not there")

// errReceiptKey says that a receipt number cannot be looked up.
var errReceiptKey = errors.New("a receipt number is found by a key of the vault, which is not in the folder: name the transfer by its id, or copy the vault beside the journal")

func (c *showCmd) offline(context.Context) (sheet *server.Sheet, err error) {
	err = look(c.Data, func(f *folder, v *server.Looked) error {
		if _, err := ledger.ParseID(c.Of); err != nil && f.keyless != nil {
			return fmt.Errorf("%w (%w)", errReceiptKey, f.keyless)
		}
		found, known := server.Find(v.Book, c.Of)
		if !known {
			return errNotShown
		}
		t := server.Teller{Journal: v.Journal, ZoneMinutes: int(f.zone), Whole: c.Whole, Keyless: f.vault == nil, Person: f.person, Ref: f.ref}
		sheet, err = t.Sheet(found)
		return damaged(err)
	})
	return sheet, err
}

func (c *showCmd) online(ctx context.Context) (*server.Sheet, error) {
	client, err := c.dial()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	ask := client.Show
	if c.Whole {
		ask = client.ShowWhole
	}
	b, known, err := ask(ctx, c.Of)
	if err == nil && !known {
		err = errNotShown
	}
	if err != nil {
		return nil, explain(err)
	}
	sheet := &server.Sheet{}
	return sheet, json.Unmarshal(b, sheet)
}
