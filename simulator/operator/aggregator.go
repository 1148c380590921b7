package operator

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mlango/internal/dialect"
)

// Bounds of the HTTP door.
const (
	networkCode    = "63902" // MCC and MNC of a Kenyan network, as aggregators send it
	maxReplyBody   = 4 << 10
	maxIdleConns   = 1024             // kept open to the door
	idleConnsClose = 30 * time.Second // before the door closes them
)

// aggregator brings hops by POST: the same handsets over the HTTP door.
type aggregator struct {
	o       *Operator
	dialect *dialect.HTTP
	prefix  string // of session keys, different in every run
}

func newAggregator(o *Operator) (*aggregator, error) {
	d, err := dialect.OverHTTP(o.cfg.HTTPDialect)
	if err != nil {
		return nil, fmt.Errorf("operator: %w", err)
	}
	var run [6]byte
	_, _ = rand.Read(run[:]) // never fails
	return &aggregator{o: o, dialect: d, prefix: "ATUid_" + hex.EncodeToString(run[:])}, nil
}

// doorClient keeps connections open, as aggregators do.
func doorClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		MaxIdleConns: maxIdleConns, MaxIdleConnsPerHost: maxIdleConns, IdleConnTimeout: idleConnsClose,
	}}
}

// open names the dialogue; the name never comes again.
func (a *aggregator) open(h *handset) {
	h.dial.session = a.prefix + strconv.FormatUint(a.o.sessions.Add(1), 36)
}

// carry posts a hop and shows the answer. An aggregator does not tell of a
// subscriber who hung up while it waits: its end comes with the next report.
func (a *aggregator) carry(ctx context.Context, p *hop) error {
	if p.op == opAbort {
		return nil
	}
	h := dialect.Hop{Session: p.session, MSISDN: p.msisdn, Code: p.code, Text: p.inputs}
	resp, err := a.post(ctx, a.dialect.EncodeHop(h, networkCode))
	if err != nil {
		return err
	}
	r, err := a.dialect.DecodeReply(resp)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	secret := !r.End && strings.Contains(r.Text, "PIN") // the dialect does not say
	a.o.show(p.msisdn, p.session, p.unit, dialect.Modulo, answer{text: r.Text, end: r.End, secret: secret})
	return nil
}

// post sends a form and reads the answer's body.
func (a *aggregator) post(ctx context.Context, form []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.o.cfg.Aggregator, bytes.NewReader(form))
	if err != nil {
		return nil, fmt.Errorf("operator: post a hop: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := a.o.http.Do(req)
	if err != nil {
		return nil, fate(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBody))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: HTTP %d", ErrRefused, resp.StatusCode)
	}
	return body, nil
}

// fate tells a hop that surely was not sent from one that got no answer.
func fate(err error) error {
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("%w: %w", ErrNoService, err)
	}
	return fmt.Errorf("%w: %w", ErrNoAnswer, err)
}
