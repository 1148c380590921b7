package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"mlango/internal/cli"
	"mlango/simulator/operator"
	"mlango/simulator/phone"
	"mlango/simulator/stack"
)

// demoCmd is `simulator demo`.
type demoCmd struct {
	Listen string `default:"127.0.0.1:8090" help:"Where the phones are; 127.0.0.1:8090 without it." placeholder:"HOST:PORT"`
	Data   string `help:"Keep everything in this folder; without it a fresh one is removed at the end." placeholder:"DIR"`
	Redis  string `help:"Keep sessions and orders in Redis instead of memory and a file." placeholder:"URL"`
}

// The demo's operator as its gateway binds to it.
const (
	demoOperator = "safari"
	demoUSSD     = "mlango-ussd"
	demoSMS      = "mlango-sms"
	demoPassword = "demo"
	demoSMPP     = "127.0.0.1:2775"
	demoSandbox  = "sandbox" // the same world by the HTTP door
	demoCode     = "*334#"
)

// Bounds of a demo's life.
const (
	boundPatience = 15 * time.Second
	seedPatience  = time.Minute
	closePatience = 500 * time.Millisecond
	headerTimeout = 5 * time.Second
)

// demo is everything that runs.
type demo struct {
	w     *world
	cmd   *demoCmd
	op    *operator.Operator
	stack *stack.Stack
	conf  stack.Config
	keep  keeper
	smpp  net.Listener
	page  net.Listener
	web   *http.Server
}

// Run starts the demo, prints the box, and stops it all on Ctrl-C.
func (c *demoCmd) Run(ctx context.Context, w *world) (err error) {
	if host, _, err := net.SplitHostPort(c.Listen); err != nil || !isLoopback(host) {
		return cli.Fail(cli.Usage, fmt.Errorf("--listen %q: the phones are for this machine only – use 127.0.0.1:8090, and ssh -L from afar", c.Listen))
	}
	d := &demo{w: w, cmd: c}
	defer func() {
		err = errors.Join(err, d.close())
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			err = nil // Ctrl-C is how a demo ends
		}
	}()
	if err := d.start(ctx); err != nil {
		return err
	}
	d.box()
	go d.tellMenu(ctx) // ends with ctx
	select {
	case <-ctx.Done():
		fmt.Fprintln(w.out, "stopping")
		return nil
	case name := <-d.stack.Ended():
		return fmt.Errorf("%s ended by itself; the end of its log:\n%s", name, d.stack.Tail(name))
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// start brings up operator, ledger and gateway in this order, and the world.
func (d *demo) start(ctx context.Context) (err error) {
	d.conf = stack.Config{Data: d.cmd.Data, Redis: d.cmd.Redis, Out: d.w.out, Sandbox: demoSandbox}
	if err := d.conf.Ready(ctx); err != nil { // before a port is chosen: it may take minutes
		return err
	}
	if d.conf.Menu, err = draft(d.conf.Data); err != nil {
		return err
	}
	if d.smpp, err = listenFree(d.w, demoSMPP, "the operator's SMPP port"); err != nil {
		return err
	}
	if d.page, err = listenFree(d.w, d.cmd.Listen, "the phone page"); err != nil {
		return err
	}
	ports, err := stack.ChoosePorts(d.w.out)
	if err != nil {
		return err
	}
	if err := d.startOperator(ports); err != nil {
		return err
	}
	d.conf.Ports = ports
	d.conf.Far = stack.Far{Name: demoOperator, Addr: d.smpp.Addr().String(), USSDSystemID: demoUSSD, SMSSystemID: demoSMS, Password: demoPassword}
	d.stack, err = stack.Start(ctx, d.conf)
	if err != nil {
		return err
	}
	d.keep.set(d.stack, d.op)
	return d.seed(ctx)
}

// startOperator serves SMPP and the phone API.
func (d *demo) startOperator(ports stack.Ports) (err error) {
	hub := phone.NewHub()
	d.op, err = operator.New(operator.Config{
		Name: demoOperator, USSDSystemID: demoUSSD, SMSSystemID: demoSMS, Password: demoPassword,
		Trace: true, OnSMS: hub.SMS, OnPush: hub.Screen, Zone: stack.Zone(),
	})
	if err != nil {
		return err
	}
	page := phone.New(phone.Config{
		Network: d.op, Name: demoOperator, Hub: hub, People: people(), Code: demoCode, PIN: stack.PIN,
		Keeper: &d.keep, Journal: &d.keep, Languages: &d.keep, GatewayTrace: "http://" + ports.GatewayAdmin + "/trace",
	})
	d.web = &http.Server{Handler: page.Handler(), ReadHeaderTimeout: headerTimeout}
	go func() { _ = d.op.Serve(d.smpp) }()  // ends with close
	go func() { _ = d.web.Serve(d.page) }() // ends with close
	return nil
}

// seed opens the world and waits until the gateway can be dialled.
func (d *demo) seed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, seedPatience)
	defer cancel()
	if err := d.stack.SeedDemo(ctx); err != nil {
		return err
	}
	ctx, cancel = context.WithTimeout(ctx, boundPatience)
	defer cancel()
	return d.op.WaitBound(ctx)
}

// close stops everything; it may be half started.
func (d *demo) close() error {
	var errs []error
	if d.web != nil {
		errs = append(errs, d.web.Close())
	}
	if d.stack != nil {
		errs = append(errs, d.stack.Stop())
	} else {
		errs = append(errs, d.conf.Discard())
	}
	if d.op != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closePatience)
		defer cancel()
		_ = d.op.Close(ctx) // the gateway is gone: what is left is cut
	}
	return errors.Join(errs...)
}

// people are the demo's, as the page lists them: agents and tills have a phone too.
func people() []phone.Person {
	var list []phone.Person
	for _, u := range append(stack.People(), stack.Places()...) {
		if u.MSISDN != "" {
			list = append(list, phone.Person{MSISDN: u.MSISDN, Name: u.Name, Language: u.Language, Note: note(u)})
		}
	}
	return list
}
