package judge

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
	"mlango/ledgerd/wire"
)

// one is books with one account.
type one struct {
	salt        [16]byte
	mac         [32]byte
	epoch       uint32
	locked, set bool
}

func (o *one) PIN(ledger.Account) ([16]byte, [32]byte, uint32, bool, bool) {
	return o.salt, o.mac, o.epoch, o.locked, o.set
}

func (o *one) Paid(r ledger.Receipt) ledger.ID { return ledger.ID{r[0]} }

const number = "254722000001"

// court is a judge, books whose PIN is 4826, and a way to seal.
func court(t testing.TB) (j *Judge, books *one, seal func(typed, number string, id ledger.ID) (uint32, []byte)) {
	t.Helper()
	v, err := vault.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	if _, err := v.Rotate(time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	k, _, err := v.Seals(time.Now().UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	j = New(v)
	right, _ := pin.Parse("4826")
	books = &one{salt: [16]byte{1}, epoch: 5, set: true}
	books.mac = j.MAC(1, books.salt, right)
	return j, books, func(typed, number string, id ledger.ID) (uint32, []byte) {
		p, err := pin.Parse(typed)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := pin.Seal(pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}, p, number, id)
		if err != nil {
			t.Fatal(err)
		}
		return k.ID, sealed
	}
}

// TestPayeesHaveNumbersOfTheirOwn: the same digits are somebody's MSISDN, a till, a
// paybill and an agent.
func TestPayeesHaveNumbersOfTheirOwn(t *testing.T) {
	j, books, _ := court(t)
	for kind, want := range map[ledger.Kind]uint8{
		ledger.KindSend: vault.TokenMSISDN, ledger.KindAirtime: vault.TokenMSISDN, ledger.KindDeposit: vault.TokenMSISDN,
		ledger.KindWithdraw: vault.TokenAgent, ledger.KindPaybill: vault.TokenPaybill, ledger.KindTill: vault.TokenTill,
	} {
		r := &ledger.Request{Transfer: &ledger.Transfer{Kind: kind, From: 1}, Payer: "600100", Payee: "600100"}
		m := j.Request(books, r, 0).(*ledger.Move)
		if m.PayerToken != ledger.Token(j.vault.Token(vault.TokenMSISDN, "600100")) || m.PayeeToken != ledger.Token(j.vault.Token(want, "600100")) {
			t.Errorf("kind %d: another token", kind)
		}
	}
}

func TestVerdicts(t *testing.T) {
	j, books, seal := court(t)
	id := ledger.ID{7}
	now := time.Now().UnixMilli()
	for _, c := range []struct {
		name   string
		typed  string
		change func(*ledger.Request, *one)
		want   ledger.PINVerdict
	}{
		{"right", "4826", nil, ledger.VerdictRight},
		{"wrong", "4827", nil, ledger.VerdictWrong},
		{"a longer one that begins right", "48260", nil, ledger.VerdictWrong},
		{"none", "4826", func(r *ledger.Request, _ *one) { r.Sealed = nil }, ledger.VerdictNone},
		{"key unknown", "4826", func(r *ledger.Request, _ *one) { r.SealKey += 100 }, ledger.VerdictKeyGone},
		{"changed", "4827", func(r *ledger.Request, _ *one) { r.Sealed[20] ^= 1 }, ledger.VerdictKeyGone},
		{"another's number", "4826", func(r *ledger.Request, _ *one) { r.Payer = "254722000002" }, ledger.VerdictKeyGone},
		{"another wish", "4826", func(r *ledger.Request, _ *one) { r.Check.ID = ledger.ID{8} }, ledger.VerdictKeyGone},
		{"locked", "4826", func(_ *ledger.Request, o *one) { o.locked = true }, ledger.VerdictNone},
		{"locked, key unknown", "4826", func(r *ledger.Request, o *one) { r.SealKey += 100; o.locked = true }, ledger.VerdictKeyGone},
		{"not set", "4826", func(_ *ledger.Request, o *one) { o.set = false }, ledger.VerdictNone},
	} {
		state := *books
		r := &ledger.Request{Payer: number, Check: &ledger.Check{ID: id, Account: 1}}
		r.SealKey, r.Sealed = seal(c.typed, number, id)
		if c.change != nil {
			c.change(r, &state)
		}
		a := j.Request(&state, r, now).(*ledger.Answer)
		if a.Verdict != c.want || a.Epoch != 5 {
			t.Errorf("%s: verdict %d at epoch %d, want %d at 5", c.name, a.Verdict, a.Epoch, c.want)
		}
	}
}

// A change judges the PIN of now, and takes the new one only when it opens and is
// hard to guess.
func TestChange(t *testing.T) {
	j, books, seal := court(t)
	id := ledger.ID{7}
	now := time.Now().UnixMilli()
	for _, c := range []struct {
		name, present, fresh string
		change               func(*ledger.Request)
		want                 ledger.PINVerdict
		easy, kept           bool
	}{
		{"both good", "4826", "7391", nil, ledger.VerdictRight, false, true},
		{"the present one wrong", "4827", "7391", nil, ledger.VerdictWrong, false, false},
		{"a run", "4826", "3456", nil, ledger.VerdictRight, true, false},
		{"the end of the number", "4826", number[len(number)-4:], nil, ledger.VerdictRight, true, false},
		{"no new one", "4826", "7391", func(r *ledger.Request) { r.New = nil }, ledger.VerdictKeyGone, false, false},
		{"changed places", "4826", "7391", func(r *ledger.Request) { r.New, r.Sealed = r.Sealed, r.New }, ledger.VerdictKeyGone, false, false},
	} {
		r := &ledger.Request{Payer: number, Check: &ledger.Check{ID: id, Account: 1, Query: ledger.QueryChange}}
		r.SealKey, r.Sealed = seal(c.present, number, id)
		_, r.New = seal(c.fresh, number, ledger.NewPINID(id))
		if c.change != nil {
			c.change(r)
		}
		got := j.Request(books, r, now).(*ledger.ChangePIN)
		fresh, _ := pin.Parse(c.fresh)
		kept := got.MAC == j.MAC(1, got.Salt, fresh)
		if got.Verdict != c.want || got.Epoch != 5 || got.Easy != c.easy || kept != c.kept || !kept && got.MAC != [32]byte{} {
			t.Errorf("%s: %+v", c.name, got)
		}
		entry, err := wire.AppendCommand(nil, 0, got)
		if err != nil || bytes.Contains(entry, []byte(c.fresh)) || len(r.New) > 0 && bytes.Contains(entry, r.New) {
			t.Errorf("%s: the new PIN is in the entry (%v)", c.name, err)
		}
	}
}

// TestAReferenceIsSealedByItsPayer: into the same bytes whoever judges, never in the
// clear, and nothing is paid when the payer's key is gone.
func TestAReferenceIsSealedByItsPayer(t *testing.T) {
	j, books, seal := court(t)
	if err := j.vault.AddPeople(1); err != nil {
		t.Fatal(err)
	}
	r := &ledger.Request{Payer: number, Payee: "400200", Ref: "METER-77", Transfer: &ledger.Transfer{ID: ledger.ID{7}, Kind: ledger.KindPaybill, From: 1, To: 2}}
	r.SealKey, r.Sealed = seal("4826", number, r.ID())
	now := time.Now().UnixMilli()
	one, two := j.Request(books, r, now).(*ledger.Move), j.Request(books, r, now).(*ledger.Move)
	if one.Verdict != ledger.VerdictRight || len(one.Ref) == 0 || len(one.Ref) > ledger.MaxRefSealed || !bytes.Equal(one.Ref, two.Ref) || bytes.Contains(one.Ref, []byte("METER")) {
		t.Fatalf("%q %q", one.Ref, two.Ref)
	}
	if got, err := j.vault.OpenRef(1, one.ID, one.Ref); got != r.Ref || err != nil {
		t.Fatal(got, err)
	}
	if err := j.vault.Forget(1); err != nil {
		t.Fatal(err)
	}
	if gone := j.Request(books, r, now).(*ledger.Move); gone.Verdict != ledger.VerdictKeyGone || len(gone.Ref) != 0 {
		t.Fatalf("%+v", gone)
	}
}

// TestNoPINInAnEntry: neither the sealed bytes nor the digits nor the numbers
// that were dialled come through.
func TestNoPINInAnEntry(t *testing.T) {
	j, books, seal := court(t)
	r := &ledger.Request{Payer: number, Payee: "254722000002", Transfer: &ledger.Transfer{ID: ledger.ID{7}, Kind: ledger.KindSend, From: 1, To: 2}}
	r.SealKey, r.Sealed = seal("4826", number, r.ID())
	m := j.Request(books, r, time.Now().UnixMilli()).(*ledger.Move)
	if m.Verdict != ledger.VerdictRight || m.PayerToken == m.PayeeToken || m.PayerToken == (ledger.Token{}) {
		t.Fatalf("%+v", m)
	}
	entry, err := wire.AppendCommand(nil, 0, m)
	if err != nil {
		t.Fatal(err)
	}
	for what, secret := range map[string][]byte{"the sealed PIN": r.Sealed, "the PIN": []byte("4826"), "the payer's number": []byte(number), "the payee's": []byte(r.Payee)} {
		if bytes.Contains(entry, secret) {
			t.Errorf("%s is in the entry", what)
		}
	}
}

func TestMemo(t *testing.T) {
	m := NewMemo[int, string](4)
	works := 0
	get := func(k int) string {
		v, err := m.Get(k, func() (string, error) { works++; return fmt.Sprint(k), nil })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for range 3 {
		for k := range 4 {
			if get(k) != fmt.Sprint(k) {
				t.Fatal(k)
			}
		}
	}
	if works != 4 {
		t.Fatalf("worked %d times", works)
	}
	if get(5); len(m.m) != 4 {
		t.Fatalf("%d are held after the fifth, want 4", len(m.m))
	}
	if _, err := m.Get(9, func() (string, error) { return "", errors.New("no") }); err == nil || len(m.m) != 4 {
		t.Fatal("a failure was remembered")
	}
	if m.Clear(); len(m.m) != 0 {
		t.Fatal("something was not forgotten")
	}
}

// TestADestroyedSealIsNotKept: one that was made ready before its key was destroyed, and
// is found here after that, opens nothing and is let go of.
func TestADestroyedSealIsNotKept(t *testing.T) {
	j, _, seal := court(t)
	id := ledger.ID{1}
	key, sealed := seal("4826", number, id)
	now := time.Now().UnixMilli()
	if p, err := j.Open(key, sealed, number, id, now); err != nil || len(j.sealers.m) != 1 {
		t.Fatal(p, err, len(j.sealers.m))
	}
	late := now + 2*int64(vault.SealWindow+vault.OrderLife+vault.SealSlack)
	if _, err := j.Open(key, sealed, number, id, late); !errors.Is(err, vault.ErrNoSeal) || len(j.sealers.m) != 0 {
		t.Fatalf("%v, %d are kept", err, len(j.sealers.m))
	}
	if _, err := j.Open(key, sealed, number, id, late); !errors.Is(err, vault.ErrNoSeal) || len(j.sealers.m) != 0 {
		t.Fatalf("again: %v, %d are kept", err, len(j.sealers.m))
	}
}

func BenchmarkJudge(b *testing.B) {
	j, books, seal := court(b)
	r := &ledger.Request{Payer: number, Payee: "254722000002", Transfer: &ledger.Transfer{ID: ledger.ID{7}, Kind: ledger.KindSend, From: 1, To: 2}}
	r.SealKey, r.Sealed = seal("4826", number, r.ID())
	now := time.Now().UnixMilli()
	b.ReportAllocs()
	for b.Loop() {
		j.Request(books, r, now)
	}
}
