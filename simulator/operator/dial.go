package operator

import (
	"context"
	"errors"
	"strings"
	"time"

	"mlango/smpp"
)

// hopOp is what a hop does to a dialogue.
type hopOp uint8

const (
	opBegin hopOp = iota + 1
	opInput
	opAbort
	opNotified // the handset showed what nobody answers
)

// hop is one input on its way to the service; it owns its strings, so that a
// fault may send it twice.
type hop struct {
	op      hopOp
	msisdn  string
	unit    uint32
	session string
	code    string
	text    string // the dialled string on a begin, else the input
	inputs  string // all of them joined by *
	bind    *smpp.Session
	answers <-chan answer
	hidden  bool // the text may be a PIN
	covered bool // it, or an earlier one of this dialogue
}

// carrier takes hops to the service. Screens come back through Operator.show,
// before or after carry returned.
type carrier interface {
	// open names a new dialogue as the service will, and chooses its way there.
	open(h *handset)
	carry(ctx context.Context, p *hop) error
}

// Dial opens a dialogue; one that is open is hung up first.
func (o *Operator) Dial(ctx context.Context, number, code string) (Screen, error) {
	if code == "" || len(code) > MaxInput {
		return Screen{}, ErrInput
	}
	h, err := o.table.get(number)
	if err != nil {
		return Screen{}, err
	}
	began := time.Now()
	old, p, err := o.begin(h, code, began)
	if err != nil {
		return Screen{}, err
	}
	if old != nil {
		o.abort(old)
	}
	return o.exchange(ctx, h, p, began)
}

// Press answers the screen that is shown.
func (o *Operator) Press(ctx context.Context, number, input string) (Screen, error) {
	if input == "" || len(input) > MaxInput {
		return Screen{}, ErrInput
	}
	h := o.table.find(number)
	if h == nil {
		return Screen{}, ErrNoSession
	}
	began := time.Now()
	p, err := o.input(h, input, began)
	if err != nil {
		return Screen{}, err
	}
	return o.exchange(ctx, h, p, began)
}

// Hangup ends the dialogue on both sides; without one it does nothing.
func (o *Operator) Hangup(_ context.Context, number string) error {
	h := o.table.find(number)
	if h == nil {
		return nil
	}
	h.mu.Lock()
	p := h.end()
	h.mu.Unlock()
	if p != nil {
		o.abort(p)
	}
	return nil
}

// begin makes the first hop of a new dialogue, and the abort of an open one.
func (o *Operator) begin(h *handset, code string, now time.Time) (old, p *hop, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.away {
		return nil, nil, ErrNoSignal
	}
	if h.dial.waiting {
		return nil, nil, ErrBusy
	}
	old = h.end()
	h.dial = dialogue{number: h.dial.number + 1, code: code, open: true, waiting: true, answers: make(chan answer, 1), touched: now}
	o.carrier.open(h)
	return old, h.hop(opBegin, code), nil
}

// input makes the next hop of the open dialogue.
func (o *Operator) input(h *handset, input string, now time.Time) (*hop, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d := &h.dial
	if h.away {
		return nil, ErrNoSignal
	}
	if d.waiting {
		return nil, ErrBusy
	}
	if d.open && now.Sub(d.touched) > o.cfg.Idle {
		d.open = false
	}
	if !d.open {
		return nil, ErrNoSession
	}
	d.unit++
	d.waiting, d.answers, d.touched = true, make(chan answer, 1), now
	d.hidden = d.hidden || h.secretive(input)
	d.inputs = strings.TrimPrefix(d.inputs+"*"+input, "*")
	return h.hop(opInput, input), nil
}

// exchange sends a hop and waits for its screen.
func (o *Operator) exchange(ctx context.Context, h *handset, p *hop, began time.Time) (Screen, error) {
	ctx, cancel := context.WithTimeout(ctx, o.cfg.Reply)
	defer cancel()
	err := o.send(ctx, p)
	if err == nil {
		select {
		case a, came := <-p.answers:
			if !came {
				return Screen{}, o.ended(p.msisdn)
			}
			return a.screen(p, began), nil
		case <-ctx.Done():
			err = ErrNoAnswer
		}
	}
	if a, came := h.giveUp(p); came {
		return a.screen(p, began), nil
	}
	o.lost(p, err)
	return Screen{}, err
}

// lost notes a hop without a screen and, when it may have been taken, tells the
// other side that the dialogue is over.
func (o *Operator) lost(p *hop, err error) {
	if o.trace != nil {
		o.trace.Add(o.TraceName(p.msisdn, p.session), "hop", err.Error())
	}
	if errors.Is(err, ErrNoAnswer) {
		o.counts.noAnswer.Add(1)
		o.abort(p.as(opAbort))
	}
}

// abort tells the other side that a dialogue is over. It is best effort, as in
// a real network.
func (o *Operator) abort(p *hop) {
	ctx, cancel := context.WithTimeout(context.Background(), abortPatience)
	defer cancel()
	_ = o.carrier.carry(ctx, p)
}

// end closes the open dialogue and returns the hop that tells so, or nil. Whoever
// waits for its screen waits no longer. The caller holds h.mu.
func (h *handset) end() *hop {
	if !h.dial.open {
		return nil
	}
	if h.dial.waiting {
		close(h.dial.answers)
	}
	h.dial.open, h.dial.waiting = false, false
	h.dial.unit++
	return h.hop(opAbort, "")
}

// hop is the hop that the dialogue stands at. The caller holds h.mu.
func (h *handset) hop(op hopOp, text string) *hop {
	d := &h.dial
	return &hop{
		op: op, msisdn: h.msisdn, unit: d.unit, session: d.session,
		code: d.code, text: text, inputs: d.inputs, bind: d.bind, answers: d.answers, hidden: op == opInput && h.secretive(text), covered: d.hidden,
	}
}

// as is the hop after this one, with another op.
func (p *hop) as(op hopOp) *hop {
	q := *p
	q.op, q.text = op, ""
	q.unit++
	return &q
}

// ended says why a hop waits no longer: its handset hung up, or is out of reach.
func (o *Operator) ended(number string) error {
	if o.Signal(number) {
		return ErrNoSession
	}
	return ErrNoSignal
}

// giveUp closes the hop's dialogue, unless its screen came in this very moment. A
// dialogue that began since then is not the hop's.
func (h *handset) giveUp(p *hop) (a answer, came bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case a, came = <-p.answers:
		return a, came
	default:
	}
	if h.dial.answers == p.answers {
		h.dial.open, h.dial.waiting = false, false
	}
	return answer{}, false
}

func (a answer) screen(p *hop, began time.Time) Screen {
	return Screen{Session: p.session, Text: a.text, Open: !a.end, Secret: a.secret, Elapsed: time.Since(began)}
}
