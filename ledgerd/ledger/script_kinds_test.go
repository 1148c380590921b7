package ledger

// recall reads "recall r1 p1": whoever sent p1 takes it back. Its options are those of
// a transfer, and "as NAME" for who says it and "amount 1.00".
func (s *script) recall(f []string) *Move {
	sent, _ := s.book.Show(s.id(f[1]))
	m := &Move{Transfer: Transfer{
		ID: s.id(f[0]), Kind: KindReversal, From: sent.From, To: sent.To, Amount: sent.Amount, Currency: kes, Of: s.id(f[1]),
		Expires: s.now + 120*second, Origin: Origin{Operator: "safari", Session: "s-" + f[0], Gateway: "g1"}, Bundle: [32]byte{9},
	}}
	var rest []string
	for i := 2; i+1 < len(f); i += 2 {
		switch f[i] {
		case "as":
			m.From = s.account(f[i+1])
		case "amount":
			m.Amount = amount(f[i+1])
		default:
			rest = append(rest, f[i:i+2]...)
		}
	}
	m.PayerToken = token(s.name(m.From))
	return s.options(rest, m)
}

// kindStatements are what a payer may take back, and payments with a reference.
var kindStatements = []struct{ name, text string }{
	{"a payer takes the latest send back, once, while it is there", `
		tariff send 1,000.00:5.00:1.00
		open jane wallet 200.00
		open paul wallet
		open zoe wallet
		10:00 send p1 jane paul 50.00                 → ok jane -55.00 paul +50.00 fees +4.00 tax +1.00
		recall r0 p1 pin wrong                        → pin_wrong tries 2
		recall r1 p1                                  → ok paul -50.00 jane +50.00  jane 195.00 paul 0.00 fees 4.00
		recall r1 p1                                  → ok jane 195.00
		recall r1 p1 amount 1.00                      → other_content
		recall r2 p1                                  → already_reversed
		recall r3 r1                                  → not_reversible              # a reversal stays
		recall r4 nothing as jane                     → not_reversible
		send p2 jane paul 20.00                       → ok
		send p3 jane zoe 30.00                        → ok
		recall r5 p2                                  → not_reversible              # not the latest
		recall r6 p3 as paul                          → not_reversible              # not his
		recall r7 p3 as zoe                           → not_reversible              # she got it
		recall r8 p3 amount 29.00                     → not_reversible              # it was not so
		recall r9 p3 as nobody                        → unknown_payer
		send p4 zoe paul 10.00                        → ok zoe 15.00
		recall s1 p3                                  → payee_spent                 # she does not have 30.00 any more
		freeze zoe
		recall s2 p3                                  → payee_frozen
		freeze jane
		recall s3 p3                                  → payer_frozen
		thaw jane
		thaw zoe
		both reverse s4 p3 5.00                       → ok
		recall s5 p3                                  → already_reversed            # a part came back by the house
		lock jane
		recall s6 p3                                  → pin_locked
		recall s7 p3 expires -1                       → expired
		recall s8 p3 made -700000                     → id_time
		unlock jane
		recall s9 p3 epoch -1                         → again
	`},
	{"for ten minutes, and from wallet to wallet only", `
		open jane wallet 200.00
		open paul wallet
		open kiosk agent 100.00
		open duka till
		open water paybill
		10:00 send p1 jane paul 50.00                 → ok
		10:10 recall r1 p1                            → ok jane 200.00
		11:00 send p2 jane paul 51.00                 → ok
		11:10:01 recall r2 p2                         → not_reversible
		send p3 jane kiosk 10.00                      → ok
		recall r3 p3                                  → not_reversible
		send p4 kiosk jane 10.00                      → ok
		recall r4 p4                                  → unknown_payer               # an agent is not asked for what it gave
		till t1 jane duka 10.00                       → ok
		recall r5 t1                                  → not_reversible
		send h1 jane paul 5.00 until 60000            → ok
		recall r6 h1                                  → not_reversible              # held is not sent
		send p5 jane paul 6.00                        → ok paul 57.00
		send h2 paul jane 55.00 until 60000           → ok paul/free 2.00
		recall r7 p5                                  → payee_spent                 # what is held is promised
		number jane paul
		recall r8 p5                                  → alias_moved
	`},
	{"a closed account gives nothing back", `
		open jane wallet 10.00
		open paul wallet
		send p1 jane paul 10.00                       → ok
		redeem x1 paul trust 10.00                    → ok
		close paul
		recall r1 p1                                  → payee_closed
	`},
	{"a reference belongs to what was confirmed", `
		open jane wallet 100.00
		open water paybill
		open duka till
		paybill b1 jane water 10.00 ref meter-7       → ok jane -10.00 water +10.00
		paybill b1 jane water 10.00 ref meter-7       → ok
		paybill b1 jane water 10.00 ref meter-8       → other_content
		paybill b1 jane water 10.00                   → other_content
		paybill b2 jane water 11.00                   → ok
		paybill b2 jane water 11.00 ref meter-7       → other_content
		till t1 jane duka 10.00 ref meter-7           → command_forbidden
		paybill b3 jane water 12.00 ref 1234567890123456789012345678901234567890123456789 → command_forbidden
		paybill h1 jane water 20.00 ref meter-9 until 60000 → ok
		both post e1 h1                               → ok
	`},
}
