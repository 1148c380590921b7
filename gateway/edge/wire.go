package edge

import (
	"net"
	"net/netip"

	"github.com/valyala/fasthttp"

	"mlango/gateway/dialog"
	"mlango/gateway/wiretap"
	"mlango/internal/dialect"
	"mlango/internal/trace"
)

// wire shows a call and its answer to the wiretap, if it is for somebody who is
// traced.
func (e *Edge) wire(ctx *fasthttp.RequestCtx, o *Operator, c dialect.Request, h *dialog.Hop, r dialog.Reply) {
	if e.cfg.Wire.Idle() || !e.cfg.Wire.Traces(h.MSISDN) {
		return
	}
	e.cfg.Wire.HTTP(&wiretap.Call{
		Operator: h.Operator, Number: h.MSISDN, Session: trace.Session(h.Operator, h.MSISDN, h.Session),
		Remote: addrPort(ctx.RemoteAddr()), Local: addrPort(ctx.LocalAddr()), Method: c.Method, Again: again(o.HTTP, c), Began: h.Arrived,
		Status: ctx.Response.StatusCode(), ReplyType: string(ctx.Response.Header.ContentType()), Reply: ctx.Response.Body(),
		Secret: r.Secret, End: r.End || h.Op == dialog.Abort,
	})
}

// again makes up a call from its values, each masked by what it means.
func again(d *dialect.HTTP, c dialect.Request) func(wiretap.Mask) (target, contentType string, body []byte, ok bool) {
	return func(m wiretap.Mask) (target, contentType string, body []byte, ok bool) {
		shown, ok := d.Shown(c, func(what dialect.Meaning, value string) string {
			switch what {
			case dialect.KeyValue:
				return value
			case dialect.NumberValue:
				return m.Number(value)
			case dialect.DialValue:
				return m.Dial(value)
			case dialect.TypedValue:
				return m.Typed(value)
			case dialect.InputsValue:
				return m.Inputs(value)
			}
			return m.Other(value)
		})
		if target = shown.Path; len(shown.Query) > 0 {
			target += "?" + string(shown.Query)
		}
		return target, shown.Type, shown.Body, ok
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort()
	}
	return netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
}
