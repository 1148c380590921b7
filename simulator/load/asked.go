package load

import (
	"mlango/ledgerd/ledger"
	"mlango/simulator/oracle"
)

// asked tells the oracle of a request to approve a payment. Its payer's notice is no SMS.
func (f *fact) asked(c *ledger.AskPayment) {
	if !f.first || f.again || f.res.Reject != ledger.OK {
		return
	}
	f.books.Ask(oracle.Asked{ID: oracle.ID(c.ID), Kind: oracle.Kind(c.Kind), From: oracle.Account(c.From), To: oracle.Account(c.To),
		Amount: oracle.Amount(c.Amount), Currency: oracle.Currency(c.Currency), Until: c.Until})
	if f.mine() {
		f.told.expect(&deed{id: c.ID, act: ledger.ActAsk, payer: c.From, payee: c.To, kind: c.Kind, amount: c.Amount, at: f.at, until: c.Until,
			tells: [2]bool{true, false}}, f.about)
	}
}

// askEnded tells it that nothing may come of a request any more; of one that was paid the
// ledger answers with its payment.
func (f *fact) askEnded(c *ledger.EndAsk) {
	if f.res.Reject == ledger.OK && f.res.ID == c.ID {
		f.books.AskEnded(oracle.ID(c.ID))
	}
}

// asks tells whether it asks for a payment, and moves nothing.
func (d *deed) asks() bool { return d.act == ledger.ActAsk }
