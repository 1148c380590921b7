package ledger

import "encoding/binary"

// alias is that a token points to an account, or with account zero to none, from
// an instant on. A later one takes its place and leads to it.
type alias struct {
	token   Token
	account Account
	from    int64  // ms
	before  uint32 // number+1 of where the token pointed before
	sibling uint32 // number+1 of the alias that the account got before
}

// setAlias points a token to an account, or with account zero to none.
func (b *Book) setAlias(c SetAlias, now int64) Reject {
	owner := b.seat(c.Account)
	switch {
	case c.Token == (Token{}):
		return CommandForbidden
	case c.Account != 0 && owner == 0:
		return UnknownPayer
	case c.Account != 0 && b.at(owner).is(closed):
		return PayerClosed
	}
	before := b.alias(c.Token)
	if before != 0 {
		old := b.aliases.At(before - 1).account
		if old == c.Account {
			return OK // it points there already
		}
		if was := b.seat(old); was != 0 && b.at(was).mark == c.Token.mark() {
			b.edit(was).mark = 0
		}
	}
	fresh := alias{token: c.Token, account: c.Account, from: now, before: before}
	if owner != 0 {
		fresh.sibling = b.at(owner).aliases
	}
	n := b.aliases.Put(fresh)
	b.tokens.Put(b.seed.Key(c.Token), n, b.ofToken(c.Token))
	if owner != 0 {
		a := b.edit(owner)
		if a.aliases = n + 1; b.aloneOfItsMark(fresh) {
			a.mark = c.Token.mark()
		} else {
			a.mark = 0
		}
	}
	if before == 0 {
		b.counts.Aliases++
	}
	return OK
}

// dropAliases unlinks every token that points or pointed to an account: it leads to
// nobody there any more, today or in the past.
func (b *Book) dropAliases(owner seat) {
	for n := b.at(owner).aliases; n != 0; {
		old := b.aliases.Edit(n - 1)
		n = old.sibling
		old.account, old.sibling = 0, 0
	}
	a := b.edit(owner)
	a.mark, a.aliases = 0, 0
}

// alias is number+1 of where a token points now.
func (b *Book) alias(t Token) uint32 {
	n, ok := b.tokens.Find(b.seed.Key(t), b.ofToken(t))
	if !ok {
		return 0
	}
	return n + 1
}

func (b *Book) ofToken(t Token) func(uint32) bool {
	return func(n uint32) bool { return b.aliases.At(n).token == t }
}

// Find tells which account an alias points to.
func (b *Book) Find(t Token) (Account, bool) {
	n := b.alias(t)
	if n == 0 {
		return 0, false
	}
	to := b.aliases.At(n - 1).account
	return to, to != 0
}

// FindAt tells which account an alias pointed to at an instant: whose a number was
// when it was dialled.
func (b *Book) FindAt(t Token, ms int64) (Account, bool) {
	for n := b.alias(t); n != 0; n = b.aliases.At(n - 1).before {
		if a := b.aliases.At(n - 1); a.from <= ms {
			return a.account, a.account != 0
		}
	}
	return 0, false
}

// mark is a token in short. A number that once was an account's is never taken
// for another of the account's by its mark; one that never was, once in four
// billion.
func (t Token) mark() uint32 {
	a, b := binary.LittleEndian.Uint64(t[:8]), binary.LittleEndian.Uint64(t[8:])
	return uint32(a) ^ uint32(a>>32) ^ uint32(b) ^ uint32(b>>32)
}

// aloneOfItsMark tells whether no other token of the same mark ever pointed to the
// account of a new alias.
func (b *Book) aloneOfItsMark(fresh alias) bool {
	n := fresh.sibling
	for most := maxSiblings; n != 0 && most > 0; most-- {
		old := b.aliases.At(n - 1)
		if old.token != fresh.token && old.token.mark() == fresh.token.mark() {
			return false
		}
		n = old.sibling
	}
	return n == 0
}

// moved tells whether a dialled number has left the account since the quote.
func (b *Book) moved(t Token, a *account) bool {
	if t == (Token{}) || a.mark != 0 && a.mark == t.mark() {
		return false
	}
	n, ok := b.Find(t)
	return !ok || n != a.number
}
