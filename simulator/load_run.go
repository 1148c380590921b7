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
	far   farEnd

	redis    *stack.Redis // nil: it is not ours
	redisDir string
	auditDir string // what the audit lets go of from memory
}

// prepare starts operator, ledger and gateway and opens the accounts.
func (l *loadRun) prepare(ctx context.Context) error {
	if l.cmd.Target != "" {
		return l.aim(ctx)
	}
	start := l.begin
	if l.cmd.Config != "" {
		start = l.join
	}
	if err := start(ctx); err != nil {
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
	l.far = demoEnd
	if l.cmd.HTTP {
		l.far.http = "http://" + ports.HTTP + "/ussd/" + demoOperator
	}
	ln, err := net.Listen("tcp", l.far.listen)
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
		Name: l.far.name, USSDSystemID: l.far.ussd, SMSSystemID: l.far.sms, Password: l.far.password, Aggregator: l.far.http,
		OnPush: l.pushed(), Dialect: l.conf.SMPP, HTTPDialect: l.conf.Web, Window: loadWindow, Inbox: -1, Idle: loadIdle, OnSMS: func(s operator.SMS) { texts <- s },
		Seed: l.cmd.Seed,
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

// people opens the accounts of the run, but for those that a running ledger has.
func (l *loadRun) people(ctx context.Context) error {
	began := time.Now()
	employer, crowd := stack.Employer(), stack.Crowd(l.cmd.crowdSeed(), l.poor())
	places := stack.CrowdPlaces(l.cmd.crowdSeed(), l.cmd.Users)
	l.known(employer, crowd, places)
	if l.cmd.Config != "" {
		return l.settle(ctx, employer, crowd, places)
	}
	if err := l.stack.SeedHouse(ctx); err != nil {
		return err
	}
	if err := l.stack.Seed(ctx, 1, func(int) stack.User { return employer }); err != nil {
		return err
	}
	if err := l.crowd(ctx, crowd, places); err != nil {
		return err
	}
	if err := l.business(ctx); err != nil {
		return err
	}
	fmt.Fprintf(l.w.err, "opened %d accounts in %.1fs\n", l.cmd.Users, time.Since(began).Seconds())
	return nil
}

// poor is which part of the people has little money.
func (l *loadRun) poor() float64 {
	if l.cmd.Config != "" {
		return 0 // whatever the profile of the run that opened them was
	}
	return l.cfg.Profile.Poor
}

// known makes everybody known to the run.
func (l *loadRun) known(employer stack.User, crowd func(int) stack.User, places []stack.User) {
	l.cfg.Others = append(l.cfg.Others, loaded(employer))
	for i := range l.cmd.Users {
		l.cfg.People = append(l.cfg.People, loaded(crowd(i)))
	}
	for _, u := range places {
		if u.MSISDN == "" {
			l.cfg.Others = append(l.cfg.Others, loaded(u))
		} else {
			l.cfg.People = append(l.cfg.People, loaded(u))
		}
	}
}

// crowd opens the crowd and its counters.
func (l *loadRun) crowd(ctx context.Context, crowd func(int) stack.User, places []stack.User) error {
	if err := l.stack.Seed(ctx, l.cmd.Users, crowd); err != nil {
		return err
	}
	return l.stack.Seed(ctx, len(places), func(i int) stack.User { return places[i] })
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
	l.cfg.Payroll = payroll(l.stack)
	if l.cmd.Config == "" { // what runs already is not ours to break, and others may use it
		l.cfg.Alone, l.cfg.Breaker = true, &breaker{l.op, l.stack, l.redis}
	}
	return nil
}

// keep writes into the run's folder what a replay takes.
func (l *loadRun) keep(menu string) (err error) {
	head := load.RunHead{Seed: l.cmd.crowdSeed(), Poor: l.poor(), Speed: l.cmd.Speed, Code: l.cfg.Code, Users: l.cmd.Users,
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
