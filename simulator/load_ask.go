package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/load"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// Bounds of a call to the partners' door.
const (
	askPatience = 15 * time.Second
	askAnswer   = 64 << 10 // bytes
	pushRoom    = 1 << 12  // screens that came without a dial
)

// asker is the business of a run's own stack that asks people to approve payments.
type asker struct {
	door   string // http://HOST:PORT
	secret []byte
	client http.Client
}

var _ load.Asker = (*asker)(nil)

// newAsker reads the secret of the stack's partner.
func newAsker(s *stack.Stack) (*asker, error) {
	secret, err := os.ReadFile(s.PartnerKey())
	if err != nil {
		return nil, fmt.Errorf("the partner's secret: %w", err)
	}
	return &asker{door: "http://" + s.Ports().Partners, secret: bytes.TrimSpace(secret), client: http.Client{Timeout: askPatience}}, nil
}

// Payee is the till in whose name it asks.
func (a *asker) Payee() string { return stack.PartnerTill }

// answered is what the door answers.
type answered struct{ State, Receipt, Reason string }

// Ask asks one person; refused is why not, in the door's word.
func (a *asker) Ask(ctx context.Context, number, msisdn string, amount ledger.Amount) (refused string, err error) {
	body := fmt.Appendf(nil, `{"request":%q,"at":%q,"msisdn":%q,"amount":%d,"currency":"KES"}`, number, time.Now().UTC().Format(time.RFC3339), msisdn, amount)
	got, err := a.call(ctx, http.MethodPost, "/approvals/"+stack.Partner, body)
	if err != nil || got.State == "waiting" || got.State == "approved" {
		return "", err
	}
	return cmp.Or(got.Reason, got.State), nil
}

// State is how a request stands.
func (a *asker) State(ctx context.Context, number string) (state, receipt string, err error) {
	got, err := a.call(ctx, http.MethodGet, "/approvals/"+stack.Partner+"/"+number, nil)
	return got.State, got.Receipt, err
}

// call calls the door, signed as gateway/APPROVALS.md says.
func (a *asker) call(ctx context.Context, method, path string, body []byte) (got answered, err error) {
	at, nonce := fmt.Sprint(time.Now().Unix()), rand.Text()
	mac := hmac.New(sha256.New, a.secret)
	_, _ = mac.Write([]byte(strings.Join([]string{at, nonce, method, path, ""}, "\n")))
	_, _ = mac.Write(body)
	req, err := http.NewRequestWithContext(ctx, method, a.door+path, bytes.NewReader(body))
	if err != nil {
		return got, fmt.Errorf("the partners' door: %w", err)
	}
	req.Header.Set("X-Mlango-Signature", "t="+at+",n="+nonce+",s="+hex.EncodeToString(mac.Sum(nil)))
	resp, err := a.client.Do(req)
	if err != nil {
		return got, fmt.Errorf("the partners' door: %w", err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(http.MaxBytesReader(nil, resp.Body, askAnswer)).Decode(&got); err != nil {
		return got, fmt.Errorf("the partners' door answers %s: %w", resp.Status, err)
	}
	if got.State == "" {
		return answered{Reason: fmt.Sprintf("http_%d", resp.StatusCode)}, nil
	}
	return got, nil
}

// pushed keeps screens that come without a dial for the run; one too many is nobody's.
func (l *loadRun) pushed() func(string, operator.Screen) {
	room := make(chan load.Pushed, pushRoom)
	l.cfg.Pushes = room
	return func(number string, s operator.Screen) {
		select {
		case room <- load.Pushed{MSISDN: number, Screen: s}:
		default:
		}
	}
}

// business opens the till that asks people, and lets it ask.
func (l *loadRun) business(ctx context.Context) (err error) {
	if l.cfg.Profile.Approvals.Share == 0 || l.cmd.HTTP {
		return nil
	}
	_, till := stack.Counters()
	if err := l.stack.Seed(ctx, 1, func(int) stack.User { return till }); err != nil {
		return err
	}
	l.cfg.Others = append(l.cfg.Others, loaded(till))
	l.cfg.Asker, err = newAsker(l.stack)
	return err
}
