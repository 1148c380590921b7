package load

import "mlango/ledgerd/ledger"

// question asks about an account, with and without a PIN, sets and clears PINs, and asks
// about receipts: no money may move by any of it.
func (h *history) question(o ledger.Origin) ledger.Command {
	n := ledger.Account(1 + h.rng.IntN(7))
	c := ledger.Check{ID: h.id(), Account: n, Query: ledger.Query(1 + h.rng.IntN(7)), Expires: h.now + 60_000, Origin: o}
	if h.rng.IntN(6) == 0 {
		c.ID = h.known()
	}
	verdict := h.verdict()
	_, _, epoch, _, _ := h.book.PIN(n)
	switch {
	case h.rng.IntN(40) == 0:
		return ledger.ClearPIN{Account: n}
	case h.rng.IntN(60) == 0:
		return ledger.LockPIN{Account: n}
	case h.rng.IntN(10) == 0:
		return ledger.UnlockPIN{Account: n}
	case h.rng.IntN(4) == 0: // who has none pays nothing
		return ledger.SetPIN{Account: n}
	case c.Query.BringsPIN():
		return &ledger.ChangePIN{Check: c, Verdict: verdict, Epoch: epoch, Easy: h.rng.IntN(5) == 0, MAC: [32]byte{byte(h.serial)}}
	case c.Query == ledger.QueryReceipt:
		c.Receipt = ledger.Receipt{'U', byte(h.serial)}
		return &ledger.Answer{Check: c, Paid: h.known()}
	}
	return &ledger.Answer{Check: c, Verdict: verdict, Epoch: epoch}
}

// verdict is what a judge made of a PIN: people mistype, and some go on until it is locked.
func (h *history) verdict() ledger.PINVerdict {
	switch n := h.rng.IntN(100); {
	case n < h.careless:
		return ledger.VerdictWrong
	case n > 97:
		return ledger.VerdictKeyGone
	}
	return ledger.VerdictRight
}
