package server

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// sheet asks for one transfer.
func (n *running) sheet(of string, ask func(context.Context, string) ([]byte, bool, error)) (s Sheet) {
	n.t.Helper()
	b, known, err := ask(n.ctx(), of)
	if err == nil && known {
		err = json.Unmarshal(b, &s)
	}
	if err != nil || !known {
		n.t.Fatalf("show %s: %v, %v", of, known, err)
	}
	return s
}

// TestNoticesAreShownWithTheirTimes: made when and for whom, and acknowledged when, by
// whom and where in the journal – or not yet.
func TestNoticesAreShownWithTheirTimes(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	res := n.do(n.send(1, 2, 50_000, 700, rightPIN), ledger.OK)
	s := n.sheet(res.ID.String(), n.c.Show)
	if len(s.Notices) != 2 || s.Notices[1].To == nil || s.Notices[1].To.Number != "2547*****002" || s.Notices[1].Made != s.At {
		t.Fatalf("%+v", s.Notices)
	}
	for _, by := range s.Notices[0].By {
		if by.Acked || by.At != "" || by.Owner != "" {
			t.Fatalf("acknowledged by nobody: %+v", by)
		}
	}
	ctx, stop := context.WithCancel(n.ctx())
	defer stop()
	seen := errors.New("seen")
	err := n.c.Notices(ctx, ledger.ConsumerSMS, "gateway-1", 0, maxLane, func(epoch uint64, list []ledger.Notice) error {
		for _, notice := range list {
			if notice.Side != ledger.SidePayee || notice.ID != res.ID {
				continue
			}
			if err := n.c.Ack(ctx, ledger.ConsumerSMS, notice.Lane, epoch, notice.Seq, nil); err != nil {
				return err
			}
			return seen
		}
		return nil
	})
	if !errors.Is(err, seen) {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		s = n.sheet(res.ID.String(), n.c.Show)
		if s.Notices[1].By[0].Acked {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v", s.Notices)
		}
	}
	payer, payee := s.Notices[0].By[0], s.Notices[1].By[0]
	if payee.Consumer != ledger.ConsumerSMS || payee.Owner != "gateway-1" || payee.After <= 0 || !strings.HasSuffix(payee.At, "+03:00") || payee.Place == "" || payee.Unknown != "" {
		t.Fatalf("%+v", payee)
	}
	if payer.Acked || payer.Owner != "gateway-1" || s.Notices[0].Acked {
		t.Fatalf("the payer's: %+v", payer)
	}
}

// TestAnAcknowledgementIsFoundAsTheBooksTookIt: cumulative, with exceptions, and not one
// of a former owner.
func TestAnAcknowledgementIsFoundAsTheBooksTookIt(t *testing.T) {
	l := searched{consumer: "sms", lane: 7, seq: 5}
	for i, step := range []struct {
		grant bool
		ack   ledger.Ack
		want  bool
	}{
		{ack: ledger.Ack{Consumer: "sms", Lane: 7, Epoch: 1, Upto: 4}},
		{ack: ledger.Ack{Consumer: "sms", Lane: 8, Epoch: 1, Upto: 9}},
		{ack: ledger.Ack{Consumer: "partner", Lane: 7, Epoch: 1, Upto: 9}},
		{ack: ledger.Ack{Consumer: "sms", Lane: 7, Epoch: 1, Upto: 9, Except: []uint64{5}}},
		{grant: true},
		{ack: ledger.Ack{Consumer: "sms", Lane: 7, Epoch: 1, Upto: 9}}, // refused: the lane was another's
		{ack: ledger.Ack{Consumer: "sms", Lane: 7, Epoch: 2, Upto: 9}, want: true},
	} {
		if step.grant {
			l.granted(ledger.Grant{Consumer: "sms", Owner: "g2", From: 0, To: 255})
		} else if got := l.acknowledges(step.ack); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}

// TestWholeNumbersAreAnAdministrators to see, and names too.
func TestWholeNumbersAreAnAdministrators(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	res := n.do(n.send(1, 2, 50_000, 700, rightPIN), ledger.OK)
	if s := n.sheet(res.Receipt.String(), n.c.ShowWhole); s.Payee.Number != msisdn(2) || s.Payee.Name == "" {
		t.Fatalf("%+v", s.Payee)
	}
	g := &service{s: n.srv}
	ctx := context.WithValue(t.Context(), callerKey{}, caller{name: "audit", role: RoleAuditor})
	if _, err := g.Show(ctx, &pb.ShowRequest{Of: res.ID.String(), Whole: true}); err == nil || !strings.Contains(err.Error(), "may not see whole numbers") {
		t.Fatal(err)
	}
}

// TestAConsumersBeginIsNoAcknowledgement: what an administrator began later never had the
// notice, also where the command has a name on it; sms reads for ever.
func TestAConsumersBeginIsNoAcknowledgement(t *testing.T) {
	by := func(cmd ledger.Command) ledger.Command { return ledger.Approved{Cmd: cmd, First: "JANE", At: 1} }
	for _, c := range []struct {
		name    string
		cmds    []ledger.Command
		unknown bool
	}{
		{ledger.ConsumerPartner, []ledger.Command{by(ledger.SetConsumer{Consumer: ledger.ConsumerPartner, On: true})}, true},
		{ledger.ConsumerPartner, []ledger.Command{ledger.SetConsumer{Consumer: ledger.ConsumerPartner, On: true}}, true},
		{ledger.ConsumerPartner, []ledger.Command{by(ledger.SetConsumer{Consumer: ledger.ConsumerSettlement, On: true})}, false},
		{ledger.ConsumerSMS, []ledger.Command{by(ledger.SetConsumer{Consumer: ledger.ConsumerSMS, On: true})}, false},
	} {
		says, f := &SheetHear{}, &Found{}
		s := search{left: 1, lanes: []searched{{consumer: c.name, lane: 300, seq: 7, says: says, now: ledger.Heard{Epoch: 2, Owner: "one"}}}}
		var payload []byte
		for _, cmd := range append(c.cmds, ledger.Ack{Consumer: c.name, Lane: 300, Epoch: 2, Upto: 9}) {
			var err error
			if payload, err = wire.AppendCommand(payload, 0, cmd); err != nil {
				t.Fatal(err)
			}
		}
		err := wire.Each(payload, func(r wire.Record) error { return s.look(&Teller{}, f, 0, r) })
		if !errors.Is(err, errFound) {
			t.Fatal(err)
		}
		if (says.Unknown != "") != c.unknown || (says.At == "") != c.unknown {
			t.Errorf("%s, %T: %+v", c.name, c.cmds[0], says)
		}
	}
}

// TestWhatMayBeLostIsNotShownAsTold: of a consumer that lost notices nobody can say which it
// was told of.
func TestWhatMayBeLostIsNotShownAsTold(t *testing.T) {
	f := &Found{notices: []foundNotice{{Told: ledger.Told{Side: ledger.SidePayer, Lane: 1, Seq: 1, Acked: true},
		heard: []ledger.Heard{{Consumer: ledger.ConsumerSMS, Acked: true}, {Consumer: ledger.ConsumerPartner, Acked: true, Missed: 9}}}}}
	v := &Sheet{}
	(&Teller{}).lines(v, f)
	n := v.Notices[0]
	if n.Acked || !n.By[0].Acked || n.By[0].Lost || n.By[1].Acked || !n.By[1].Lost || !strings.Contains(n.By[1].Unknown, "lost 9 notices") {
		t.Errorf("%+v", n)
	}
}
