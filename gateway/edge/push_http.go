package edge

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"mlango/gateway/dialog"
	"mlango/internal/dialect"
)

// Push is where an aggregator takes screens that nobody dialled for.
type Push struct {
	URL string
	Key string // for the dialect's key header; empty: none is sent
}

// pushClient makes the calls; a redirect is none of the aggregator's answers.
func pushClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, TLSHandshakeTimeout: writeTimeout,
			MaxConnsPerHost: maxPushes, MaxIdleConnsPerHost: maxPushes, IdleConnTimeout: idleTimeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// maxPushes is how many calls to one aggregator are under way at most.
const maxPushes = 64

// overHTTP tells whether the way is an aggregator's.
func (w *way) overHTTP() bool { return w.o.SMPP == nil }

// pushKey names a dialogue that we open over HTTP.
func pushKey() string {
	var b [12]byte
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return "push-" + hex.EncodeToString(b[:])
}

// post puts a screen on a handset over HTTP. One that was posted and not answered may be
// there: it is not posted again.
func (w *way) post(ctx context.Context, h *dialog.Hop, r dialog.Reply) error {
	d, p := w.o.HTTP, w.o.Push
	open, notify := d.Pushes()
	if p == nil || w.notice && !notify || !w.notice && !open {
		return dialog.ErrNoOpener
	}
	hop := w.hop
	hop.Session, hop.Code = w.key, "*"+w.in.Dest.Addr+"#"
	body := d.AppendPush(nil, hop, dialect.Reply{Text: r.Text, Notify: w.notice})
	w.edge.cfg.Wire.Screen(h.MSISDN, w.session, r.Secret, r.End)
	w.edge.cfg.Trace.Add(w.session, "http", "push of "+strconv.Itoa(len(r.Text))+" bytes")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("edge: push: %w", err)
	}
	req.Header.Set("Content-Type", d.Push.Type)
	if p.Key != "" {
		req.Header.Set(d.Key, p.Key)
	}
	resp, err := w.edge.pushes.Do(req)
	if err != nil {
		if call := (*url.Error)(nil); errors.As(err, &call) {
			err = call.Err
		}
		return fmt.Errorf("edge: push: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return fmt.Errorf("edge: push: %w", err)
	}
	if resp.StatusCode/100 != 2 || !d.Taken(answer) {
		return fmt.Errorf("%w: HTTP %d", errRefused, resp.StatusCode)
	}
	return nil
}

// httpDialogHop is the hop of a dialogue that we open over HTTP, as its inputs come.
func (w *way) httpDialogHop(arrived time.Time) dialog.Hop {
	h := w.edge.hop(w.o, w.hop, w.o.HTTP.Units, arrived)
	h.Session, h.Cumulative = w.key, w.o.HTTP.Cumulative()
	if !w.o.HTTP.Numbered() {
		h.Modulo = 1
	}
	return h
}
