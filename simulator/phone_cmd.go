package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"mlango/internal/cli"
	"mlango/internal/msisdn"
	"mlango/simulator/operator"
	"mlango/simulator/phone"
	"mlango/simulator/stack"
)

// phoneCmd is `simulator phone`.
type phoneCmd struct {
	Target  string   `required:"" help:"Where your service takes hops." placeholder:"URL"`
	Dialect string   `default:"africastalking" help:"How hops are written: an aggregator's name, or the file of one." placeholder:"NAME"`
	Code    string   `default:"*384#" help:"What the phones have typed already." placeholder:"CODE"`
	MSISDN  []string `name:"msisdn" help:"Who holds the phones, joined by commas; on loopback 254722000001,254722000002 without it." placeholder:"NUMBERS"`
	Mine    string   `name:"yes-this-is-my-network" help:"The host of --target once more, when it is not this machine." placeholder:"HOST"`
	Listen  string   `default:"127.0.0.1:8090" help:"Where the page is; 127.0.0.1:8090 without it." placeholder:"HOST:PORT"`
	SMS     string   `name:"sms" default:"127.0.0.1:8091" help:"Where your service sends SMS to the phones; 127.0.0.1:8091 without it." placeholder:"HOST:PORT"`
	SMSAPI  string   `name:"sms-api" default:"africastalking" enum:"africastalking,infobip" help:"As which aggregator takes them: africastalking or infobip." placeholder:"NAME"`
	Reports string   `name:"sms-reports" help:"Where their delivery reports are posted; nowhere without it." placeholder:"URL"`
}

// Help is more of it, with examples.
func (*phoneCmd) Help() string {
	return `What is dialled and typed on the page goes to your service as the aggregator of --dialect
calls it. SMS that your service sends to --sms are in the phones' inboxes: any account name
and any key will do, as in a sandbox.

Examples:
  simulator phone --target http://localhost:3000/ussd
  simulator phone --target http://localhost:3000/ussd --dialect hubtel --code '*713#'
  curl http://127.0.0.1:8091/version1/messaging -H 'apiKey: any' -d username=sandbox \
      -d to=+254722000001 -d from=SHAMBA --data-urlencode 'message=Maize is at Ksh 3,200'
  simulator phone --target http://localhost:3000/ussd --sms-reports http://localhost:3000/reports`
}

// tableSMSPaths are where the aggregators take SMS; here any path will do.
var tableSMSPaths = map[string]string{"africastalking": "/version1/messaging", "infobip": "/sms/3/messages"}

// Run serves the page until Ctrl-C.
func (c *phoneCmd) Run(ctx context.Context, w *world) error {
	op, page, err := c.build()
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	ln, err := listenFree(w, c.Listen, "the page")
	if err != nil {
		return err
	}
	sms, err := listenFree(w, c.SMS, "the SMS API")
	if err != nil {
		return err
	}
	free := ln.Addr().String()
	frame(w.out, bold(w, "Mlango phones"), len("Mlango phones"), []string{
		"", "Phones   http://" + free, "Service  " + c.Target + " (" + c.Dialect + ")",
		"SMS      http://" + sms.Addr().String() + tableSMSPaths[c.SMSAPI] + " (" + c.SMSAPI + ")",
		"Dial     " + strings.Replace(dialLine(free), "'*334#'", "'"+c.Code+"'", 1), "", "Ctrl-C stops it.", "",
	})
	web := &http.Server{Handler: page.Handler(), ReadHeaderTimeout: headerTimeout}
	go func() { _ = web.Serve(ln) }()    // ends with Close
	go func() { _ = op.ServeSMS(sms) }() // so does this
	<-ctx.Done()
	closing, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	return errors.Join(web.Close(), op.Close(closing))
}

// listenFree takes a port, or the next free one and says so.
func listenFree(w *world, at, what string) (net.Listener, error) {
	free, moved, err := stack.FreePort(at)
	if err != nil {
		return nil, cli.Fail(cli.Usage, err)
	}
	if moved {
		fmt.Fprintf(w.out, "%s is taken; %s is at %s\n", at, what, free)
	}
	ln, err := net.Listen("tcp", free)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", what, err)
	}
	return ln, nil
}

// build makes the network whose hops are HTTP calls to the service, and the page on it.
func (c *phoneCmd) build() (*operator.Operator, *phone.Server, error) {
	for _, door := range [][2]string{{"--listen", c.Listen}, {"--sms", c.SMS}} {
		if host, _, err := net.SplitHostPort(door[1]); err != nil || !isLoopback(host) {
			return nil, nil, fmt.Errorf("%s %q: the phones are for this machine only – use 127.0.0.1:8090, and ssh -L from afar", door[0], door[1])
		}
	}
	if u, err := url.Parse(c.Reports); c.Reports != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return nil, nil, errors.New("--sms-reports: write the whole URL, such as http://localhost:3000/reports")
	}
	people, err := c.people()
	if err != nil {
		return nil, nil, err
	}
	code, err := dialledCode(c.Code)
	if err != nil {
		return nil, nil, fmt.Errorf("--code: %w", err)
	}
	short, _, _ := strings.Cut(strings.Trim(code, "*#"), "*")
	hub := phone.NewHub()
	op, err := operator.New(operator.Config{
		Name: "phone", ShortCode: short, Aggregator: c.Target, HTTPDialect: c.Dialect, Trace: true, OnSMS: hub.SMS,
		SMSAPI: c.SMSAPI, Reports: c.Reports,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("--dialect %q: %w", c.Dialect, err)
	}
	return op, phone.New(phone.Config{Network: op, Name: "aggregator", Hub: hub, People: holders(people), Code: code, Service: c.Target}), nil
}

// people hold the phones, if they may dial at the target: the built-in ones are for
// loopback, and another machine needs its owner's word.
func (c *phoneCmd) people() ([]string, error) {
	u, err := url.Parse(c.Target)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--target %q: write the whole URL, such as http://localhost:3000/ussd", unsecret(c.Target))
	}
	if len(c.MSISDN) == 0 && !isLoopback(u.Hostname()) {
		return nil, fmt.Errorf("--target %s: the built-in phones are for loopback – say whose numbers may be dialled with, --msisdn 254700000000,254700000001", u.Hostname())
	}
	if err := (target{url: u}).mine(c.Mine); err != nil {
		return nil, fmt.Errorf("--target: %w", err)
	}
	for _, number := range c.MSISDN {
		if !msisdn.Valid(number) {
			return nil, fmt.Errorf("--msisdn %s: write numbers as 254722000001,254722000002", strings.Join(c.MSISDN, ","))
		}
	}
	if len(c.MSISDN) == 0 {
		return tablePhones, nil
	}
	return c.MSISDN, nil
}

// tablePhones are those of the built-in people.
var tablePhones = []string{"254722000001", "254722000002"}
