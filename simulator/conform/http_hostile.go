package conform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"mlango/internal/dialect"
)

// hugeBody is what no hop of any dialect comes near.
const hugeBody = 1 << 20

// polite tells whether an answer does no harm: a screen of the dialect, or a refusal.
func (s said) polite() error {
	switch {
	case s.status == http.StatusOK && s.err == nil, s.status >= 400 && s.status < 500:
		return nil
	}
	return fmt.Errorf("%s", s)
}

// hostile is a call that is not the dialect's: a door may also say nothing to it.
func hostile(r dialect.Request) func(ctx context.Context, d *door) error {
	return func(ctx context.Context, d *door) error {
		r.Type = "application/x-www-form-urlencoded"
		if len(d.dialect.Request.Types) > 0 {
			r.Type = d.dialect.Request.Types[0]
		}
		a, err := d.call(ctx, r)
		if err != nil {
			return err
		}
		if a.status/100 == 2 && len(bytes.TrimSpace(a.body)) == 0 {
			return nil
		}
		return a.polite()
	}
}

// otherMethod calls as no aggregator does. A refusal says that it is one: to answer as if
// all were well is none, and a server's error is none either.
func otherMethod(ctx context.Context, d *door) error {
	a, err := d.call(ctx, dialect.Request{Method: http.MethodDelete})
	switch {
	case err != nil:
		return err
	case a.status >= 400 && a.status < 500, a.status == http.StatusNotImplemented:
		return nil
	}
	return fmt.Errorf("DELETE is answered %s", a)
}

func lateKey(ctx context.Context, d *door) error {
	a, err := d.hop(ctx, d.open(4), dialect.Input, "1")
	if err != nil {
		return err
	}
	return a.polite()
}

// typed is a dialogue in which that is typed.
func typed(text string) func(ctx context.Context, d *door) error {
	return func(ctx context.Context, d *door) error {
		s := d.open(2)
		if _, err := d.screen(ctx, s, dialect.Begin, d.Code); err != nil {
			return err
		}
		a, err := d.hop(ctx, s, dialect.Input, text)
		if err != nil {
			return err
		}
		return a.polite()
	}
}

// longKey is more than anybody types.
const longKey = 5000

// long is a key far too long: a door may hang up on that, and answers the next dial.
func long(ctx context.Context, d *door) error {
	err := typed(strings.Repeat("9", longKey))(ctx, d)
	if errors.Is(err, errHungUp) {
		return answered(ctx, d)
	}
	return err
}

func nobody(ctx context.Context, d *door) error {
	s := d.open(0)
	s.number = "0"
	a, err := d.hop(ctx, s, dialect.Begin, d.Code)
	if err != nil {
		return err
	}
	return a.polite()
}

// oversize sends a dial behind a megabyte of nothing; a door may hang up on that.
func oversize(ctx context.Context, d *door) error {
	r, ok := d.request(d.open(8), dialect.Begin, d.Code)
	if !ok || len(r.Body) == 0 {
		return errNotAsked("calls of this dialect have no body")
	}
	r.Body = append(append(bytes.Clone(r.Body), '&'), bytes.Repeat([]byte{'x'}, hugeBody)...)
	a, err := d.call(ctx, r)
	switch {
	case err != nil && !errors.Is(err, errHungUp):
		return err
	case err == nil && a.polite() != nil:
		return a.polite()
	}
	return answered(ctx, d)
}

// broken begins a call and breaks off; the next one must be answered.
func broken(ctx context.Context, d *door) error {
	r, ok := d.request(d.open(9), dialect.Begin, d.Code)
	if !ok || len(r.Body) == 0 {
		return errNotAsked("calls of this dialect have no body")
	}
	body, stop := io.Pipe()
	defer body.Close()
	req, err := http.NewRequestWithContext(ctx, r.Method, d.URL+r.Path+"?"+d.Query, body)
	if err != nil {
		return err
	}
	req.ContentLength = int64(len(r.Body))
	req.Header.Set("Content-Type", r.Type)
	go func() {
		_, _ = stop.Write(r.Body[:len(r.Body)/2])
		stop.CloseWithError(io.ErrUnexpectedEOF)
	}()
	if resp, err := d.client.Do(req); err == nil {
		resp.Body.Close()
	}
	return answered(ctx, d)
}

// halfSent holds a call back in its middle while somebody else dials.
func halfSent(ctx context.Context, d *door) error {
	r, ok := d.request(d.open(9), dialect.Begin, d.Code)
	if !ok || len(r.Body) == 0 {
		return errNotAsked("calls of this dialect have no body")
	}
	half, cancel := context.WithCancel(ctx)
	body, rest := io.Pipe()
	req, err := http.NewRequestWithContext(half, r.Method, d.URL+r.Path+"?"+d.Query, body)
	if err != nil {
		cancel()
		return err
	}
	req.ContentLength = int64(len(r.Body))
	req.Header.Set("Content-Type", r.Type)
	over, patient := make(chan struct{}), http.Client{Transport: d.client.Transport, CheckRedirect: stay} // longer than the dial beside it
	go func() {
		defer close(over)
		if resp, err := patient.Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	_, _ = rest.Write(r.Body[:len(r.Body)/2])
	time.Sleep(pause) // it is on its way
	err = answered(ctx, d)
	cancel()
	rest.Close()
	<-over
	return err
}
