package phone

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
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
			all = append(all, wireJSON{e, side})
		}
	}
	own := s.cfg.Network.Events(session)
	hops := s.gatewayEvents(ctx, session)
	add(sideOperator, own)
	add(sideGateway, hops)
	for _, o := range ordersIn(hops) {
		t, known := s.lookup(ctx, o.id)
		if !known {
			continue
		}
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
			if strings.HasPrefix(m.Text, receipt+" ") {
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

// gatewayEvents asks the gateway's admin address.
func (s *Server) gatewayEvents(ctx context.Context, session string) (events []trace.Event) {
	if s.cfg.GatewayTrace == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.cfg.GatewayTrace+"?session="+url.QueryEscape(session), nil)
	if err != nil {
		return nil
	}
	resp, err := s.http.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	_ = json.NewDecoder(io.LimitReader(resp.Body, maxTraceBody)).Decode(&events) // a half answer has nothing to add
	return events
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
