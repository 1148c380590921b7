//go:build house

package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/menus"
	"mlango/smpp"
)

// crossed is an SMSC that answers for everybody, and sends each delivery receipt to
// another bind of the account than the one that brought the SMS, as far as it has one.
type crossed struct {
	*smpp.Server
	pending sync.WaitGroup
}

func newCrossed(t *testing.T, at string) *crossed {
	t.Helper()
	c := &crossed{}
	c.Server = smpp.NewServer(smpp.ServerConfig{
		SystemID: "crossed", AddrPace: -1,
		Auth:      func(string, string) smpp.Status { return smpp.StatusOK },
		OnMessage: c.take,
	})
	ln, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = c.Serve(ln) }() // ends with Close
	t.Cleanup(func() {
		c.pending.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = c.Close(ctx)
	})
	return c
}

func (c *crossed) take(from *smpp.Session, m *smpp.Message) smpp.Status {
	if m.RegisteredDelivery == 0 {
		return smpp.StatusOK
	}
	for _, s := range c.Sessions() {
		if s == from || s.SystemID() != from.SystemID() {
			continue
		}
		r := &smpp.Message{Kind: smpp.DeliverSM, Source: m.Dest, Dest: m.Source}
		smpp.Receipt{ID: m.MessageID, Stat: "DELIVRD", Err: "000", Submitted: time.Now(), Done: time.Now()}.Put(r)
		c.pending.Go(func() { _, _ = s.Deliver(context.Background(), r) }) // the counters tell whether it came
		break
	}
	return smpp.StatusOK
}

// tableReceipts finds the counters of receipts by what they say.
var tableReceipts = regexp.MustCompile(`(?m)^mlango_receipts_total\{.*what="(\w+)"\} (\d+)$`)

// receipts are both gateways' counters.
func (f *fleet) receipts() map[string]string {
	all := map[string]string{}
	for i, admin := range f.admins {
		resp, err := http.Get("http://" + admin + "/metrics")
		if err != nil {
			continue
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		for _, m := range tableReceipts.FindAllStringSubmatch(string(b), -1) {
			all[[]string{"one ", "two "}[i]+m[1]] = m[2]
		}
	}
	return all
}

// TestHouseReceiptsOfAFleet: the SMSC gives each receipt to the gateway that did not send
// the SMS; passed on, it is counted where the SMS was sent, and nobody's is a stranger.
func TestHouseReceiptsOfAFleet(t *testing.T) {
	f := newFleet(t)
	wallet := f.published(string(menus.Wallet()))
	f.menus(0, 0, "canary", wallet, "--percent", "100")
	f.menus(0, 0, "status")
	c := newCrossed(t, f.far)
	until(t, "both gateways are bound for SMS", func() bool {
		n := 0
		for _, s := range c.Sessions() {
			if s.SystemID() == demoSMS {
				n++
			}
		}
		return n >= 2
	})
	keys, session := []string{"1", "0722000002", "500", "4826"}, f.sessionID()
	for n := range keys {
		f.must(0, session, person(1).MSISDN, "CON ", keys[:n]...)
	}
	f.must(0, session, person(1).MSISDN, "Confirmed", keys...)
	until(t, "both receipts are counted where their SMS were sent", func() bool {
		got := f.receipts()
		return total(got, "elsewhere") == 2 && total(got, "delivered") == 2
	})
	if got := f.receipts(); total(got, "passed") != 2 || total(got, "stranger") != 0 {
		t.Errorf("receipts %v", got)
	}
}

// total is a counter of both gateways together.
func total(counters map[string]string, what string) (sum int) {
	for name, value := range counters {
		if n, err := strconv.Atoi(value); err == nil && strings.HasSuffix(name, " "+what) {
			sum += n
		}
	}
	return sum
}
