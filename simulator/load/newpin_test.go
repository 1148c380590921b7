package load

import (
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// TestANewPINIsToldOnce: its holder is owed one notice and one SMS, which has no receipt and
// no secret; what was refused owes none, and airtime for oneself is told once too.
func TestANewPINIsToldOnce(t *testing.T) {
	bundle, err := Words(menus.WalletName, string(menus.Wallet()))
	if err != nil {
		t.Fatal(err)
	}
	const number = "254722000001"
	cfg := &Config{Bundle: bundle, Zone: 180, People: []Person{{MSISDN: number, Name: "AMINA O", Account: 1, Language: "en"}}}
	now := time.Date(2026, 11, 22, 6, 14, 0, 0, time.UTC)
	a, mail, r := newAuditor(0, 180), newMailroom(), &Report{}
	kes, token := ledger.Currency{'K', 'E', 'S'}, ledger.Token{1}
	id := func(n byte) ledger.ID { return ledger.NewID(now.UnixMilli(), [10]byte{n}) }
	first := func(n byte) ledger.Command {
		return &ledger.ChangePIN{PayerToken: token, Check: ledger.Check{ID: id(n), Account: 1, Query: ledger.QueryFirstPIN, Expires: now.UnixMilli() + 1000, Origin: ledger.Origin{Session: "s1"}}}
	}
	a.entry(1, now.UnixMilli(), [32]byte{}, []ledger.Command{
		ledger.OpenAccount{Account: 1, Kind: ledger.AccountWallet, Currency: kes, Language: ledger.Language{'e', 'n'}},
		ledger.SetAlias{Token: token, Account: 1}, first(1), first(2)}) // the second is refused: there is one
	deeds := a.of(1, "s1")
	if len(deeds) == 0 || !deeds[0].newPIN() || !deeds[0].tells[0] || a.told.open != 1 || a.told.deeds[id(2)] != nil {
		t.Fatalf("%d deeds, %d notices are owed: %+v", len(deeds), a.told.open, a.findings.groups)
	}
	notice := ledger.Notice{ID: id(1), Side: ledger.SidePayer, Act: ledger.ActCheck, Account: 1, At: now.UnixMilli(), Place: ledger.Place{Index: 1}}
	if a.told.hear(&notice, 0, a.about); a.told.open != 0 || a.findings.count != 0 {
		t.Fatalf("%d are open: %+v", a.told.open, a.findings.groups)
	}
	m := newMatcher(cfg, a, mail, r)
	if m.texts(finding{}, deeds[0]); r.SMS.Missing != 1 {
		t.Errorf("no SMS came and %d are missing", r.SMS.Missing)
	}
	said, err := bundle.SMS(menus.SMSNewPIN, "en", map[string]menus.Value{"at": {Set: true, Int: now.UnixMilli()}, "zone": {Set: true, Int: 180}})
	if err != nil || !strings.HasPrefix(said, "Your new PIN was set on 22/11/26 at 9:14 AM.") {
		t.Fatalf("%q, %v", said, err)
	}
	mail.put(operator.SMS{To: number, Text: said, At: now})
	if m.texts(finding{}, deeds[0]); r.SMS.Missing != 1 || m.mail.claim(number, said, "") != nil {
		t.Errorf("%d are missing, or the text was not taken", r.SMS.Missing)
	}
	own := deed{payer: 1, payee: 1, kind: ledger.KindAirtime, amount: 50_00, at: now.UnixMilli()}
	if sides := m.sidesOf(&own); len(sides) != 1 || sides[0].template != menus.SMSAirtimeBought {
		t.Errorf("of their own airtime somebody is told %+v", sides)
	}
	notice.ID, notice.Receipt = id(1), ledger.Receipt([]byte("UKM4K2X9QZ"))
	if a.told.hear(&notice, 0, a.about); a.findings.count != 1 {
		t.Error("a receipt of a new PIN was not found")
	}
}
