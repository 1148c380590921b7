package main

import (
	"context"

	"mlango/ledgerd/ledger"
)

// consumerCmd begins a consumer of the outbox, or retires it.
type consumerCmd struct {
	Name string `arg:"" enum:"partner,settlement" help:"partner or settlement; sms always reads."`
	To   string `arg:"" enum:"on,off" help:"on: every notice from now on is kept for it. off: nothing is any more."`
}

// Run has the ledger journal it.
func (c *consumerCmd) Run(ctx context.Context, w *world, all *commands) error {
	return all.Admin.book(ctx, w, ledger.SetConsumer{Consumer: c.Name, On: c.To == "on"})
}
