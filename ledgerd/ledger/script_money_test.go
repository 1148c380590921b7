package ledger

import (
	"strconv"
	"strings"
)

// kindWords are the verbs that are transfers.
var kindWords = map[string]Kind{
	"send": KindSend, "airtime": KindAirtime, "issue": KindIssue, "deposit": KindDeposit, "withdraw": KindWithdraw,
	"paybill": KindPaybill, "till": KindTill, "redeem": KindRedeem, "payout": KindPayout, "reversal": KindReversal,
}

// said reads the commands about holds, reversals, links and people:
//
//	send h1 jane paul 50.00 until 60000   holds for a minute
//	post p1 h1 20.00 · void v1 h1 · tick
//	reverse r1 p1 20.00 fee               all of it without an amount
//	linked l1 payout acme jane 1.00 + payout acme paul 2.00
//	change c1 jane easy pin wrong
func (s *script) said(verb string, f []string) (Command, bool) {
	expires := s.now + 120*second
	switch verb {
	case "post":
		return Post{ID: s.id(f[0]), Hold: s.id(f[1]), Amount: anAmount(f[2:]), Expires: expires}, true
	case "void":
		return Void{ID: s.id(f[0]), Hold: s.id(f[1]), Expires: expires}, true
	case "reverse":
		return Reverse{ID: s.id(f[0]), Of: s.id(f[1]), Amount: anAmount(f[2:]), Fee: f[len(f)-1] == "fee", Expires: expires}, true
	case "recall":
		return s.recall(f), true
	case "linked":
		return s.linked(f, expires), true
	case "change":
		m := s.options(without(f[2:], "easy"), &Move{Transfer: Transfer{From: s.account(f[1]), ID: s.id(f[0])}})
		return &ChangePIN{Check: Check{ID: m.ID, Account: m.From, Query: QueryChange, Expires: expires}, Verdict: m.Verdict,
			Epoch: m.Epoch, Easy: strings.Contains(strings.Join(f, " "), "easy"), MAC: [32]byte{1}}, true
	case "verify":
		m := s.options(f[2:], &Move{Transfer: Transfer{From: s.account(f[1]), ID: s.id(f[0])}})
		return &Answer{Check: Check{ID: m.ID, Account: m.From, Query: QueryVerify, Expires: expires}, Verdict: m.Verdict, Epoch: m.Epoch}, true
	case "close":
		return Close{s.account(f[0])}, true
	case "erase":
		return ErasePerson{s.account(f[0])}, true
	case "tier":
		n, _ := strconv.Atoi(f[1])
		return SetTier{Account: s.account(f[0]), Tier: Tier(n), Maximum: anAmount(f[2:])}, true
	case "tick":
		return Tick{}, true
	case "two":
		return RequireTwo{}, true
	case "tariff":
		return s.govern(verb, f), true
	}
	if kindWords[verb] != 0 {
		return s.transfer(verb, f), true
	}
	return nil, false
}

func (s *script) linked(f []string, expires int64) Linked {
	l := Linked{ID: s.id(f[0]), Expires: expires}
	for leg := range strings.SplitSeq(strings.Join(f[1:], " "), "+") {
		w := strings.Fields(leg)
		l.Legs = append(l.Legs, Leg{Kind: kindWords[w[0]], From: s.account(w[1]), To: s.account(w[2]), Amount: amount(w[3]), Currency: kes,
			Fee: s.book.Fee(kindWords[w[0]], amount(w[3]), s.now)})
	}
	for i := range l.Legs { // the legs' names are l1.0, l1.1 …
		s.ids[f[0]+"."+strconv.Itoa(i)] = l.ID.Leg(uint8(i))
	}
	return l
}

// anAmount is the first word when it is one.
func anAmount(f []string) Amount {
	if len(f) == 0 || !strings.Contains(f[0], ".") {
		return 0
	}
	return amount(f[0])
}

func without(f []string, word string) (rest []string) {
	for _, w := range f {
		if w != word {
			rest = append(rest, w)
		}
	}
	return rest
}

// version reads "version 2 from 12:00" in front of a table.
func (s *script) version(f []string) (number uint32, from int64, rest []string) {
	for len(f) > 1 {
		switch f[0] {
		case "version":
			n, _ := strconv.Atoi(f[1])
			number = uint32(n)
		case "from":
			from, _ = clock(f[1])
		default:
			return number, from, f
		}
		f = f[2:]
	}
	return number, from, f
}

// bandOf reads up-to:fee:tax:commission.
func bandOf(word string) Band {
	var figures [4]Amount
	for i, w := range strings.Split(word, ":") {
		figures[i] = amount(w)
	}
	return Band{Upto: figures[0], Fee: figures[1], Tax: figures[2], Commission: figures[3]}
}

// figureOf is an account's balance, or jane/free, jane/held, jane/coming.
func (s *script) figureOf(word string) string {
	name, what, _ := strings.Cut(word, "/")
	v, _ := s.book.Account(s.account(name))
	switch what {
	case "free":
		return figure(v.Available)
	case "held":
		return figure(v.HeldDebits)
	case "coming":
		return figure(v.HeldCredits)
	}
	return figure(v.Balance)
}
