package binds

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"mlango/smpp"
)

// api is an aggregator's HTTP SMS API in a bind's place: it takes one whole text a
// call, and the same words come back as from an SMSC.
type api struct {
	spoken       spoken
	url          string
	account, key string
	client       *http.Client
	patience     time.Duration
	again        time.Duration // between two looks at one that is away
	over         chan struct{} // never closed: there is no link to lose
}

// spoken is how one aggregator's API is called. It keeps nothing of a body.
type spoken interface {
	// call is the request of a text: what follows the URL, the headers and the body.
	call(a *api, t apiText) (path string, header http.Header, body []byte)
	// answer reads what came back with a good status; the error is errNoAnswer when
	// it says nothing of the recipient, or wraps smpp.ErrClosed.
	answer(to string, body []byte) (smpp.Response, error)
	// reports reads delivery reports; contentType is without parameters.
	reports(contentType string, body []byte) ([]Report, error)
}

// apiText is one SMS as aggregators take it.
type apiText struct {
	to, from, text string
	validity       time.Duration // 0 is the aggregator's own
}

// Report is one delivery report of an aggregator.
type Report struct {
	smpp.Receipt
	To string // MSISDN in digits
}

// tableAPIs are the aggregators by what `http:` of a bind names.
var tableAPIs = map[string]spoken{"africastalking": africasTalking{}, "infobip": infobip{}}

// tableAPIURLs are the addresses of those that have one for everybody.
var tableAPIURLs = map[string]string{"africastalking": "https://api.africastalking.com/version1/messaging"}

// APIs names the aggregators' HTTP SMS APIs that are spoken.
func APIs() []string { return []string{"africastalking", "infobip"} }

var (
	errNoAnswer = errors.New("binds: the answer says nothing of the recipient")
	errReport   = errors.New("binds: not delivery reports of this aggregator")
)

func newAPI(b Bind) (*api, error) {
	tls, err := b.TLS.config("")
	if err != nil {
		return nil, err
	}
	return &api{
		spoken: tableAPIs[b.HTTP], url: strings.TrimSuffix(b.URL, "/"), account: b.SystemID, key: b.Password,
		patience: b.ResponseTimeout, again: b.EnquireLink, over: make(chan struct{}),
		client: &http.Client{
			Transport: &http.Transport{
				Proxy: http.ProxyFromEnvironment, TLSClientConfig: tls, ForceAttemptHTTP2: true, TLSHandshakeTimeout: b.ResponseTimeout,
				MaxConnsPerHost: b.Window, MaxIdleConnsPerHost: b.Window, IdleConnTimeout: b.EnquireLink,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Done is never closed.
func (a *api) Done() <-chan struct{} { return a.over }

// Submit calls the API once. Like a session's, its error is smpp.ErrClosed when
// nothing was taken and smpp.ErrUnknown when it may have been.
func (a *api) Submit(ctx context.Context, m *smpp.Message) (smpp.Response, error) {
	t := apiText{to: m.Dest.Addr, from: m.Source.Addr, text: smpp.DecodeText(m.DataCoding, m.Content())}
	t.validity, _ = smpp.ReadRelative(m.ValidityPeriod)
	path, header, body := a.spoken.call(a, t)
	ctx, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+path, bytes.NewReader(body))
	if err != nil {
		return smpp.Response{}, fmt.Errorf("%w: %w", smpp.ErrClosed, err)
	}
	req.Header = header
	resp, err := a.client.Do(req)
	if err != nil {
		return smpp.Response{}, a.fate(sent.Load(), err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return smpp.Response{}, a.fate(true, err)
	}
	return a.judge(resp.StatusCode, t.to, answer)
}

// reach asks whether anybody answers at the API's address, whatever he says.
func (a *api) reach(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, a.patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, a.url, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", smpp.ErrClosed, err)
	}
	resp, err := a.client.Do(req)
	if err != nil {
		return a.fate(false, err)
	}
	return resp.Body.Close()
}

// fate tells a call that surely did not leave from one that got no answer. The URL
// stays out of the words, the error itself is all there is to say.
func (a *api) fate(sent bool, err error) error {
	if call := (*url.Error)(nil); errors.As(err, &call) {
		err = call.Err
	}
	if sent {
		return fmt.Errorf("%w: %w", smpp.ErrUnknown, err)
	}
	return fmt.Errorf("%w: %w", smpp.ErrClosed, err)
}

// judge reads an answer. Only what the aggregator says of the recipient is an
// answer to the text: a good status with other words may have taken it.
func (a *api) judge(status int, to string, body []byte) (smpp.Response, error) {
	switch {
	case status >= 200 && status < 300:
		r, err := a.spoken.answer(to, body)
		if errors.Is(err, errNoAnswer) {
			err = fmt.Errorf("%w: %w", smpp.ErrUnknown, err)
		}
		return r, err
	case status == http.StatusTooManyRequests:
		return smpp.Response{Status: smpp.StatusThrottled}, nil
	case status == http.StatusServiceUnavailable:
		return smpp.Response{Status: smpp.StatusMsgQueueFull}, nil
	case status >= 500: // it broke in the middle of the call, or what stands behind it has the text
		return smpp.Response{}, fmt.Errorf("%w: HTTP %d", smpp.ErrUnknown, status)
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return smpp.Response{Status: smpp.StatusSubmitFail}, nil
	}
	return smpp.Response{}, fmt.Errorf("%w: HTTP %d: the key, the account or the URL is wrong", smpp.ErrClosed, status)
}

// Reports reads the delivery reports that an operator's aggregator posts, and by
// which bind its SMS go.
func (p *Pool) Reports(operator, contentType string, body []byte) (bind string, reports []Report, err error) {
	kind, _, err := mime.ParseMediaType(contentType)
	o := p.table.Load().operators[operator]
	if o == nil || err != nil {
		return "", nil, errReport
	}
	for _, l := range o.links {
		if l.api != nil {
			reports, err := l.api.spoken.reports(kind, body)
			return l.name, reports, err
		}
	}
	return "", nil, errReport
}

// Whole tells whether long texts go to the operator whole, not in parts: its SMS
// go over an HTTP API.
func (p *Pool) Whole(operator string) bool {
	o := p.table.Load().operators[operator]
	return o != nil && slices.ContainsFunc(o.links, func(l *link) bool { return l.api != nil })
}

// digits is a number as we write it: without its plus.
func digits(number string) string { return strings.TrimPrefix(strings.TrimSpace(number), "+") }
