package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"mlango/gateway/health"
	"mlango/gateway/session"
	"mlango/ledgerclient"
)

// What the doctor lets pass.
const (
	mostClockGap  = 2 * time.Second     // an id is refused when our clock is 5 s fast
	leastCertLife = 14 * 24 * time.Hour // a certificate is to be renewed before
)

// probeZone compares the dates of our texts with the ledger's. A ledger that does not
// answer is another probe's.
func (c *Config) probeZone(ctx context.Context) error {
	tls, err := c.Ledger.TLS.load()
	if err != nil {
		return nil
	}
	l, err := ledgerclient.Dial(ledgerclient.Config{Node: c.Ledger.Node, Gateway: c.Name, TLS: tls})
	if err != nil {
		return nil
	}
	minutes, err := l.Zone(ctx)
	if err == nil && minutes != int(c.Zone) {
		err = fmt.Errorf("ours is %s, the ledger's %s", c.Zone, Zone(minutes))
	} else {
		err = nil
	}
	return errors.Join(err, l.Close())
}

// probeEviction asks whether Redis may throw sessions and orders away. Where it does
// not say, as hosted ones, that is taken for a no.
func (c *Config) probeEviction(ctx context.Context) error {
	client := session.NewClient(c.Redis.client())
	set, err := client.ConfigGet(ctx, "maxmemory-policy").Result()
	if policy := set["maxmemory-policy"]; err == nil && policy != "" && policy != "noeviction" {
		return errors.Join(fmt.Errorf("its maxmemory-policy is %s: it throws sessions and orders away when it is full", policy), client.Close())
	}
	return client.Close()
}

// probeRedisClock compares the clocks; Redis's is known to within half the call.
func (c *Config) probeRedisClock(ctx context.Context) error {
	client := session.NewClient(c.Redis.client())
	began := time.Now()
	theirs, err := client.Time(ctx).Result()
	gap := theirs.Sub(began.Add(time.Since(began) / 2))
	if err == nil && gap.Abs() > mostClockGap {
		err = fmt.Errorf("it is %s away from ours", gap.Round(time.Millisecond))
	}
	return errors.Join(err, client.Close())
}

// probeCerts look at every certificate of the file.
func (c *Config) probeCerts() (out []probe) {
	seen := map[string]bool{}
	add := func(t *TLS) {
		if t == nil {
			return
		}
		for _, name := range []string{t.CertFile, t.CAFile} {
			if name != "" && !seen[name] {
				out = append(out, probe{"certificate " + name, "renew it", func(context.Context) error { return certLives(name, time.Now()) }})
			}
			seen[name] = true
		}
	}
	add(c.Ledger.TLS)
	add(c.ListenTLS)
	for i := range c.Operators {
		for j := range c.Operators[i].Binds {
			add(c.Operators[i].Binds[j].TLS)
		}
	}
	return out
}

// certLives tells whether every certificate of a file is good for a while.
func certLives(name string, now time.Time) error {
	raw, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var found bool
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil || !strings.Contains(block.Type, "CERTIFICATE") {
			continue
		}
		found = true
		switch left := cert.NotAfter.Sub(now); {
		case now.Before(cert.NotBefore):
			return fmt.Errorf("it is not valid before %s", cert.NotBefore.Local().Format("2 Jan 2006 15:04"))
		case left <= 0:
			return fmt.Errorf("it ended on %s", cert.NotAfter.Local().Format("2 Jan 2006 15:04"))
		case left < leastCertLife:
			return fmt.Errorf("it ends in %s, on %s", health.Age(left), cert.NotAfter.Local().Format("2 Jan 2006 15:04"))
		}
	}
	if !found {
		return errNoCert
	}
	return nil
}
