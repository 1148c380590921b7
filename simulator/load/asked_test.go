package load

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"mlango/ledgerd/ledger"
)

// asked asks for a payment, pays what was asked for, or ends it.
func (h *history) asked(o ledger.Origin) ledger.Command {
	if len(h.asks) == 0 || h.rng.IntN(3) == 0 {
		c := ledger.AskPayment{ID: h.id(), Kind: ledger.KindTill, From: ledger.Account(1 + h.rng.IntN(4)), To: testTill, Amount: h.amount(), Currency: testCurrency,
			Until: h.now + 300_000, Number: fmt.Sprint("n", h.serial), Payee: "500001"}
		c.ID[15] = 0
		h.asks = append(h.asks, c)
		return c
	}
	c := h.asks[max(0, len(h.asks)-1-h.rng.IntN(3))]
	if h.rng.IntN(5) == 0 {
		return ledger.EndAsk{ID: c.ID, How: ledger.AskDeclined}
	}
	return h.pays(&c, uint8(1+h.rng.IntN(3)), o)
}

// pays is an order of a request by a right PIN.
func (h *history) pays(c *ledger.AskPayment, n uint8, o ledger.Origin) *ledger.Move {
	m := &ledger.Move{Transfer: ledger.Transfer{ID: ledger.AskOrder(c.ID, n), Kind: c.Kind, From: c.From, To: c.To, Amount: c.Amount, Currency: c.Currency,
		Fee: 80, Expires: h.now + 60_000, Origin: o}, Verdict: ledger.VerdictRight}
	_, _, m.Epoch, _, _ = h.book.PIN(m.From)
	return m
}

// careless is a ledger that takes any order of what was asked for, for it heard of no request.
type careless struct{ *ledger.Book }

// Apply forgets requests.
func (c careless) Apply(cmd ledger.Command, at ledger.Place, now int64) (ledger.Result, bool) {
	switch cmd := cmd.(type) {
	case ledger.AskPayment:
		return ledger.Result{ID: cmd.ID, Place: at, At: now}, false
	case ledger.EndAsk:
		return ledger.Result{ID: cmd.ID, Place: at, At: now}, false
	}
	return c.Book.Apply(cmd, at, now)
}

// TestTheAuditHoldsOrdersToTheirRequest: a ledger that makes a second payment of a request,
// one after its end or its time, or one of something else, is found out.
func TestTheAuditHoldsOrdersToTheirRequest(t *testing.T) {
	for what, play := range map[string]func(h *history, c *ledger.AskPayment) []ledger.Command{
		"": func(h *history, c *ledger.AskPayment) []ledger.Command {
			return []ledger.Command{h.pays(c, 1, ledger.Origin{})}
		},
		"pays once more": func(h *history, c *ledger.AskPayment) []ledger.Command {
			return []ledger.Command{h.pays(c, 1, ledger.Origin{}), h.pays(c, 2, ledger.Origin{})}
		},
		"that was over": func(h *history, c *ledger.AskPayment) []ledger.Command {
			return []ledger.Command{ledger.EndAsk{ID: c.ID, How: ledger.AskDeclined}, h.pays(c, 1, ledger.Origin{})}
		},
		"is something else": func(h *history, c *ledger.AskPayment) []ledger.Command {
			m := h.pays(c, 1, ledger.Origin{})
			m.Amount++
			return []ledger.Command{m}
		},
	} {
		a := newAuditor(0, 180)
		h := &history{rng: rand.New(rand.NewPCG(1, 1)), book: a.replay.(*ledger.Book), now: 1_795_000_000_000}
		a.replay = careless{h.book}
		a.entry(1, h.now, [32]byte{}, h.opening())
		ask := h.asked(ledger.Origin{}).(ledger.AskPayment)
		ask.From, ask.Amount = 1, 100
		a.entry(2, h.now, [32]byte{}, append([]ledger.Command{ask}, play(h, &ask)...))
		found := ""
		for _, g := range a.findings.groups {
			found += g.String() + "\n"
		}
		if (what == "") != (found == "") || !strings.Contains(found, what) {
			t.Errorf("%q: found %q", what, found)
		}
	}
}
