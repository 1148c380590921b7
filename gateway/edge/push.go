package edge

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"mlango/gateway/dialog"
	"mlango/internal/dialect"
	"mlango/internal/msisdn"
	"mlango/internal/trace"
	"mlango/smpp"
)

// How addresses are numbered in what we open: a subscriber is international
// E.164, a short code has neither type nor plan (SMPP 3.4 §5.2.5, §5.2.6).
const (
	tonInternational = 1
	npiISDN          = 1
)

// Limits of the dialogues that we open and the operator names.
const (
	maxCalls  = 8192
	callsKept = 180 * time.Second // as a session after its last hop
)

var _ dialog.Opener = (*Edge)(nil)

// Open is dialog.Opener's, over SMPP, and over HTTP where the dialect pushes. It is admitted like a dial.
func (e *Edge) Open(ctx context.Context, operator, number, code string) error {
	w, err := e.toward(operator, number, code)
	if err != nil {
		return err
	}
	w.hop.Op, w.hop.Code = dialect.Begin, code
	return w.do(ctx, w.open)
}

// Approve is dialog.Opener's, over SMPP. It is admitted like a dial.
func (e *Edge) Approve(ctx context.Context, operator, number, name string) error {
	if len(e.cfg.ShortCodes) == 0 {
		return dialog.ErrNotOurs
	}
	code := "*" + e.cfg.ShortCodes[0] + "#"
	w, err := e.toward(operator, number, code)
	if err != nil {
		return err
	}
	w.hop.Op, w.hop.Code, w.asks = dialect.Begin, code, name
	return w.do(ctx, w.open)
}

// Notify is dialog.Opener's, over SMPP.
func (e *Edge) Notify(ctx context.Context, operator, number, text string) error {
	if len(e.cfg.ShortCodes) == 0 {
		return dialog.ErrNotOurs
	}
	w, err := e.toward(operator, number, e.cfg.ShortCodes[0])
	if err != nil {
		return err
	}
	return w.do(ctx, func(ctx context.Context) error { return w.notify(ctx, text) })
}

// toward is the way to a subscriber who did not dial.
func (e *Edge) toward(operator, number, code string) (*way, error) {
	o, ours := e.operator(operator), e.shortCode(code)
	switch {
	case o == nil || o.SMPP == nil && o.Push == nil:
		return nil, dialog.ErrNoOpener
	case ours == "" || !msisdn.Valid(number):
		return nil, dialog.ErrNotOurs
	}
	w := &way{edge: e, o: o, in: &smpp.Message{
		Source: smpp.Address{TON: tonInternational, NPI: npiISDN, Addr: number}, Dest: smpp.Address{Addr: ours},
	}}
	if w.overHTTP() {
		w.key = pushKey()
	} else {
		w.key = o.SMPP.SessionKey(rand.Uint32(), ours)
	}
	w.hop = dialect.Hop{MSISDN: number, Session: w.key}
	if !w.overHTTP() && o.SMPP.Assigned() {
		w.hop.Session = ""
	}
	w.session = trace.Session(operator, number, w.key)
	return w, nil
}

// do runs a job in the session's lane and waits for it.
func (w *way) do(ctx context.Context, job func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, w.edge.cfg.Deadline)
	defer cancel()
	done := make(chan error, 1)
	if !w.edge.lanes.run(w.session, true, &w.gone, func() { done <- job(ctx) }) {
		return dialog.ErrFull
	}
	return <-done
}

// open takes the dial through the dialogue and sends its first screen. A
// dialogue that would end with it is not worth opening.
func (w *way) open(ctx context.Context) error {
	arrived := time.Now()
	h := w.dialogHop(arrived)
	h.Opened, h.Approval = true, w.asks
	r := w.edge.cfg.Handler.Handle(ctx, h)
	if r.End || r.Silent {
		w.edge.cfg.Handler.Shown(r, false)
		return fmt.Errorf("%w: %s", dialog.ErrNoScreen, r.Refused)
	}
	if r = w.edge.fits(&h, r); r.End {
		w.free(arrived)
		return dialog.ErrLong
	}
	if !w.overHTTP() && w.o.SMPP.Assigned() {
		w.edge.calls.put(w.o, w.hop.MSISDN, w.key)
	}
	err := w.send(ctx, &h, r)
	w.edge.cfg.Handler.Shown(r, err == nil)
	if err != nil {
		w.free(arrived)
	}
	return err
}

// notify sends a text that nobody answers; no dialogue stands behind it.
func (w *way) notify(ctx context.Context, text string) error {
	h := w.dialogHop(time.Now())
	if !fitting(&h, text) {
		return dialog.ErrLong
	}
	w.notice = true
	return w.send(ctx, &h, dialog.Reply{Text: text})
}

// calls are the dialogues that we opened and the operator names: the first input
// says the name. They are this gateway's own: the operator answers on the bind
// that brought the screen.
type calls struct {
	mu sync.Mutex
	m  map[call]*named
}

// call is whom we called: a subscriber has one dialogue at a time.
type call struct {
	o      *Operator
	number string
}

// named is the key of the dialogue, and the operator's name for it once known.
type named struct {
	key, wire string
	until     time.Time
}

func (c *calls) put(o *Operator, number, key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[call]*named{}
	}
	now := time.Now()
	for who, n := range c.m {
		if len(c.m) < maxCalls && now.Before(n.until) {
			break // the table is swept a little with each new call
		}
		delete(c.m, who)
	}
	c.m[call{o, number}] = &named{key: key, until: now.Add(callsKept)}
}

// key is the session key of the dialogue that a hop belongs to: what we named it
// when we opened it, else what the operator does.
func (c *calls) key(o *Operator, h *dialect.Hop) string {
	if !o.SMPP.Assigned() {
		return h.Session
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	who := call{o, h.MSISDN}
	n := c.m[who]
	switch now := time.Now(); {
	case n == nil:
		return h.Session
	case h.Op == dialect.Begin || now.After(n.until) || n.wire != "" && n.wire != h.Session:
		delete(c.m, who)
		return h.Session
	case h.Op != dialect.Input:
		delete(c.m, who)
	default:
		n.wire, n.until = h.Session, now.Add(callsKept)
	}
	return n.key
}
