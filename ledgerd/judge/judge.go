// Package judge looks at a request on the leader and writes what it finds into
// the entry: whether the PIN is right, and against which epoch that was judged.
// The PIN itself, sealed or clear, ends here.
package judge

import (
	"crypto/rand"

	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
)

// Accounts is what a judge sees of the books.
type Accounts interface {
	PIN(n ledger.Account) (salt [16]byte, mac [32]byte, epoch uint32, locked, set bool)
	Paid(receipt ledger.Receipt) ledger.ID
}

// maxSealers is how many seal keys are made ready at a time; orders come under two
// or three.
const maxSealers = 16

// Judge makes facts of requests. Many goroutines may use it.
type Judge struct {
	vault   *vault.Vault
	macs    *pin.MACs
	sealers *Memo[uint32, *pin.Sealer]
}

// New makes a judge with the vault's keys.
func New(v *vault.Vault) *Judge {
	return &Judge{vault: v, macs: pin.NewMACs(v.PINKey()), sealers: NewMemo[uint32, *pin.Sealer](maxSealers)}
}

// Request turns a request into the command that the entry will hold. The books
// ask everything else; a judge decides nothing but the PIN, and whose receipt it is.
func (j *Judge) Request(books Accounts, r *ledger.Request, now int64) ledger.Command {
	if r.Check != nil && r.Check.Query.BringsPIN() {
		return j.change(books, r, now)
	}
	if r.Check != nil {
		a := &ledger.Answer{Check: *r.Check, PayerToken: j.Token(r.Payer)}
		if a.Query == ledger.QueryReceipt {
			a.Paid = books.Paid(a.Receipt)
			return a
		}
		a.Receipt = ledger.Receipt{} // nobody asked about one
		a.Verdict, a.Epoch = j.verdict(books, r, r.Check.Account, now)
		return a
	}
	m := &ledger.Move{Transfer: *r.Transfer, PayerToken: j.Token(r.Payer), PayeeToken: j.PayeeToken(r.Transfer.Kind, r.Payee)}
	m.Verdict, m.Epoch = j.verdict(books, r, r.Transfer.From, now)
	if r.Ref != "" {
		j.sealRef(m, r.Ref)
	}
	return m
}

// sealRef puts a reference into the entry, as what only its payer's key opens. Whose
// key is gone pays nothing: it is as good as a PIN's.
func (j *Judge) sealRef(m *ledger.Move, ref string) {
	sealed, err := j.vault.SealRef(uint64(m.From), m.ID, ref)
	if err != nil {
		m.Verdict = ledger.VerdictKeyGone
		return
	}
	m.Ref = sealed
}

// change judges both PINs of a change, or a first one, beside which there is none. A
// new one that does not open is as good as a key that is gone: nothing is changed and
// nothing counted.
func (j *Judge) change(books Accounts, r *ledger.Request, now int64) ledger.Command {
	c := &ledger.ChangePIN{Check: *r.Check, PayerToken: j.Token(r.Payer)}
	c.Receipt = ledger.Receipt{} // it is about none
	fresh, err := j.Open(r.SealKey, r.New, r.Payer, ledger.NewPINID(r.Check.ID), now)
	if err != nil {
		_, _, c.Epoch, _, _ = books.PIN(r.Check.Account)
		c.Verdict = ledger.VerdictKeyGone
		return c
	}
	defer fresh.Wipe()
	if c.Query == ledger.QueryFirstPIN {
		_, _, c.Epoch, _, _ = books.PIN(r.Check.Account)
	} else if c.Verdict, c.Epoch = j.verdict(books, r, r.Check.Account, now); c.Verdict != ledger.VerdictRight {
		return c
	}
	if c.Easy = pin.Easy(fresh, r.Payer); !c.Easy {
		c.Salt, c.MAC = j.Keep(r.Check.Account, fresh)
	}
	return c
}

// Easy tells whether a PIN is one that everybody guesses.
func (j *Judge) Easy(p pin.PIN, msisdn string) bool { return pin.Easy(p, msisdn) }

// Keep is how a new PIN is stored: a fresh salt and its MAC.
func (j *Judge) Keep(n ledger.Account, p pin.PIN) (salt [16]byte, mac [32]byte) {
	_, _ = rand.Read(salt[:]) // never fails: see crypto/rand
	return salt, j.MAC(n, salt, p)
}

// tablePayees is what kind of number names the payee of a transfer, where that is no
// MSISDN.
var tablePayees = map[ledger.Kind]uint8{
	ledger.KindWithdraw: vault.TokenAgent, ledger.KindPaybill: vault.TokenPaybill, ledger.KindTill: vault.TokenTill,
}

// Token finds the MSISDN that dials in the books; no number has none.
func (j *Judge) Token(msisdn string) ledger.Token { return j.token(vault.TokenMSISDN, msisdn) }

// maxSign is how many digits the number on a sign has at most: a longer one, of who hands
// out cash, is the MSISDN behind the counter.
const maxSign = 9

// PayeeToken finds in the books whom a number names as the payee of a kind of transfer.
func (j *Judge) PayeeToken(k ledger.Kind, number string) ledger.Token {
	if kind, other := tablePayees[k]; other && (k != ledger.KindWithdraw || len(number) <= maxSign) {
		return j.token(kind, number)
	}
	return j.Token(number)
}

func (j *Judge) token(kind uint8, number string) ledger.Token {
	if number == "" {
		return ledger.Token{}
	}
	return ledger.Token(j.vault.Token(kind, number))
}

// verdict opens the PIN and compares it. Of a locked account's nothing is
// compared: nobody learns more about it. What does not open under a key that
// exists was damaged or forged; it is treated as a key that is gone, for it tells
// nothing about the PIN and must not count as an attempt.
func (j *Judge) verdict(books Accounts, r *ledger.Request, n ledger.Account, now int64) (ledger.PINVerdict, uint32) {
	salt, mac, epoch, locked, set := books.PIN(n)
	if len(r.Sealed) == 0 {
		return ledger.VerdictNone, epoch
	}
	p, err := j.Open(r.SealKey, r.Sealed, r.Payer, r.ID(), now)
	if err != nil {
		return ledger.VerdictKeyGone, epoch
	}
	defer p.Wipe()
	switch {
	case locked || !set:
		return ledger.VerdictNone, epoch
	case pin.Equal(mac, j.MAC(n, salt, p)):
		return ledger.VerdictRight, epoch
	}
	return ledger.VerdictWrong, epoch
}

// Open opens a PIN that was sealed to a number and an id. The caller wipes it.
func (j *Judge) Open(key uint32, sealed []byte, msisdn string, id ledger.ID, now int64) (pin.PIN, error) {
	sealer, err := j.sealers.Get(key, func() (*pin.Sealer, error) {
		seal, err := j.vault.Seal(key, now)
		if err != nil {
			return nil, err
		}
		return pin.NewSealer(pin.Key{ID: seal.ID, Secret: seal.Secret, Expires: seal.Expires})
	})
	if err != nil {
		return pin.PIN{}, err
	}
	if _, err := j.vault.Seal(key, now); err != nil { // asked last: it may have been destroyed, and forgotten here, before it was kept
		j.sealers.Drop(key)
		return pin.PIN{}, err
	}
	return sealer.Open(sealed, msisdn, id)
}

// ForgetSeals lets go of every seal key that was made ready. Whoever rotates the
// keys calls it, so that a destroyed one is gone from here too.
func (j *Judge) ForgetSeals() { j.sealers.Clear() }

// MAC is how a PIN is stored.
func (j *Judge) MAC(n ledger.Account, salt [16]byte, p pin.PIN) [32]byte {
	return j.macs.MAC(uint64(n), salt, p)
}
