package main

import (
	"context"
	"fmt"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// askCmd has a subscriber asked to approve a payment.
type askCmd struct {
	Payer     string        `arg:"" help:"Who is asked: an MSISDN, as 254722000001."`
	Amount    int64         `arg:"" help:"In minor units: 50000 is 500.00."`
	Till      string        `placeholder:"NUMBER" help:"The till that is paid: this or --paybill."`
	Paybill   string        `placeholder:"NUMBER" help:"The paybill that is paid."`
	Reference string        `placeholder:"TEXT" help:"Of a paybill: the number of the bill."`
	Number    string        `required:"" placeholder:"TEXT" help:"Your own number of it: within a day the same again is the same request. A-Z a-z 0-9 . _ -, at most 40, and no secret."`
	Within    time.Duration `default:"3m" help:"How long it may be shown and approved, at most 8m; the phone itself waits 90 s."`
}

// Run asks, and tells how to see what becomes of it.
func (c *askCmd) Run(ctx context.Context, w *world, all *commands) error {
	now := time.Now()
	switch {
	case !msisdn.Valid(c.Payer):
		return usage("%q is no MSISDN: write it in E.164 digits, as 254722000001", c.Payer)
	case (c.Till == "") == (c.Paybill == ""):
		return usage("who is paid? --till or --paybill, one of them")
	case c.Within < time.Second || c.Within > maxAsk:
		return usage("--within: 1s to %s", maxAsk)
	case c.Reference != "" && c.Paybill == "":
		return usage("--reference: only a paybill has one")
	}
	ask := ledgerclient.ToApprove{ID: newID(now), Kind: ledger.KindTill, Amount: ledger.Amount(c.Amount), Until: now.Add(c.Within).UnixMilli(),
		Number: c.Number, Payer: c.Payer, Payee: c.Till, Ref: c.Reference}
	if c.Paybill != "" {
		ask.Kind, ask.Payee = ledger.KindPaybill, c.Paybill
	}
	ask.ID[len(ask.ID)-1] = 0 // its orders' own
	client, err := all.Admin.dial()
	if err != nil {
		return err
	}
	defer client.Close()
	res, err := client.AskPayment(ctx, ask)
	if err != nil {
		return explain(err)
	}
	if res.Reject != ledger.OK {
		return refusal(res.Reject)
	}
	_, err = fmt.Fprintf(w.out, "asked: %s, id %s, at %d/%d/%d\nhow it stands:\n  ledgerd show %s %s\n", c.Number, res.ID,
		res.Place.Unit, res.Place.Index, res.Place.Offset, c.Number, all.Admin.again())
	return err
}

// maxAsk is how long a request may be approved.
const maxAsk = time.Duration(ledger.MaxAskLife) * time.Millisecond
