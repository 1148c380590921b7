package wire

import (
	"errors"
	"reflect"
	"testing"

	"mlango/ledgerd/ledger"
)

// TestRoomIsUsedAgain: nothing of what a room held before is in what it holds next.
func TestRoomIsUsedAgain(t *testing.T) {
	full := &ledger.Move{Transfer: ledger.Transfer{ID: ledger.ID{1}, Kind: ledger.KindSend, From: 1, To: 2, Amount: 3, Fee: 4, Again: ledger.ID{9},
		Expires: 5, Until: 6, Origin: ledger.Origin{Operator: "op", Session: "s1", Gateway: "gw"}, Bundle: [32]byte{7}, Language: ledger.Language{'e', 'n'}},
		PayerToken: ledger.Token{8}, PayeeToken: ledger.Token{9}, Verdict: ledger.VerdictRight, Epoch: 2}
	bare := &ledger.Move{Transfer: ledger.Transfer{ID: ledger.ID{2}, Kind: ledger.KindIssue, From: 2, To: 1, Amount: 1}}
	other := &ledger.Move{Transfer: ledger.Transfer{ID: ledger.ID{3}, Origin: ledger.Origin{Operator: "op", Session: "s2"}}}
	var r Room
	for _, cmds := range [][]ledger.Command{{full, ledger.Tick{}, full}, {bare, other}, {other, bare, full}, {bare}} {
		r.Clear()
		payload := BeginEntry(nil, 77)
		for _, c := range cmds {
			var err error
			if payload, err = AppendCommand(payload, 0, c); err != nil {
				t.Fatal(err)
			}
		}
		EndEntry(payload, len(cmds))
		at, n, err := r.Entry(payload)
		if err != nil || at != 77 || n != len(cmds) || !reflect.DeepEqual(r.Commands, cmds) {
			t.Fatalf("%d commands at %d: %+v (%v)", n, at, r.Commands, err)
		}
		var wrong *Error
		if _, _, err := r.Entry(payload[:len(payload)-1]); !errors.As(err, &wrong) || len(r.Commands) != len(cmds) {
			t.Fatalf("half an entry left %d commands: %v", len(r.Commands), err)
		}
	}
}

// TestWhatIsReadOwnsItsBytes: a frame's room is used again while what was read of it
// waits for the disk.
func TestWhatIsReadOwnsItsBytes(t *testing.T) {
	scribbled := func(frame []byte, read func(Record) (any, error)) any {
		t.Helper()
		r, _, err := Next(frame, 0)
		if err != nil {
			t.Fatal(err)
		}
		v, err := read(r)
		if err != nil {
			t.Fatal(err)
		}
		for i := range frame {
			frame[i] = 0xEE
		}
		return v
	}
	for _, cmd := range someCommands() {
		frame, err := AppendCommand(nil, 1, cmd)
		if err != nil {
			t.Fatal(err)
		}
		if got := scribbled(frame, func(r Record) (any, error) { return r.Command() }); !reflect.DeepEqual(got, any(cmd)) {
			t.Errorf("%T is %+v after its frame was used again", cmd, got)
		}
	}
	transfer := someTransfer()
	want := &ledger.Request{Transfer: &transfer, Payer: "254722000001", Payee: "254722000002", SealKey: 3, Sealed: []byte("sealed")}
	frame, err := AppendRequest(nil, 1, want)
	if err != nil {
		t.Fatal(err)
	}
	if got := scribbled(frame, func(r Record) (any, error) { return r.Request() }); !reflect.DeepEqual(got, any(want)) {
		t.Errorf("a request is %+v after its frame was used again", got)
	}
	told := ledger.Notice{ID: transfer.ID, Addr: "254722000001", OtherAddr: "254722000002", OtherName: "AMINA", Ref: "rent", Until: 5}
	if frame, err = AppendNotice(nil, &told); err != nil {
		t.Fatal(err)
	}
	if got := scribbled(frame, func(r Record) (any, error) {
		var n ledger.Notice
		err := r.ReadNotice(&n)
		return n, err
	}); got != any(told) {
		t.Errorf("a notice is %+v after its frame was used again", got)
	}
}
