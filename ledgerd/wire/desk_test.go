package wire

import (
	"testing"

	"mlango/ledgerd/ledger"
)

func TestDeskRoundTrip(t *testing.T) {
	number := Number{Account: 7, Kind: ledger.AccountTill, Number: "500001"}
	reset := PINReset{Account: 7, Number: "254722000001"}
	pay := ToApprove{ID: ledger.ID{1}, Kind: ledger.KindPaybill, Amount: 2, Until: 3, Number: "inv-7", Payer: "254722000001", Payee: "400200", Ref: "meter-7"}
	b, err := AppendToApprove(nil, 3, &pay)
	if r, _, bad := Next(b, 0); err == nil && bad == nil {
		if got, err := r.ToApprove(); err != nil || got != pay {
			t.Errorf("%+v, %v", got, err)
		}
	}
	b, err = AppendNumber(nil, 1, &number)
	if err == nil {
		b, err = AppendPINReset(b, 2, &reset)
	}
	if err != nil {
		t.Fatal(err)
	}
	first, rest, err := Next(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	second, rest, err := Next(rest, len(b)-len(rest))
	if err != nil || len(rest) != 0 {
		t.Fatal(err, rest)
	}
	if got, err := first.Number(); err != nil || got != number {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := second.PINReset(); err != nil || got != reset {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := second.Number(); err == nil {
		t.Error("a PIN to clear was read as a number")
	}
	if _, err := AppendNumber(nil, 1, &Number{Number: "2547220000012547"}); err == nil {
		t.Error("a number too long was written")
	}
}
