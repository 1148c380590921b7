package confirm

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

// tableNever are the statuses that no repetition mends: this recipient or this
// text will be refused for ever (SMPP 3.4 §5.1.3).
var tableNever = []smpp.Status{smpp.StatusInvMsgLen, smpp.StatusInvDstAddr, smpp.StatusPermAppError, smpp.StatusDeliveryFailure}

// tableLater are the statuses that say "later".
var tableLater = []smpp.Status{smpp.StatusThrottled, smpp.StatusMsgQueueFull, smpp.StatusTempAppError, smpp.StatusSysErr}

var (
	errNoRoute = errors.New("confirm: no route carries SMS to this number")
	errRefused = errors.New("confirm: it is refused for ever")
	errAway    = errors.New("confirm: the operator has been down for a while, and the route knows another")
	errTurned  = errors.New("confirm: the routes are others now")
)

// sms is one text on its way.
type sms struct {
	to, text string
	ref      uint8  // of its parts
	about    string // a receipt number, or an order's id
}

// road is how one text goes: by a route of those that were in force when its try began.
type road struct {
	*binds.Route
	of *binds.Routes
}

// others tells whether the route knows more than one operator.
func (r road) others() bool { return len(r.Via) > 1 }

// send brings a text to a subscriber by the first operator of its route that takes
// it. The error is ctx's, errNoRoute, or errRefused with the last one's status.
func (c *Confirm) send(ctx context.Context, home string, s sms) error {
	for n := 0; ; n++ {
		routes := c.routes.Load()
		route, _ := routes.Find(home, s.to)
		if route == nil {
			return errNoRoute
		}
		err := c.round(ctx, road{route, routes}, s)
		if !errors.Is(err, errAway) && !errors.Is(err, errTurned) {
			return err
		}
		if !pause(ctx, backoff(n)) {
			return ctx.Err()
		}
	}
}

// round tries each operator of a route once. One that refuses the number for ever
// may not have it any more: the next may.
func (c *Confirm) round(ctx context.Context, route road, s sms) (err error) {
	away := false
	for i, via := range route.Via {
		err = c.over(ctx, route, via, s)
		if err == nil || ctx.Err() != nil || errors.Is(err, errTurned) {
			return err
		}
		if away = away || errors.Is(err, errAway); away && i == len(route.Via)-1 {
			return errAway
		}
	}
	return err
}

// over submits every part of a text to one operator, each again until it is taken.
// Half a text does no harm: another operator gets all of it.
func (c *Confirm) over(ctx context.Context, route road, via string, s sms) error {
	for _, m := range c.messages(route.Route, via, s) {
		if err := c.submit(ctx, route, via, m, s.about); err != nil {
			return err
		}
	}
	return nil
}

// messages are a text as an operator takes it: in parts, or whole where it is an
// aggregator's HTTP API.
func (c *Confirm) messages(route *binds.Route, via string, s sms) (all []*smpp.Message) {
	parts := smpp.SplitSMS(s.text, s.ref)
	if len(parts) > 1 && c.cfg.Sender.Whole(via) {
		m := &smpp.Message{}
		var octets []byte
		m.DataCoding, octets = smpp.EncodeText(s.text)
		m.TLVs = []smpp.TLV{{Tag: smpp.TagMessagePayload, Value: octets}}
		route.Address(m, s.to)
		return []*smpp.Message{m}
	}
	for _, part := range parts {
		m := &smpp.Message{}
		route.Address(m, s.to)
		part.Put(m)
		all = append(all, m)
	}
	return all
}

// submit sends one part until it is taken, or never will be by this operator. Whoever
// changes the routes reaches the texts under way too: an operator that is gone from
// them takes nothing for ever.
func (c *Confirm) submit(ctx context.Context, route road, via string, m *smpp.Message, about string) error {
	refused := 0
	for n := 0; ; n++ {
		resp, err := c.once(ctx, via, m)
		switch {
		case err == nil && resp.Status == smpp.StatusOK:
			c.receipts.await(via, m, resp, about)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, binds.ErrNoBind) && route.others() && c.downs.lasts(via):
			return errAway
		case errors.Is(err, smpp.ErrBadMessage): // no SMSC was asked, and none ever will be
			return errors.Join(errRefused, err)
		case errors.Is(err, binds.ErrUnknown):
			c.cfg.Seen(via, SeenUnknown)
		case err != nil, slices.Contains(tableLater, resp.Status):
			c.cfg.Seen(via, SeenRetried)
		case slices.Contains(tableNever, resp.Status) || refused >= maxRefused:
			return errors.Join(errRefused, resp.Status)
		default:
			refused++
			c.cfg.Seen(via, SeenRetried)
		}
		if !pause(ctx, backoff(n)) {
			return ctx.Err()
		}
		if c.routes.Load() != route.of {
			return errTurned
		}
	}
}

func (c *Confirm) once(ctx context.Context, via string, m *smpp.Message) (binds.Response, error) {
	try, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	resp, err := c.cfg.Sender.Send(try, via, binds.SetSMS, "", binds.SMS, m)
	if !errors.Is(err, binds.ErrNoBind) {
		c.downs.over(via)
	}
	return resp, err
}

// downs remembers since when an operator has had no bind, so that a short loss
// does not send its subscribers' SMS by another.
type downs struct {
	mu sync.Mutex
	of map[string]down
}

// down is a loss: when it was seen first, and last.
type down struct{ began, last time.Time }

// lasts notes that an operator has no bind, and tells whether that lasts. A loss
// that nobody met for a while is a new one.
func (d *downs) lasts(operator string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of == nil {
		d.of = map[string]down{}
	}
	now := time.Now()
	it, known := d.of[operator]
	if !known || now.Sub(it.last) > downForgotten {
		it.began = now
	}
	it.last = now
	d.of[operator] = it
	return now.Sub(it.began) >= fallbackAfter
}

func (d *downs) over(operator string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.of, operator)
}
