package wire

import "mlango/ledgerd/ledger"

// Person is an account to open, with what the vault will seal. The first PIN
// travels sealed, to MSISDN and OpeningID(Account); without one no PIN is set.
type Person struct {
	Account  ledger.Account
	Kind     ledger.AccountKind
	Currency ledger.Currency
	Home     uint16 // home operator's number
	Language ledger.Language
	Tier     ledger.Tier
	Name     string // at most ledger.MaxName bytes
	MSISDN   string // E.164 digits; empty for an account without a number
	SealKey  uint32
	Sealed   []byte
}

// The extensions of a person.
const (
	extName         = 1
	extMSISDN       = 2
	extPersonPINSet = 3
)

// AppendPerson writes a person to open.
func AppendPerson(dst []byte, correlation uint64, p *Person) ([]byte, error) {
	c := begin(dst, KindPerson, correlation)
	c.person(p)
	return c.done()
}

// Person reads a person to open.
func (r Record) Person() (Person, error) {
	var p Person
	c := r.open(KindPerson)
	c.person(&p)
	return p, c.close()
}

func (c *codec) person(p *Person) {
	num(c, &p.Account)
	tiny(c, &p.Kind)
	c.raw(p.Currency[:])
	c.u16(&p.Home)
	c.raw(p.Language[:])
	c.u32(&p.SealKey)
	tiny(c, &p.Tier)
	c.fixed(sizeOf[KindPerson])
	c.text(extName, &p.Name, ledger.MaxName)
	c.text(extMSISDN, &p.MSISDN, ledger.MaxMSISDN)
	c.blob(extPersonPINSet, &p.Sealed, ledger.MaxSealed)
}

// OpeningID is the id to which a person's first PIN is sealed.
func OpeningID(account ledger.Account) ledger.ID {
	return ledger.NewID(0, [10]byte{
		2: byte(account >> 56), 3: byte(account >> 48), 4: byte(account >> 40), 5: byte(account >> 32),
		6: byte(account >> 24), 7: byte(account >> 16), 8: byte(account >> 8), 9: byte(account),
	})
}
