package wire

import "mlango/ledgerd/ledger"

// The extensions of a notice.
const (
	extAddr            = 1
	extNoticeOtherAddr = 2
	extNoticeOtherName = 3
	extNoticeBundle    = 4
	extNoticeHold      = 5
	extNoticeRef       = 6
	sizeNoticeHold     = 24
)

// AppendNotice writes one notice of the outbox.
func AppendNotice(dst []byte, n *ledger.Notice) ([]byte, error) {
	c := begin(dst, KindNotice, 0)
	c.notice(n)
	return c.done()
}

// ReadNotice reads one notice of the outbox into a notice that is all zero.
func (r Record) ReadNotice(n *ledger.Notice) error {
	c := r.open(KindNotice)
	c.notice(n)
	return c.close()
}

func (c *codec) notice(n *ledger.Notice) {
	c.raw(n.ID[:])
	c.lane(&n.Lane)
	num(c, &n.Seq)
	num(c, &n.Account)
	num(c, &n.Other)
	num(c, &n.Amount)
	num(c, &n.Fee)
	num(c, &n.Balance)
	num(c, &n.At)
	c.place(&n.Place)
	c.raw(n.Receipt[:])
	tiny(c, &n.Side)
	tiny(c, &n.Kind)
	c.flags(&n.NoBalance)
	c.raw(n.Language[:])
	tiny(c, &n.Act)
	c.fixed(sizeOf[KindNotice])
	c.text(extAddr, &n.Addr, ledger.MaxMSISDN)
	c.text(extNoticeOtherAddr, &n.OtherAddr, ledger.MaxMSISDN)
	c.text(extNoticeOtherName, &n.OtherName, ledger.MaxName)
	c.array(extNoticeBundle, n.Bundle[:])
	c.held(n)
	c.text(extNoticeRef, &n.Ref, ledger.MaxRef)
}

// held is what a hold, its end, and a payment that is asked for add to a notice.
func (c *codec) held(n *ledger.Notice) {
	if !c.part(extNoticeHold, n.Until != 0 || n.Available != 0 || n.Released != 0, sizeNoticeHold) {
		return
	}
	num(c, &n.Until)
	num(c, &n.Available)
	num(c, &n.Released)
	if n.Until == 0 && n.Available == 0 && n.Released == 0 {
		c.fail("an empty extension")
	}
}

// AppendGranted says under which epoch the notices that follow are fed.
func AppendGranted(dst []byte, epoch uint64) ([]byte, error) {
	c := begin(dst, KindGranted, 0)
	num(&c, &epoch)
	c.fixed(sizeOf[KindGranted])
	return c.done()
}

// Granted reads the epoch of the notices that follow.
func (r Record) Granted() (epoch uint64, err error) {
	c := r.open(KindGranted)
	num(&c, &epoch)
	c.fixed(sizeOf[KindGranted])
	return epoch, c.close()
}
