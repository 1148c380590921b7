package confirm

import (
	"strings"
	"testing"

	"mlango/gateway/order"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// TestWordsForWhateverIsTold: the books tell each side that is somebody's, of every
// kind but an issue.
func TestWordsForWhateverIsTold(t *testing.T) {
	for k := ledger.KindSend; k <= ledger.KindPayout; k++ {
		for _, side := range []ledger.Side{ledger.SidePayer, ledger.SidePayee} {
			house := k == ledger.KindIssue || k == ledger.KindRedeem && side == ledger.SidePayee
			if !house && tableTemplates[k][side] == "" {
				t.Errorf("nothing is said about kind %d to side %d", k, side)
			}
		}
	}
}

// fixed is one bundle, whatever is asked for.
type fixed struct{ *menus.Bundle }

func (f fixed) Active() *menus.Bundle      { return f.Bundle }
func (f fixed) Get([32]byte) *menus.Bundle { return f.Bundle }

// TestANewPINInWords is told in the account's language, without a receipt.
func TestANewPINInWords(t *testing.T) {
	b, err := menus.ParseTexts(menus.WalletName, menus.Wallet())
	if err != nil {
		t.Fatal(err)
	}
	w := &words{bundles: fixed{b}, zone: 180}
	for lang, want := range map[string]string{"en": "Your new PIN was set on 22/11/26 at ", "sw": "PIN yako mpya imewekwa ", "am": "አዲስ ፒን "} {
		n := ledger.Notice{Side: ledger.SidePayer, Act: ledger.ActCheck, Account: 7, At: 1795328040_000, Language: ledger.Language([]byte(lang))}
		if got, err := w.notice(&n); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, %v", lang, got, err)
		}
	}
}

// TestKindsInWords: what both sides read of cash, bills, goods and what came back, and
// what a payer reads of a reversal that was promised and not made.
func TestKindsInWords(t *testing.T) {
	b, err := menus.ParseTexts(menus.WalletName, menus.Wallet())
	if err != nil {
		t.Fatal(err)
	}
	w := &words{bundles: fixed{b}, zone: 180}
	for _, row := range []struct {
		kind ledger.Kind
		ref  string
		en   [2]string // to the payer and the payee
		sw   [2]string
	}{
		{ledger.KindWithdraw, "", [2]string{"Ksh500.00 withdrawn at JANE W on", "Give Ksh500.00 cash to JANE W 0722***002."}, [2]string{"Umetoa Ksh500.00 kwa JANE W", "Mpe JANE W 0722***002 Ksh500.00 taslimu."}},
		{ledger.KindDeposit, "", [2]string{"Ksh500.00 cash received from JANE W 0722***002 on", "Ksh500.00 cash deposited at JANE W on"}, [2]string{"Umepokea Ksh500.00 taslimu kwa JANE W", "Ksh500.00 taslimu imewekwa kwa JANE W"}},
		{ledger.KindPaybill, "MTR-77", [2]string{"paid to JANE W for account MTR-77 on", "received from JANE W 0722***002 for account MTR-77 on"}, [2]string{"imelipwa kwa JANE W akaunti MTR-77", "kutoka kwa JANE W 0722***002 akaunti MTR-77"}},
		{ledger.KindPaybill, "", [2]string{"Ksh500.00 paid to JANE W on", "received Ksh500.00 from JANE W"}, [2]string{"Ksh500.00 imelipwa kwa JANE W tarehe", "Umepokea Ksh500.00"}},
		{ledger.KindTill, "", [2]string{"Ksh500.00 paid to JANE W on", "received Ksh500.00 from JANE W"}, [2]string{"Ksh500.00 imelipwa kwa JANE W tarehe", "Umepokea Ksh500.00"}},
		{ledger.KindReversal, "", [2]string{"that came from JANE W 0722***002 was taken back on", "from JANE W 0722***002 is back in your account on"}, [2]string{"imerudishwa kwake", "imerudi kwenye akaunti yako"}},
	} {
		for side, want := range row.en {
			n := ledger.Notice{Side: ledger.SidePayer + ledger.Side(side), Kind: row.kind, Amount: 500_00, Balance: 234_000, At: 1795328040_000, Ref: row.ref,
				Receipt: ledger.Receipt([]byte("UKM4K2X9QZ")), OtherName: "JANE W", OtherAddr: "254722000002", Language: ledger.Language{'e', 'n'}}
			got, err := w.notice(&n)
			if err != nil || !strings.Contains(got, want) || !strings.HasPrefix(got, "UKM4K2X9QZ ") {
				t.Errorf("kind %d: %q has no %q: %v", row.kind, got, want, err)
			}
			n.Language = ledger.Language{'s', 'w'}
			if got, err = w.notice(&n); err != nil || !strings.Contains(got, row.sw[side]) {
				t.Errorf("kind %d: %q has no %q: %v", row.kind, got, row.sw[side], err)
			}
		}
	}
	p := order.Promise{Kind: ledger.KindReversal, Amount: 500_00, Payee: "0722***002", Lang: ledger.Language{'e', 'n'}}
	const want = "Your payment of Ksh500.00 to 0722***002 was not reversed: the money is no longer there. Nothing was moved."
	if got, err := w.promise(&p, ledger.Result{Reject: ledger.PayeeSpent}); err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
}

// TestHoldsInWords: what a payer reads of a hold and of each of its ends. Posted whole it
// reads like any payment, and that one as everybody's scripts know it.
func TestHoldsInWords(t *testing.T) {
	b, err := menus.ParseTexts(menus.WalletName, menus.Wallet())
	if err != nil {
		t.Fatal(err)
	}
	const at = 1795328040_000 // 22 November 2026, 9:14 AM in Nairobi
	plain := ledger.Notice{Side: ledger.SidePayer, Kind: ledger.KindSend, Amount: 500_000, Fee: 5700, Balance: 234_000, At: at,
		Receipt: ledger.Receipt([]byte("UKM4K2X9QZ")), OtherName: "JANE W", OtherAddr: "254722000002", Language: ledger.Language{'e', 'n'}}
	posted := plain
	posted.Act = ledger.ActPost
	held := plain
	held.Until, held.Available, held.Balance = at+3600_000, 234_000, 739_700
	part := posted
	part.Released = 100_000
	voided := held
	voided.Act, voided.Until, voided.Available, voided.Released, voided.Fee = ledger.ActVoid, 0, 739_700, 505_700, 0
	expired := voided
	expired.Act = ledger.ActExpire
	w := &words{bundles: fixed{b}, zone: 180}
	for _, row := range []struct {
		n      ledger.Notice
		en, sw string
	}{
		{plain, "UKM4K2X9QZ Confirmed. Ksh5,000.00 sent to JANE W 0722***002 on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00. Transaction cost, Ksh57.00.",
			"UKM4K2X9QZ Imethibitishwa. Ksh5,000.00 imetumwa kwa JANE W 0722***002 tarehe 22/11/26 saa 9:14 AM. Salio jipya ni Ksh2,340.00. Gharama ya muamala, Ksh57.00."},
		{posted, "UKM4K2X9QZ Confirmed. Ksh5,000.00 sent to JANE W 0722***002 on 22/11/26 at 9:14 AM. New balance is Ksh2,340.00. Transaction cost, Ksh57.00.",
			"UKM4K2X9QZ Imethibitishwa. Ksh5,000.00 imetumwa kwa JANE W 0722***002 tarehe 22/11/26 saa 9:14 AM. Salio jipya ni Ksh2,340.00. Gharama ya muamala, Ksh57.00."},
		{held, "UKM4K2X9QZ Reserved. Ksh5,000.00 is set aside for JANE W 0722***002 until 22/11/26 at 10:14 AM. Nothing was taken yet. Your available balance is Ksh2,340.00. Transaction cost if it is paid, Ksh57.00.",
			"UKM4K2X9QZ Imehifadhiwa. Ksh5,000.00 imetengwa kwa JANE W 0722***002 hadi tarehe 22/11/26 saa 10:14 AM. Hakuna pesa iliyokatwa bado. Salio unaloweza kutumia ni Ksh2,340.00. Gharama ikilipwa, Ksh57.00."},
		{part, "UKM4K2X9QZ Confirmed. Ksh5,000.00 of what was reserved sent to JANE W 0722***002 on 22/11/26 at 9:14 AM. The rest, Ksh1,000.00, is released. New balance is Ksh2,340.00. Transaction cost, Ksh57.00.",
			"UKM4K2X9QZ Imethibitishwa. Ksh5,000.00 kati ya pesa iliyohifadhiwa imetumwa kwa JANE W 0722***002 tarehe 22/11/26 saa 9:14 AM. Iliyobaki, Ksh1,000.00, imeachiliwa. Salio jipya ni Ksh2,340.00. Gharama ya muamala, Ksh57.00."},
		{voided, "UKM4K2X9QZ Released. Ksh5,057.00 that was reserved for JANE W 0722***002 is yours to use again. Nothing was taken. Your available balance is Ksh7,397.00.",
			"UKM4K2X9QZ Imeachiliwa. Ksh5,057.00 iliyohifadhiwa kwa JANE W 0722***002 unaweza kuitumia tena. Hakuna pesa iliyokatwa. Salio unaloweza kutumia ni Ksh7,397.00."},
		{expired, "UKM4K2X9QZ Released. The time of Ksh5,057.00 reserved for JANE W 0722***002 is over: it is yours to use again. Nothing was taken. Your available balance is Ksh7,397.00.",
			"UKM4K2X9QZ Imeachiliwa. Muda wa Ksh5,057.00 iliyohifadhiwa kwa JANE W 0722***002 umekwisha: unaweza kuitumia tena. Hakuna pesa iliyokatwa. Salio unaloweza kutumia ni Ksh7,397.00."},
	} {
		for language, want := range map[string]string{"en": row.en, "sw": row.sw} {
			copy(row.n.Language[:], language)
			if got, err := w.notice(&row.n); err != nil || got != want {
				t.Errorf("act %d in %s: %v\n got %s\nwant %s", row.n.Act, language, err, got, want)
			}
		}
	}
}
