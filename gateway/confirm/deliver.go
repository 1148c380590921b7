package confirm

import (
	"cmp"
	"context"
	"time"

	"mlango/gateway/order"
	"mlango/internal/msisdn"
	"mlango/internal/stop"
	"mlango/ledgerd/ledger"
)

// delivery is how an SMS ended.
type delivery uint8

const (
	taken    delivery = iota // the SMSC has it
	parked                   // never to be delivered, a dead letter
	homeless                 // never to be delivered, and no room for a dead letter
	cut                      // the program stops: it comes again
)

// deliver sends one notice's SMS until it is taken or never will be.
func (c *Confirm) deliver(ctx context.Context, o *Operator, n *ledger.Notice) delivery {
	if n.Act == ledger.ActAsk {
		return c.ask(ctx, o, n)
	}
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
	err = c.send(ctx, o.Name, sms{to: n.Addr, text: text, ref: uint8(n.Seq), about: cmp.Or(dead.Receipt, dead.ID)})
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
	text, err := c.words.promise(&p, r)
	if err != nil {
		c.cfg.Seen(p.Operator, SeenUnwritten)
		return c.giveUp(dead, err)
	}
	err = c.send(ctx, p.Operator, sms{to: p.Payer, text: text, ref: p.ID[15], about: dead.ID})
	switch {
	case err == nil:
		c.cfg.Seen(p.Operator, SeenTold)
		return nil
	case ctx.Err() != nil:
		return err
	}
	c.cfg.Seen(p.Operator, SeenParked)
	return c.giveUp(dead, err)
}

// giveUp parks what a promise owed; without room the promise stays open.
func (c *Confirm) giveUp(l letter, why error) error {
	if c.park(l, why) == homeless {
		return why
	}
	return nil
}
