package edge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"mlango/gateway/dialog"
	"mlango/internal/dialect"
)

const (
	doorHTTP   = "http"
	pathPrefix = "/ussd/"
	formType   = "application/x-www-form-urlencoded"
)

// ServeHTTP is the HTTP door: POST /ussd/{operator} on ln until ctx ends; then it
// lets the requests under way finish.
func (e *Edge) ServeHTTP(ctx context.Context, ln net.Listener) error {
	srv := &fasthttp.Server{
		Handler: e.handle, Name: "mlango", Concurrency: maxConns, ReadBufferSize: maxHeaders,
		MaxRequestBodySize: maxBody, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		CloseOnShutdown: true, Logger: quiet{e}, ErrorHandler: e.broken,
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(watchedListener{ln}) }()
	select {
	case err := <-done:
		return fmt.Errorf("edge: http: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.Deadline)
	defer cancel()
	if err := srv.ShutdownWithContext(stop); err != nil {
		return fmt.Errorf("edge: http: shutdown: %w", err)
	}
	return nil
}

// quiet takes fasthttp's log lines about peers that break off: they are theirs.
type quiet struct{ edge *Edge }

// Printf notes which line it was for who looks closely. What it was about stays
// out: errors quote the request, which may hold a PIN.
func (q quiet) Printf(format string, _ ...any) { q.edge.cfg.Log.Debug("http: " + format) }

// broken answers what is no request that this door reads.
func (e *Edge) broken(ctx *fasthttp.RequestCtx, err error) {
	var headers *fasthttp.ErrSmallBuffer
	var network net.Error
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		e.refuse(ctx, "", fasthttp.StatusRequestEntityTooLarge, "too large")
	case errors.As(err, &headers):
		e.refuse(ctx, "", fasthttp.StatusRequestHeaderFieldsTooLarge, "too large")
	case errors.As(err, &network) && network.Timeout():
		e.refuse(ctx, "", fasthttp.StatusRequestTimeout, "too slow")
	default:
		e.refuse(ctx, "", fasthttp.StatusBadRequest, "no request")
	}
}

// handle is one request. What is not the aggregator's is 4xx; whatever a
// subscriber should read is 200 in the dialect.
func (e *Edge) handle(ctx *fasthttp.RequestCtx) {
	arrived := time.Now()
	name, ok := strings.CutPrefix(string(ctx.Path()), pathPrefix)
	o := e.operators[name]
	switch {
	case !ok || o == nil || o.HTTP == nil:
		e.refuse(ctx, "", fasthttp.StatusNotFound, "no such operator")
	case !o.allows(ctx.RemoteIP()):
		e.refuse(ctx, name, fasthttp.StatusForbidden, "this address may not speak for the operator")
	case !ctx.IsPost():
		ctx.Response.Header.Set("Allow", "POST")
		e.refuse(ctx, name, fasthttp.StatusMethodNotAllowed, "POST only")
	case !strings.HasPrefix(string(ctx.Request.Header.ContentType()), formType):
		e.refuse(ctx, name, fasthttp.StatusUnsupportedMediaType, "a form only")
	default:
		e.form(ctx, o, arrived)
	}
}

func (e *Edge) refuse(ctx *fasthttp.RequestCtx, operator string, status int, word string) {
	refused := RefusedFormat
	if status == fasthttp.StatusForbidden {
		refused = RefusedSource
	}
	e.cfg.Seen(Seen{Operator: operator, Door: doorHTTP, Refused: refused})
	ctx.Error(word, status)
}

// allows tells whether the operator calls from this address.
func (o *Operator) allows(ip net.IP) bool {
	addr, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	addr = addr.Unmap()
	if len(o.Allow) == 0 {
		return addr.IsLoopback()
	}
	for _, p := range o.Allow {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// form is one hop. The decoder copies: nothing behind it sees fasthttp's bytes.
func (e *Edge) form(ctx *fasthttp.RequestCtx, o *Operator, arrived time.Time) {
	d, err := o.HTTP.DecodeHop(ctx.Request.Body())
	switch {
	case errors.Is(err, dialect.ErrEnded): // it repeats the inputs, a PIN among them: read no further
		ctx.SetStatusCode(fasthttp.StatusOK)
		return
	case err != nil:
		e.cfg.Log.Warn("a form is no hop", "operator", o.Name, "err", err)
		e.refuse(ctx, o.Name, fasthttp.StatusBadRequest, "not a hop in this dialect")
		return
	}
	h := e.hop(o, d, o.HTTP.Units, arrived)
	h.Cumulative = o.HTTP.Cumulative
	e.traceHop(&h, "http", "POST with "+strconv.Itoa(int(h.Position))+" inputs")
	r := e.fits(&h, e.answer(h))
	e.traceHop(&h, "http", "200 "+how(r.End)+strconv.Itoa(len(r.Text))+" bytes")
	e.cfg.Seen(Seen{Operator: o.Name, Door: doorHTTP, Op: d.Op, Refused: r.Refused, Took: time.Since(arrived)})
	ctx.SetContentType(dialect.ContentType)
	ctx.SetBody(o.HTTP.AppendReply(nil, dialect.Reply{Text: r.Text, End: r.End, Secret: r.Secret}))
	e.follow(ctx.Conn(), r)
}

// follow tells the dialogue what becomes of a reply. An aggregator that hung up
// shows it to nobody.
func (e *Edge) follow(conn net.Conn, r dialog.Reply) {
	c, ok := conn.(*watchedConn)
	if !ok || c.gone() {
		e.cfg.Handler.Shown(r, false)
		return
	}
	c.next(func(left bool) { e.cfg.Handler.Shown(r, left) })
}

// answer is the reply of the dialogue, or the door's own.
func (e *Edge) answer(h dialog.Hop) dialog.Reply {
	if !e.answers(h.Code) {
		return dialog.Reply{Text: TextUnknownCode, End: true, Refused: RefusedCode}
	}
	if !e.lanes.enter(h.Op == dialog.Begin) {
		return full(h.Op)
	}
	deadline := h.Arrived.Add(e.cfg.Deadline)
	answer, left := make(chan dialog.Reply), make(chan struct{})
	defer close(left)
	go func() {
		defer e.lanes.leave(h.Arrived)
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		defer cancel()
		r := e.cfg.Handler.Handle(ctx, h)
		select {
		case answer <- r:
		case <-left:
			e.cfg.Handler.Shown(r, false)
		}
	}()
	guard := time.NewTimer(time.Until(h.Deadline) + e.cfg.Deadline/(2*reserve))
	defer guard.Stop()
	select {
	case r := <-answer:
		return r
	case <-guard.C:
		return late()
	}
}
