package ledger

// asked reads the questions that are more than a balance:
//
//	statement c1 jane            → ok found +20.00;-10.00
//	first c2 jane easy from paul   a first PIN; from is the number that dials
//	clear jane                     forgets her PIN
//	receipt c3 duka p1           → ok found done
func (s *script) asked(verb string, f []string) (Command, bool) {
	if verb == "clear" {
		return ClearPIN{s.account(f[0])}, true
	}
	query := map[string]Query{"statement": QueryStatement, "first": QueryFirstPIN, "receipt": QueryReceipt}[verb]
	if query == 0 {
		return nil, false
	}
	c := Check{ID: s.id(f[0]), Account: s.account(f[1]), Query: query, Expires: s.now + 120*second}
	from, easy, rest := token(f[1]), false, []string{}
	for i := 2; i < len(f); i++ {
		switch {
		case f[i] == "easy":
			easy = true
		case f[i] == "from":
			i++
			if from = token(f[i]); f[i] == "none" {
				from = Token{}
			}
		case verb == "receipt" && i == 2:
			c.Receipt[0], c.Receipt[9] = 'U', byte(len(f[i]))
		default:
			rest = append(rest, f[i])
		}
	}
	m := s.options(rest, &Move{Transfer: Transfer{From: c.Account, ID: c.ID}})
	switch query {
	case QueryFirstPIN:
		return &ChangePIN{Check: c, PayerToken: from, Verdict: m.Verdict, Epoch: m.Epoch, Easy: easy, MAC: [32]byte{1}}, true
	case QueryReceipt:
		return &Answer{Check: c, PayerToken: from, Paid: s.id(f[2])}, true
	}
	return &Answer{Check: c, PayerToken: from, Verdict: m.Verdict, Epoch: m.Epoch}, true
}

// questionStatements are the questions at work.
var questionStatements = []struct{ name, text string }{
	{"a statement is the last five lines", `
		open jane wallet 100.00
		open paul wallet
		statement s0 paul                   → ok found none left 0.00
		send p1 jane paul 1.00
		send p2 jane paul 2.00
		send p3 paul jane 1.50
		statement s1 jane                   → ok found +1.50;-2.00;-1.00;+100.00 left 98.50
		send p4 jane paul 4.00
		send p5 jane paul 5.00
		statement s2 jane                   → ok found -5.00;-4.00;+1.50;-2.00;-1.00 left 89.50
		statement s1 jane                   → ok found +1.50;-2.00;-1.00;+100.00 left 98.50   # the first answer
		balance s1 jane                     → other_content
		statement s3 jane pin wrong         → pin_wrong tries 2
	`},
	{"a first PIN is set once, from a number of the account's", `
		open jane wallet 10.00 nopin
		open paul wallet
		send p1 jane paul 1.00              → pin_not_set
		first f1 jane from paul             → alias_moved
		first f2 jane from none             → alias_moved
		first f3 jane easy                  → pin_too_easy
		first f4 jane pin gone              → pin_key_gone
		first f5 jane epoch -1              → again
		freeze jane
		first f6 jane                       → payer_frozen
		thaw jane
		first f7 jane                       → ok
		first f7 jane                       → ok          # the same id, and nothing is set anew
		first f8 jane                       → pin_set
		first f8 jane easy pin gone         → pin_set
		send p2 jane paul 1.00              → ok jane 9.00
		first f9 nobody                     → unknown_payer
		first g1 trust                      → alias_moved
		lock paul
		first g2 paul                       → pin_set     # nobody unlocks so
		clear paul                          → ok
		send p3 paul jane 1.00              → pin_not_set
		first g3 paul                       → ok
		send p4 paul jane 1.00              → ok
		clear nobody                        → unknown_payer
		clear trust                         → command_forbidden
		number jane paul                    # the number was given to another
		clear jane
		first g4 jane                       → alias_moved
	`},
	{"a receipt is told to its payee", `
		open jane wallet 100.00
		open duka till
		open mary till
		open bakari agent 100.00
		10:00 till p1 jane duka 10.00
		receipt r1 duka p1                  → ok found done
		receipt r2 mary p1                  → receipt_unknown
		receipt r3 mary nothing             → receipt_unknown
		receipt r4 jane p1                  → command_forbidden   # a wallet reads its SMS
		receipt r5 duka p1 from jane        → alias_moved
		receipt r6 nobody p1                → unknown_payer
		reverse b1 p1 4.00
		receipt r7 duka p1                  → ok found partly_reversed
		receipt r1 duka p1                  → ok found done       # as it was then
		receipt r1 duka p11                 → other_content
		reverse b2 p1
		receipt r8 duka p1                  → ok found reversed
		receipt r9 duka b1                  → receipt_unknown     # what came back is no payment
		till h1 jane duka 5.00 until 60000
		receipt s1 duka h1                  → ok found held
		both post e1 h1 3.00
		receipt s2 duka h1                  → ok found done
		10:10 till h2 jane duka 6.00 until 60000
		10:12 receipt s3 duka h2            → ok found released   # its time is over, tick or not
		tick
		receipt s4 duka h2                  → ok found released
		withdraw w1 jane bakari 5.00
		receipt s5 bakari w1                → ok found done
		receipt s6 duka p1                  → ok
		receipt s7 duka p1                  → ok
		receipt s8 duka p1                  → ok
		receipt s9 duka p1                  → ok
		receipt t1 duka p1                  → ok
		receipt t2 duka p1                  → ok
		receipt t3 duka nothing             → receipt_unknown
		receipt t4 duka p1                  → ok
		receipt t5 duka p1                  → asked_too_often
		receipt t6 mary nothing             → receipt_unknown     # each has its own
		10:19:59 receipt t7 duka p1         → asked_too_often
		10:20 receipt t8 duka p1            → ok
		close mary
		receipt t9 mary p1                  → payer_closed
	`},
}
