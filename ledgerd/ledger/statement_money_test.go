package ledger

// moneyStatements are holds, reversals, links and what an account may.
var moneyStatements = []struct{ name, text string }{
	{"a hold counts in what is free, and a post moves it", `
		tariff send 100.00:5.00
		open jane wallet 100.00
		open paul wallet
		send h1 jane paul 60.00 until 60000        → ok fee 5.00 jane 100.00 jane/held 65.00 jane/free 35.00 paul 0.00 paul/coming 60.00
		send p1 jane paul 31.00                    → not_enough_funds
		send h1 jane paul 60.00 until 60000        → ok jane/held 65.00           # same id, same answer
		send h1 jane paul 60.00                    → other_content
		post e1 h1                                 → ok jane -65.00 paul +60.00 fees +5.00  jane 35.00 jane/held 0.00 paul 60.00 paul/coming 0.00
		post e1 h1                                 → ok jane 35.00
		post e1 h1 10.00                           → other_content
		void e1 h1                                 → other_content
		post e2 h1                                 → hold_ended
		void e3 h1                                 → hold_ended
		post e4 nothing                            → hold_unknown
		void e4 nothing                            → other_content
		post e4 nothing                            → hold_unknown
		send p2 jane paul 7.00                     → ok
		post e5 p2                                 → hold_unknown                 # a transfer holds nothing
	`},
	{"a part is posted, the rest is free; a part never costs more than was held", `
		tariff send 50.00:2.00 100.00:5.00
		open jane wallet 100.00
		open paul wallet
		send h1 jane paul 60.00 until 60000        → ok fee 5.00
		post e1 h1 60.01                           → above_hold jane/held 65.00
		post e2 h1 40.00                           → ok jane -42.00 paul +40.00 fees +2.00  jane/free 58.00
		tariff send 100.00:1.00
		send h2 jane paul 30.00 until 60000        → ok fee 1.00
		tariff send 100.00:9.00:3.00
		post e3 h2 10.00                           → ok jane -11.00 paul +10.00 fees +1.00  jane 47.00
		send h3 jane paul 20.00 until 60000        → ok fee 9.00
		post e4 h3                                 → ok jane -29.00 paul +20.00 fees +6.00 tax +3.00
	`},
	{"a hold is voided, or its time ends it", `
		open jane wallet 100.00
		open paul wallet
		10:00:00 send h1 jane paul 60.00 until 60000  → ok
		void e1 h1                                    → ok jane 100.00 jane/free 100.00 paul/coming 0.00
		send h2 jane paul 61.00 until 60000           → ok jane/free 39.00
		send h3 jane paul 9.00 until 120000           → ok jane/free 30.00
		10:01:00 tick
		post e2 h2 1.00                               → ok jane/free 90.00               # to the very end
		send h4 jane paul 80.00 until 60000           → ok jane/free 10.00
		10:02:00 tick                                 → ok jane/free 10.00
		10:02:01 post e3 h4                           → hold_ended jane/free 10.00       # and no tick is needed for it
		tick                                          → ok jane/free 99.00 jane/held 0.00
	`},
	{"what cannot be held", `
		open jane wallet 100.00
		open paul wallet
		send h1 jane paul 1.00 until -1               → command_forbidden
		send h2 jane paul 1.00 until 2592000001       → command_forbidden
		send h3 jane paul 1.00 until 2592000000       → ok
		issue h4 trust jane 1.00 until 60000          → command_forbidden
	`},
	{"an account that was frozen since", `
		open jane wallet 100.00
		open paul wallet
		send h1 jane paul 60.00 until 60000           → ok
		freeze jane
		post e1 h1                                    → payer_frozen
		thaw jane
		freeze paul
		post e2 h1                                    → payee_frozen
		post e3 h1 61.00                              → above_hold
		void e4 h1                                    → ok jane/free 100.00
		post e5 h1                                    → hold_ended
	`},
	{"holds count for the day and for what an account may hold", `
		limits send daily 100.00 gets 150.00 balance 200.00
		open jane wallet 500.00
		open paul wallet 100.00
		open zoe wallet 500.00
		10:00 send h1 jane paul 60.00 until 60000     → ok
		send p1 jane paul 41.00                       → payer_daily
		send p2 zoe paul 40.01                        → payee_max_balance
		send p3 zoe jane 90.01                        → payee_max_balance          # whatever he has himself
		void e1 h1
		send h2 jane paul 100.00 until 60000          → ok
		post e2 h2 20.00                              → ok paul 120.00
		send p4 jane paul 80.00                       → ok paul 200.00
		1.10:00 send p5 paul zoe 100.00               → payee_max_balance
		limits send daily 100.00 gets 150.00
		send p6 paul zoe 100.00                       → ok
		send p7 jane zoe 50.01                        → payee_daily
		send h3 jane zoe 50.00 until 86400000         → ok
		2.10:00 send p8 paul zoe 99.00                → ok
		tick                                          → ok jane/held 50.00
		2.10:01 tick                                  → ok jane/held 0.00         # yesterday's hold is not taken off today
		send p9 jane zoe 51.01                        → payee_daily
		send q1 jane zoe 51.00                        → ok
	`},
	{"a transfer comes back, once", `
		tariff send 100.00:5.00:1.00
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 60.00                       → ok jane -65.00 paul +60.00 fees +4.00 tax +1.00
		reverse r1 p1                                 → ok paul -60.00 jane +60.00  jane 95.00 paul 0.00
		reverse r1 p1                                 → ok jane 95.00
		reverse r1 p1 1.00                            → other_content
		reverse r2 p1                                 → already_reversed
		reverse r3 r1                                 → not_reversible             # a reversal stays
		reverse r4 nothing                            → not_reversible
		send p2 jane paul 50.00                       → ok jane 40.00
		reverse r5 p2 50.01                           → already_reversed
		reverse r6 p2 20.00 fee                       → ok paul -20.00 jane +25.00 fees -4.00 tax -1.00  jane 65.00
		reverse r7 p2 10.00 fee                       → already_reversed           # its fee came back already
		reverse r8 p2 10.00                           → ok paul 20.00
		send p3 paul jane 15.00                       → ok paul 0.00
		reverse r9 p2                                 → not_enough_funds           # he has spent it
		send p4 jane paul 61.00                       → ok
		freeze paul
		reverse s1 p2                                 → ok paul 41.00              # frozen, and yet it comes back
		reverse s2 p2                                 → already_reversed
		issue i1 trust jane 5.00
		reverse s3 i1                                 → not_reversible
		reverse s4 p4 -1.00                           → below_minimum
		thaw paul
		send p5 jane paul 9.00                        → ok paul 50.00
		reverse s5 p5 5.00                            → ok
		reverse s6 p5 5.00                            → already_reversed           # four are left
		send h1 paul jane 40.00 until 60000           → ok paul/free 0.00
		reverse s7 p4 5.00                            → not_enough_funds           # what is held is promised
	`},
	{"airtime and a post come back too, a hold does not", `
		open jane wallet 100.00
		open paul wallet
		airtime t1 jane paul 10.00                    → ok airtime 10.00
		reverse r1 t1 4.00                            → ok airtime -4.00 jane +4.00  jane 94.00
		send h1 jane paul 20.00 until 60000
		reverse r2 h1                                 → not_reversible
		post e1 h1 15.00
		reverse r3 e1                                 → ok paul -15.00 jane +15.00  jane 94.00
	`},
	{"a fee may come back after all else did", `
		tariff send 100.00:5.00:1.00
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 60.00
		reverse r1 p1                                 → ok jane 95.00
		reverse r2 p1                                 → already_reversed
		reverse r3 p1 0.01 fee                        → already_reversed
		reverse r4 p1 fee                             → ok paul +0.00 jane +5.00 fees -4.00 tax -1.00  jane 100.00 paul 0.00
		reverse r4 p1 fee                             → ok jane 100.00
		reverse r5 p1 fee                             → already_reversed
		tariff send 100.00:0.00
		send p2 jane paul 10.00
		reverse r6 p2
		reverse r7 p2 fee                             → already_reversed           # there was none
	`},
	{"what never moved does not look repeated", `
		open jane wallet 100.00
		open paul wallet
		send h1 jane paul 10.00 until 60000           → ok
		send p1 jane paul 10.00                       → looks_repeated first h1
		void v1 h1                                    → ok
		send p2 jane paul 10.00                       → ok
		send h2 jane paul 20.00 until 60000           → ok
		post e2 h2 5.00                               → ok
		send p3 jane paul 20.00                       → looks_repeated first h2
		10:00 send h3 jane paul 30.00 until 60000     → ok
		10:02 tick
		send p4 jane paul 30.00                       → ok
	`},
	{"in the order of precedence", `
		open jane wallet 100.00
		open paul wallet
		send p1 nobody paul 10.00 until -1            → unknown_payer
		send p2 jane paul 1,000.00 until -1           → not_enough_funds
		send p3 jane paul 10.00 until -1              → command_forbidden
		linked l1 send jane paul 1.00                 → command_forbidden
		linked l1 payout jane paul 1.00               → other_content          # it left its trace
		send p0 jane paul 1.00
		send h1 jane paul 10.00 until 60000
		void v1 h1
		backlog 0
		post e1 h1                                    → hold_ended
		send p4 jane paul 20.00                       → overloaded
	`},
	{"every balance is right after", `
		tariff payout 100.00:5.00:1.00
		issue i1 trust fees 50.00
		open acme paybill 100.00
		open jane wallet
		open paul wallet
		payout o1 fees jane 10.00                     → ok fees -15.00 jane +10.00 fees +4.00 tax +1.00  left 39.00 fees 39.00
		linked l1 payout acme jane 10.00 + payout acme paul 20.00  → ok left 60.00 acme 60.00
		linked l1 payout acme jane 10.00 + payout acme paul 20.00  → ok left 60.00
		resolve l1 0                                  → ok left 60.00
		linked l2 payout acme jane 10.00 + payout fees jane 46.00   → ok  fees 4.00   # with the fee of the first
	`},
	{"an agent earns", `
		tariff deposit 1,000.00:0.00:0.00:3.00
		tariff withdraw 1,000.00:10.00:2.00:6.00
		open jane wallet
		open kiosk agent 500.00
		deposit d0 kiosk jane 200.00                  → payee_frozen             # the house has nothing to pay it from
		issue i0 trust commission 20.00
		deposit d1 kiosk jane 200.00                  → ok kiosk -200.00 jane +200.00 commission -3.00 kiosk +3.00  kiosk 303.00 left 303.00
		withdraw w1 jane kiosk 100.00                 → ok jane -110.00 kiosk +100.00 fees +8.00 tax +2.00 commission -6.00 kiosk +6.00  kiosk 409.00 jane 90.00
		deposit d2 kiosk jane 1.00                    → ok kiosk -1.00 jane +1.00 commission -1.00 kiosk +1.00   # never more than was moved
		deposit d3 jane kiosk 1.00                    → unknown_payer
		withdraw w2 jane jane 1.00                    → unknown_payee
		withdraw h1 jane kiosk 50.00 until 60000      → ok jane/held 60.00 kiosk/coming 56.00
		post e1 h1                                    → ok kiosk 465.00 kiosk/coming 0.00
		reverse r1 w1 fee                             → ok kiosk -100.00 jane +110.00 fees -8.00 tax -2.00   # the commission stays
	`},
	{"the house has no more than it has", `
		tariff deposit 1,000.00:0.00:0.00:3.00
		tariff withdraw 1,000.00:0.00:0.00:6.00
		tariff send 1,000.00:5.00:2.00
		open jane wallet 100.00
		open paul wallet
		open kiosk agent 500.00
		issue i1 trust commission 10.00
		withdraw h1 jane kiosk 10.00 until 60000      → ok commission/held 6.00 commission/free 4.00
		withdraw w1 jane kiosk 20.00                  → payee_frozen commission 10.00  # the rest is promised
		deposit d1 kiosk jane 10.00                   → ok commission/free 1.00
		void v1 h1                                    → ok commission/free 7.00
		send p1 jane paul 10.00                       → ok fees 3.00 tax 2.00
		redeem x1 fees trust 3.01                     → not_enough_funds
		payout o1 tax paul 2.01                       → not_enough_funds
		redeem x2 tax trust 2.00                      → ok
		reverse r1 p1 fee                             → not_enough_funds         # the state has its part
		reverse r2 p1                                 → ok
		airtime t1 jane jane 10.00
		redeem x3 airtime trust 4.00                  → ok airtime 6.00
		reverse r3 t1                                 → not_enough_funds
		reverse r4 t1 6.00                            → ok airtime 0.00
		issue i2 trust fees 9,000,000.00              → ok                       # it is the bank's mirror
	`},
	{"who may pay whom", `
		open jane wallet 100.00
		open duka till 50.00
		open water paybill 50.00
		till t1 jane duka 10.00                       → ok jane -10.00 duka +10.00
		till t2 jane water 10.00                      → unknown_payee
		paybill b1 jane water 10.00                   → ok
		paybill b2 jane duka 10.00                    → unknown_payee
		payout o1 water jane 20.00                    → ok water -20.00 jane +20.00
		payout o2 jane water 20.00                    → unknown_payer
		issue i1 trust fees 20.00
		payout o3 fees jane 20.00                     → ok fees -20.00 jane +20.00
		payout o4 trust jane 20.00                    → unknown_payer
		redeem x1 duka trust 60.00                    → ok duka -60.00 trust +60.00
		redeem x2 duka trust 1.00                     → not_enough_funds
		redeem x3 trust trust 1.00                    → unknown_payer
		reversal y1 jane duka 1.00                    → not_reversible
	`},
	{"legs are made all together or not at all", `
		limits payout tier 0 daily 150.00 gets 60.00
		open acme paybill 100.00
		open jane wallet
		open paul wallet
		open zoe wallet
		linked l1 payout acme jane 50.00 + payout acme paul 50.00 + payout acme zoe 0.01  → not_enough_funds leg 2 acme 100.00 jane 0.00
		linked l1 payout acme jane 50.00 + payout acme paul 50.00 + payout acme zoe 0.01  → not_enough_funds leg 2
		linked l1 payout acme jane 50.00                                                  → other_content
		linked l2 payout acme jane 50.00 + payout acme jane 10.01                         → payee_daily leg 1
		linked l3 payout acme jane 40.00 + payout acme paul 40.00                         → ok acme 20.00 jane 40.00 paul 40.00
		linked l3 payout acme jane 40.00 + payout acme paul 40.00                         → ok acme 20.00
		linked l3 payout acme paul 40.00 + payout acme jane 40.00                         → other_content
		reverse r1 l3.1                                                                   → ok paul -40.00 acme +40.00
		linked l4 payout acme jane 1.00 + send jane paul 1.00                             → command_forbidden
		issue i1 trust acme 100.00
		linked l5 payout acme paul 60.00 + payout acme zoe 60.00                          → payee_daily leg 0
		linked l6 payout acme zoe 60.00 + payout acme jane 10.01                          → payer_daily leg 1
		linked l7 payout acme jane 5.00 + payout acme jane 5.00                           → ok jane 50.00   # nobody dialled it twice
	`},
	{"an account is closed when it is empty", `
		open jane wallet 10.00
		open paul wallet
		close jane                                    → not_empty
		send h1 jane paul 10.00 until 60000
		close paul                                    → not_empty
		post e1 h1
		close jane                                    → ok
		close jane                                    → ok
		send p1 jane paul 1.00                        → payer_closed
		send p2 paul jane 1.00                        → payee_closed
		balance c1 jane                               → payer_closed
		number jane jane                              → payer_closed
		reverse r1 e1                                 → payee_closed
		close fees                                    → command_forbidden
		close nobody                                  → unknown_payer
	`},
	{"a tier and a maximum of its own", `
		limits send max 50.00 balance 100.00
		limits send tier 2 max 500.00 daily 600.00
		open jane wallet 1,000.00
		open paul wallet
		send p1 jane paul 51.00                       → above_maximum
		tier jane 2
		send p2 jane paul 101.00                      → payee_max_balance    # the payee's tier
		tier paul 1
		send p3 jane paul 102.00                      → payee_max_balance    # which has the first one's limits
		tier paul 2 300.00
		send p4 jane paul 300.01                      → payee_max_balance    # his own
		send p5 jane paul 300.00                      → ok
		send p6 jane jane 1.00                        → same_account
		send p7 jane paul 301.00                      → payer_daily
		tier paul 8                                   → command_forbidden
		tier nobody 1                                 → unknown_payer
	`},
	{"tables have versions, and hold from their time on", `
		open jane wallet 100.00
		open paul wallet
		10:00 tariff send version 1 100.00:1.00            → ok version 1
		tariff send version 1 100.00:2.00                  → stale_version version 1
		tariff send version 2 from 11:00 100.00:2.00       → ok version 2
		tariff send version 4 100.00:4.00                  → stale_version version 2
		10:59:59 send p1 jane paul 10.00                   → ok fee 1.00
		11:00 send p2 jane paul 11.00                      → ok fee 2.00
		tariff send 100.00:3.00                            → ok version 3
		send p3 jane paul 12.00                            → ok fee 3.00
		limits send version 1 from 12:00 max 5.00          → ok version 1
		limits send version 1 tier 1 max 5.00              → ok version 1
		limits send version 3 max 5.00                     → stale_version version 1
		send p4 jane paul 13.00                            → ok
		12:00 send p5 jane paul 5.01                       → above_maximum
	`},
	{"a table cannot be blocked", `
		open jane wallet 100.00
		open paul wallet
		10:00 tariff send 100.00:1.00
		tariff send from 9.10:00 100.00:2.00
		tariff send from 9.10:00 100.00:3.00
		tariff send from 9.10:00 100.00:4.00
		tariff send from 9.10:00 100.00:5.00
		tariff send from 9.10:00 100.00:6.00
		tariff send from 9.10:00 100.00:7.00
		tariff send from 9.10:00 100.00:8.00
		tariff send from 9.10:00 100.00:9.00               → ok version 9
		tariff send from 9.10:00 100.00:1.00               → command_forbidden version 9
		send p1 jane paul 10.00                            → ok fee 1.00
		tariff send 100.00:3.00                            → ok version 10
		send p2 jane paul 11.00                            → ok fee 3.00
		tariff send from 9.10:00 100.00:1.00               → ok version 11
	`},
	{"a PIN is changed by who knows it", `
		open jane wallet 10.00
		change c1 jane pin wrong                      → pin_wrong tries 2
		change c2 jane easy                           → pin_too_easy
		change c3 jane epoch 1                        → again
		change c3 jane                                → ok
		change c3 jane                                → ok
		verify c4 jane epoch -1                       → again          # the old one's verdict
		verify c4 jane                                → ok left 0.00
		verify c5 jane pin wrong                      → pin_wrong tries 2
		balance c3 jane                               → other_content
		change c6 nobody                              → unknown_payer
	`},
	{"a person is erased", `
		open jane wallet 10.00
		open paul wallet
		erase jane
		send p1 paul jane 1.00                        → alias_moved
		balance c1 jane                               → pin_not_set jane 10.00
		number jane paul                              → ok
		erase fees                                    → command_forbidden
		erase nobody                                  → unknown_payer
	`},
	{"money is made by two", `
		open jane wallet 100.00
		open paul wallet
		open acme paybill 10.00
		send p1 jane paul 10.00
		two
		issue i1 trust jane 1.00                      → needs_second_person jane 90.00
		both issue i1 trust jane 1.00                 → ok jane 91.00
		issue i1 trust jane 1.00                      → ok jane 91.00          # it was answered
		redeem x1 jane trust 1.00                     → needs_second_person
		reverse r1 p1                                 → needs_second_person
		both reverse r1 p1                            → ok jane 101.00
		linked l1 issue trust jane 1.00               → needs_second_person
		both linked l1 issue trust jane 1.00          → ok jane 102.00
		linked l2 payout acme jane 1.00               → needs_second_person acme 10.00   # nobody gave a PIN for it
		both linked l2 payout acme jane 1.00          → ok acme 9.00
		payout o1 acme jane 1.00                      → needs_second_person
		both payout o1 acme jane 1.00                 → ok acme 8.00
		both payout h1 acme jane 1.00 until 60000     → ok
		post e1 h1                                    → needs_second_person acme 8.00
		void e2 h1                                    → needs_second_person acme/held 1.00
		both post e1 h1                               → ok acme 7.00
		post e1 h1                                    → ok acme 7.00           # it was answered
		send p2 jane paul 5.00                        → ok                     # she gave her PIN
		tariff deposit 100.00:0.00:0.00:900.00        → needs_second_person    # the house would pay
		both tariff deposit 100.00:0.00:0.00:9.00     → ok
		tariff deposit 100.00:1.00                    → needs_second_person    # everybody would
		both tick                                     → ok
	`},
}
