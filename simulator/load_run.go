package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"mlango/internal/cli"
	"mlango/simulator/load"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// loadRun is everything a run starts.
type loadRun struct {
	cmd   *loadCmd
	w     *world
	cfg   load.Config
	op    *operator.Operator
	api   string // where it takes SMS over HTTP; empty: it does not
	stack *stack.Stack
	conf  stack.Config

	redis    *stack.Redis // nil: it is not ours
	redisDir string
	auditDir string // what the audit lets go of from memory
}

// prepare starts operator, ledger and gateway and opens the accounts.
func (l *loadRun) prepare(ctx context.Context) error {
	if l.cmd.Target != "" {
		return l.aim(ctx)
	}
	if err := l.begin(ctx); err != nil {
		return err
	}
	if err := l.people(ctx); err != nil {
		return err
	}
	if err := l.look(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, boundPatience)
	defer cancel()
	return l.op.WaitBound(ctx)
}

// begin starts operator, ledger and gateway.
func (l *loadRun) begin(ctx context.Context) error {
	if err := l.ownRedis(ctx); err != nil {
		return err
	}
	l.conf = stack.Config{Data: l.cmd.Data, Redis: l.cmd.Redis, Menu: l.cmd.Menu, Out: l.w.err, HTTP: l.cmd.HTTP, Expires: l.cmd.expires()}
	if l.cmd.HTTP {
		l.conf.Web = l.cmd.Dialect
	} else {
		l.conf.SMPP = l.cmd.Dialect
	}
	if err := l.conf.Ready(ctx); err != nil { // before a port is chosen: it may take minutes
		return err
	}
	ports, err := stack.ChoosePorts(l.w.err)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for SMPP: %w", err)
	}
	if err := l.startOperator(ln, ports); err != nil {
		return err
	}
	l.conf.Ports = ports
	l.conf.Far = stack.Far{
		Name: demoOperator, Addr: ln.Addr().String(), USSDSystemID: demoUSSD, SMSSystemID: demoSMS,
		Password: demoPassword, Binds: loadBinds, Window: loadWindow, SMSAPI: l.cmd.SMS, SMSAddr: l.api,
	}
	l.stack, err = stack.Start(ctx, l.conf)
	return err
}

// startOperator serves SMPP with room for every SMS of the run.
func (l *loadRun) startOperator(ln net.Listener, ports stack.Ports) (err error) {
	texts := make(chan operator.SMS, smsRoom)
	cfg := operator.Config{
		Name: demoOperator, USSDSystemID: demoUSSD, SMSSystemID: demoSMS, Password: demoPassword,
		OnPush: l.pushed(), Dialect: l.conf.SMPP, HTTPDialect: l.conf.Web, Window: loadWindow, Inbox: -1, Idle: loadIdle, OnSMS: func(s operator.SMS) { texts <- s },
		Seed: l.cmd.Seed,
	}
	if l.cmd.HTTP {
		cfg.Aggregator = "http://" + ports.HTTP + "/ussd/" + demoOperator
	}
	if l.cmd.SMS != "" {
		cfg.SMSAPI, cfg.Reports = l.cmd.SMS, "http://"+ports.HTTP+"/dlr/"+demoOperator
	}
	if l.op, err = operator.New(cfg); err != nil {
		return err
	}
	go func() { _ = l.op.Serve(ln) }() // ends with close
	if l.cmd.SMS != "" {
		web, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return fmt.Errorf("listen for SMS: %w", err)
		}
		l.api = web.Addr().String()
		go func() { _ = l.op.ServeSMS(web) }() // ends with close
	}
	l.cfg.Network, l.cfg.SMS = l.op, texts
	return nil
}

// people opens the accounts of the run.
func (l *loadRun) people(ctx context.Context) error {
	began := time.Now()
	if err := l.stack.SeedHouse(ctx); err != nil {
		return err
	}
	employer := stack.Employer()
	if err := l.stack.Seed(ctx, 1, func(int) stack.User { return employer }); err != nil {
		return err
	}
	l.cfg.Others = append(l.cfg.Others, loaded(employer))
	crowd := stack.Crowd(l.cmd.Seed, l.cfg.Profile.Poor)
	err := l.stack.Seed(ctx, l.cmd.Users, func(i int) stack.User {
		u := crowd(i)
		l.cfg.People = append(l.cfg.People, loaded(u))
		return u
	})
	if err != nil {
		return err
	}
	places := stack.CrowdPlaces(l.cmd.Seed, l.cmd.Users)
	for _, u := range places {
		if u.MSISDN == "" {
			l.cfg.Others = append(l.cfg.Others, loaded(u))
		} else {
			l.cfg.People = append(l.cfg.People, loaded(u))
		}
	}
	if err := l.stack.Seed(ctx, len(places), func(i int) stack.User { return places[i] }); err != nil {
		return err
	}
	if err := l.business(ctx); err != nil {
		return err
	}
	fmt.Fprintf(l.w.err, "opened %d accounts in %.1fs\n", l.cmd.Users, time.Since(began).Seconds())
	return nil
}

// loaded is a user as a run knows them.
func loaded(u stack.User) load.Person {
	return load.Person{MSISDN: u.MSISDN, Name: u.Name, PIN: u.PIN, Language: u.Language, Account: u.Account, Kind: u.Kind, Number: u.Sign}
}

// look notes on what the run is made, and what its SMS must say.
func (l *loadRun) look(ctx context.Context) error {
	menu, err := l.stack.Bundle(ctx)
	if err != nil {
		return err
	}
	if err := l.cfg.Reads(menu.Name, menu.Source); err != nil {
		return err
	}
	if err := l.keep(menu.Source); err != nil {
		return err
	}
	if l.auditDir, err = os.MkdirTemp("", "mlango-audit-"); err != nil {
		return fmt.Errorf("a folder for the audit: %w", err)
	}
	l.cfg.Scratch = l.auditDir
	l.cfg.Env = load.Look(l.stack.Data())
	l.cfg.Env.Bundle, l.cfg.Env.Redis, l.cfg.Env.Commit = menu.Hash, l.stack.RedisVersion(), cli.Revision()
	l.cfg.Feed, l.cfg.Notices, l.cfg.Node = l.stack.Ledger(), l.stack.Ledger(), l.stack.Ledger()
	l.cfg.Progress, l.cfg.Gauges = l.w.err, l.gauges
	if l.cfg.Before, err = l.stack.LastEntry(ctx); err != nil {
		return err
	}
	l.cfg.Alone, l.cfg.Breaker, l.cfg.Payroll = true, &breaker{l.op, l.stack, l.redis}, payroll(l.stack)
	return nil
}

// keep writes into the run's folder what a replay takes.
func (l *loadRun) keep(menu string) (err error) {
	head := load.RunHead{Seed: l.cmd.Seed, Poor: l.cfg.Profile.Poor, Speed: l.cmd.Speed, Code: l.cfg.Code, Users: l.cmd.Users,
		Door: load.DoorSMPP, Dialect: l.cmd.Dialect, SMS: l.cmd.SMS, Redis: l.cmd.Redis != "", Expires: l.cmd.Expires.Milliseconds()}
	if l.cmd.HTTP {
		head.Door = load.DoorHTTP
	}
	if l.cfg.Sessions, err = load.NewSessionLog(l.cmd.Out, head); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(l.cmd.Out, load.MenuFile), []byte(menu), 0o644); err != nil {
		return fmt.Errorf("keep the run's menu: %w", err)
	}
	return nil
}

// close stops everything; it may be half started.
func (l *loadRun) close() error {
	var errs []error
	if l.cfg.Sessions != nil {
		errs = append(errs, l.cfg.Sessions.Close())
	}
	if l.stack != nil {
		errs = append(errs, l.stack.Stop())
	} else if l.cmd.Target == "" {
		errs = append(errs, l.conf.Discard())
	}
	if l.op != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closePatience)
		defer cancel()
		_ = l.op.Close(ctx) // the gateway is gone: what is left is cut
	}
	if l.redis != nil {
		errs = append(errs, l.redis.Kill())
	}
	for _, dir := range []string{l.redisDir, l.auditDir} {
		if dir != "" {
			errs = append(errs, os.RemoveAll(dir))
		}
	}
	return errors.Join(errs...)
}
