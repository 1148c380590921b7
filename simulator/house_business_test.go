//go:build house

package main

import (
	"crypto/rand"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/load"
	"mlango/simulator/stack"
)

// The business that acts beside the subscribers, and the house's accounts that a
// crowd's world has not.
const (
	testEmployer   ledger.Account = 600001
	testTax        ledger.Account = 900004
	testCommission ledger.Account = 900005
	employerName                  = "UZIMA TEA ESTATE"
	businessSpan                  = 6 * time.Second
)

// business gives money to people of a crowd in every way that is not a subscriber's.
type business struct {
	*crowd
	next int // of the people
}

// TestHouseAuditOfABusiness runs the load while a business pays salaries, all or none,
// reserves money and takes it, a part of it or none, and brings payments back: the
// oracle books all of it, and every text of it is expected.
func TestHouseAuditOfABusiness(t *testing.T) {
	t.Parallel()
	b := &business{crowd: newCrowd(t, parts{}, businessSpan)}
	b.cfg.Alone = false
	kes := ledger.Currency{'K', 'E', 'S'}
	b.admin(
		ledger.OpenAccount{Account: testTax, Kind: ledger.AccountTax, Currency: kes},
		ledger.OpenAccount{Account: testCommission, Kind: ledger.AccountCommission, Currency: kes},
		ledger.SetTariff{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 500_00, Fee: 7_00, Tax: 1_00}, {Upto: 1 << 40, Fee: 23_00, Tax: 3_00}}},
		ledger.SetTariff{Kind: ledger.KindPayout, Bands: []ledger.Band{{Upto: 1 << 40, Fee: 2_00, Tax: 50}}},
	)
	err := b.stack.Seed(t.Context(), 1, func(int) stack.User {
		return stack.User{Account: testEmployer, Kind: ledger.AccountPaybill, Name: employerName, Balance: 1_000_000_00}
	})
	if err != nil {
		t.Fatal(err)
	}
	b.cfg.Others = []load.Person{{Account: testEmployer, Name: employerName}}
	report := b.under(func() {
		for end := time.Now().Add(businessSpan); time.Now().Before(end); {
			b.salaries(kes)
			b.reserves(kes)
		}
	})
	if o := report.Oracle; o.Notices <= 2*report.Payments.Committed {
		t.Errorf("%d notices of %d payments: the business was not looked at", o.Notices, report.Payments.Committed)
	}
}

// admin journals commands; each must be made.
func (b *business) admin(cmds ...ledger.Command) {
	results, err := b.stack.Ledger().Admin(b.t.Context(), cmds)
	if err != nil {
		b.t.Errorf("admin: %v", err)
	}
	for i, r := range results {
		if r.Reject != ledger.OK {
			b.t.Errorf("%T: %s", cmds[i], r.Reject)
		}
	}
}

// person is somebody of the crowd, another each time.
func (b *business) person() ledger.Account {
	b.next++
	return b.cfg.People[b.next%len(b.cfg.People)].Account
}

func newID() ledger.ID {
	var mac [10]byte
	_, _ = rand.Read(mac[:])
	mac[9] &= 0xf0 // room for legs
	return ledger.NewID(time.Now().UnixMilli(), mac)
}

func expires() int64 { return time.Now().Add(time.Minute).UnixMilli() }

// salaries pays three people, all or none, and brings a part of one payment back, then
// the rest of it with its fee.
func (b *business) salaries(kes ledger.Currency) {
	whole := ledger.Linked{ID: newID(), Expires: expires()}
	for range 3 {
		whole.Legs = append(whole.Legs, ledger.Leg{Kind: ledger.KindPayout, From: testEmployer, To: b.person(), Amount: 250_00, Currency: kes, Fee: 2_00})
	}
	b.admin(whole)
	b.admin(ledger.Reverse{ID: newID(), Of: whole.ID.Leg(1), Amount: 100_00, Expires: expires()},
		ledger.Reverse{ID: newID(), Of: whole.ID.Leg(1), Fee: true, Expires: expires()})
}

// reserves holds money for four people: all of it is taken, a part, nothing, and of one
// the time runs out.
func (b *business) reserves(kes ledger.Currency) {
	var holds []ledger.Command
	var ids []ledger.ID
	for i := range 4 {
		until := time.Now().Add(time.Minute)
		if i == 3 {
			until = time.Now().Add(3 * time.Second) // the ledger has it long before, on a slow machine too
		}
		m := &ledger.Move{Transfer: ledger.Transfer{ID: newID(), Kind: ledger.KindPayout, From: testEmployer, To: b.person(), Amount: 40_00, Currency: kes, Fee: 2_00,
			Expires: expires(), Until: until.UnixMilli()}}
		holds, ids = append(holds, m), append(ids, m.ID)
	}
	b.admin(holds...)
	b.admin(ledger.Post{ID: newID(), Hold: ids[0], Expires: expires()}, ledger.Post{ID: newID(), Hold: ids[1], Amount: 15_00, Expires: expires()},
		ledger.Void{ID: newID(), Hold: ids[2], Expires: expires()})
}
