package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"

	"mlango/internal/admin"
	"mlango/internal/cli"
	"mlango/internal/conf"
	"mlango/ledgerd/journal"
	"mlango/ledgerd/server"
	"mlango/ledgerd/vault"
)

//go:embed example.yaml
var tableExample string

// exampleCmd prints the commented configuration.
type exampleCmd struct{}

// Run prints it.
func (exampleCmd) Run(w *world) error {
	_, err := fmt.Fprint(w.out, tableExample)
	return err
}

// serveCmd runs one node.
type serveCmd struct {
	Config             string `required:"" placeholder:"FILE" help:"The configuration."`
	AcceptFailedWrites bool   `help:"Start once although the last run ended on a failed write: the disk was looked at."`
}

// Run serves until SIGINT or SIGTERM.
func (c *serveCmd) Run(ctx context.Context, w *world) error {
	cfg, _, err := Load(c.Config)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(w.err, &slog.HandlerOptions{ReplaceAttr: cfg.Zone.logTime}))
	sc, err := cfg.serverConfig()
	if err != nil {
		return err
	}
	sc.Log, sc.Accept = log, c.AcceptFailedWrites
	a := admin.New(admin.Config{Addr: cfg.Admin})
	ln, err := listen(cfg, a)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan error, 1)
	go func() { watched <- a.Serve(ctx) }() // a long replay is a start, not a death
	srv, err := server.Open(sc)
	if err != nil {
		err = errors.Join(startError(err), ln.Close())
	} else {
		err = errors.Join(serve(ctx, log, cfg, a, srv, ln), srv.Close())
	}
	cancel()
	return errors.Join(err, <-watched)
}

// listen takes both addresses before the journal is touched.
func listen(cfg *Config, a *admin.Server) (net.Listener, error) {
	ln, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, cli.Fail(cli.Usage, fmt.Errorf("listen: %w – stop what holds %s, or set another `listen:`", err, cfg.Listen))
	}
	if cfg.Admin == "" {
		return ln, nil
	}
	if _, err := a.Listen(); err != nil {
		err = fmt.Errorf("%w – stop what holds %s, or set another `admin:`", err, cfg.Admin)
		return nil, cli.Fail(cli.Usage, errors.Join(err, ln.Close()))
	}
	return ln, nil
}

// tableMends is what a person does about a start that is theirs to mend.
var tableMends = map[error]string{
	journal.ErrInUse:        "another ledgerd serves this folder: stop it, or name another data folder",
	vault.ErrInUse:          "another ledgerd serves this folder: stop it, or name another data folder",
	journal.ErrForeign:      "cluster: and node: in the configuration are not the folder's",
	journal.ErrFailedBefore: "once the disk is trusted again: ledgerd serve --accept-failed-writes",
	server.ErrVault:         "bring back the vault that was copied with this journal",
	server.ErrZone:          "write the zone the books were begun with",
}

// startError tells what a person must do from what is broken.
func startError(err error) error {
	for theirs, mend := range tableMends {
		if errors.Is(err, theirs) {
			return cli.Fail(cli.Usage, fmt.Errorf("%w – %s", err, mend))
		}
	}
	return damaged(err)
}

// serve runs the wire until ctx ends or the node must.
func serve(ctx context.Context, log *slog.Logger, cfg *Config, a *admin.Server, srv *server.Server, ln net.Listener) error {
	metrics(a, srv)
	a.Ready(func() (bool, []string) { return ctx.Err() == nil && !srv.Full(), srv.Degraded() })
	log.Info("serving", "listen", ln.Addr().String(), "admin", cfg.Admin, "data", cfg.Data, "index", srv.Stats().Index)
	err := srv.Run(ctx, ln)
	if err != nil {
		log.Error("the node ends; what it holds is in the journal", "error", err)
	}
	log.Info("stopped", "index", srv.Stats().Index)
	return err
}

// metrics shows the node's figures, read when somebody looks.
func metrics(r admin.Registry, srv *server.Server) {
	for _, g := range srv.Gauges() {
		r.Func(g.Name, g.Help, g.Read)
	}
}

// checkCmd checks a configuration.
type checkCmd struct {
	Config     string `required:"" placeholder:"FILE" help:"The configuration."`
	Production bool   `help:"Refuse what is only for trying out: a book seeded with the demo world."`
}

// Run prints what the configuration comes to.
func (c *checkCmd) Run(w *world) error {
	cfg, doc, err := Load(c.Config)
	if err != nil {
		return err
	}
	if c.Production {
		if err := production(cfg, doc); err != nil {
			return err
		}
	}
	conf.Print(w.out, cfg)
	return nil
}
