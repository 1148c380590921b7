package operator

import (
	"context"
	"errors"
	"slices"
	"time"

	"mlango/smpp"
)

// Delivery receipts.
const (
	maxReceipts     = 4096 // under way at once; more are not sent
	receiptPatience = 10 * time.Second
	wantsReceipt    = 0x01 // registered_delivery: at the final state (SMPP 3.4 §5.2.17)
)

// shortMessage takes a submit_sm that is not USSD.
func (c *centre) shortMessage(s *smpp.Session, m *smpp.Message) smpp.Status {
	h, err := c.o.table.get(m.Dest.Addr)
	if err != nil {
		return smpp.StatusInvDstAddr
	}
	switch n, f := c.o.texts.Add(1), c.o.faults(); {
	case one(n, f.Busy):
		c.o.counts.throttled.Add(1)
		return smpp.StatusThrottled
	case one(n, f.Full):
		return smpp.StatusMsgQueueFull
	}
	if c.o.cfg.Open != nil {
		return c.take(s, h, m)
	}
	c.o.lose(m.MessageID) // until the answer leaves
	if !h.reach(func() { c.deliver(s, h, m) }) {
		return smpp.StatusMsgQueueFull
	}
	return smpp.StatusOK
}

// deliver brings an SMS to its handset, and reports that.
func (c *centre) deliver(s *smpp.Session, h *handset, m *smpp.Message) {
	names := c.o.traceNames(h, m.MessageID)
	c.o.accept(h, m)
	if m.RegisteredDelivery&wantsReceipt != 0 {
		c.receipt(s, m, names)
	}
}

// accept puts an SMS, or the text its last part completes, on a handset.
func (o *Operator) accept(h *handset, m *smpp.Message) {
	now := time.Now()
	h.mu.Lock()
	if h.parts == nil {
		h.parts = smpp.NewJoiner(maxUnjoined, partsKept)
	}
	text, whole := h.parts.Add(now, m)
	sms := SMS{ID: m.MessageID, To: h.msisdn, From: m.Source.Addr, Text: text, At: now.In(o.cfg.Zone)}
	if whole {
		o.counts.sms.Add(1)
		h.keep(sms, o.cfg.Inbox)
		o.traceSMS(h, sms)
	}
	h.mu.Unlock()
	if whole && o.cfg.OnSMS != nil {
		o.cfg.OnSMS(sms)
	}
}

// keep puts an SMS into the inbox; the oldest makes room. The caller holds h.mu.
func (h *handset) keep(s SMS, room int) {
	if len(h.inbox) >= room {
		h.inbox = h.inbox[:copy(h.inbox, h.inbox[min(1, len(h.inbox)):])]
	}
	if len(h.inbox) < room {
		h.inbox = append(h.inbox, s)
	}
}

// Inbox is what a handset has received, newest last.
func (o *Operator) Inbox(number string) []SMS {
	h := o.table.find(number)
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.inbox)
}

// receipt reports a delivered SMS on the bind that brought it; names are its records.
func (c *centre) receipt(s *smpp.Session, m *smpp.Message, names []string) {
	n, f := c.o.receipts.Add(1), c.o.faults()
	if one(n, f.ReceiptDrop) {
		return
	}
	c.report(s, m, names)
	if one(n, f.ReceiptTwice) {
		c.report(s, m, names)
	}
}

// Reported is how one deliver_sm, or one post, with news of an SMS ended. One that was
// not answered may have arrived, and comes again.
type Reported struct {
	ID       string // the SMS's message id
	Answered bool
}

// report sends a receipt until it is answered: after the link it was on, on another.
func (c *centre) report(s *smpp.Session, m *smpp.Message, names []string) {
	select {
	case c.slots <- struct{}{}:
	default:
		return
	}
	r := &smpp.Message{Kind: smpp.DeliverSM, Source: m.Dest, Dest: m.Source}
	now := time.Now().In(c.o.cfg.Zone)
	smpp.Receipt{ID: m.MessageID, Stat: "DELIVRD", Err: "000", Submitted: now, Done: now}.Put(r)
	c.reports.Go(func() {
		defer func() { <-c.slots }()
		c.o.dawdle()
		ctx, cancel := context.WithTimeout(c.over, receiptPatience)
		defer cancel()
		for ; s != nil && ctx.Err() == nil; s = c.another(ctx, s) {
			c.o.traceReport(names, r)
			began := time.Now()
			resp, err := s.Deliver(ctx, r)
			c.o.traceTold(names, tableKind[smpp.DeliverSM], resp.Status, err, began)
			switch {
			case err == nil:
				if resp.Status == smpp.StatusOK {
					c.o.reported(m.MessageID, true)
				}
				return
			case errors.Is(err, smpp.ErrUnknown):
				c.o.reported(m.MessageID, false)
			}
		}
	})
}

func (o *Operator) reported(id string, answered bool) {
	if answered {
		o.counts.receipts.Add(1)
	}
	if o.cfg.OnReceipt != nil {
		o.cfg.OnReceipt(Reported{ID: id, Answered: answered})
	}
}

// another is a bind of the same account that takes receipts, once there is one; nil
// when ctx ends first.
func (c *centre) another(ctx context.Context, old *smpp.Session) *smpp.Session {
	for {
		c.mu.Lock()
		changed, list := c.changed, *c.set(old).Load()
		c.mu.Unlock()
		for _, s := range list {
			if at := s.State(); s.SystemID() == old.SystemID() && (at == smpp.StateBoundRX || at == smpp.StateBoundTRX) {
				return s
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}
