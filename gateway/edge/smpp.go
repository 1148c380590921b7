package edge

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/dialog"
	"mlango/internal/dialect"
	"mlango/internal/trace"
	"mlango/smpp"
)

const doorSMPP = "smpp"

// esmReceipt are the bits of esm_class that mark a delivery receipt
// (SMPP 3.4 §5.2.12).
const (
	esmType    = 0x3c
	esmReceipt = 0x04
)

// Why a screen did not leave.
var (
	errRefused = errors.New("edge: the operator refused the screen")
	errGone    = errors.New("edge: the subscriber hung up")
)

// way is how one hop came in, so that its answer goes out the same way.
type way struct {
	edge    *Edge
	o       *Operator
	bind    string
	in      *smpp.Message
	hop     dialect.Hop
	key     string      // the session key of the dialogue; hop has the one on the wire
	session string      // as it is traced and kept in order
	notice  bool        // what is sent is not answered
	asks    string      // what the subscriber is asked to approve; empty: nothing
	gone    atomic.Bool // the subscriber hung up: nobody looks any more
}

// Receive is the SMPP door (a binds.Receiver): it hands the hop on and returns
// the status of deliver_sm_resp at once.
func (e *Edge) Receive(operator string, _ binds.Set, bind string, m *smpp.Message) smpp.Status {
	arrived := time.Now()
	o := e.operator(operator)
	if _, ussd := m.TLV(smpp.TagUSSDServiceOp); !ussd || o == nil || o.SMPP == nil {
		return e.notUSSD(operator, bind, m)
	}
	h, err := o.decode(m)
	if err != nil {
		e.cfg.Seen(Seen{Operator: operator, Door: doorSMPP, Bind: bind, Refused: RefusedFormat})
		e.cfg.Log.Warn("a deliver_sm is no hop", "operator", operator, "bind", bind, "err", err)
		return statusOf(err)
	}
	w := &way{edge: e, o: o, bind: bind, in: m, hop: h, key: e.calls.key(o, &h)}
	w.session = trace.Session(operator, h.MSISDN, w.key)
	hungUp := h.Op == dialect.Abort && e.lanes.hangUp(w.session)
	if e.lanes.run(w.session, h.Op == dialect.Begin, &w.gone, func() { w.run(arrived) }) {
		if hungUp {
			go w.free(arrived) // the hop under way waits for nothing any more
		}
		return smpp.StatusOK
	}
	e.cfg.Seen(Seen{Operator: operator, Door: doorSMPP, Bind: bind, Op: h.Op, Refused: RefusedFull})
	if h.Op == dialect.Begin {
		return smpp.StatusThrottled
	}
	return smpp.StatusMsgQueueFull
}

// notUSSD answers what shares the bind with USSD: delivery receipts are taken,
// anything else is nobody's.
func (e *Edge) notUSSD(operator, bind string, m *smpp.Message) smpp.Status {
	if m.ESMClass&esmType == esmReceipt {
		return smpp.StatusOK
	}
	e.cfg.Seen(Seen{Operator: operator, Door: doorSMPP, Bind: bind, Refused: RefusedFormat})
	return smpp.StatusPermAppError
}

// decode reads a deliver_sm in the operator's dialect.
func (o *Operator) decode(m *smpp.Message) (dialect.Hop, error) {
	content := m.Content()
	charset, err := o.SMPP.Charset(m.DataCoding, content)
	if err != nil {
		return dialect.Hop{}, fmt.Errorf("edge: %w", err)
	}
	d := dialect.Message{ServiceType: m.ServiceType, Source: m.Source.Addr, Dest: m.Dest.Addr, Text: decodeText(charset, content)}
	d.TLVs = make([]dialect.TLV, len(m.TLVs))
	for i, t := range m.TLVs {
		d.TLVs[i] = dialect.TLV{Tag: uint16(t.Tag), Value: t.Value}
	}
	h, err := o.SMPP.DecodeHop(d)
	if err != nil {
		return dialect.Hop{}, fmt.Errorf("edge: %w", err)
	}
	return h, nil
}

func statusOf(err error) smpp.Status {
	switch {
	case errors.Is(err, dialect.ErrMissing):
		return smpp.StatusMissingTLV
	case errors.Is(err, dialect.ErrLength):
		return smpp.StatusInvTLVLen
	case errors.Is(err, dialect.ErrMSISDN):
		return smpp.StatusInvSrcAddr
	case errors.Is(err, dialect.ErrCode):
		return smpp.StatusInvDstAddr
	}
	return smpp.StatusInvTLVValue
}

// run takes the hop through the dialogue and sends its screen before the
// deadline, also when nothing comes back.
func (w *way) run(arrived time.Time) {
	e := w.edge
	h := w.dialogHop(arrived)
	if w.gone.Load() {
		w.finish(context.Background(), &h, dialog.Reply{Silent: true})
		return
	}
	e.cfg.Trace.Add(w.session, "deliver_sm", "op "+strconv.Itoa(int(h.Op))+" unit "+strconv.Itoa(int(h.Position))+" on "+w.bind)
	ctx, cancel := context.WithDeadline(context.Background(), arrived.Add(e.cfg.Deadline))
	defer cancel()
	if h.Op == dialog.Begin && !e.answers(h.Code) {
		w.finish(ctx, &h, dialog.Reply{Text: TextUnknownCode, End: true, Refused: RefusedCode})
		return
	}
	var answered atomic.Bool
	guard := time.AfterFunc(time.Until(h.Deadline)+e.cfg.Deadline/(2*reserve), func() {
		if h.Op == dialog.Abort || !answered.CompareAndSwap(false, true) {
			return
		}
		ctx, cancel := context.WithDeadline(context.Background(), arrived.Add(e.cfg.Deadline)) // run's own may end with the handler
		defer cancel()
		w.finish(ctx, &h, late())
	})
	defer guard.Stop()
	reply := e.cfg.Handler.Handle(ctx, h)
	if !answered.CompareAndSwap(false, true) {
		e.cfg.Handler.Shown(reply, false)
		return
	}
	w.finish(ctx, &h, reply)
}

// dialogHop is the hop as the dialogue takes it.
func (w *way) dialogHop(arrived time.Time) dialog.Hop {
	if w.overHTTP() {
		return w.httpDialogHop(arrived)
	}
	h := w.edge.hop(w.o, w.hop, w.o.SMPP.Units, arrived)
	h.Session, h.Modulo = w.key, w.o.SMPP.Modulo()
	return h
}

// free tells the dialogue that nobody looks any more.
func (w *way) free(arrived time.Time) {
	h := w.dialogHop(arrived)
	h.Op, h.Code, h.Text = dialog.Abort, "", ""
	ctx, cancel := context.WithDeadline(context.Background(), arrived.Add(w.edge.cfg.Deadline))
	defer cancel()
	w.edge.cfg.Handler.Shown(w.edge.cfg.Handler.Handle(ctx, h), false)
}

// finish sends the screen, says what became of it and counts the hop. A screen
// that the operator refuses has no dialogue there any more, so ours ends too, as it
// does when a screen that would not fit became a last one. A lost link ends none: the
// session key is the operator's, not the bind's, so the operator may go on by another
// bind or ask for the last screen once more; if it does neither, the session ends by
// itself, with nothing done.
func (w *way) finish(ctx context.Context, h *dialog.Hop, r dialog.Reply) {
	shown := false
	switch {
	case h.Op == dialog.Abort:
	case w.gone.Load():
		r.Refused = RefusedGone
	case !r.Silent:
		if r = w.edge.fits(h, r); r.Refused == RefusedLong {
			defer w.free(time.Now())
		}
		err := w.send(ctx, h, r)
		if shown = err == nil; shown {
			break
		}
		if r.Refused = RefusedSend; errors.Is(err, errGone) {
			r.Refused = RefusedGone
		}
		w.edge.cfg.Log.Warn("a screen did not leave", "operator", h.Operator, "bind", w.bind, "err", err)
		if errors.Is(err, errRefused) && !r.End && !r.Repeated {
			defer w.free(time.Now())
		}
	}
	w.edge.cfg.Handler.Shown(r, shown)
	w.edge.cfg.Seen(Seen{Operator: h.Operator, Door: doorSMPP, Bind: w.bind, Op: w.hop.Op, Refused: r.Refused, Took: time.Since(h.Arrived)})
}

// send submits the screen on the bind the hop came by, or on another when that
// one is gone. While all are gone, full or throttled it waits, as long as the deadline
// allows. A screen that was sent and not answered may be on the handset: it is not
// sent again.
func (w *way) send(ctx context.Context, h *dialog.Hop, r dialog.Reply) error {
	if w.overHTTP() {
		return w.post(ctx, h, r)
	}
	m, err := w.message(r)
	if err != nil {
		return err
	}
	w.edge.cfg.Wire.Screen(h.MSISDN, w.session, r.Secret, r.End)
	w.edge.cfg.Trace.Add(w.session, "submit_sm", how(r.End)+strconv.Itoa(len(m.Text))+" octets on "+w.bind)
	bind := w.bind
	for {
		resp, err := w.edge.submit(ctx, h.Operator, bind, m)
		switch {
		case w.gone.Load() && (err != nil || resp.Status != smpp.StatusOK):
			return errGone
		case errors.Is(err, binds.ErrNoBind) && bind != "":
			bind = ""
		case err != nil && (ctx.Err() != nil || !w.passes(err)):
			return fmt.Errorf("edge: send: %w", err)
		case err != nil || resp.Status == smpp.StatusThrottled || resp.Status == smpp.StatusMsgQueueFull:
			if err := pause(ctx, retryPause); err != nil {
				return fmt.Errorf("edge: no bind took it until the deadline: %w", err)
			}
		case resp.Status == smpp.StatusOK:
			return nil
		default:
			return fmt.Errorf("%w: %w", errRefused, resp.Status)
		}
	}
}

// passes tells whether a screen was not sent for a reason that may be over soon. Where
// nobody dialled, no bind is no reason to wait.
func (w *way) passes(err error) bool {
	return errors.Is(err, binds.ErrQueueFull) || errors.Is(err, binds.ErrNoBind) && w.bind != ""
}

// submit sends m on the bind, ours or the operator's own.
func (e *Edge) submit(ctx context.Context, operator, bind string, m *smpp.Message) (binds.Response, error) {
	if c := e.table.Load().centres[operator]; c != nil {
		return c.send(ctx, bind, m)
	}
	return e.cfg.Sender.Send(ctx, operator, binds.SetUSSD, bind, binds.USSD, m)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// message is the screen as a submit_sm: addresses turned round, service type and
// coding as the operator used them.
func (w *way) message(r dialog.Reply) (*smpp.Message, error) {
	d, err := w.o.SMPP.EncodeReply(w.hop, w.in.Dest.Addr, dialect.Reply{Text: r.Text, End: r.End, Secret: r.Secret, Notify: w.notice})
	if err != nil {
		return nil, fmt.Errorf("edge: %w", err)
	}
	coding, text := encodeText(w.o.SMPP, w.in.DataCoding, r.Text)
	m := &smpp.Message{
		Kind: smpp.SubmitSM, ServiceType: d.ServiceType, Source: w.in.Dest, Dest: w.in.Source,
		DataCoding: coding, Text: text, TLVs: make([]smpp.TLV, len(d.TLVs)),
	}
	if w.in.ServiceType != "" {
		m.ServiceType = w.in.ServiceType
	}
	for i, t := range d.TLVs {
		m.TLVs[i] = smpp.TLV{Tag: smpp.Tag(t.Tag), Value: t.Value}
	}
	if w.o.SMPP.PDU == dialect.DataSM {
		m.Kind, m.Text = smpp.DataSM, nil
		m.TLVs = append(m.TLVs, smpp.TLV{Tag: smpp.TagMessagePayload, Value: text})
	}
	return m, nil
}
