package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// hangups reads the operators again at each SIGHUP, as service managers say reload;
// the log and the record of incidents say how it went. From the call on none ends us.
func (g *gateway) hangups() func(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	return func(ctx context.Context) error {
		defer signal.Stop(hup)
		for {
			select {
			case <-ctx.Done():
				return nil
			case <-hup:
				if _, err := g.reload("SIGHUP", false); err != nil {
					g.log.Error("the operators were not read again, those in force stay", "version", g.operators.number(), "err", err)
				}
			}
		}
	}
}
