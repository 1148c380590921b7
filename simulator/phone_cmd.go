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
	"mlango/simulator/operator"
	"mlango/simulator/phone"
	"mlango/simulator/stack"
)

// phoneCmd is `simulator phone`.
type phoneCmd struct {
	Target  string   `required:"" help:"Where your service takes hops." placeholder:"URL"`
	Dialect string   `default:"africastalking" help:"How hops are written: an aggregator's name, or the file of one." placeholder:"NAME"`
	Code    string   `default:"*384#" help:"What the phones have typed already." placeholder:"CODE"`
	MSISDN  []string `name:"msisdn" default:"254722000001,254722000002" help:"Who holds the phones, joined by commas." placeholder:"NUMBERS"`
	Listen  string   `default:"127.0.0.1:8090" help:"Where the page is; 127.0.0.1:8090 without it." placeholder:"HOST:PORT"`
}

// Run serves the page until Ctrl-C.
func (c *phoneCmd) Run(ctx context.Context, w *world) error {
	op, page, err := c.build()
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	free, moved, err := stack.FreePort(c.Listen)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	if moved {
		fmt.Fprintf(w.out, "%s is taken; the page is at %s\n", c.Listen, free)
	}
	ln, err := net.Listen("tcp", free)
	if err != nil {
		return fmt.Errorf("listen for the phone page: %w", err)
	}
	frame(w.out, bold(w, "Mlango phones"), len("Mlango phones"), []string{
		"", "Phones   http://" + free, "Service  " + c.Target + " (" + c.Dialect + ")",
		"Dial     " + strings.Replace(dialLine(free), "'*334#'", "'"+c.Code+"'", 1), "", "Ctrl-C stops it.", "",
	})
	web := &http.Server{Handler: page.Handler(), ReadHeaderTimeout: headerTimeout}
	go func() { _ = web.Serve(ln) }() // ends with Close
	<-ctx.Done()
	closing, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	return errors.Join(web.Close(), op.Close(closing))
}

// build makes the network whose hops are HTTP calls to the service, and the page on it.
func (c *phoneCmd) build() (*operator.Operator, *phone.Server, error) {
	if host, _, err := net.SplitHostPort(c.Listen); err != nil || !isLoopback(host) {
		return nil, nil, fmt.Errorf("--listen %q: the phones are for this machine only – use 127.0.0.1:8090, and ssh -L from afar", c.Listen)
	}
	if u, err := url.Parse(c.Target); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, nil, fmt.Errorf("--target %q: write the whole URL, such as http://localhost:3000/ussd", c.Target)
	}
	code, err := dialledCode(c.Code)
	if err != nil {
		return nil, nil, fmt.Errorf("--code: %w", err)
	}
	short, _, _ := strings.Cut(strings.Trim(code, "*#"), "*")
	hub := phone.NewHub()
	op, err := operator.New(operator.Config{
		Name: "phone", ShortCode: short, Aggregator: c.Target, HTTPDialect: c.Dialect, Trace: true, OnSMS: hub.SMS,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("--dialect %q: %w", c.Dialect, err)
	}
	return op, phone.New(phone.Config{Network: op, Name: "aggregator", Hub: hub, People: holders(c.MSISDN), Code: code, Service: c.Target}), nil
}
