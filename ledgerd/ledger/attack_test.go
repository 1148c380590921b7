package ledger

import (
	"fmt"
	"testing"
)

// Sixty-four transfers that each would just fit, all judged before the first is
// booked: however they come, no limit is passed.
func TestManyAtTheLimit(t *testing.T) {
	const limit = 1_000_00
	for _, row := range []struct {
		name   string
		limits SetLimits
		until  int64
		moved  func(jane, paul View) Amount
	}{
		{"what is there", SetLimits{}, 0, func(jane, _ View) Amount { return 10*limit - jane.Available }},
		{"payer's day", SetLimits{PayerDaily: limit}, 0, func(jane, _ View) Amount { return jane.Debits }},
		{"payee's day", SetLimits{PayeeDaily: limit}, 0, func(_, paul View) Amount { return paul.Credits }},
		{"payee's balance", SetLimits{PayeeBalance: limit}, 0, func(_, paul View) Amount { return paul.Balance }},
		{"payer's day, held", SetLimits{PayerDaily: limit}, 60_000, func(jane, _ View) Amount { return jane.HeldDebits }},
		{"payee's day, held", SetLimits{PayeeDaily: limit}, 60_000, func(_, paul View) Amount { return paul.HeldCredits }},
		{"payee's balance, held", SetLimits{PayeeBalance: limit}, 60_000, func(_, paul View) Amount { return paul.HeldCredits }},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := runScript(t, "open jane wallet 10,000.00\nopen paul wallet\nwindow 0")
			row.limits.Kind = KindSend
			s.apply(row.limits)
			each, most := Amount(limit-1), Amount(limit)
			if row.limits == (SetLimits{Kind: KindSend}) {
				each, most = 10*limit-1, 10*limit
			}
			var wishes []*Move
			for i := range 64 {
				m := s.transfer("send", []string{fmt.Sprint("p", i), "jane", "paul", figure(each)})
				m.Until = row.until
				if row.until != 0 {
					m.Until += s.now
				}
				wishes = append(wishes, m)
			}
			made := 0
			for _, m := range wishes {
				if res, _ := s.apply(m); res.Reject == OK {
					made++
				}
				jane, _ := s.book.Account(s.names["jane"])
				paul, _ := s.book.Account(s.names["paul"])
				if got := row.moved(jane, paul); got > most || jane.Available < 0 {
					t.Fatalf("%d moved, %d may", got, most)
				}
			}
			if made != 1 {
				t.Fatalf("%d were made", made)
			}
		})
	}
}

// An attacker tries 256 PINs at once over every route; all are judged against the
// epoch of now. Whatever the order, he learns three results of an epoch.
func TestPINAttack(t *testing.T) {
	routes := map[string]func(s *script, n int, epoch uint32) Command{
		"send": func(s *script, n int, epoch uint32) Command {
			m := s.transfer("send", []string{fmt.Sprint("a", n), "jane", "paul", figure(Amount(100 + n))})
			m.Verdict, m.Epoch = VerdictWrong, epoch
			return m
		},
		"airtime": func(s *script, n int, epoch uint32) Command {
			m := s.transfer("airtime", []string{fmt.Sprint("b", n), "jane", "jane", figure(Amount(100 + n))})
			m.Verdict, m.Epoch = VerdictWrong, epoch
			return m
		},
		"balance": func(s *script, n int, epoch uint32) Command {
			return &Answer{Check: Check{ID: s.id(fmt.Sprint("c", n)), Account: s.names["jane"], Query: QueryBalance, Expires: s.now}, Verdict: VerdictWrong, Epoch: epoch}
		},
		"change": func(s *script, n int, epoch uint32) Command {
			return &ChangePIN{Check: Check{ID: s.id(fmt.Sprint("d", n)), Account: s.names["jane"], Query: QueryChange, Expires: s.now}, Verdict: VerdictWrong, Epoch: epoch}
		},
	}
	attack := func(t *testing.T, s *script, rounds int, say func(n int, epoch uint32) Command) {
		for round := range rounds {
			results := 0
			_, _, epoch, _, _ := s.book.PIN(s.names["jane"])
			for n := range 256 {
				res, again := s.apply(say(round*256+n, epoch))
				if !again && (res.Reject == PINWrong || res.Reject == OK) {
					results++
				}
			}
			if results > MaxTries || results == 0 {
				t.Fatalf("%d results of one epoch", results)
			}
			if v, _ := s.book.Account(s.names["jane"]); !v.Locked {
				t.Fatal("not locked")
			}
			s.do("unlock jane")
		}
	}
	for name, route := range routes {
		t.Run(name, func(t *testing.T) {
			s := runScript(t, "open jane wallet 10,000.00\nopen paul wallet")
			attack(t, s, 3, func(n int, epoch uint32) Command { return route(s, n, epoch) })
		})
	}
	t.Run("all at once", func(t *testing.T) {
		s := runScript(t, "open jane wallet 10,000.00\nopen paul wallet")
		names := []string{"send", "airtime", "balance", "change"}
		attack(t, s, 3, func(n int, epoch uint32) Command { return routes[names[n%4]](s, n, epoch) })
	})
	t.Run("a right one in between gives no more", func(t *testing.T) {
		s := runScript(t, "open jane wallet 10,000.00\nopen paul wallet")
		attack(t, s, 1, func(n int, epoch uint32) Command {
			c := routes["balance"](s, n, epoch).(*Answer)
			if n == 2 {
				c.Verdict = VerdictWrong
			}
			return c
		})
		s.do("verify v1 jane pin wrong → pin_wrong tries 2")
		_, _, epoch, _, _ := s.book.PIN(s.names["jane"])
		s.do("verify v2 jane → ok") // the count is cleared: the verdicts of before are void
		for n := range 256 {
			if _, again := s.apply(routes["balance"](s, 1000+n, epoch)); !again {
				t.Fatal("a verdict of the old epoch told something")
			}
		}
	})
}
