package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"mlango/internal/cli"
)

// part is one running room: its goroutine and how it is stopped.
type part struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
}

// parts are the running rooms of a gateway.
type parts struct {
	mu     sync.Mutex
	failed chan error // the first that ended by itself with an error
	all    map[string]*part
}

func newParts() *parts { return &parts{failed: make(chan error, 1), all: map[string]*part{}} }

// start runs f on its own until stop.
func (p *parts) start(name string, f func(ctx context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	it := &part{name: name, cancel: cancel, done: make(chan struct{})}
	p.mu.Lock()
	p.all[name] = it
	p.mu.Unlock()
	go func() {
		defer close(it.done)
		if err := f(ctx); err != nil && ctx.Err() == nil {
			select {
			case p.failed <- fmt.Errorf("%s: %w", name, err):
			default:
			}
		}
	}()
}

// stop ends a part and waits for it, no longer than ctx.
func (p *parts) stop(ctx context.Context, name string) error {
	p.mu.Lock()
	it := p.all[name]
	p.mu.Unlock()
	if it == nil {
		return nil
	}
	it.cancel()
	select {
	case <-it.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s did not stop: %w", name, ctx.Err())
	}
}

// run serves until ctx ends, then finishes what is under way.
func (g *gateway) run(ctx context.Context) error {
	p := g.parts
	if err := g.start(p); err != nil {
		g.stop(p)
		return err
	}
	g.log.Info("the gateway serves", "name", g.cfg.Name, "http", g.httpAddr(), "admin", g.cfg.Admin, "menu", g.menuName())
	var failed error
	select {
	case <-ctx.Done():
		g.log.Info("the gateway stops: no new sessions, hops under way finish")
	case failed = <-p.failed:
	}
	g.stop(p)
	return failed
}

// start brings every room up.
func (g *gateway) start(p *parts) error {
	g.pages()
	g.admin.Handle("POST /push", pushPage(g.edge))
	if _, err := g.admin.Listen(); err != nil {
		return cli.Fail(cli.Usage, fmt.Errorf("%w – stop what holds %s, or set another `admin:`", err, g.cfg.Admin))
	}
	p.start("admin", g.admin.Serve)
	if g.cfg.overHTTP() {
		ln, err := g.cfg.openHTTP()
		if err != nil {
			return cli.Fail(cli.Usage, err)
		}
		g.serveHTTP(p, ln)
	}
	if err := g.startDoors(p); err != nil {
		return err
	}
	if err := g.startPartners(p); err != nil {
		return err
	}
	p.start("approvals", g.remember)
	p.start("orders", g.orders.Run)
	p.start("binds", g.pool.Run)
	p.start("confirm", g.confirm.Run)
	if g.relay != nil {
		p.start("relay", func(ctx context.Context) error { return g.relay.Run(ctx, g.confirm.Passed) })
	}
	p.start("watch", g.watch)
	g.startMenus(p)
	p.start("hangups", g.hangups())
	g.admin.Ready(g.ready)
	return nil
}

// openHTTP takes the HTTP edge's address, with TLS where the file says so.
func (c *Config) openHTTP() (net.Listener, error) {
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("edge: %w – stop what holds %s, or set another `listen:`", err, c.Listen)
	}
	secure, err := c.ListenTLS.secure(ln)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("edge: listen_tls: %w", err), ln.Close())
	}
	return secure, nil
}

func (g *gateway) serveHTTP(p *parts, ln net.Listener) {
	at := ln.Addr().String()
	g.httpAt.Store(&at)
	p.start("http", func(ctx context.Context) error { return g.edge.ServeHTTP(ctx, ln) })
}

func (g *gateway) httpAddr() string {
	if at := g.httpAt.Load(); at != nil {
		return *at
	}
	return "off: no operator speaks HTTP"
}

// stop drains in the order of a dial: doors, orders, SMS, binds. What cannot
// finish in time stays in the queue, the outbox and the promises file, so that
// nothing here makes an orderly stop a failure.
func (g *gateway) stop(p *parts) {
	g.draining.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), g.cfg.drainHops())
	defer cancel()
	if err := g.edge.Drain(ctx); err != nil {
		g.log.Warn("not every hop had its screen", "err", err)
	}
	orders, cancelOrders := context.WithTimeout(context.Background(), drainOrders)
	defer cancelOrders()
	if err := g.orders.Drain(orders); err != nil {
		g.log.Warn("orders without an answer stay in the queue", "orders", g.orders.Depth(), "promises", g.orders.Promised())
	}
	if err := errors.Join(g.stopParts(p), g.close()); err != nil {
		g.log.Warn("the gateway stopped, not all of it cleanly", "err", err)
	}
}

func (g *gateway) stopParts(p *parts) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainWorkers)
	defer cancel()
	errs := []error{p.stop(ctx, partPartners), p.stop(ctx, "http"), p.stop(ctx, "orders"), g.orders.Close()}
	for _, addr := range g.edge.DoorAddrs() {
		errs = append(errs, p.stop(ctx, doorPart+addr))
	}
	for _, name := range []string{"hangups", "confirm", "binds", "watch", "draft", "menus", "admin"} {
		errs = append(errs, p.stop(ctx, name))
	}
	return errors.Join(errs...)
}
