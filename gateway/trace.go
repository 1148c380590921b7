package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"mlango/gateway/health"
	"mlango/gateway/wiretap"
	"mlango/internal/cli"
)

// How a trace is followed.
const (
	followEach = 300 * time.Millisecond
	traceTimes = "15:04:05.000"
)

// traceCmd follows one subscriber's wires.
type traceCmd struct {
	adminFlag
	MSISDN string        `arg:"" name:"msisdn" help:"A subscriber's number, as people write it."`
	For    time.Duration `default:"5m" help:"How long, at most an hour. Ctrl-C ends it sooner."`
	Pcap   string        `placeholder:"FILE" help:"Write a capture for a dissector too, as Wireshark."`
}

// Run prints every PDU and call with that number as it crosses a wire.
func (c *traceCmd) Run(ctx context.Context, w *world) error {
	if c.For < time.Second || c.For > wiretap.MaxTime {
		return cli.Fail(cli.Usage, fmt.Errorf("--for is one second to %s", wiretap.MaxTime))
	}
	if c.Pcap != "" { // a file that cannot be written is found out before the wait
		f, err := os.OpenFile(c.Pcap, os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return cli.Fail(cli.Usage, err)
		}
		f.Close()
	}
	var r wiretap.Report
	if err := c.call(ctx, "POST", "/trace/wire", traceOrder{MSISDN: c.MSISDN, Seconds: int(c.For.Seconds())}, &r); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "The wires of %s until %s. Numbers are masked, what is typed is blanked where it may be a secret.\n", r.Number, r.Until.Local().Format("15:04:05"))
	err := c.follow(ctx, w, r)
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
	defer cancel()
	if err == nil {
		err = c.end(end, w, r.ID)
	}
	return err
}

// follow prints until the trace is over or ctx ends.
func (c *traceCmd) follow(ctx context.Context, w *world, r wiretap.Report) error {
	tick := time.NewTicker(followEach)
	defer tick.Stop()
	for {
		for _, e := range r.Events {
			fmt.Fprintln(w.out, inLine(e))
		}
		if !r.Runs || r.Full {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		next, id := wiretap.Report{}, r.ID
		if err := c.call(ctx, "GET", fmt.Sprintf("/trace/wire/%s?after=%d", id, r.Next), nil, &next); err != nil && ctx.Err() == nil {
			return err
		} else if err == nil {
			r = next
		} else {
			r.Events = nil
		}
	}
}

// inLine is an event on a line.
func inLine(e wiretap.Event) string {
	way := "→"
	if e.In {
		way = "←"
	}
	return fmt.Sprintf("%s  %-20s %s %-15s %s", e.At.Local().Format(traceTimes), e.Link, way, e.What, e.Text)
}

// end stops the trace, says what there was, and fetches the capture.
func (c *traceCmd) end(ctx context.Context, w *world, id string) error {
	var r wiretap.Report
	if err := c.call(ctx, "DELETE", "/trace/wire/"+id, nil, &r); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%d PDUs and calls in %s.\n", len(r.Events), health.Age(r.Until.Sub(r.From)))
	switch {
	case r.Full:
		fmt.Fprintln(w.out, "The trace was full: there was more than it keeps.")
	case len(r.Events) == 0:
		fmt.Fprintln(w.out, "Nothing with that number crossed a wire of this gateway. Is it this gateway's operator, and the number as it is on the wire?")
	}
	if c.Pcap == "" {
		return nil
	}
	raw, err := c.raw(ctx, "GET", "/trace/wire/"+id+"/pcap", nil)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.Pcap, raw, 0o600); err != nil {
		return cli.Fail(cli.Usage, err)
	}
	fmt.Fprintf(w.out, "%s: %d octets; TCP around the PDUs is made up, the PDUs are as they were but for what is masked.\n", c.Pcap, len(raw))
	return nil
}
