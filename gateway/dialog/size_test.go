package dialog

import (
	"math"
	"strings"
	"testing"

	"mlango/gateway/session"
	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// TestWalletSessionsFitHalfAKilobyte: in the middle of a payment, with the longest
// values, in every language, claimed.
func TestWalletSessionsFitHalfAKilobyte(t *testing.T) {
	b, err := menus.Parse(menus.WalletName, menus.Wallet(), Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range b.Languages() {
		p := menus.NewPhone(b, menus.Facts{Known: true, MSISDN: "254722000001", Language: lang})
		act, err := p.Dial("*334*5*4002001*" + strings.Repeat("9", ledger.MaxRef) + "*999,999,999#") // the longest: a bill
		if err == nil && act.Call != nil {
			act, err = p.Answer(OutcomeOK, map[string]menus.Value{"name": text(strings.Repeat("W", 20)), "fee": number(999_999_999_999)})
		}
		for range menus.MaxPages {
			if err == nil && act.Show != nil && !act.Show.Secret {
				act, err = p.Press("98")
			}
		}
		if err != nil || act.Show == nil || !act.Show.Secret {
			t.Fatal(act, err)
		}
		st, err := menus.DecodeState(p.State())
		if err != nil {
			t.Fatal(err)
		}
		s := session.Session{
			Hop: 9, Position: 9, Repeat: [16]byte{1}, Started: math.MaxInt64, Saved: math.MaxInt64, Dial: math.MaxUint32, Bundle: b.Hash(), State: st,
			Screen: act.Show.Text, Secret: true, Account: math.MaxUint64,
			Quote: session.Quote{Kind: 1, To: math.MaxUint64, Amount: 999_999_999_999, Fee: 999_999_999_999, Payee: "254722000002999", Currency: [3]byte{'K', 'E', 'S'}, First: [16]byte{1},
				Ref: strings.Repeat("9", ledger.MaxRef)},
			Pending: session.Pending{Token: [8]byte{1}, Order: [16]byte{1}, Expires: math.MaxInt64},
		}
		fits(t, lang+", paying", &s)
		changes(t, b, lang, s)
	}
}

// changes is a session in the middle of a change of PIN, with two sealed secrets. An old
// quote may stand in it.
func changes(t *testing.T, b *menus.Bundle, lang string, s session.Session) {
	t.Helper()
	p := menus.NewPhone(b, menus.Facts{Known: true, MSISDN: "254722000001", Language: lang})
	act, err := p.Dial("*334#")
	for _, key := range []string{"3", "5", thePI, freshPIN} {
		if err == nil {
			act, err = p.Press(key)
		}
	}
	if err != nil || act.Show == nil || !act.Show.Secret || act.Keep == nil {
		t.Fatal(act, err)
	}
	s.Screen, s.Pending = act.Show.Text, session.Pending{}
	if s.State, err = menus.DecodeState(p.State()); err != nil {
		t.Fatal(err)
	}
	s.Kept = session.Kept{Visit: math.MaxUint32, Until: s.Started, Boxes: []session.Box{
		{Number: 7, Key: math.MaxUint32, Sealed: make([]byte, pin.SealedSize)}, {Number: 6, Key: math.MaxUint32, Sealed: make([]byte, pin.SealedSize)}}}
	fits(t, lang+", changing the PIN", &s)
}

func fits(t *testing.T, what string, s *session.Session) {
	t.Helper()
	enc, err := session.Encode(s)
	if err != nil || len(enc) > 512 {
		t.Errorf("%s: %d bytes, %v", what, len(enc), err)
	}
	t.Logf("%s: %d bytes, %d of them the menu's state", what, len(enc), len(menus.AppendState(nil, &s.State)))
}
