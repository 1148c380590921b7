package server

import (
	"strings"

	numbers "mlango/internal/msisdn"
	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
)

// Found is all that books know of an id or a number, taken while nobody
// changes them.
type Found struct {
	ledger.Shown
	people  map[ledger.Account]ledger.View
	notices []foundNotice
	ref     foundRef
	upto    uint64 // the last entry the books hold
}

// foundNotice is how the consumers stand to one notice.
type foundNotice struct {
	ledger.Told
	account ledger.Account
	heard   []ledger.Heard
}

// foundRef is a payment's reference as it was sealed.
type foundRef struct {
	of     ledger.ID
	payer  ledger.Account
	sealed []byte
}

// Find looks for an id of 32 hexadecimal digits, a receipt number, or an asker's number of a
// request to approve a payment.
func Find(book *ledger.Book, text string) (*Found, bool) {
	shown, known := show(book, text)
	if !known {
		return nil, false
	}
	f := &Found{Shown: shown, people: map[ledger.Account]ledger.View{}}
	for _, n := range []ledger.Account{shown.From, shown.To} {
		if v, there := book.Account(n); there {
			f.people[n] = v
		}
	}
	f.ref.of, f.ref.payer, f.ref.sealed = book.Ref(shown.Result.ID)
	for _, t := range shown.Told {
		n := foundNotice{Told: t, account: shown.From, heard: book.Heard(t.Lane, t.Seq)}
		if t.Side == ledger.SidePayee {
			n.account = shown.To
		}
		f.notices = append(f.notices, n)
	}
	return f, true
}

// show finds what people type: they type receipts in small letters too. What is neither an
// id nor a receipt may be an asker's number of a request.
func show(book *ledger.Book, text string) (ledger.Shown, bool) {
	if id, err := ledger.ParseID(text); err == nil {
		return book.Show(id)
	}
	var r ledger.Receipt
	if len(text) == len(r) {
		copy(r[:], strings.ToUpper(text))
		if shown, known := book.ShowReceipt(r); known {
			return shown, true
		}
	}
	if id, _, known := book.AskNumbered(text); known {
		return book.Show(id)
	}
	return ledger.Shown{}, false
}

// find looks in the applied books.
func (s *Server) find(text string) (*Found, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, known := Find(s.book, text)
	if known {
		f.upto = s.upto
	}
	return f, known
}

// Teller makes sheets of what was found: with the journal, which knows who approved
// and when notices were acknowledged, and with who people are.
type Teller struct {
	Journal     *journal.Journal // nil: only what the books know
	Person      func(n ledger.Account, sealed []byte) (name, number string)
	Ref         func(of ledger.ID, payer ledger.Account, sealed []byte) string
	ZoneMinutes int
	Names       bool  // the caller may see names
	Whole       bool  // and whole numbers
	Keyless     bool  // without a vault: receipts and numbers are not told
	Most        int64 // bytes of the journal that are looked through for acknowledgements; zero is all of it
}

// ref is what names the payer at the payee, for whom names are told to.
func (t *Teller) ref(f *Found) string {
	if t.Ref == nil || len(f.ref.sealed) == 0 || !t.Names && !t.Whole {
		return ""
	}
	return t.Ref(f.ref.of, f.ref.payer, f.ref.sealed)
}

// who is an account as the caller may see it.
func (t *Teller) who(f *Found, n ledger.Account) *SheetWho {
	v, there := f.people[n]
	if n == 0 || !there {
		return nil
	}
	w := &SheetWho{Kind: AccountWord(v.Kind)}
	if t.Person == nil {
		return w
	}
	name, number := t.Person(n, v.Sealed)
	if w.Number = number; number != "" && !t.Whole {
		w.Number = numbers.Mask(number)
	}
	if t.Names || t.Whole {
		w.Name = name
	}
	return w
}
