package approval

import (
	"context"
	"errors"

	"mlango/gateway/session"
)

// slipNos counts how often a subscriber said no to an asker.
const slipNos = "approval no/"

func nosOf(q *Request) string { return slipNos + q.Asker + "/" + q.Payer }

// welcome refuses an asker to whom the subscriber said no too often lately. An agent is not
// counted: the customer stands at the counter.
func (d *Desk) welcome(ctx context.Context, q *Request) error {
	if q.agents() {
		return nil
	}
	nos, err := d.nos(ctx, q)
	if err == nil && nos.Tries >= MaxNos && d.now() <= nos.Until {
		return ErrOften
	}
	return ignore(err, ErrUnknown)
}

// nos is a record that counts in its tries, until its time.
func (d *Desk) nos(ctx context.Context, q *Request) (*Record, error) {
	b, err := d.cfg.Slips.Get(ctx, nosOf(q))
	if errors.Is(err, session.ErrNone) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	return decode(b)
}

// saidNo counts a no. One that a store loses is forgiven.
func (d *Desk) saidNo(ctx context.Context, q *Request) {
	if q.agents() {
		return
	}
	for range MaxNos {
		nos, err := d.nos(ctx, q)
		if nos == nil {
			nos = &Record{Request: Request{Asker: q.Asker}}
		}
		if d.now() > nos.Until {
			nos.Tries, nos.Until = 0, d.now()+NosKept.Milliseconds()
		}
		if nos.Tries++; ignore(err, ErrUnknown) == nil {
			_, err = d.putAs(ctx, nosOf(q), nos, NosKept)
		}
		if !errors.Is(err, session.ErrConflict) {
			return
		}
	}
}
