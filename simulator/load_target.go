package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerd/ledger"
	"mlango/simulator/load"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// rampFrom is how many sessions a second a run against another machine begins with.
const rampFrom = 10

// gateExpected holds where the keys' file says which words screens have.
const gateExpected = "sessions.unexpected == 0"

// foreign makes a run against somebody's own service of the flags.
func (c *loadCmd) foreign(cfg *load.Config) error {
	t, err := readTarget(c.Target)
	if err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	switch local := isLoopback(t.url.Hostname()); {
	case !local && c.Range == "":
		return fmt.Errorf("--target %s: the built-in people are for loopback – say whose numbers may be dialled with, --msisdn-range 254700000000-254700000999", t.url.Hostname())
	case !local:
		cfg.Ramp = rampFrom
	}
	if err := t.mine(c.Mine); err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	if c.HTTP || c.Dialect != "" || c.SMS != "" || c.Redis != "" || c.Data != "" {
		return errors.New("--http, --dialect, --sms, --redis and --data are for --stack: a target's URL says how it is dialled")
	}
	cfg.Profile.All, cfg.Profile.Batches = true, nil
	if err := c.walks(cfg); err != nil {
		return err
	}
	if !t.smpp { // no SMS comes by an HTTP door
		cfg.Says = nil
	}
	return c.callers(cfg)
}

// walks is what people press: the keys of a file, or the way through a menu of ours.
func (c *loadCmd) walks(cfg *load.Config) error {
	switch {
	case (c.Keys == "") == (c.Menu == ""):
		return errors.New("--target: say what people press there, --keys FILE as simulator/testdata/keys.yaml; or, if it is a Mlango, --menu FILE")
	case c.Menu != "":
		src, err := os.ReadFile(c.Menu)
		if err != nil {
			return fmt.Errorf("--menu: %w", err)
		}
		if cfg.Says, err = load.ShippedSays(); err != nil {
			return err
		}
		return cfg.Reads(c.Menu, string(src))
	}
	s, err := load.LoadKeys(c.Keys)
	if err != nil {
		return err
	}
	s.Serves(&cfg.Profile)
	cfg.Keys, cfg.Expect, cfg.Code = s.Keys, s.Expect, s.Code
	cfg.People = []load.Person{{PIN: s.PIN}} // callers copies it
	if len(s.Says) > 0 {
		cfg.Says, cfg.SaysSure = s.Says, true
	}
	if len(s.Expect) > 0 {
		cfg.Gates = append(cfg.Gates, gateExpected)
	}
	return nil
}

// callers are the people who dial: those of the stack, or numbers of a range.
func (c *loadCmd) callers(cfg *load.Config) error {
	pin := ""
	if len(cfg.People) > 0 {
		pin = cfg.People[0].PIN
	}
	var first uint64
	if c.Range != "" {
		from, count, err := numbersIn(c.Range)
		if err != nil {
			return err
		}
		first, c.Users = from, min(c.Users, count)
	}
	crowd := stack.Crowd(c.Seed, 0)
	cfg.People = make([]load.Person, c.Users)
	for i := range cfg.People {
		cfg.People[i] = loaded(crowd(i))
		if first > 0 {
			cfg.People[i].MSISDN = strconv.FormatUint(first+uint64(i), 10)
		}
		if pin != "" {
			cfg.People[i].PIN = pin
		}
	}
	for kind, sign := range map[ledger.AccountKind]string{ledger.AccountAgent: "100001", ledger.AccountTill: "500001", ledger.AccountPaybill: "400200"} {
		cfg.Others = append(cfg.Others, load.Person{Kind: kind, Number: sign})
	}
	return nil
}

// aim makes the network whose hops go to somebody's own service.
func (l *loadRun) aim(ctx context.Context) error {
	t, err := readTarget(l.cmd.Target)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	texts := make(chan operator.SMS, smsRoom)
	cfg := operator.Config{
		Name: "load", ShortCode: l.cfg.Code, Window: loadWindow, Inbox: -1, Idle: loadIdle,
		OnSMS: func(s operator.SMS) { texts <- s },
	}
	if l.cmd.Password != "" {
		if cfg.Password, err = passwordIn(l.cmd.Password); err != nil {
			return cli.Fail(cli.Usage, err)
		}
	}
	if t.smpp {
		cfg.Target, cfg.Dialect, cfg.USSDSystemID, cfg.SMSSystemID = t.addr(), t.dialect, t.systemID, t.systemID
	} else {
		cfg.Aggregator = t.http
	}
	if l.op, err = operator.New(cfg); err != nil {
		return cli.Fail(cli.Usage, err)
	}
	if err := l.bindTo(ctx, t); err != nil {
		return cli.Fail(cli.Unreachable, fmt.Errorf("%s cannot be dialled: %w", t.addr(), err))
	}
	l.cfg.Network, l.cfg.SMS, l.cfg.Progress = l.op, texts, l.w.err
	l.cfg.Env = load.Look(os.TempDir())
	l.cfg.Env.Commit = cli.Revision()
	return nil
}

// reachPatience is how long a target has to be there.
const reachPatience = 5 * time.Second

// bindTo returns once the target is there, and our USSD centre is bound to it.
func (l *loadRun) bindTo(ctx context.Context, t target) error {
	ctx, cancel := context.WithTimeout(ctx, reachPatience)
	defer cancel()
	if err := l.op.Reach(ctx, t.addr()); err != nil || !t.smpp {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0") // nobody is told of it: the centre binds, and is not bound to
	if err != nil {
		return fmt.Errorf("listen for SMPP: %w", err)
	}
	go func() { _ = l.op.Serve(ln) }() // ends with close
	return l.op.WaitBound(ctx)
}
