package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"mlango/ledgerclient"
)

// There is one clock: every instant that is printed stands in the operator's zone, with
// its offset, whatever the machine's own zone is.

// says is an instant, from ms, as RFC 3339.
func (z Zone) says(ms int64) string { return z.tells(time.UnixMilli(ms)) }

// tells is an instant as RFC 3339.
func (z Zone) tells(t time.Time) string { return t.In(z.location()).Format(time.RFC3339) }

// zoneOf asks the node for the operator's clock.
func zoneOf(ctx context.Context, client *ledgerclient.Client) (Zone, error) {
	minutes, err := client.Zone(ctx)
	return Zone(minutes), err
}

// logTime has a log tell instants in the zone too.
func (z Zone) logTime(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindTime {
		a.Value = slog.StringValue(a.Value.Time().In(z.location()).Format("2006-01-02T15:04:05.000Z07:00"))
	}
	return a
}

// left is how long it is until an instant, in whole seconds.
func left(until int64, now time.Time) string {
	d := time.UnixMilli(until).Sub(now).Truncate(time.Second)
	if d <= 0 {
		return "no time left"
	}
	return fmt.Sprintf("%s left", d)
}
