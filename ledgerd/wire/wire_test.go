package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"mlango/ledgerd/ledger"
)

var tableKES = ledger.Currency{'K', 'E', 'S'}

func someTransfer() ledger.Transfer {
	return ledger.Transfer{
		ID: ledger.NewID(1700000000123, [10]byte{1, 2, 3}), Kind: ledger.KindSend, From: 1, To: 2, Amount: 50000,
		Currency: tableKES, Fee: 700, Again: ledger.ID{9}, Expires: 1700000120000, Until: 1700000900000,
		Origin: ledger.Origin{Operator: "savanna", Session: "session-0001", Gateway: "g1"},
		Bundle: [32]byte{31: 7}, Language: ledger.Language{'s', 'w'},
	}
}

func someCheck() ledger.Check {
	return ledger.Check{ID: ledger.ID{4}, Account: 1, Query: ledger.QueryLast, Expires: 5, Origin: ledger.Origin{Gateway: "g2"}}
}

func receiptCheck() ledger.Check {
	return ledger.Check{ID: ledger.ID{5}, Account: 1, Query: ledger.QueryReceipt, Receipt: ledger.Receipt{'U', 'K', 'M'}, Expires: 5}
}

// someCommands has every kind of command.
func someCommands() []ledger.Command {
	move := &ledger.Move{Transfer: someTransfer(), PayerToken: ledger.Token{1}, PayeeToken: ledger.Token{2}, Verdict: ledger.VerdictRight, Epoch: 3}
	return []ledger.Command{
		ledger.OpenAccount{Account: 1, Kind: ledger.AccountWallet, Currency: tableKES, Home: 7, Language: ledger.Language{'e', 'n'}, Tier: 2, Maximum: 900, Sealed: []byte("sealed")},
		ledger.OpenAccount{Account: 2, Kind: ledger.AccountTrust, Currency: tableKES},
		ledger.SetAlias{Token: ledger.Token{5}, Account: 1},
		ledger.SetPIN{Account: 1, Salt: [16]byte{1}, MAC: [32]byte{2}},
		ledger.UnlockPIN{Account: 1}, ledger.LockPIN{Account: 1}, ledger.Freeze{Account: 1, On: true},
		ledger.SetLanguage{Account: 1, Language: ledger.Language{'s', 'w'}},
		ledger.SetTariff{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 10000}, {Upto: 50000, Fee: 700, Tax: 70, Commission: 300}}, Version: 3, From: 99},
		ledger.SetTariff{Kind: ledger.KindAirtime},
		ledger.SetLimits{Kind: ledger.KindSend, Tier: 1, Version: 2, From: 7, Min: 1, Max: 2, PayerDaily: 3, PayeeDaily: 5, PayeeBalance: 4},
		ledger.SetRepeatWindow{Window: 600000},
		move,
		&ledger.Answer{Check: someCheck(), PayerToken: ledger.Token{1}, Verdict: ledger.VerdictWrong, Epoch: 2},
		&ledger.Answer{Check: receiptCheck(), PayerToken: ledger.Token{1}, Paid: ledger.ID{9}}, ledger.ClearPIN{Account: 1},
		ledger.Resolve{ID: ledger.ID{8}, Expires: 99},
		ledger.Grant{Consumer: "sms", Owner: "g1", From: 256, To: 511},
		ledger.Ack{Consumer: "sms", Lane: 256, Epoch: 3, Upto: 10, Except: []uint64{7, 9}},
		ledger.Tick{},
		ledger.SetTier{Account: 1, Tier: 3, Maximum: 500}, ledger.Close{Account: 1}, ledger.ErasePerson{Account: 1},
		&ledger.ChangePIN{Check: someCheck(), PayerToken: ledger.Token{1}, Verdict: ledger.VerdictRight, Epoch: 2, Easy: true, Salt: [16]byte{3}, MAC: [32]byte{4}},
		ledger.Post{ID: ledger.ID{1}, Hold: ledger.ID{2}, Amount: 3, Expires: 4, Origin: ledger.Origin{Gateway: "g1"}},
		ledger.Void{ID: ledger.ID{1}, Hold: ledger.ID{2}, Expires: 4},
		ledger.Reverse{ID: ledger.ID{1}, Of: ledger.ID{2}, Amount: 3, Fee: true, Expires: 4},
		ledger.Linked{ID: ledger.ID{1}, Expires: 4, Origin: ledger.Origin{Session: "file"}, Bundle: [32]byte{5}, Language: ledger.Language{'e', 'n'},
			Legs: []ledger.Leg{{Kind: ledger.KindPayout, From: 1, To: 2, Amount: 3, Currency: tableKES, Fee: 4}, {Kind: ledger.KindPayout, From: 1}}},
		ledger.Approved{Cmd: ledger.Reverse{ID: ledger.ID{1}}, First: "amina", Second: "brian", At: 5},
		ledger.Approved{Cmd: move, First: "amina", Second: "brian"},
		ledger.SetLimits{Kind: ledger.KindSend, Tier: 1, AsFirst: true},
		ledger.SetRules{Version: 9, Back: 4, From: 77, Why: "as before July", Tariffs: []ledger.SetTariff{{Kind: ledger.KindAirtime},
			{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 10000}, {Upto: 50000, Fee: 700, Tax: 70}}}},
			Limits: []ledger.SetLimits{{Kind: ledger.KindSend, Max: 5}, {Kind: ledger.KindSend, Tier: 7, AsFirst: true}}},
		ledger.SetRules{},
		&ledger.Move{Transfer: ledger.Transfer{ID: ledger.ID{3}, Kind: ledger.KindReversal, Of: ledger.ID{4}}},
		&ledger.Move{Transfer: ledger.Transfer{ID: ledger.ID{3}, Kind: ledger.KindPaybill}, Ref: []byte("sealed")},
		ledger.RequireTwo{}, ledger.SetConsumer{Consumer: ledger.ConsumerPartner, On: true}, ledger.SetConsumer{Consumer: "x"},
		ledger.AskPayment{ID: ledger.ID{1}, Kind: ledger.KindPaybill, From: 1, To: 2, Amount: 3, Currency: tableKES, Until: 4, Number: "inv-7", Payee: "400200", Ref: []byte("sealed")},
		ledger.AskPayment{Number: "x"}, ledger.EndAsk{ID: ledger.ID{1}, How: ledger.AskDeclined},
	}
}

func TestEntryRoundTrip(t *testing.T) {
	cmds := someCommands()
	payload := BeginEntry(nil, 1234567)
	for _, cmd := range cmds {
		var err error
		if payload, err = AppendCommand(payload, 0, cmd); err != nil {
			t.Fatalf("%T: %v", cmd, err)
		}
	}
	EndEntry(payload, len(cmds))
	e, err := DecodeEntry(payload)
	if err != nil {
		t.Fatal(err)
	}
	if e.At != 1234567 || !reflect.DeepEqual(e.Commands, cmds) {
		t.Fatalf("read back\n%#v\nwant\n%#v", e.Commands, cmds)
	}
	for n := 1; n < len(payload); n++ {
		if _, err := DecodeEntry(payload[:n]); err == nil {
			t.Fatalf("an entry cut to %d of %d bytes was read", n, len(payload))
		}
	}
}

func TestRequestRoundTrip(t *testing.T) {
	tr, ck, asked := someTransfer(), someCheck(), receiptCheck()
	bare := ledger.Transfer{ID: ledger.ID{1}, Kind: ledger.KindSend, From: 1, To: 2, Amount: 1, Currency: tableKES, Expires: 1}
	back := bare
	back.Kind, back.Of = ledger.KindReversal, ledger.ID{9}
	for _, r := range []*ledger.Request{
		{Transfer: &tr, SealKey: 3, Sealed: []byte("sealed pin"), Payer: "254722000001", Payee: "254722000002"},
		{Check: &ck, SealKey: 4, Sealed: []byte{1}, New: []byte{2}, Payer: "254722000001"},
		{Check: &asked, Payer: "254722000001"},
		{Transfer: &tr, Ref: "meter-7"}, {Transfer: &back, Payer: "254722000001"},
		{Transfer: &bare},
	} {
		b, err := AppendRequest(nil, 77, r)
		if err != nil {
			t.Fatal(err)
		}
		if r.Transfer == &bare && len(b) != 128 {
			t.Fatalf("a bare transfer request has %d bytes, want 128", len(b))
		}
		rec, rest, err := Next(b, 0)
		if err != nil || len(rest) != 0 || rec.Correlation != 77 {
			t.Fatalf("Next: %v, %d bytes left, correlation %d", err, len(rest), rec.Correlation)
		}
		got, err := rec.Request()
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("read back %+v (%v), want %+v", got, err, r)
		}
	}
}

func TestAnswersRoundTrip(t *testing.T) {
	full := ledger.Result{ID: ledger.ID{1}, Reject: ledger.LooksRepeated, Place: ledger.Place{Unit: 1, Index: 2, Offset: 3}, At: 4,
		Receipt: ledger.Receipt{'T'}, Fee: 5, Balance: -6, PayeeBalance: 7, TriesLeft: 2, Leg: 3, Held: true, Version: 4, Ended: ledger.ActVoid, First: ledger.ID{8},
		FirstReceipt: ledger.Receipt{'F'}, FirstAt: 9, Lines: []ledger.Statement{{Kind: 1, Part: ledger.PartCommission, In: true, Amount: 1, Fee: 2,
			Balance: 3, Receipt: ledger.Receipt{'L'}, At: 4, Other: 5, State: ledger.StateHeld, OtherName: "JANE W", OtherAddr: "254722000002"}, {Kind: 2, Amount: 6}}}
	quote := ledger.Quote{Reject: ledger.PayeeFrozen, From: 1, To: 2, Name: "JANE W", Currency: tableKES, Fee: 3, Min: 4, Max: 5, First: ledger.ID{6}, FirstAt: 7,
		Amount: 8, Number: "254722000002"}
	profile := ledger.Profile{Known: true, Account: 1, Kind: ledger.AccountTill, Language: ledger.Language{'e', 'n'}, Currency: tableKES, Locked: true, NoPIN: true}
	ask := ledger.Ask{Kind: ledger.KindAirtime, Payer: "254722000001", Payee: "254722000002", Amount: 100}
	notice := ledger.Notice{Lane: 257, Seq: 1, Place: ledger.Place{Index: 3}, ID: ledger.ID{1}, Side: ledger.SidePayee, Kind: 1, Account: 1,
		Other: 2, Amount: 3, Fee: 4, Balance: 5, NoBalance: true, Receipt: ledger.Receipt{'R'}, At: 6, Language: ledger.Language{'e', 'n'},
		Bundle: [32]byte{1}, Act: ledger.ActPost, Until: 7, Available: -8, Released: 9, Addr: "254722000001", OtherAddr: "254722000002", OtherName: "JOHN K", Ref: "meter-7"}
	person := Person{Account: 1, Kind: ledger.AccountWallet, Currency: tableKES, Home: 3, Language: ledger.Language{'e', 'n'}, Tier: 2, Name: "JANE W", MSISDN: "254722000001", SealKey: 5, Sealed: []byte{1, 2}}
	view := ledger.View{Account: 1, Kind: ledger.AccountWallet, Currency: tableKES, Home: 2, Language: ledger.Language{'e', 'n'}, Tier: 3, Sealed: []byte{4},
		Debits: 5, Credits: 6, HeldDebits: 7, HeldCredits: 8, Balance: 9, Available: -10, Maximum: 11, Closed: true, PINSet: true, TriesLeft: 3, Epoch: 12}
	var frame []byte
	must := func(b []byte, err error) {
		if err != nil {
			t.Fatal(err)
		}
		frame = b
	}
	must(AppendResult(frame, 1, &full))
	must(AppendResult(frame, 2, &ledger.Result{}))
	must(AppendQuote(frame, 3, &quote))
	must(AppendProfile(frame, 4, &profile))
	must(AppendAsk(frame, 5, &ask))
	must(AppendWho(frame, 6, "254722000001"))
	must(AppendNotice(frame, &notice))
	must(AppendGranted(frame, 12))
	must(AppendPerson(frame, 8, &person))
	must(AppendStatement(frame, 9, &full.Lines[0]))
	must(AppendView(frame, 10, &view))
	want := []any{full, ledger.Result{}, quote, profile, ask, "254722000001", notice, uint64(12), person, full.Lines[0], view}
	var got []any
	if err := Each(frame, func(r Record) error {
		v, err := readAny(r)
		got = append(got, v)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("read back\n%+v\nwant\n%+v", got, want)
	}
}

// readAny decodes a record by its kind.
func readAny(r Record) (any, error) {
	switch r.Kind {
	case KindTransfer, KindCheck:
		return r.Request()
	case KindResult:
		return r.Result()
	case KindWho:
		return r.Who()
	case KindProfile:
		return r.Profile()
	case KindAsk:
		return r.Ask()
	case KindQuote:
		return r.Quote()
	case KindNotice:
		var n ledger.Notice
		err := r.ReadNotice(&n)
		return n, err
	case KindGranted:
		return r.Granted()
	case KindPerson:
		return r.Person()
	case KindStatement:
		return r.Statement()
	case KindView:
		return r.View()
	}
	return r.Command()
}

// writeAny encodes what readAny gave.
func writeAny(r Record, v any) ([]byte, error) {
	switch v := v.(type) {
	case *ledger.Request:
		return AppendRequest(nil, r.Correlation, v)
	case ledger.Result:
		return AppendResult(nil, r.Correlation, &v)
	case string:
		return AppendWho(nil, r.Correlation, v)
	case ledger.Profile:
		return AppendProfile(nil, r.Correlation, &v)
	case ledger.Ask:
		return AppendAsk(nil, r.Correlation, &v)
	case ledger.Quote:
		return AppendQuote(nil, r.Correlation, &v)
	case ledger.Notice:
		return AppendNotice(nil, &v)
	case uint64:
		return AppendGranted(nil, v)
	case Person:
		return AppendPerson(nil, r.Correlation, &v)
	case ledger.Statement:
		return AppendStatement(nil, r.Correlation, &v)
	case ledger.View:
		return AppendView(nil, r.Correlation, &v)
	case ledger.Command:
		return AppendCommand(nil, r.Correlation, v)
	}
	return nil, errors.New("unknown")
}

func TestHostileRecords(t *testing.T) {
	tr := someTransfer()
	good, err := AppendRequest(nil, 1, &ledger.Request{Transfer: &tr, Payer: "254722000001"})
	if err != nil {
		t.Fatal(err)
	}
	change := func(at int, b ...byte) []byte {
		out := bytes.Clone(good)
		copy(out[at:], b)
		return out
	}
	for _, c := range []struct {
		name  string
		bytes []byte
		at    int
		what  string
	}{
		{"empty head", good[:7], 0, "a record's head is cut short"},
		{"kind 0", change(0, 0), 0, "unknown kind of record"},
		{"kind 255", change(0, 255), 0, "unknown kind of record"},
		{"version 2", change(1, 2), 1, "unknown version of a record"},
		{"head's reserve", change(5, 1), 4, "a reserved byte is not zero"},
		{"fixed part's reserve", change(127, 1), 127, "a reserved byte is not zero"},
		{"cut", good[:len(good)-1], 0, "a record reaches past its frame"},
		{"extensions shorter than said", change(2, 0xff, 0xff), 0, "a record reaches past its frame"},
		{"unknown extension", change(128, 200), 128, "an unknown, repeated or misplaced extension"},
		{"extension too long", change(129, 0xff, 0xff), 131, "an extension is longer than its limit"},
		{"empty extension", change(129, 0, 0), 131, "an empty extension"},
		{"extension of zeros", change(131, make([]byte, 16)...), 147, "an empty extension"},
		{"extension of another size", change(129, 15), 131, "an extension of another size"},
	} {
		_, err := decodeAll(c.bytes)
		var place *Error
		if !errors.As(err, &place) || place.At != c.at || place.What != c.what {
			t.Errorf("%s: %v, want byte %d: %s", c.name, err, c.at, c.what)
		}
	}
}

// TestUsedRoomIsClean: what stood in a buffer before does not show in a record.
func TestUsedRoomIsClean(t *testing.T) {
	used := bytes.Repeat([]byte{0xAA}, 1<<16)
	for _, cmd := range someCommands() {
		fresh, err := AppendCommand([]byte("before"), 7, cmd)
		if err != nil {
			t.Fatal(err)
		}
		again, err := AppendCommand(append(used[:0:len(used)], "before"...), 7, cmd)
		if err != nil || !bytes.Equal(again, fresh) {
			t.Errorf("%T: %x, %v, want %x", cmd, again, err, fresh)
		}
		for i := range used {
			used[i] = 0xAA
		}
	}
}

func TestTooLongIsRefusedWhenWriting(t *testing.T) {
	tr := someTransfer()
	tr.Origin.Session = string(make([]byte, ledger.MaxSession+1))
	before := []byte("kept")
	b, err := AppendRequest(before, 1, &ledger.Request{Transfer: &tr})
	if err == nil || string(b) != "kept" {
		t.Fatalf("err %v, dst %q", err, b)
	}
	for _, bad := range []ledger.Command{
		ledger.OpenAccount{Sealed: make([]byte, MaxPerson+1)},
		ledger.SetTariff{Bands: make([]ledger.Band, MaxBands+1)},
		ledger.Ack{Except: make([]uint64, ledger.MaxExceptions+1)},
		ledger.Linked{Legs: make([]ledger.Leg, ledger.MaxLegs+1)},
		ledger.Approved{Cmd: ledger.Approved{Cmd: ledger.Tick{}}},
		ledger.Approved{},
		&ledger.ChangePIN{Check: receiptCheck()},
		nil,
	} {
		if _, err := AppendCommand(nil, 0, bad); err == nil {
			t.Errorf("%T: no error", bad)
		}
	}
	for _, lines := range [][]ledger.Statement{make([]ledger.Statement, ledger.MaxLines+1), {{}, {OtherName: "JANE W"}}} {
		if _, err := AppendResult(nil, 1, &ledger.Result{Lines: lines}); err == nil {
			t.Errorf("%d lines were written", len(lines))
		}
	}
	if _, err := AppendRequest(nil, 1, &ledger.Request{}); err == nil {
		t.Error("an empty request was written")
	}
}

func decodeAll(frame []byte) ([]any, error) {
	var all []any
	err := Each(frame, func(r Record) error {
		v, err := readAny(r)
		all = append(all, v)
		return err
	})
	return all, err
}

// TestTheLargestRulesFit into what two people approve.
func TestTheLargestRulesFit(t *testing.T) {
	cmd := ledger.SetRules{Version: 1, From: 2, Why: strings.Repeat("w", ledger.MaxWhy)}
	for kind := ledger.KindSend; kind <= ledger.KindPayout; kind++ {
		if !kind.Asked() {
			continue
		}
		bands := make([]ledger.Band, ledger.MaxRulesBands/9)
		for i := range bands {
			bands[i] = ledger.Band{Upto: ledger.Amount(i + 1), Fee: ledger.MaxAmount, Tax: 1, Commission: 1}
		}
		cmd.Tariffs = append(cmd.Tariffs, ledger.SetTariff{Kind: kind, Bands: bands})
		for tier := range ledger.MaxTier + 1 {
			cmd.Limits = append(cmd.Limits, ledger.SetLimits{Kind: kind, Tier: tier, Max: 1})
		}
	}
	want := ledger.Approved{Cmd: cmd, First: "amina", Second: "brian", At: 5}
	b, err := AppendCommand(nil, 0, want)
	if err != nil {
		t.Fatal(err)
	}
	r, _, err := Next(b, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Command(); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%v: %+v", err, got)
	}
}
