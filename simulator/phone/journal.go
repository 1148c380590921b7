package phone

import (
	"fmt"
	"strings"
	"time"

	"mlango/internal/trace"
)

// transfer is of the ledger's JSON what the wire view tells. Amounts are minor units.
type transfer struct {
	ID       string    `json:"id"`
	What     string    `json:"what"`
	Outcome  string    `json:"outcome"`
	Receipt  string    `json:"receipt"`
	Place    string    `json:"place"` // unit/index/offset in the journal
	At       time.Time `json:"at"`
	Amount   int64     `json:"amount"`
	Currency string    `json:"currency"`
	Postings []posting `json:"postings"`
	Notices  []notice  `json:"notices"`
}

type posting struct {
	Account int64 `json:"account"`
	Debit   int64 `json:"debit"`
	Credit  int64 `json:"credit"`
}

type notice struct {
	Side      string `json:"side"`
	Consumers []struct {
		Consumer     string    `json:"consumer"`
		Acknowledged bool      `json:"acknowledged"`
		At           time.Time `json:"at"`
		Place        string    `json:"place"`
	} `json:"consumers"`
}

// events are the entries of the journal about a transfer. The ledger's clock counts
// milliseconds: what was placed within one comes before what was written.
func (t *transfer) events(placed time.Time) []trace.Event {
	at := t.At
	if at.Before(placed) {
		at = placed
	}
	list := []trace.Event{{At: at.UTC(), Kind: "journal", Text: t.words()}}
	for _, n := range t.Notices {
		for _, c := range n.Consumers {
			if c.Acknowledged {
				list = append(list, trace.Event{At: c.At.UTC(), Kind: "journal",
					Text: fmt.Sprintf("entry %s: the SMSC has the %s's SMS", c.Place, n.Side)})
			}
		}
	}
	return list
}

// words is the entry in one line per posting.
func (t *transfer) words() string {
	var b strings.Builder
	fmt.Fprintf(&b, "entry %s: %s %s %s, %s", t.Place, t.What, t.Currency, money(t.Amount), t.Outcome)
	if t.Receipt != "" {
		b.WriteString(" " + t.Receipt)
	}
	for _, p := range t.Postings {
		side, amount := "debit", p.Debit
		if p.Credit != 0 {
			side, amount = "credit", p.Credit
		}
		fmt.Fprintf(&b, "\n%-6s account %d %s", side, p.Account, money(amount))
	}
	return b.String()
}

// money is minor units as people write them: 123456 is 1,234.56.
func money(minor int64) string {
	whole := fmt.Sprint(minor / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return fmt.Sprintf("%s.%02d", whole, minor%100)
}
