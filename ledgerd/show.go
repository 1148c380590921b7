package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"mlango/ledgerd/server"
)

// showCmd shows one transfer.
type showCmd struct {
	Of       string `arg:"" name:"id|receipt" help:"An id of 32 hexadecimal digits, or a receipt number."`
	Data     string `placeholder:"DIR" help:"A stopped node's data folder; its whole journal is read."`
	nodeFlag `embed:""`
}

// Run prints what the books know.
func (c *showCmd) Run(ctx context.Context, w *world) error {
	if (c.Data != "") == c.named() {
		return usage("say where to look: --config FILE or --node ADDR of a running node, or --data DIR of a stopped one")
	}
	look := c.online
	if c.Data != "" {
		look = c.offline
	}
	b, err := look(ctx)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = w.out.Write(out.Bytes())
	return err
}

// errNotShown says that the books know no such id or receipt.
var errNotShown = errors.New("the books know no such id or receipt")

func (c *showCmd) offline(context.Context) ([]byte, error) {
	b, err := openBooks(c.Data)
	if err != nil {
		return nil, err
	}
	defer b.close()
	if err := b.replay(nil); err != nil {
		return nil, err
	}
	s, ok := server.Show(b.book, c.Of)
	if !ok {
		return nil, errNotShown
	}
	sheet := server.NewSheet(s, int(b.zone))
	if err := sheet.Approve(b.journal, s); err != nil {
		return nil, err
	}
	return json.Marshal(sheet)
}

func (c *showCmd) online(ctx context.Context) ([]byte, error) {
	client, err := c.dial()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	b, known, err := client.Show(ctx, c.Of)
	if err == nil && !known {
		err = errNotShown
	}
	return b, explain(err)
}
