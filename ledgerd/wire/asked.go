package wire

import "mlango/ledgerd/ledger"

// The extensions of requests to approve a payment.
const (
	extApproveNumber = 1
	extApprovePayer  = 2
	extApprovePayee  = 3
	extApproveRef    = 4
)

// ToApprove is a payment that somebody is to be asked for, as people say it: the node finds
// the accounts and seals the reference. Under a number that stands it is that request, in
// whatever id and until when it says so.
type ToApprove struct {
	ID     ledger.ID // of its request; its last byte is zero
	Kind   ledger.Kind
	Amount ledger.Amount
	Until  int64  // ms
	Number string // the asker's own, at most ledger.MaxAskNumber bytes
	Payer  string // MSISDN
	Payee  string // the number on the sign
	Ref    string // of a paybill: what names the payer there, at most ledger.MaxRef bytes
}

// AppendToApprove writes a payment to ask for.
func AppendToApprove(dst []byte, correlation uint64, v *ToApprove) ([]byte, error) {
	c := begin(dst, KindToApprove, correlation)
	c.toApprove(v)
	return c.done()
}

// ToApprove reads a payment to ask for.
func (r Record) ToApprove() (ToApprove, error) {
	var v ToApprove
	c := r.open(KindToApprove)
	c.toApprove(&v)
	return v, c.close()
}

func (c *codec) toApprove(v *ToApprove) {
	c.raw(v.ID[:])
	num(c, &v.Amount)
	num(c, &v.Until)
	tiny(c, &v.Kind)
	c.fixed(sizeOf[KindToApprove])
	c.text(extApproveNumber, &v.Number, ledger.MaxAskNumber)
	c.text(extApprovePayer, &v.Payer, ledger.MaxMSISDN)
	c.text(extApprovePayee, &v.Payee, ledger.MaxMSISDN)
	c.text(extApproveRef, &v.Ref, ledger.MaxRef)
}

func (c *codec) askPayment(v *ledger.AskPayment) {
	c.raw(v.ID[:])
	num(c, &v.From)
	num(c, &v.To)
	num(c, &v.Amount)
	num(c, &v.Until)
	tiny(c, &v.Kind)
	c.raw(v.Currency[:])
	c.fixed(sizeOf[KindAskPayment])
	c.text(extApproveNumber, &v.Number, ledger.MaxAskNumber)
	c.text(extApprovePayee, &v.Payee, ledger.MaxMSISDN)
	c.blob(extApproveRef, &v.Ref, ledger.MaxRefSealed)
}
