package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"mlango/gateway/health"
	"mlango/internal/cli"
)

// incidentCmd tells what happened.
type incidentCmd struct {
	From   string `default:"1h" placeholder:"WHEN" help:"From when: 03:00, 2026-11-22T03:00, an RFC 3339 instant, or how long ago as 90m (${default})."`
	To     string `default:"0s" placeholder:"WHEN" help:"Until when; now unless given."`
	Admin  string `placeholder:"ADDR" xor:"where" help:"The running gateway's admin address (127.0.0.1:8081)."`
	Config string `placeholder:"FILE" xor:"where" help:"Read the data folder of this configuration; the gateway need not run."`
}

// Run prints the timeline.
func (c *incidentCmd) Run(ctx context.Context, w *world) error {
	now := time.Now()
	from, err := instant(c.From, now)
	if err != nil {
		return cli.Fail(cli.Usage, fmt.Errorf("--from %w", err))
	}
	to, err := instant(c.To, now)
	if err != nil {
		return cli.Fail(cli.Usage, fmt.Errorf("--to %w", err))
	}
	if !from.Before(to) {
		return cli.Fail(cli.Usage, fmt.Errorf("--from %s is not before --to %s", from.Format(time.RFC3339), to.Format(time.RFC3339)))
	}
	t, err := c.read(ctx, from, to)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(w.out, t.words())
	return err
}

func (c *incidentCmd) read(ctx context.Context, from, to time.Time) (t timeline, err error) {
	if c.Config != "" {
		cfg, err := (&configFlag{Config: c.Config}).load(false)
		if err != nil {
			return t, err
		}
		return readTimeline(cfg.Data, from, to)
	}
	at := adminFlag{Admin: c.Admin}
	if at.Admin == "" {
		at.Admin = defaults().Admin
	}
	span := url.Values{"from": {from.Format(time.RFC3339Nano)}, "to": {to.Format(time.RFC3339Nano)}}
	return t, at.call(ctx, "GET", "/incidents?"+span.Encode(), nil, &t)
}

// tableInstants are the ways to write an instant; those without a date are of today,
// or of yesterday when that would be to come.
var tableInstants = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "15:04:05", "15:04"}

var errInstant = errors.New("is no instant: write 03:00, 2026-11-22T03:00, an RFC 3339 instant, or how long ago as 90m")

func instant(s string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(s); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range tableInstants {
		at, err := time.ParseInLocation(layout, s, time.Local)
		if err != nil {
			continue
		}
		if at.Year() == 0 {
			at = time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.Local)
			if at.After(now) {
				at = at.AddDate(0, 0, -1)
			}
		}
		return at, nil
	}
	return time.Time{}, fmt.Errorf("%s %w", s, errInstant)
}

// words are the timeline for people: one line a change, the day where it begins, and
// what was worst on top.
func (t *timeline) words() string {
	var s strings.Builder
	worse, day := 0, ""
	for _, c := range t.Changes {
		if c.Bad {
			worse++
		}
	}
	fmt.Fprintf(&s, "From %s to %s (%s): %d changes, %d for the worse, marked !\n", t.From.Local().Format("2 Jan 15:04:05"), t.To.Local().Format("2 Jan 15:04:05"),
		health.Age(t.To.Sub(t.From)), len(t.Changes), worse)
	if t.More {
		s.WriteString("There was more before these: ask for a shorter time.\n")
	}
	for _, c := range t.Changes {
		if d := c.At.Local().Format("Mon 2 Jan 2006"); d != day {
			day = d
			fmt.Fprintf(&s, "\n%s\n", d)
		}
		mark := " "
		if c.Bad {
			mark = "!"
		}
		text := c.Text
		if c.Lost > 0 {
			text += fmt.Sprintf(" (and %d changes more that are not kept)", c.Lost)
		}
		fmt.Fprintf(&s, "%s %s  %-24s %s\n", c.At.Local().Format("15:04:05"), mark, c.What, strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", 37)))
	}
	if len(t.Changes) == 0 {
		s.WriteString("Nothing changed state.\n")
	}
	return s.String()
}
