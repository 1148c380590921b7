package ledger

import (
	"slices"
	"testing"
)

// statements are the books at work. Every reject has a line somewhere.
var statements = []struct{ name, text string }{
	{"a payment moves amount and fee", `
		tariff send 100.00:0.00 1,000.00:13.00 5,000.00:57.00
		open jane wallet 5,000.00
		open paul wallet
		09:14 send p1 jane paul 500.00             → ok jane -513.00 paul +500.00 fees +13.00  fee 13.00 left 4,487.00
		      send p2 jane paul 100.00             → ok jane -100.00 paul +100.00              fee 0.00 left 4,387.00
		      send p3 jane paul 4,000.00           → ok jane -4,057.00 paul +4,000.00 fees +57.00  jane 330.00 paul 4,600.00
		      send p4 paul jane 4,600.00           → not_enough_funds paul 4,600.00            # the fee counts too
		      send p5 paul jane 4,543.00           → ok paul 0.00
	`},
	{"above the last band its fee stays", `
		tariff send 100.00:10.00
		open jane wallet 500.00
		open paul wallet
		send p1 jane paul 400.00 → ok fee 10.00 jane 90.00
	`},
	{"the charge is the tariff's, at most the quote", `
		tariff send 1,000.00:13.00
		open jane wallet 1,000.00
		open paul wallet
		send p1 jane paul 100.00 fee 12.99 → fee_above_quote jane 1,000.00
		send p2 jane paul 100.00 fee 20.00 → ok fee 13.00 jane 887.00
	`},
	{"airtime credits the operator and only tells the subscriber", `
		open jane wallet 100.00
		open paul wallet 1.00
		airtime t1 jane jane 50.00   → ok jane -50.00 airtime +50.00  jane 50.00
		airtime t2 jane paul 20.00   → ok jane -20.00 airtime +20.00  paul 1.00 airtime 70.00
		freeze paul
		airtime t3 jane paul 10.00   → ok paul 1.00       # his account does not move
		freeze airtime
		airtime t4 jane paul 11.00   → payee_frozen
		last c1 jane                 → ok found -10.00
		last c2 paul                 → ok found +1.00
	`},
	{"real money enters from the trust account, without a PIN and without a bound", `
		issue i1 trust fees 1,000,000.00  → ok trust -1,000,000.00 fees +1,000,000.00 trust −1,000,000.00
		open jane wallet nopin
		issue i2 trust jane 10.00 pin wrong → ok jane 10.00
		issue i3 trust jane 10.00           → ok jane 20.00   # nobody dialled it twice
		issue i4 fees jane 10.00            → unknown_payer
		issue i5 trust nobody 10.00         → unknown_payee
	`},
	{"same id, same answer", `
		tariff send 1,000.00:13.00
		open jane wallet 1,000.00
		open paul wallet
		09:00:00 send p1 jane paul 500.00           → ok left 487.00
		         send p1 jane paul 500.00 pin wrong → ok left 487.00 jane 487.00   # nothing is counted
		09:20:00 send p1 jane paul 500.00           → ok left 487.00               # however late
		         send p1 jane paul 501.00           → other_content
		         send p1 jane paul 500.00 fee 14.00 → other_content
		         send p1 paul jane 500.00           → other_content
		         airtime p1 jane paul 500.00        → other_content
		         balance p1 jane                    → other_content
		         send p1 jane paul 500.00           → ok left 487.00 jane 487.00   # and the first stays
		         send p2 jane paul 900.00           → not_enough_funds
		         issue more trust jane 900.00       → ok
		         send p2 jane paul 900.00           → not_enough_funds             # no stays no
		         send p3 jane paul 900.00           → ok
	`},
	{"an id lives ten minutes", `
		open jane wallet 100.00
		open paul wallet
		09:00 send p1 jane paul 1.00 made -600000   → ok
		      send p2 jane paul 2.00 made -600001   → id_time
		      send p3 jane paul 3.00 made 5000      → ok
		      send p4 jane paul 4.00 made 5001      → id_time
		      send p4 jane paul 4.00 made 5001      → id_time
		      send p5 jane paul 5.00 expires 0      → ok
		      send p6 jane paul 6.00 expires -1     → expired
		      send p6 jane paul 6.00                → expired      # remembered
		      send p7 jane paul 7.00 expires -1 pin wrong → expired
		      balance c1 jane pin wrong             → pin_wrong tries 2   # that one was the first to count
		      balance c2 jane expires -1            → expired
		      balance c3 jane made -600001          → id_time
	`},
	{"three wrong PINs lock, over all routes", `
		open jane wallet 100.00
		open paul wallet
		send    p1 jane paul 1.00 pin wrong     → pin_wrong tries 2 jane 100.00
		balance p2 jane pin wrong               → pin_wrong tries 1
		airtime p3 jane paul 1.00 pin wrong     → pin_wrong tries 0
		send    p4 jane paul 1.00               → pin_locked
		last    p5 jane                         → pin_locked
		unlock jane
		send    p6 jane paul 1.00               → ok jane 99.00
		lock jane
		send    p7 jane paul 2.00               → pin_locked
		pin jane
		send    p8 jane paul 2.00               → ok jane 97.00
	`},
	{"a right PIN after two wrong ones starts afresh", `
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 1.00 pin wrong         → pin_wrong tries 2
		send p2 jane paul 1.00 pin wrong         → pin_wrong tries 1
		send p3 jane paul 1.00                   → ok
		send p4 jane paul 2.00 pin right epoch -1 → again           # judged before the count was cleared
		send p5 jane paul 2.00 pin wrong         → pin_wrong tries 2
		send p6 jane paul 2.00 pin none          → pin_wrong tries 1 # no PIN is a wrong PIN
	`},
	{"a right PIN at zero moves nothing", `
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 1.00                   → ok
		send p2 jane paul 2.00                   → ok
		send p3 jane paul 3.00 epoch -1          → again            # the epoch is the one SetPIN began
		send p3 jane paul 3.00                   → ok               # "again" left no trace
		balance c1 jane epoch 1                  → again
	`},
	{"a PIN counts whatever later checks say", `
		open jane wallet 100.00
		send p1 jane nobody 1.00 pin wrong       → pin_wrong tries 2
		send p2 jane nobody 1.00 pin wrong       → pin_wrong tries 1
		send p3 jane nobody 1.00                 → unknown_payee    # but it was right, and cleared the count
		send p4 jane nobody 1.00 pin wrong       → pin_wrong tries 2
	`},
	{"no PIN, no payment", `
		open jane wallet 100.00 nopin
		open paul wallet
		send p1 jane paul 1.00                   → pin_not_set
		pin jane
		send p2 jane paul 1.00 pin gone          → pin_key_gone
		send p3 jane paul 1.00 pin gone          → pin_key_gone     # not counted
		send p4 jane paul 1.00 pin wrong         → pin_wrong tries 2
		pin trust                                → command_forbidden
		send p5 trust paul 1.00                  → pin_not_set
		pin nobody                               → unknown_payer
	`},
	{"states", `
		open jane wallet 100.00
		open paul wallet
		open dora wallet usd
		open eve wallet
		send p1 nobody paul 1.00                 → unknown_payer
		send p2 jane nobody 1.00                 → unknown_payee
		send p3 jane trust 1.00                  → unknown_payee    # not theirs to pay into
		send p4 jane jane 1.00                   → same_account
		send p5 jane dora 1.00                   → wrong_currency
		send p6 jane paul 1.00 currency USD      → wrong_currency
		airtime p7 dora jane 1.00 currency USD   → wrong_currency   # no airtime is sold in it
		freeze jane
		send p8 jane paul 1.00                   → payer_frozen
		send p9 paul jane 1.00                   → payee_frozen
		balance c1 jane                          → ok left 100.00   # looking is not moving
		thaw jane
		number paul eve
		send q1 jane paul 1.00                   → alias_moved
		number jane eve
		send q2 jane eve 1.00                    → alias_moved
		balance c2 jane                          → ok               # that line says no number
		number paul nobody                       → unknown_payer
		freeze nobody                            → unknown_payer
	`},
	{"fees need an account to go to", `
		open dora wallet usd
		tariff send 100.00:1.00
		open ben wallet usd
		send p1 dora ben 1.00 currency USD       → wrong_currency
	`},
	{"limits", `
		limits send min 10.00 max 500.00 daily 1,000.00 balance 1,200.00
		open jane wallet 5,000.00
		open paul wallet
		open zoe wallet
		send p1 jane paul 9.99    → below_minimum
		send p2 jane paul 500.01  → above_maximum
		send p3 jane paul 500.00  → ok
		send p4 jane paul 490.00  → ok
		send p5 jane paul 10.01   → payer_daily
		send p6 jane paul 10.00   → ok
		airtime a1 jane jane 1.00 → ok                 # each kind has its own
		23:59:59 send p7 jane zoe 10.00  → payer_daily
		1.00:00:00 send p8 jane zoe 10.00  → ok         # the operator's midnight
		         send p9 jane paul 200.01 → payee_max_balance
		         send q1 jane paul 200.00 → ok paul 1,200.00
	`},
	{"limits that nobody can lift", `
		open jane wallet 5,000.00
		open paul wallet
		send p1 jane paul 0.00                   → below_minimum
		send p2 jane paul -1.00                  → below_minimum
		send p3 jane paul 1,000,000,000,000.01   → above_maximum
		issue p4 trust paul 1,000,000,000,000.00 → ok
	`},
	{"a payment that looks repeated", `
		open jane wallet 1,000.00
		open paul wallet
		open zoe wallet
		10:00:00 send p1 jane paul 100.00            → ok
		10:09:59 send p2 jane paul 100.00            → looks_repeated first p1
		         send p2 jane paul 100.00 again p1   → looks_repeated first p1   # its id has its answer
		         send p3 jane paul 100.00 again p1   → ok
		         send p4 jane paul 100.00 again p1   → looks_repeated first p3   # the yes was about another
		         send p5 jane paul 101.00            → ok
		         send p6 jane zoe 100.00             → ok
		         airtime p7 jane paul 100.00         → ok
		         send p8 paul jane 100.00            → ok
		10:19:59 send p9 jane paul 100.00            → ok                        # ten minutes later
		window 0
		         send q1 jane paul 100.00            → ok
	`},
	{"an unknown is settled", `
		open jane wallet 100.00
		open paul wallet
		09:00 send p1 jane paul 1.00          → ok left 99.00
		      resolve p1 60000                → ok left 99.00
		      resolve p2 0                    → busy
		      send p2 jane paul 2.00          → ok               # busy left no trace
		      resolve p3 -1                   → expired
		      send p3 jane paul 3.00          → expired          # a late copy
		      send p3 jane paul 4.00          → expired          # of any content
		      balance p3 jane                 → expired
		      resolve p3 -1                   → expired jane 97.00
	`},
	{"an operator that takes no SMS stops its own", `
		backlog 2
		open jane wallet 100.00
		open paul wallet
		send p1 jane paul 1.00              → ok
		send p2 jane paul 2.00              → overloaded
		send p2 jane paul 2.00 pin wrong    → overloaded         # nothing is counted
		balance c1 jane                     → ok left 99.00
		issue i1 trust jane 1.00            → ok
		send p1 jane paul 1.00              → ok left 99.00      # what was answered stays answered
		backlog 4
		send p2 jane paul 2.00              → ok left 98.00      # overloaded left no trace
	`},
	{"the last transaction", `
		tariff send 100.00:5.00
		open jane wallet 100.00
		open paul wallet
		last c1 paul                        → ok left 0.00
		send p1 jane paul 10.00             → ok
		last c2 jane                        → ok found -10.00 left 85.00
		last c3 paul                        → ok found +10.00 left 10.00
		send p2 jane paul 11.00             → ok
		last c2 jane                        → ok found -10.00 left 85.00   # same id, same answer
		balance c2 jane                     → other_content
	`},
}

func TestStatements(t *testing.T) {
	seen := map[Reject]bool{}
	for _, row := range slices.Concat(statements, moneyStatements, kindStatements, questionStatements) {
		t.Run(row.name, func(t *testing.T) {
			for r := range runScript(t, row.text).seen {
				seen[r] = true
			}
		})
	}
	for _, r := range Rejects() {
		if !seen[r] {
			t.Errorf("no statement shows %s", r)
		}
	}
}

// One wish has everything against it; line by line the first thing is mended,
// and the next in rule 3's order is the answer.
func TestPrecedence(t *testing.T) {
	runScript(t, `
		open ann wallet 10.00
		open jane wallet
		open paul wallet
		open eve wallet
		open dora wallet usd
		send z ann eve 10.00                                                      → ok
		tariff send 1,000,000.00:10.00
		limits send min 50.00 max 60.00 daily 0.01 balance 0.01
		freeze jane
		freeze dora
		number paul eve
		09:00 send known jane paul 1.00 pin gone                                  → pin_key_gone
		lock jane
		backlog 2
		10:00 send known jane dora 2.00 fee 0.00 expires -1 epoch -1 pin gone     → other_content  # and all else is wrong too
		send a jane nobody 1.00 fee 0.00 made -700000 expires -1 epoch -1 pin gone → id_time
		send b jane nobody 1.00 fee 0.00 expires -1 epoch -1 pin gone             → expired
		send c jane nobody 1.00 fee 0.00 epoch -1 pin gone                        → again
		send c jane nobody 1.00 fee 0.00 pin gone                                 → overloaded
		backlog 1000
		send c jane nobody 1.00 fee 0.00 pin gone                                 → pin_key_gone
		send d jane nobody 1.00 fee 0.00 pin wrong                                → pin_locked
		unlock jane
		send e jane nobody 1.00 fee 0.00 pin wrong                                → pin_wrong
		send f nobody nobody 1.00 fee 0.00                                        → unknown_payer
		send g jane nobody 1.00 fee 0.00                                          → unknown_payee
		send h jane paul 1.00 fee 0.00                                            → alias_moved
		send i jane dora 1.00 fee 0.00                                            → payer_frozen
		thaw jane
		send j jane dora 1.00 fee 0.00                                            → payee_frozen
		thaw dora
		send k jane jane 1.00 fee 0.00 currency USD                               → same_account
		send l jane dora 1.00 fee 0.00                                            → wrong_currency
		open ghost wallet
		close ghost
		send l1 ghost paul 1.00 fee 0.00                                          → alias_moved
		send l2 ghost dora 1.00 fee 0.00                                          → wrong_currency
		send l3 ghost eve 1.00 fee 0.00                                           → payer_closed
		send l4 eve ghost 1.00 fee 0.00                                           → payee_closed
		number paul paul
		send m jane paul 1.00 fee 0.00                                            → fee_above_quote
		send n jane paul 1.00                                                     → below_minimum
		send o jane paul 61.00                                                    → above_maximum
		send p jane paul 55.00                                                    → payer_daily
		limits send min 50.00 max 60.00 gets 0.01 balance 0.01
		send q jane paul 55.00                                                    → payee_max_balance
		limits send min 50.00 max 60.00 gets 0.01
		send q1 jane paul 55.00                                                   → payee_daily
		limits send min 50.00 max 60.00
		send r jane paul 55.00                                                    → not_enough_funds
		issue fund trust jane 65.00
		send s jane paul 55.00                                                    → ok jane 0.00
		send t jane paul 55.00                                                    → looks_repeated first s
		send u jane paul 55.00 again s                                            → not_enough_funds
	`)
}
