package operator

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"mlango/internal/dialect"
)

// Bounds of the HTTP door.
const (
	networkCode    = "63902"  // MCC and MNC of a Kenyan network, as aggregators send it
	aggregatorUser = "mlango" // our account with the aggregator, where the dialect names one
	maxReplyBody   = 4 << 10
	maxIdleConns   = 1024             // kept open to the door
	idleConnsClose = 30 * time.Second // before the door closes them
)

var errCall = errors.New("operator: the aggregator's URL is not one")

// aggregator brings hops by HTTP calls: the same handsets over the HTTP door.
type aggregator struct {
	o       *Operator
	dialect *dialect.HTTP
	door    string // URL that calls begin with
	prefix  string // of session keys, different in every run
}

// KnowsDialect says what is wrong with the name of a dialect, or the file of one, over
// HTTP or over SMPP; empty is the usual one.
func KnowsDialect(overHTTP bool, name string) (err error) {
	switch {
	case name == "":
	case overHTTP:
		_, err = dialect.OverHTTP(name)
	default:
		_, err = dialect.OverSMPP(name)
	}
	return err
}

// doorOf parts the HTTP door's URL from the dialect that it may name:
// https://gateway.example/ussd/safari?dialect=hubtel.
func doorOf(target string) (door, name string, err error) {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return "", "", errCall
	}
	if query := u.Query(); len(query) > 0 {
		if name = query.Get("dialect"); name == "" || len(query) > 1 {
			return "", "", errCall
		}
	}
	u.RawQuery = ""
	return u.String(), name, nil
}

func newAggregator(o *Operator) (*aggregator, error) {
	door, named, err := doorOf(o.cfg.Aggregator)
	if err != nil {
		return nil, err
	}
	d, err := dialect.OverHTTP(cmp.Or(named, o.cfg.HTTPDialect))
	if err != nil {
		return nil, fmt.Errorf("operator: %w", err)
	}
	var run [6]byte
	_, _ = rand.Read(run[:]) // never fails
	return &aggregator{o: o, dialect: d, door: door, prefix: "ATUid_" + hex.EncodeToString(run[:])}, nil
}

// doorClient keeps connections open, as aggregators do, and goes nowhere but to the door:
// a redirect would bring what was typed to a host whose owner nobody asked.
func doorClient() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			MaxIdleConns: maxIdleConns, MaxIdleConnsPerHost: maxIdleConns, IdleConnTimeout: idleConnsClose,
		},
	}
}

// open names the dialogue; the name never comes again, unless the dialect has
// none for it.
func (a *aggregator) open(h *handset) {
	h.dial.session = a.prefix + strconv.FormatUint(a.o.sessions.Add(1), 36)
	if a.dialect.Keyless() {
		h.dial.session = a.dialect.Name
	}
}

// carry makes the call of a hop and shows the answer. Where the dialect has no
// call for a subscriber who hung up, nobody is told: the session ends by itself.
func (a *aggregator) carry(ctx context.Context, p *hop) error {
	h := dialect.Hop{Op: dialect.Op(p.op), Session: p.session, MSISDN: p.msisdn, Code: p.code, Text: p.text, Position: p.unit}
	if a.dialect.Cumulative() {
		h.Text = p.inputs
	}
	call, ok := a.dialect.EncodeHop(h, dialect.Echo{
		"network": networkCode, "user": aggregatorUser, "platform": "USSD", "login": aggregatorUser, "secret": a.o.cfg.Password,
		"invoke": "0",
	})
	if !ok {
		return nil
	}
	a.o.traceHop(p, a.o.httpWords(p, &call))
	body, header, err := a.send(ctx, call)
	if err != nil || p.op == opAbort {
		return err
	}
	r, err := a.dialect.DecodeReply(header.Get, body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	secret := !r.End && strings.Contains(r.Text, "PIN") // no dialect says so
	a.o.show(p.msisdn, p.session, p.unit, dialect.Modulo, answer{text: r.Text, end: r.End, secret: secret, body: string(body)})
	return nil
}

// send makes a call and reads its answer.
func (a *aggregator) send(ctx context.Context, call dialect.Request) ([]byte, http.Header, error) {
	target := a.door + call.Path
	if len(call.Query) > 0 {
		target += "?" + string(call.Query)
	}
	req, err := http.NewRequestWithContext(ctx, call.Method, target, bytes.NewReader(call.Body))
	if err != nil {
		return nil, nil, errCall // its words would hold what was typed
	}
	if call.Type != "" {
		req.Header.Set("Content-Type", call.Type)
	}
	resp, err := a.o.http.Do(req)
	if err != nil {
		return nil, nil, fate(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReplyBody))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%w: HTTP %d", ErrRefused, resp.StatusCode)
	}
	return body, resp.Header, nil
}

// fate tells a hop that surely was not sent from one that got no answer. The URL
// stays out: by GET it holds what was typed.
func fate(err error) error {
	if call := (*url.Error)(nil); errors.As(err, &call) {
		err = call.Err
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Op == "dial" {
		return fmt.Errorf("%w: %w", ErrNoService, err)
	}
	return fmt.Errorf("%w: %w", ErrNoAnswer, err)
}
