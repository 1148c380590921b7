package edge

import (
	"net/netip"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// Limits of the door for delivery reports.
const (
	reportPrefix = "/dlr/"
	maxReports   = 64 << 10 // octets of a body: aggregators put a hundred reports into one
	RefusedDLR   = "report" // a word for metrics
)

// Reports is told of each body of delivery reports that an operator's aggregator
// posts; an error says that it is none. The bytes are the door's: it copies.
type Reports func(operator, contentType string, body []byte) error

// larger lets a body be as long as delivery reports are, where some are taken: the
// server makes room for what is announced before it comes, from whomever.
func (e *Edge) larger(h *fasthttp.RequestHeader) (c fasthttp.RequestConfig) {
	if name, ok := strings.CutPrefix(string(h.RequestURI()), reportPrefix); ok {
		name, _, _ = strings.Cut(name, "?")
		if o := e.operator(name); o != nil && o.Reports {
			c.MaxRequestBodySize = maxReports
		}
	}
	return c
}

// report is one call of POST /dlr/{operator}. What it says moves no money and no
// SMS, so that an address is proof enough; a body that was understood is answered
// 200, or it would come again.
func (e *Edge) report(ctx *fasthttp.RequestCtx, name string) {
	began := time.Now()
	o := e.operator(name)
	switch {
	case o == nil || !o.Reports || e.cfg.Reports == nil:
		e.refuse(ctx, "", fasthttp.StatusNotFound, "no such operator")
	case !allowed(o.ReportsFrom, ctx.RemoteIP()):
		e.refuse(ctx, name, fasthttp.StatusForbidden, "this address may not speak for the operator")
	case !ctx.IsPost():
		e.refuse(ctx, name, fasthttp.StatusMethodNotAllowed, "POST only")
		ctx.Response.Header.Set("Allow", fasthttp.MethodPost)
	default:
		seen := Seen{Operator: name, Door: doorReports, Took: time.Since(began)}
		if err := e.cfg.Reports(name, string(ctx.Request.Header.ContentType()), ctx.Request.Body()); err != nil {
			seen.Refused = RefusedDLR
			ctx.Error("no delivery reports of this aggregator", fasthttp.StatusBadRequest)
		}
		e.cfg.Seen(seen)
	}
}

const doorReports = "dlr"

// allowed tells whether an address is in one of the networks; with none, whether it
// is this machine's.
func allowed(from []netip.Prefix, ip []byte) bool {
	addr, ok := netip.AddrFromSlice(ip)
	if !ok {
		return false
	}
	addr = addr.Unmap()
	for _, p := range from {
		if p.Contains(addr) {
			return true
		}
	}
	return len(from) == 0 && addr.IsLoopback()
}
