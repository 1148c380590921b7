package wire

import (
	"crypto/sha256"
	"encoding/binary"

	"mlango/ledgerd/ledger"
)

// What an administrator says about numbers and PINs is not yet a command: the
// vault on the node makes tokens and MACs of it.

// Number points a number to an account, or with account zero to none.
type Number struct {
	Account ledger.Account
	Kind    ledger.AccountKind // of what the number is: a wallet's, a till's
	Number  string             // E.164 digits, or an agent's, till's or paybill's number
}

// PINReset clears the PIN of an account; whoever dials from its number sets another.
type PINReset struct {
	Account ledger.Account
	Number  string // must be the account's: one of the two alone may be mistyped
}

// The extension of both.
const extNumber = 1

// AppendNumber writes a number to point.
func AppendNumber(dst []byte, correlation uint64, v *Number) ([]byte, error) {
	c := begin(dst, KindNumber, correlation)
	c.number(v)
	return c.done()
}

// Number reads a number to point.
func (r Record) Number() (Number, error) {
	var v Number
	c := r.open(KindNumber)
	c.number(&v)
	return v, c.close()
}

func (c *codec) number(v *Number) {
	num(c, &v.Account)
	tiny(c, &v.Kind)
	c.fixed(sizeOf[KindNumber])
	c.text(extNumber, &v.Number, ledger.MaxMSISDN)
}

// AppendPINReset writes a PIN to clear.
func AppendPINReset(dst []byte, correlation uint64, v *PINReset) ([]byte, error) {
	c := begin(dst, KindPINReset, correlation)
	c.pinReset(v)
	return c.done()
}

// PINReset reads a PIN to clear.
func (r Record) PINReset() (PINReset, error) {
	var v PINReset
	c := r.open(KindPINReset)
	c.pinReset(&v)
	return v, c.close()
}

func (c *codec) pinReset(v *PINReset) {
	num(c, &v.Account)
	c.fixed(sizeOf[KindPINReset])
	c.text(extNumber, &v.Number, ledger.MaxMSISDN)
}

// ApprovalHash is what the second person signs: all that the first one asked for,
// and when.
func ApprovalHash(first string, asked, expires int64, records []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte("mlango/two people/1\x00"))
	var fixed [20]byte
	binary.BigEndian.PutUint32(fixed[:], uint32(len(first)))
	binary.BigEndian.PutUint64(fixed[4:], uint64(asked))
	binary.BigEndian.PutUint64(fixed[12:], uint64(expires))
	h.Write(fixed[:])
	h.Write([]byte(first))
	h.Write(records)
	return [32]byte(h.Sum(nil))
}
