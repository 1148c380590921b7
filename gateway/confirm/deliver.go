package confirm

import (
	"context"
	"errors"
	"slices"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/order"
	"mlango/internal/msisdn"
	"mlango/internal/stop"
	"mlango/ledgerd/ledger"
	"mlango/smpp"
)

// delivery is how an SMS ended.
type delivery uint8

const (
	taken    delivery = iota // the SMSC has it
	parked                   // never to be delivered, a dead letter
	homeless                 // never to be delivered, and no room for a dead letter
	cut                      // the program stops: it comes again
)

// tableNever are the statuses that no repetition mends: this recipient or this
// text will be refused for ever (SMPP 3.4 §5.1.3).
var tableNever = []smpp.Status{smpp.StatusInvMsgLen, smpp.StatusInvDstAddr, smpp.StatusPermAppError, 0xFE /* delivery failure */}

// tableLater are the statuses that say "later".
var tableLater = []smpp.Status{smpp.StatusThrottled, smpp.StatusMsgQueueFull, smpp.StatusTempAppError, smpp.StatusSysErr}

// deliver sends one notice's SMS until it is taken or never will be.
func (c *Confirm) deliver(ctx context.Context, o *Operator, n *ledger.Notice) delivery {
	if n.Addr == "" { // a business without a number, or a person who was forgotten
		c.cfg.Seen(o.Name, SeenNobody)
		return taken
	}
	dead := letter{Operator: o.Name, To: msisdn.Mask(n.Addr), Receipt: n.Receipt.String(), ID: n.ID.String(), Side: uint8(n.Side), Lane: uint32(n.Lane), Seq: n.Seq}
	text, err := c.words.notice(n)
	if err != nil {
		c.cfg.Seen(o.Name, SeenUnwritten)
		return c.park(dead, err)
	}
	stop.At(stop.BeforeSMS)
	err = c.send(ctx, o, n.Addr, text, uint8(n.Seq))
	switch {
	case err == nil:
		c.cfg.Seen(o.Name, SeenSent)
		return taken
	case ctx.Err() != nil:
		return cut
	}
	c.cfg.Seen(o.Name, SeenParked)
	return c.park(dead, err)
}

// park keeps what will never be delivered where people look for it.
func (c *Confirm) park(l letter, why error) delivery {
	l.At, l.Why = time.Now(), why.Error()
	c.cfg.Log.Error("an SMS will not be delivered", "operator", l.Operator, "receipt", l.Receipt, "id", l.ID, "to", l.To, "err", why)
	if err := c.dead.add(l); err != nil {
		c.cfg.Log.Error("a dead letter was not kept", "receipt", l.Receipt, "id", l.ID, "err", err)
		return homeless
	}
	return parked
}

// Tell sends the payer what became of a promise that no transfer's notice tells
// (an order.Teller). nil means that nothing is left to do: the SMS is taken, or
// stands among the dead letters.
func (c *Confirm) Tell(ctx context.Context, p order.Promise, r ledger.Result) error {
	if r.Reject == ledger.OK {
		return nil // the ledger's notice tells it
	}
	dead := letter{Operator: p.Operator, To: msisdn.Mask(p.Payer), ID: p.ID.String(), Side: uint8(ledger.SidePayer)}
	o, err := c.operator(p.Operator, p.Payer)
	if err != nil {
		return c.giveUp(dead, err)
	}
	text, err := c.words.promise(&p, r)
	if err != nil {
		c.cfg.Seen(o.Name, SeenUnwritten)
		return c.giveUp(dead, err)
	}
	err = c.send(ctx, o, p.Payer, text, p.ID[15])
	switch {
	case err == nil:
		c.cfg.Seen(o.Name, SeenTold)
		return nil
	case ctx.Err() != nil:
		return err
	}
	c.cfg.Seen(o.Name, SeenParked)
	return c.giveUp(dead, err)
}

// giveUp parks what a promise owed; without room the promise stays open.
func (c *Confirm) giveUp(l letter, why error) error {
	if c.park(l, why) == homeless {
		return why
	}
	return nil
}

// errRefused says that the SMSC will never take it.
var errRefused = errors.New("confirm: the SMSC refused it for ever")

// send submits every part of a text, each again until it is taken. The error is
// ctx's, or errRefused with the status.
func (c *Confirm) send(ctx context.Context, o *Operator, to, text string, ref uint8) error {
	for _, part := range smpp.SplitSMS(text, ref) {
		m := &smpp.Message{Kind: smpp.SubmitSM, Source: sender(o.Sender), Dest: smpp.Address{TON: 1, NPI: 1, Addr: to}}
		part.Put(m)
		if err := c.submit(ctx, o, m); err != nil {
			return err
		}
	}
	return nil
}

func (c *Confirm) submit(ctx context.Context, o *Operator, m *smpp.Message) error {
	refused := 0
	for n := 0; ; n++ {
		status, err := c.once(ctx, o, m)
		switch {
		case err == nil && status == smpp.StatusOK:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, binds.ErrUnknown), errors.Is(err, context.DeadlineExceeded):
			c.cfg.Seen(o.Name, SeenUnknown)
		case err != nil, slices.Contains(tableLater, status):
			c.cfg.Seen(o.Name, SeenRetried)
		case slices.Contains(tableNever, status) || refused >= maxRefused:
			return errors.Join(errRefused, status)
		default:
			refused++
			c.cfg.Seen(o.Name, SeenRetried)
		}
		if !pause(ctx, backoff(n)) {
			return ctx.Err()
		}
	}
}

func (c *Confirm) once(ctx context.Context, o *Operator, m *smpp.Message) (smpp.Status, error) {
	try, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	resp, err := c.cfg.Sender.Send(try, o.Name, binds.SetSMS, "", binds.SMS, m)
	return resp.Status, err
}

// sender types a source address: letters are alphanumeric, long digits a number,
// short digits a short code (SMPP 3.4 §5.2.5).
func sender(s string) smpp.Address {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return smpp.Address{TON: 5, NPI: 0, Addr: s}
		}
	}
	if len(s) >= 8 {
		return smpp.Address{TON: 1, NPI: 1, Addr: s}
	}
	return smpp.Address{TON: 0, NPI: 0, Addr: s}
}
