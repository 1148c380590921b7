package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"

	"mlango/internal/cli"
	"mlango/internal/conf"
	"mlango/simulator/stack"
)

// runningFile is --config FILE: a ledgerd and a gateway that run already, and the operator that
// the gateway's configuration names, whom the run plays.
type runningFile struct {
	Ledger   conf.At[string] `yaml:"ledger"`
	Gateway  conf.At[string] `yaml:"gateway"`
	Operator struct {
		Name         conf.At[string] `yaml:"name"`
		Listen       conf.At[string] `yaml:"listen"`
		USSD         conf.At[string] `yaml:"ussd_system_id"`
		SMS          conf.At[string] `yaml:"sms_system_id"`
		PasswordFile conf.At[string] `yaml:"password_file"`
		HTTP         conf.At[string] `yaml:"http"`
	} `yaml:"operator"`
}

// farEnd is the operator as the gateway knows it.
type farEnd struct {
	name, ussd, sms, password string
	listen                    string // where its binds go
	http                      string // the door that people dial by; empty: over SMPP
}

// demoEnd is the operator of a stack of the run's own.
var demoEnd = farEnd{name: demoOperator, ussd: demoUSSD, sms: demoSMS, password: demoPassword, listen: "127.0.0.1:0"}

// readRunning reads the file.
func readRunning(path string) (ports stack.Ports, far farEnd, err error) {
	var src runningFile
	doc, err := conf.Load(path, &src)
	if err != nil {
		return ports, far, fmt.Errorf("--config: %w", err)
	}
	o := &src.Operator
	src.hold(doc)
	ports = stack.Ports{Ledger: src.Ledger.Value, GatewayAdmin: src.Gateway.Value}
	far = farEnd{name: o.Name.Value, listen: o.Listen.Value, ussd: o.USSD.Value, sms: o.SMS.Value, http: o.HTTP.Value}
	file := o.PasswordFile.Value
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(path), file)
	}
	if far.password, err = passwordIn(file); err != nil {
		doc.FailAt(orAt(o.PasswordFile.Pos, doc.Pos("operator")), err.Error(), "write password_file: smpp.secret, a file with the password of both system_ids")
	}
	if err := doc.Err(); err != nil {
		return ports, far, fmt.Errorf("--config: %w", err)
	}
	return ports, far, nil
}

// hold refuses what is not on this machine: the built-in people are for loopback, and
// accounts are opened for them.
func (r *runningFile) hold(doc *conf.Doc) {
	o := &r.Operator
	for _, one := range []struct {
		key  string
		at   conf.At[string]
		mend string
	}{
		{"ledger", r.Ledger, "write ledgerd's own listen, such as 127.0.0.1:7401"},
		{"gateway", r.Gateway, "write the gateway's own admin, such as 127.0.0.1:8081"},
		{"operator.listen", o.Listen, "write where the gateway's binds go, such as 127.0.0.1:2775"},
	} {
		host, _, err := net.SplitHostPort(one.at.Value)
		switch where := orAt(one.at.Pos, doc.Pos("")); {
		case err != nil:
			doc.FailAt(where, fmt.Sprintf("%s: %q is no address", one.key, one.at.Value), one.mend)
		case !isLoopback(host):
			doc.FailAt(where, fmt.Sprintf("%s: %s is not this machine, and the built-in people are for loopback", one.key, host), "run it there, or dial with --target")
		}
	}
	if u, err := url.Parse(o.HTTP.Value); o.HTTP.Value != "" && (err != nil || u.Scheme != "http" || !isLoopback(u.Hostname())) {
		doc.FailAt(o.HTTP.Pos, "operator.http is no door on this machine", "write it as http://127.0.0.1:8080/ussd/safari, or leave it away: over SMPP")
	}
	for _, one := range []struct {
		key string
		at  conf.At[string]
		ok  bool
	}{{"name", o.Name, true}, {"sms_system_id", o.SMS, true}, {"ussd_system_id", o.USSD, o.HTTP.Value == ""}} {
		if one.ok && one.at.Value == "" {
			doc.FailAt(orAt(one.at.Pos, doc.Pos("operator")), "operator."+one.key+" is missing", "write it as the gateway's configuration does")
		}
	}
}

func orAt(p, other conf.Pos) conf.Pos {
	if p.Line == 0 {
		other.Line, other.Col = max(other.Line, 1), max(other.Col, 1)
		return other
	}
	return p
}

// joined makes a run of the flags that dials programs which run already.
func (c *loadCmd) joined() error {
	switch {
	case c.HTTP || c.SMS != "" || c.Redis != "" || c.Data != "" || c.Menu != "" || c.Keys != "" || c.Range != "" || c.Password != "":
		return errors.New("--config: how its programs run, and which menu, stands in their own configuration – leave --http, --sms, --redis, --data, --menu, --keys, --msisdn-range and --password-file away")
	case c.Mine != "":
		return errors.New("--config: its programs are on this machine – leave --yes-this-is-my-network away")
	case c.Fault != "":
		return errors.New("--config: programs that the run did not start are not broken – leave --fault away, or say --stack")
	}
	_, far, err := readRunning(c.Config)
	c.HTTP = far.http != ""
	return err
}

// join binds to programs that run already.
func (l *loadRun) join(ctx context.Context) error {
	ports, far, err := readRunning(l.cmd.Config)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	l.far = far
	l.conf = stack.Config{HTTP: l.cmd.HTTP}
	if l.cmd.HTTP {
		l.conf.Web = l.cmd.Dialect
	} else {
		l.conf.SMPP = l.cmd.Dialect
	}
	if l.stack, err = stack.Join(ctx, ports); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", far.listen)
	if err != nil {
		return cli.Fail(cli.Usage, fmt.Errorf("--config: operator.listen: %w – is a demo, or another operator, there?", err))
	}
	return l.startOperator(ln, ports)
}

// runningCrowd is the seed of the people in a running ledger: each run finds them again, and
// pays by a seed of its own.
const runningCrowd = 1

// crowdSeed is the seed of the run's people.
func (c *loadCmd) crowdSeed() uint64 {
	if c.Config != "" {
		return runningCrowd
	}
	return c.Seed
}

// settle opens in a running ledger what it does not hold yet of the run's people.
func (l *loadRun) settle(ctx context.Context, employer stack.User, crowd func(int) stack.User, places []stack.User) error {
	there, err := l.stack.Look(ctx, l.cmd.Users, crowd)
	if err != nil {
		return err
	}
	if !there.House {
		if err := l.stack.SeedHouse(ctx); err != nil {
			return err
		}
	}
	if has, err := l.stack.Has(ctx, employer); err != nil {
		return err
	} else if !has {
		if err := l.stack.Seed(ctx, 1, func(int) stack.User { return employer }); err != nil {
			return err
		}
	}
	if there.Crowd {
		fmt.Fprintf(l.w.err, "the ledger has the %d accounts already\n", l.cmd.Users)
		return nil
	}
	if err := l.crowd(ctx, crowd, places); err != nil {
		return err
	}
	fmt.Fprintf(l.w.err, "opened %d accounts\n", l.cmd.Users)
	return nil
}
