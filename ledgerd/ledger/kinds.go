package ledger

// kinds is a set of kinds of account.
type kinds uint16

func kindsOf(list ...AccountKind) (set kinds) {
	for _, k := range list {
		set |= 1 << k
	}
	return set
}

func (s kinds) has(k AccountKind) bool { return s&(1<<k) != 0 }

const (
	holders kinds = 1<<AccountWallet | 1<<AccountAgent | 1<<AccountTill | 1<<AccountPaybill
	house   kinds = 1<<AccountTrust | 1<<AccountFees | 1<<AccountAirtime | 1<<AccountTax | 1<<AccountCommission
)

// tableKinds says who may pay whom by a kind of transfer, and who of the two is
// the agent that earns a commission.
var tableKinds = [kindCount + 1]struct {
	payer, payee kinds
	agent        Side
}{
	KindSend:     {payer: holders, payee: holders},
	KindAirtime:  {payer: holders, payee: holders},
	KindIssue:    {payer: kindsOf(AccountTrust), payee: holders | house},
	KindDeposit:  {payer: kindsOf(AccountAgent), payee: kindsOf(AccountWallet), agent: SidePayer},
	KindWithdraw: {payer: kindsOf(AccountWallet), payee: kindsOf(AccountAgent), agent: SidePayee},
	KindPaybill:  {payer: holders, payee: kindsOf(AccountPaybill)},
	KindTill:     {payer: holders, payee: kindsOf(AccountTill)},
	KindRedeem:   {payer: holders | house&^(1<<AccountTrust), payee: kindsOf(AccountTrust)},
	KindPayout:   {payer: holders&^(1<<AccountWallet) | house&^(1<<AccountTrust), payee: holders},
}

func (k Kind) known() bool { return k >= KindSend && k <= KindPayout }

// Asked tells whether a transfer of the kind can be asked for like any other: a
// reversal has rules of its own.
func (k Kind) Asked() bool { return k.known() && k != KindReversal }

// Dialled tells whether a number that dials may ask for a transfer of the kind: for
// what needs its PIN, and to take back what it sent.
func (k Kind) Dialled() bool { return k.ByPIN() || k == KindReversal }

// atBank tells whether real money at a bank moves with it: the kind makes money or
// takes it out.
func (k Kind) atBank() bool { return k == KindIssue || k == KindRedeem }

// needsTwo tells whether one person is not enough for a transfer of the kind: it
// moves money for which nobody gave a PIN.
func (k Kind) needsTwo() bool { return k.Asked() && !k.ByPIN() }

// tells tells whether a transfer of the kind makes notices, one for each side that is
// somebody's. Of an issue nobody is told: whoever brought the real money knows.
func (k Kind) tells() bool { return k != KindIssue }

// reversible tells whether a transfer of the kind can come back.
func (k Kind) reversible() bool { return k.Asked() && !k.atBank() }
