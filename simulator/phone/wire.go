package phone

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"mlango/internal/msisdn"
	"mlango/internal/trace"
)

// Who saw an event of the wire view.
const (
	sideOperator = "operator"
	sideGateway  = "gateway"
	sideLedger   = "ledger"
)

// wireJSON is one event of the wire view.
type wireJSON struct {
	trace.Event
	Side string `json:"side"`
}

// wire joins what the network, the gateway and the ledger saw of a session, in order of
// time. A gateway or a ledger that is down has nothing to add.
func (s *Server) wire(ctx context.Context, session string) []wireJSON {
	ctx, cancel := context.WithTimeout(ctx, wirePatience)
	defer cancel()
	all := []wireJSON{}
	add := func(side string, events []trace.Event) {
		for _, e := range events {
			e.At = e.At.UTC() // the sides have clocks of other zones
			all = append(all, wireJSON{e, side})
		}
	}
	own := s.cfg.Network.Events(session)
	hops, answered := s.gatewayEvents(ctx, session)
	add(sideOperator, own)
	add(sideGateway, hops)
	add(sideGateway, s.lost(own, hops, answered))
	told := map[string]bool{}
	for _, o := range append(ordersIn(hops), receiptsIn(own)...) {
		t, known := s.lookup(ctx, o.id)
		if !known || told[t.ID] {
			continue
		}
		told[t.ID] = true
		add(sideLedger, t.events(o.placed))
		add(sideOperator, s.elsewhere(session, t.Receipt))
	}
	slices.SortStableFunc(all, func(a, b wireJSON) int { return a.At.Compare(b.At) })
	return all
}

// elsewhere are the SMS with a receipt number on other phones than the session's.
func (s *Server) elsewhere(session, receipt string) (list []trace.Event) {
	if receipt == "" {
		return nil
	}
	for _, p := range s.cfg.People {
		if strings.Contains(session, "/"+p.MSISDN+"/") {
			continue
		}
		for _, m := range s.cfg.Network.Inbox(p.MSISDN) {
			if !strings.HasPrefix(m.Text, receipt+" ") {
				continue
			}
			if seen := s.cfg.Network.Events(s.cfg.Network.SMSTraceName(m.ID)); len(seen) > 0 {
				list = append(list, seen...)
			} else {
				list = append(list, trace.Event{At: m.At, Kind: "sms", Text: fmt.Sprintf("submit_sm %s → %s: %s", m.From, msisdn.Mask(p.MSISDN), m.Text)})
			}
		}
	}
	return list
}

// order is one order of a session, as the gateway noted it.
type order struct {
	id     string
	placed time.Time
}

// ordersIn finds the orders in a gateway's events: "ID placed".
func ordersIn(events []trace.Event) (list []order) {
	for _, e := range events {
		id, rest, _ := strings.Cut(e.Text, " ")
		if e.Kind == "order" && rest == "placed" && len(list) < maxOrders {
			list = append(list, order{id: id, placed: e.At})
		}
	}
	return list
}

// tableReceipt finds the receipt number that an SMS of the wallet begins with.
var tableReceipt = regexp.MustCompile(`: ([0-9A-Z]{10}) `)

// receiptsIn finds orders by the SMS that the operator saw, also when the gateway that
// placed them is gone.
func receiptsIn(events []trace.Event) (list []order) {
	for _, e := range events {
		if found := tableReceipt.FindStringSubmatch(e.Text); e.Kind == "sms" && found != nil && len(list) < maxOrders {
			list = append(list, order{id: found[1]})
		}
	}
	return list
}

// lost says what the gateway no longer knows: it keeps a session's hops in memory, and
// a screen that the operator had before its first one was made by a process that is gone.
func (s *Server) lost(own, hops []trace.Event, answered bool) []trace.Event {
	if s.cfg.GatewayTrace == "" {
		return nil
	}
	at := slices.IndexFunc(own, func(e trace.Event) bool { return strings.Contains(e.Text, "screen: ") })
	switch {
	case at < 0 || len(hops) > 0 && hops[0].At.Before(own[at].At):
		return nil
	case !answered:
		return []trace.Event{{At: own[at].At, Kind: "lost", Text: "the gateway is down: what it saw of this session was in its memory; the operator's side stands here"}}
	}
	return []trace.Event{{At: own[at].At, Kind: "lost", Text: "an earlier gateway process made this screen: what it saw was in its memory and went with it; the operator's side stands here"}}
}

// gatewayEvents asks the gateway's admin address; answered is false when it is down.
func (s *Server) gatewayEvents(ctx context.Context, session string) (events []trace.Event, answered bool) {
	if s.cfg.GatewayTrace == "" {
		return nil, false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.cfg.GatewayTrace+"?session="+url.QueryEscape(session), nil)
	if err != nil {
		return nil, false
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil, false
	}
	defer resp.Body.Close()
	_ = json.NewDecoder(io.LimitReader(resp.Body, maxTraceBody)).Decode(&events) // a half answer has nothing to add
	return events, true
}

// lookup asks the ledger what became of an order.
func (s *Server) lookup(ctx context.Context, id string) (t transfer, known bool) {
	if s.cfg.Journal == nil {
		return t, false
	}
	b, known, err := s.cfg.Journal.Show(ctx, id)
	if err != nil || !known || json.Unmarshal(b, &t) != nil {
		return t, false
	}
	return t, true
}
