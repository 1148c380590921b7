package binds

import (
	"fmt"
	"strings"
	"time"

	"mlango/smpp"
)

// Receipts says of which SMS the SMSC reports what became: registered_delivery
// (SMPP 3.4 §5.2.17).
type Receipts uint8

// The kinds of reports that are asked for.
const (
	NoReceipts      Receipts = 0
	FinalReceipts   Receipts = 1 // delivered or not
	FailureReceipts Receipts = 2 // not delivered
)

// Route is how SMS reach some subscribers. With neither Home nor Prefixes it is
// the fallback: for whoever no other route is for.
type Route struct {
	Home     string        // subscribers whose account's home is this operator,
	Prefixes []string      // or whose number begins with one of these
	Via      []string      // operators over whose binds, in this order while those before are down
	Sender   string        // the source address: letters, a short code, a number
	Validity time.Duration // how long the SMSC tries; 0 is its own time
	Receipts Receipts
}

// Routes are all of them, in the order of the configuration.
type Routes []Route

// Find is the route of a number and why: first by the home operator of its account,
// which is right for a ported number too, then by the longest prefix, then the
// fallback. nil: nobody carries SMS there. home may be empty: not known.
func (rs Routes) Find(home, number string) (route *Route, why string) {
	longest := ""
	for i := range rs {
		r := &rs[i]
		switch {
		case home != "" && r.Home == home:
			return r, "the account's home is " + home
		case r.Home == "" && len(r.Prefixes) == 0 && route == nil:
			route, why = r, "no other route is for this number: the fallback"
		}
		for _, p := range r.Prefixes {
			if len(p) > len(longest) && strings.HasPrefix(number, p) {
				longest, route = p, r
				why = fmt.Sprintf("%s is the longest prefix that fits", p)
			}
		}
	}
	return route, why
}

// Fallback is the route for whoever no other is for; nil without one.
func (rs Routes) Fallback() *Route {
	r, _ := rs.Find("", "")
	return r
}

// shortCode is the longest number that is a short code; a subscriber's has more.
const shortCode = 7

// Source is the sender as a source address: letters are alphanumeric, a short code
// has neither type nor plan, a number is international (SMPP 3.4 §5.2.5, §5.2.6).
func (r *Route) Source() smpp.Address {
	for i := range len(r.Sender) {
		if r.Sender[i] < '0' || r.Sender[i] > '9' {
			return smpp.Address{TON: 5, NPI: 0, Addr: r.Sender}
		}
	}
	if len(r.Sender) > shortCode {
		return smpp.Address{TON: 1, NPI: 1, Addr: r.Sender}
	}
	return smpp.Address{Addr: r.Sender}
}

// Address fills in what the route says of an SMS to a number.
func (r *Route) Address(m *smpp.Message, to string) {
	m.Kind, m.Source, m.Dest = smpp.SubmitSM, r.Source(), smpp.Address{TON: 1, NPI: 1, Addr: to}
	m.ValidityPeriod, m.RegisteredDelivery = smpp.Relative(r.Validity), uint8(r.Receipts)
}
