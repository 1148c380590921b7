package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Gauges are what gateway and ledger say of themselves at an instant.
type Gauges struct {
	Orders  int           // waiting at the gateway for the ledger
	Texts   int           // waiting at the gateway for the SMSC
	Oldest  time.Duration // of the oldest notice without an SMS
	Shut    bool          // the gateway refuses calls to the ledger unsent
	Gateway error         // why the gateway does not say
	Ledger  error         // why the ledger does not
}

// gaugePatience bounds how long either is asked.
const gaugePatience = 900 * time.Millisecond

// Gauges asks both programs.
func (s *Stack) Gauges(ctx context.Context) (g Gauges) {
	ctx, cancel := context.WithTimeout(ctx, gaugePatience)
	defer cancel()
	g.Gateway = s.askGateway(ctx, &g)
	stats, err := s.ledger.Stats(ctx)
	if g.Ledger = err; err == nil {
		for _, one := range stats {
			if strings.HasSuffix(one.Name, "lag_seconds_sms") {
				g.Oldest = time.Duration(one.Value * float64(time.Second))
			}
		}
	}
	return g
}

// askGateway reads the gateway's board, and from its figures whether its breaker to the
// ledger is open.
func (s *Stack) askGateway(ctx context.Context, g *Gauges) error {
	var board struct {
		Orders int `json:"orders_waiting"`
		Texts  int `json:"sms_waiting"`
	}
	page, err := s.get(ctx, "/view")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(page, &board); err != nil {
		return fmt.Errorf("stack: read the gateway's board: %w", err)
	}
	g.Orders, g.Texts = board.Orders, board.Texts
	figures, err := s.get(ctx, "/metrics")
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(figures)) {
		if value, ok := strings.CutPrefix(line, "mlango_ledger_breaker_open "); ok {
			g.Shut = strings.TrimSpace(value) == "1"
		}
	}
	return nil
}

// get asks the gateway's admin address for a page.
func (s *Stack) get(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.ports.GatewayAdmin+path, nil)
	if err != nil {
		return nil, fmt.Errorf("stack: ask the gateway: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("stack: ask the gateway: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxBundle))
	if err != nil {
		return nil, fmt.Errorf("stack: ask the gateway: %w", err)
	}
	return b, nil
}
