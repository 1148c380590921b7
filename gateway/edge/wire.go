package edge

import (
	"net"
	"net/netip"
	"time"

	"github.com/valyala/fasthttp"

	"mlango/gateway/dialog"
	"mlango/gateway/wiretap"
)

// wire shows a call and its answer to the wiretap, if it is for somebody who is
// traced. Sizes stand for what came: see wiretap.Call.
func (e *Edge) wire(ctx *fasthttp.RequestCtx, h *dialog.Hop, arrived time.Time) {
	if e.cfg.Wire.Idle() || !e.cfg.Wire.Traces(h.MSISDN) {
		return
	}
	e.cfg.Wire.HTTP(&wiretap.Call{
		Operator: h.Operator, Number: h.MSISDN, Remote: addrPort(ctx.RemoteAddr()), Local: addrPort(ctx.LocalAddr()),
		Method: string(ctx.Method()), Type: string(ctx.Request.Header.ContentType()),
		Query: len(ctx.URI().QueryString()), Body: len(ctx.Request.Body()), Began: arrived,
		Status: ctx.Response.StatusCode(), ReplyType: string(ctx.Response.Header.ContentType()), Reply: ctx.Response.Body(),
	})
}

func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort()
	}
	return netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
}
