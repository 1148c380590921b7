package edge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"mlango/gateway/dialog"
	"mlango/internal/dialect"
	"mlango/smpp"
)

const (
	doorHTTP   = "http"
	pathPrefix = "/ussd/"
	stopMore   = 500 * time.Millisecond // fasthttp looks only now and then whether all are gone
)

// ServeHTTP is the HTTP door: /ussd/{operator} on ln until ctx ends, as each
// operator's dialect calls it, and /dlr/{operator} for delivery reports; then it lets the requests under way finish.
func (e *Edge) ServeHTTP(ctx context.Context, ln net.Listener) error {
	srv := &fasthttp.Server{
		Handler: e.handle, Name: "mlango", Concurrency: maxConns, ReadBufferSize: maxHeaders,
		MaxRequestBodySize: maxBody, HeaderReceived: e.larger, ReadTimeout: e.patience, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		CloseOnShutdown: true, Logger: quiet{e}, ErrorHandler: e.broken,
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(watch(ln, e.perAddr)) }()
	select {
	case err := <-done:
		return fmt.Errorf("edge: http: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.Deadline+stopMore)
	defer cancel()
	defer e.pushes.CloseIdleConnections()
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
	if name, ok := strings.CutPrefix(string(ctx.Path()), reportPrefix); ok {
		e.report(ctx, name)
		return
	}
	rest, ok := strings.CutPrefix(string(ctx.Path()), pathPrefix)
	name, path := cutPath(rest)
	o := e.operator(name)
	switch {
	case !ok || o == nil || o.HTTP == nil || path != "" && !o.HTTP.HasPath():
		e.refuse(ctx, "", fasthttp.StatusNotFound, "no such operator")
		return
	case !o.allows(ctx.RemoteIP()):
		e.refuse(ctx, name, fasthttp.StatusForbidden, "this address may not speak for the operator")
		return
	}
	c := dialect.Request{
		Method: string(ctx.Method()), Path: path, Type: string(ctx.Request.Header.ContentType()),
		Query: ctx.URI().QueryString(), Body: ctx.Request.Body(),
	}
	switch {
	case !slices.Contains(o.HTTP.Methods(), c.Method):
		e.refuse(ctx, name, fasthttp.StatusMethodNotAllowed, strings.Join(o.HTTP.Methods(), ", ")+" only")
		ctx.Response.Header.Set("Allow", strings.Join(o.HTTP.Methods(), ", ")) // behind refuse, which begins the answer anew
	case c.Method != fasthttp.MethodGet && (!o.HTTP.Takes(c.Type) || len(ctx.Request.Header.ContentEncoding()) > 0):
		e.refuse(ctx, name, fasthttp.StatusUnsupportedMediaType, "not a content type of this dialect")
	case !e.knows(ctx, o, c, arrived):
		e.refuse(ctx, name, fasthttp.StatusForbidden, "the call does not show that it is the operator's")
	default:
		e.call(ctx, o, c, arrived)
	}
}

// cutPath parts an operator's name from what its dialect has behind it.
func cutPath(rest string) (name, path string) {
	if at := strings.IndexByte(rest, '/'); at >= 0 {
		return rest[:at], strings.TrimSuffix(rest[at:], "/")
	}
	return rest, ""
}

func (e *Edge) refuse(ctx *fasthttp.RequestCtx, operator string, status int, word string) {
	refused := RefusedFormat
	if status == fasthttp.StatusForbidden {
		refused = RefusedSource
	}
	e.cfg.Seen(Seen{Operator: operator, Door: doorHTTP, Refused: refused})
	ctx.Error(word, status)
}

// allows tells whether the operator calls from this address. Who shows who it is
// may call from anywhere, unless it is told from where.
func (o *Operator) allows(ip net.IP) bool {
	named := o.Guard.Client != "" || len(o.Guard.Secret) > 0
	return len(o.Allow) == 0 && named || allowed(o.Allow, ip)
}

// call is one call in the operator's dialect. The decoder copies: nothing behind
// it sees fasthttp's bytes.
func (e *Edge) call(ctx *fasthttp.RequestCtx, o *Operator, c dialect.Request, arrived time.Time) {
	d, echo, err := o.HTTP.DecodeHop(c)
	switch {
	case errors.Is(err, dialect.ErrEnded): // it repeats the inputs, a PIN among them: read no further
		ctx.SetContentType(o.HTTP.ReplyType())
		ctx.SetBody(o.HTTP.AppendGone(nil, nil))
		return
	case err != nil:
		e.cfg.Log.Warn("a call is no hop", "operator", o.Name, "err", err)
		e.refuse(ctx, o.Name, fasthttp.StatusBadRequest, "not a hop in this dialect")
		return
	}
	h := e.httpHop(o, d, arrived)
	e.traceHop(&h, "http", inWords(c.Method, o.HTTP, &h))
	r := e.answer(h)
	if h.Op != dialog.Abort {
		r = e.fits(&h, e.spoken(r))
	}
	e.traceHop(&h, "http", "200 "+how(r.End)+strconv.Itoa(len(r.Text))+" bytes")
	e.cfg.Seen(Seen{Operator: o.Name, Door: doorHTTP, Op: d.Op, Refused: r.Refused, Took: time.Since(arrived)})
	ctx.SetContentType(o.HTTP.ReplyType())
	if h.Op == dialog.Abort {
		ctx.SetBody(o.HTTP.AppendGone(nil, echo))
		e.wire(ctx, o, c, &h, r)
		return
	}
	for _, header := range o.HTTP.Headers(r.End) {
		ctx.Response.Header.Set(header.Name, header.Value)
	}
	_, gsm := smpp.Septets(r.Text)
	ctx.SetBody(o.HTTP.AppendReply(nil, echo, dialect.Reply{Text: r.Text, End: r.End, Secret: r.Secret, Wide: !gsm}))
	e.wire(ctx, o, c, &h, r)
	e.follow(ctx.Conn(), r)
}

// httpHop completes a hop by what the dialect leaves out.
func (e *Edge) httpHop(o *Operator, d dialect.Hop, arrived time.Time) dialog.Hop {
	h := e.hop(o, d, o.HTTP.Units, arrived)
	h.Cumulative = o.HTTP.Cumulative()
	if !o.HTTP.Numbered() {
		h.Modulo = 1
	}
	switch {
	case h.Op == dialog.Begin && h.Code == "" && len(e.cfg.ShortCodes) > 0: // a callback for one code
		h.Code = "*" + e.cfg.ShortCodes[0] + "#"
	case h.Op == dialog.Input && !h.Cumulative && !e.answers(h.Code): // what was typed is no code of ours
		h.Code = ""
	}
	return h
}

// inWords is a call as it is traced: nothing of what was typed.
func inWords(method string, d *dialect.HTTP, h *dialog.Hop) string {
	switch {
	case h.Op == dialog.Abort:
		return method + " with an end"
	case d.Numbered():
		return method + " with " + strconv.Itoa(int(h.Position)) + " inputs"
	case h.Op == dialog.Begin:
		return method + " with a dial"
	}
	return method + " with an input"
}

// spoken puts words to silence: an aggregator that asked waits for an answer,
// though its dialogue is gone.
func (e *Edge) spoken(r dialog.Reply) dialog.Reply {
	if !r.Silent {
		return r
	}
	e.cfg.Handler.Shown(r, false)
	return late()
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
	if (h.Op == dialog.Begin || h.Cumulative && h.Op == dialog.Input) && !e.answers(h.Code) {
		return dialog.Reply{Text: TextUnknownCode, End: true, Refused: RefusedCode}
	}
	if !e.lanes.enter(h.Op == dialog.Begin || h.Modulo == 1 && h.Code != "") {
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
