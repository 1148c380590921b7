package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mlango/internal/cli"
)

// Bounds of talking to a running demo.
const (
	apiPatience = 30 * time.Second // the network's timer for a screen is shorter
	apiMaxBody  = 1 << 20
)

// The phone API's shapes, as the contracts write them.
type (
	listed struct {
		MSISDN   string `json:"msisdn"`
		Name     string `json:"name"`
		Language string `json:"language"`
	}
	screen struct {
		Session   string  `json:"session"`
		Screen    string  `json:"screen"`
		Open      bool    `json:"open"`
		Secret    bool    `json:"secret"`
		ElapsedMS float64 `json:"elapsed_ms"`
	}
	sms struct {
		ID   string    `json:"id"`
		From string    `json:"from"`
		Text string    `json:"text"`
		At   time.Time `json:"at"`
	}
)

// api calls the phone API of a running demo.
type api struct {
	base   string
	client *http.Client
}

func newAPI(base string) *api {
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	return &api{base: strings.TrimSuffix(base, "/"), client: &http.Client{
		Timeout:       apiPatience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // a PIN is pressed here, and nowhere else
	}}
}

func (a *api) phones(ctx context.Context) (list []listed, err error) {
	return list, a.call(ctx, http.MethodGet, "/api/phones", nil, &list)
}

func (a *api) dial(ctx context.Context, number, code string) (s screen, err error) {
	return s, a.call(ctx, http.MethodPost, path(number, "dial"), map[string]string{"code": code}, &s)
}

func (a *api) press(ctx context.Context, number, input string) (s screen, err error) {
	return s, a.call(ctx, http.MethodPost, path(number, "press"), map[string]string{"input": input}, &s)
}

func (a *api) hangup(ctx context.Context, number string) error {
	return a.call(ctx, http.MethodPost, path(number, "hangup"), struct{}{}, nil)
}

func (a *api) sms(ctx context.Context, number string) (list []sms, err error) {
	return list, a.call(ctx, http.MethodGet, path(number, "sms"), nil, &list)
}

func path(number, what string) string { return "/api/phones/" + url.PathEscape(number) + "/" + what }

// call sends one request and reads its answer into out.
func (a *api) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("phone api: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, body)
	if err != nil {
		return cli.Fail(cli.Usage, fmt.Errorf("--operator %q: %w", a.base, err))
	}
	resp, err := a.client.Do(req)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return context.Canceled
		}
		return cli.Fail(cli.Unreachable, fmt.Errorf("no demo answers at %s – start one with `simulator demo`, or say --operator URL (%w)", a.base, err))
	}
	defer resp.Body.Close()
	dec := json.NewDecoder(io.LimitReader(resp.Body, apiMaxBody))
	if resp.StatusCode != http.StatusOK {
		return refusal(resp.StatusCode, dec)
	}
	if out == nil {
		return nil
	}
	if err := dec.Decode(out); err != nil {
		return fmt.Errorf("phone api: read the answer of %s: %w", path, err)
	}
	return nil
}

// refusal is the API's error with its mend.
func refusal(status int, dec *json.Decoder) error {
	var e struct{ Error, Mend string }
	if err := dec.Decode(&e); err != nil || e.Error == "" {
		return fmt.Errorf("the phone api answered HTTP %d", status)
	}
	if status == http.StatusBadRequest {
		return cli.Fail(cli.Usage, fmt.Errorf("%s – %s", e.Error, e.Mend))
	}
	return fmt.Errorf("%s – %s", e.Error, e.Mend)
}
