package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// A script reads like a bank statement. A line is a command and, after an arrow,
// what must come of it:
//
//	10:00  send p1 jane paul 500.00 fee 13.00  → ok  jane -513.00 paul +500.00 fees +13.00  jane 4,487.00
//
// Signed figures are all the postings of the transfer, unsigned ones balances
// right after it. An id is a label; it is made when it is first said. PIN,
// quoted fee and the like are right unless the line says otherwise.
type script struct {
	t     *testing.T
	book  *Book
	now   int64
	index uint64
	names map[string]Account
	ids   map[string]ID
	seen  map[Reject]bool
	line  string
}

// scriptDay is 2026-11-22 in Nairobi, three hours east of UTC.
const scriptDay = 20_779*day - 180*minute

func runScript(t *testing.T, text string) *script {
	t.Helper()
	s := &script{
		t: t, book: New(Options{ReceiptKey: [16]byte{7}, ZoneMinutes: 180}), now: scriptDay + 9*60*minute,
		names: map[string]Account{}, ids: map[string]ID{}, seen: map[Reject]bool{},
	}
	for _, name := range []string{"trust", "fees", "airtime", "tax", "commission"} {
		s.do("open " + name + " " + name)
	}
	for line := range strings.Lines(text) {
		if line, _, _ = strings.Cut(line, "#"); strings.TrimSpace(line) != "" {
			s.do(line)
		}
	}
	for currency, sum := range s.book.Sum() {
		if sum != 0 {
			t.Errorf("%s does not add up: %d", currency, sum)
		}
	}
	return s
}

func (s *script) do(line string) {
	s.t.Helper()
	s.line = strings.TrimSpace(line)
	said, want, judged := strings.Cut(line, "→")
	f := strings.Fields(said)
	if at, ok := clock(f[0]); ok {
		s.now, f = at, f[1:]
	}
	if len(f) == 0 {
		return
	}
	res, again := s.command(f[0], f[1:])
	switch {
	case judged:
		s.expect(res, again, strings.Fields(want))
	case res.Reject != OK:
		s.t.Fatalf("%s\n got %v", s.line, res.Reject)
	}
}

// clock reads 10:00 or 10:00:05, or with a day before it 1.10:00.
func clock(word string) (int64, bool) {
	days, rest, ok := strings.Cut(word, ".")
	if !ok {
		days, rest = "0", word
	}
	d, err := strconv.Atoi(days)
	part := strings.Split(rest, ":")
	if err != nil || len(part) < 2 {
		return 0, false
	}
	at := scriptDay + int64(d)*day
	for i, unit := range []int64{60 * minute, minute, second}[:len(part)] {
		n, err := strconv.Atoi(part[i])
		if err != nil {
			return 0, false
		}
		at += int64(n) * unit
	}
	return at, true
}

// command says one line to the book.
func (s *script) command(verb string, f []string) (Result, bool) {
	if kindWords[verb] != 0 {
		return s.apply(s.transfer(verb, f))
	}
	switch verb {
	case "balance", "last":
		a := &Answer{Check: Check{ID: s.id(f[0]), Account: s.account(f[1]), Query: QueryBalance, Expires: s.now + 120*second}}
		if verb == "last" {
			a.Query = QueryLast
		}
		m := s.options(f[2:], &Move{Transfer: Transfer{From: a.Account, ID: a.ID, Expires: a.Expires}})
		a.ID, a.Expires, a.Verdict, a.Epoch, a.PayerToken = m.ID, m.Expires, m.Verdict, m.Epoch, m.PayerToken
		return s.apply(a)
	case "resolve":
		ms, _ := strconv.ParseInt(f[1], 10, 64)
		return s.apply(Resolve{ID: s.id(f[0]), Expires: s.now + ms})
	case "open":
		return s.open(f)
	case "both": // two people say the line
		cmd, _ := s.said(f[0], f[1:])
		return s.apply(Approved{Cmd: cmd, First: "amina", Second: "brian"})
	}
	cmd, ok := s.said(verb, f)
	if !ok {
		cmd, ok = s.asked(verb, f)
	}
	if !ok {
		cmd = s.govern(verb, f)
	}
	return s.apply(cmd)
}

func (s *script) apply(cmd Command) (Result, bool) {
	s.index++
	return s.book.Apply(cmd, Place{Index: s.index}, s.now)
}

// open NAME KIND [BALANCE] [nopin] [usd]
func (s *script) open(f []string) (Result, bool) {
	kinds := map[string]AccountKind{
		"wallet": AccountWallet, "agent": AccountAgent, "till": AccountTill, "paybill": AccountPaybill,
		"trust": AccountTrust, "fees": AccountFees, "airtime": AccountAirtime, "tax": AccountTax, "commission": AccountCommission,
	}
	name, n := f[0], Account(len(s.names)+1)
	s.names[name] = n
	rest := " " + strings.Join(f[2:], " ") + " "
	o := OpenAccount{Account: n, Kind: kinds[f[1]], Currency: kes, Home: 1, Language: Language{'e', 'n'}}
	if strings.Contains(rest, " usd ") {
		o.Currency = Currency{'U', 'S', 'D'}
	}
	res, again := s.apply(o)
	if o.Kind.Holder() {
		s.apply(SetAlias{Token: token(name), Account: n})
		if !strings.Contains(rest, " nopin ") {
			s.apply(SetPIN{Account: n})
		}
	}
	if len(f) > 2 && f[2][0] <= '9' {
		res, again = s.apply(s.transfer("issue", []string{"open-" + name, "trust", name, f[2]}))
	}
	return res, again
}

func (s *script) transfer(verb string, f []string) *Move {
	m := &Move{Transfer: Transfer{
		ID: s.id(f[0]), Kind: kindWords[verb], From: s.account(f[1]), To: s.account(f[2]), Amount: amount(f[3]),
		Currency: kes, Expires: s.now + 120*second,
		Origin: Origin{Operator: "safari", Session: "s-" + f[0], Gateway: "g1"},
	}}
	m.Fee = s.book.Fee(m.Kind, m.Amount, s.now)
	if m.Kind.ByPIN() {
		m.PayerToken, m.PayeeToken = token(f[1]), token(f[2])
	}
	return s.options(f[4:], m)
}

// options are what is not right about a wish.
func (s *script) options(f []string, m *Move) *Move {
	verdicts := map[string]PINVerdict{"right": VerdictRight, "wrong": VerdictWrong, "gone": VerdictKeyGone, "none": VerdictNone}
	m.Verdict = VerdictRight
	_, _, m.Epoch, _, _ = s.book.PIN(m.From)
	for i := 0; i+1 < len(f); i += 2 {
		n, _ := strconv.ParseInt(f[i+1], 10, 64)
		switch f[i] {
		case "pin":
			m.Verdict = verdicts[f[i+1]]
		case "fee":
			m.Fee = amount(f[i+1])
		case "again":
			m.Again = s.id(f[i+1])
		case "currency":
			copy(m.Currency[:], f[i+1])
		case "epoch":
			m.Epoch += uint32(n)
		case "expires":
			m.Expires = s.now + n
		case "ref":
			m.Ref = []byte(f[i+1])
		case "until":
			m.Until = s.now + n
		case "made":
			m.ID = NewID(s.now+n, [10]byte(m.ID[6:]))
		default:
			s.t.Fatalf("%s\n no option %q", s.line, f[i])
		}
	}
	return m
}

func (s *script) govern(verb string, f []string) Command {
	kind := kindWords[f[0]]
	switch verb {
	case "freeze":
		return Freeze{Account: s.account(f[0]), On: true}
	case "thaw":
		return Freeze{Account: s.account(f[0])}
	case "lock":
		return LockPIN{Account: s.account(f[0])}
	case "unlock":
		return UnlockPIN{Account: s.account(f[0])}
	case "pin":
		return SetPIN{Account: s.account(f[0])}
	case "number": // number OF now belongs to
		return SetAlias{Token: token(f[0]), Account: s.account(f[1])}
	case "window":
		ms, _ := strconv.ParseInt(f[0], 10, 64)
		return SetRepeatWindow{Window: ms}
	case "tariff":
		t := SetTariff{Kind: kind}
		t.Version, t.From, f = s.version(f[1:])
		for _, band := range f { // up to:fee:tax:commission
			t.Bands = append(t.Bands, bandOf(band))
		}
		return t
	case "limits":
		l := SetLimits{Kind: kind}
		l.Version, l.From, f = s.version(f[1:])
		fields := map[string]*Amount{"min": &l.Min, "max": &l.Max, "daily": &l.PayerDaily, "gets": &l.PayeeDaily, "balance": &l.PayeeBalance}
		for i := 0; i+1 < len(f); i += 2 {
			if f[i] == "tier" {
				n, _ := strconv.Atoi(f[i+1])
				l.Tier = Tier(n)
				continue
			}
			*fields[f[i]] = amount(f[i+1])
		}
		return l
	case "backlog": // what a home operator may leave open
		s.book.outbox.limit, _ = strconv.Atoi(f[0])
		return Tick{}
	}
	s.t.Fatalf("%s\n no command %q", s.line, verb)
	return nil
}

// expect compares an answer with the words after the arrow.
func (s *script) expect(res Result, again bool, want []string) {
	s.t.Helper()
	s.seen[res.Reject] = true
	got := res.Reject.String()
	if again {
		got = "again"
	}
	if got != want[0] {
		s.t.Fatalf("%s\n got %s", s.line, got)
	}
	var postings []string
	for i := 1; i+1 < len(want); i += 2 {
		switch word, value := want[i], want[i+1]; word {
		case "tries":
			s.same(value, strconv.Itoa(int(res.TriesLeft)))
		case "first":
			s.same(s.ids[value].String(), res.First.String())
		case "fee":
			s.same(value, figure(res.Fee))
		case "ended":
			s.same(value, map[Act]string{ActPost: "posted", ActVoid: "voided", ActExpire: "expired"}[res.Ended])
		case "leg":
			s.same(value, strconv.Itoa(int(res.Leg)))
		case "version":
			s.same(value, strconv.Itoa(int(res.Version)))
		case "left":
			s.same(value, figure(res.Balance))
		case "found":
			s.same(value, found(res.Lines))
		default:
			if value[0] == '+' || value[0] == '-' {
				postings = append(postings, word+" "+value)
				continue
			}
			s.same(value, s.figureOf(word))
		}
	}
	if shown, ok := s.book.Show(res.ID); ok && len(postings) > 0 {
		s.same(strings.Join(postings, " "), s.postings(shown))
	}
}

// found is what a question found: +20.00,-10.00, and of a receipt its state.
func found(lines []Statement) string {
	var said []string
	for _, l := range lines {
		one := map[bool]string{true: "+", false: "-"}[l.In] + figure(l.Amount)
		if l.State != 0 {
			one = l.State.String()
		}
		said = append(said, one)
	}
	if said == nil {
		return "none"
	}
	return strings.Join(said, ";")
}

func (s *script) postings(shown Shown) string {
	var lines []string
	for _, p := range shown.Postings {
		sign := map[bool]string{true: "-", false: "+"}[p.Debit > 0]
		lines = append(lines, s.name(p.Account)+" "+sign+figure(p.Debit+p.Credit))
	}
	return strings.Join(lines, " ")
}

func (s *script) same(want, got string) {
	s.t.Helper()
	if want != got {
		s.t.Fatalf("%s\n want %s\n got  %s", s.line, want, got)
	}
}

func (s *script) account(name string) Account {
	if n, ok := s.names[name]; ok {
		return n
	}
	return 999 // nobody's
}

func (s *script) name(n Account) string {
	for name, a := range s.names {
		if a == n {
			return name
		}
	}
	return "nobody"
}

func (s *script) id(label string) ID {
	id, ok := s.ids[label]
	if !ok {
		var mac [10]byte
		copy(mac[:], label)
		id = NewID(s.now, mac)
		s.ids[label] = id
	}
	return id
}

func token(name string) (t Token) {
	copy(t[:], "+"+name)
	return t
}

// amount reads 1,234.50.
func amount(word string) Amount {
	n, err := strconv.ParseInt(strings.NewReplacer(",", "", ".", "").Replace(word), 10, 64)
	if err != nil || !strings.Contains(word, ".") {
		panic("not an amount: " + word)
	}
	return Amount(n)
}

// figure writes 1,234.50.
func figure(a Amount) string {
	sign := ""
	if a < 0 {
		sign, a = "−", -a
	}
	whole := strconv.FormatInt(int64(a/100), 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return fmt.Sprintf("%s%s.%02d", sign, whole, a%100)
}
