package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	foreign "github.com/fiorix/go-smpp/smpp"
	foreignpdu "github.com/fiorix/go-smpp/smpp/pdu"
	"github.com/fiorix/go-smpp/smpp/pdu/pdufield"
	"github.com/fiorix/go-smpp/smpp/pdu/pdutext"

	"mlango/simulator/operator"
	"mlango/smpp"
)

// boundForeign binds go-smpp's transceiver; what it is told comes on the channel.
func boundForeign(t *testing.T, at string, secure *tls.Config) (*foreign.Transceiver, <-chan string) {
	t.Helper()
	heard := make(chan string, 100)
	tr := &foreign.Transceiver{Addr: at, User: "anybody", Passwd: "any", TLS: secure, Handler: func(p foreignpdu.Body) {
		if p.Header().ID == foreignpdu.DeliverSMID {
			heard <- p.Fields()[pdufield.ShortMessage].String()
		}
	}}
	if st := <-tr.Bind(); st.Status() != foreign.Connected {
		t.Fatal(st.Error())
	}
	t.Cleanup(func() { _ = tr.Close() })
	return tr, heard
}

// bound binds our own client; what it is told comes on the channel.
func bound(t *testing.T, at string) (*smpp.Session, <-chan *smpp.Message) {
	t.Helper()
	heard := make(chan *smpp.Message, 100)
	s, err := smpp.Dial(t.Context(), smpp.Config{Addr: at, SystemID: "anybody", OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
		heard <- m
		return smpp.StatusOK
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Abort)
	return s, heard
}

// aText is an SMS from 334 to the phone that wants its receipt.
func aText(text string) *smpp.Message {
	return &smpp.Message{Kind: smpp.SubmitSM, Source: smpp.Address{Addr: "334"}, Dest: smpp.Address{TON: 1, NPI: 1, Addr: payerNumber}, Text: []byte(text), RegisteredDelivery: 1}
}

// send submits an SMS and gives its id.
func send(t *testing.T, s *smpp.Session, m *smpp.Message) string {
	t.Helper()
	resp, err := s.Submit(t.Context(), m)
	if err != nil || resp.Status != smpp.StatusOK {
		t.Fatal(resp.Status, err)
	}
	return resp.MessageID
}

// told is the next receipt.
func told(t *testing.T, heard <-chan *smpp.Message) smpp.Receipt {
	t.Helper()
	select {
	case m := <-heard:
		r, ok := smpp.ParseReceipt(m)
		if !ok {
			t.Fatalf("no receipt: %q", m.Text)
		}
		return r
	case <-time.After(20 * time.Second):
		t.Fatal("no receipt came")
		return smpp.Receipt{}
	}
}

// TestSMSCTellsOfItsSMS asks by go-smpp's client: under way without a date, then the end
// that the shares draw and its date in the form of SMPP. That client reads message_state
// as text and needs a NUL behind it: the code of an error is looked at in another test.
func TestSMSCTellsOfItsSMS(t *testing.T) {
	s, at, out := anSMSC(t, smscCmd{DLR: "UNDELIV/000:100", Delay: time.Second})
	tr, heard := boundForeign(t, at, nil)
	sm, err := tr.Submit(&foreign.ShortMessage{Src: "334", Dst: payerNumber, Text: pdutext.GSM7("habari"), Register: pdufield.FinalDeliveryReceipt})
	if err != nil {
		t.Fatal(err)
	}
	if q, err := tr.QuerySM("334", sm.RespID(), 0, 0); err != nil || q.MsgState != "ENROUTE" || q.FinalDate != "" {
		t.Errorf("under way: %+v %v", q, err)
	}
	if got := next(t, heard); !strings.Contains(got, "stat:UNDELIV err:000") {
		t.Errorf("the receipt says %q", got)
	}
	q, err := tr.QuerySM("334", sm.RespID(), 0, 0)
	if err != nil || q.MsgState != "UNDELIVERABLE" {
		t.Fatalf("at its end: %+v %v", q, err)
	}
	if date, ok := smpp.ReadTime(q.FinalDate, time.Time{}); !ok || time.Since(date).Abs() > time.Minute {
		t.Errorf("its final date is %q", q.FinalDate)
	}
	for id, from := range map[string]string{sm.RespID(): "335", "nobody's": "334"} {
		if q, err := tr.QuerySM(from, id, 0, 0); err == nil {
			t.Errorf("%s of %s: %+v", id, from, q)
		}
	}
	if len(s.op.Inbox(payerNumber)) != 0 || !strings.Contains(out.String(), "ENROUTE ESME_ROK") {
		t.Errorf("inbox %v, printed\n%s", s.op.Inbox(payerNumber), out)
	}
}

// TestSMSCTellsTheError: query_sm_resp has the network's code of an SMS that failed.
func TestSMSCTellsTheError(t *testing.T) {
	_, at, _ := anSMSC(t, smscCmd{DLR: "REJECTD/011:100"})
	e, heard := bound(t, at)
	id := send(t, e, aText("habari"))
	told(t, heard)
	if a, err := e.Query(t.Context(), smpp.Query{MessageID: id, Source: smpp.Address{Addr: "334"}}); err != nil || a.MessageID != id || a.State != 8 || a.Error != 11 {
		t.Errorf("%+v %v", a, err)
	}
}

// TestSMSCTakesBack: what is under way is cancelled, by its id or by its addresses, and
// told as DELETED; what has ended is not, and nobody cancels another's.
func TestSMSCTakesBack(t *testing.T) {
	s, at, _ := anSMSC(t, smscCmd{Delay: time.Hour})
	e, heard := bound(t, at)
	id := send(t, e, aText("one"))
	two, three := send(t, e, aText("two")), send(t, e, aText("three"))
	cancel := func(by *smpp.Session, c smpp.Cancel) smpp.Status {
		resp, err := by.Cancel(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return resp.Status
	}
	from := smpp.Address{Addr: "334"}
	other, err := smpp.Dial(t.Context(), smpp.Config{Addr: at, SystemID: "other"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Abort()
	if status := cancel(other, smpp.Cancel{MessageID: id, Source: from}); status != smpp.StatusInvMsgID {
		t.Errorf("another's: %s", smpp.StatusName(status))
	}
	if status := cancel(e, smpp.Cancel{MessageID: id, Source: from}); status != smpp.StatusOK {
		t.Error(smpp.StatusName(status))
	}
	if r := told(t, heard); r.ID != id || r.Stat != "DELETED" {
		t.Errorf("%+v", r)
	}
	if status := cancel(e, smpp.Cancel{MessageID: id, Source: from}); status != smpp.StatusCancelFail {
		t.Errorf("twice: %s", smpp.StatusName(status))
	}
	if a, err := e.Query(t.Context(), smpp.Query{MessageID: id, Source: from}); err != nil || a.State != 4 || a.FinalDate == "" {
		t.Errorf("%+v %v", a, err)
	}
	if status := cancel(e, smpp.Cancel{Source: from, Dest: smpp.Address{Addr: payerNumber}}); status != smpp.StatusOK {
		t.Error(smpp.StatusName(status))
	}
	if a, b := told(t, heard), told(t, heard); min(a.ID, b.ID) != min(two, three) || max(a.ID, b.ID) != max(two, three) {
		t.Errorf("%+v %+v", a, b)
	}
	if len(s.op.Inbox(payerNumber)) != 0 {
		t.Error("a text that was taken back arrived")
	}
}

// TestSMSCReplaces: the handset reads the second text; one that has arrived stays.
func TestSMSCReplaces(t *testing.T) {
	s, at, _ := anSMSC(t, smscCmd{Delay: 500 * time.Millisecond})
	e, heard := bound(t, at)
	from := smpp.Address{Addr: "334"}
	id := send(t, e, aText("at noon"))
	again := aText("at one")
	resp, err := e.Replace(t.Context(), &smpp.Replace{MessageID: id, Source: from, RegisteredDelivery: 1, Text: []byte("at two")})
	if err != nil || resp.Status != smpp.StatusOK {
		t.Fatal(resp, err)
	}
	if r := told(t, heard); r.ID != id || r.Stat != "DELIVRD" {
		t.Errorf("%+v", r)
	}
	if in := s.op.Inbox(payerNumber); len(in) != 1 || in[0].Text != "at two" {
		t.Errorf("%+v", in)
	}
	resp, err = e.Replace(t.Context(), &smpp.Replace{MessageID: id, Source: from, Text: []byte("at three")})
	if err != nil || resp.Status != smpp.StatusReplaceFail {
		t.Errorf("when it had arrived: %v %v", resp, err)
	}
	first := send(t, e, again)
	again.Replace, again.Text = 1, []byte("at four")
	second := send(t, e, again)
	seen := map[string]string{}
	for range 2 {
		r := told(t, heard)
		seen[r.ID] = r.Stat
	}
	if in := s.op.Inbox(payerNumber); seen[first] != "DELETED" || seen[second] != "DELIVRD" || in[len(in)-1].Text != "at four" || len(in) != 2 {
		t.Errorf("replace_if_present: %v %+v", seen, in)
	}
}

// TestSMSCToMany: go-smpp's submit_multi gets one id, the refused ones by name, and a
// receipt for each of the others.
func TestSMSCToMany(t *testing.T) {
	s, at, _ := anSMSC(t, smscCmd{})
	tr, heard := boundForeign(t, at, nil)
	sm, err := tr.Submit(&foreign.ShortMessage{Src: "334", DstList: []string{payerNumber, "12", "254722000002"}, DLs: []string{"everybody"}, Text: pdutext.Raw("to all"), Register: pdufield.FinalDeliveryReceipt})
	if err != nil {
		t.Fatal(err)
	}
	failed, err := sm.UnsuccessSmes()
	if err != nil || len(failed) != 2 {
		t.Errorf("refused: %+v %v", failed, err)
	}
	for range 2 {
		if got := next(t, heard); !strings.Contains(got, "id:"+sm.RespID()+" ") || !strings.Contains(got, "stat:DELIVRD") {
			t.Errorf("a receipt of %s says %q", sm.RespID(), got)
		}
	}
	if len(s.op.Inbox(payerNumber)) != 1 || len(s.op.Inbox("254722000002")) != 1 {
		t.Error("it did not reach both")
	}
	if q, err := tr.QuerySM("334", sm.RespID(), 0, 0); err != nil || q.MsgState != "DELIVERED" {
		t.Errorf("%+v %v", q, err)
	}
}

// TestSMSCPartsEndEach: every part of a long SMS has an id, a fate and a receipt of its
// own; without one of them no text is shown.
func TestSMSCPartsEndEach(t *testing.T) {
	s, at, _ := anSMSC(t, smscCmd{Delay: 300 * time.Millisecond})
	e, heard := bound(t, at)
	long := strings.Repeat("salaries are paid today ", 15)
	for _, lose := range []bool{true, false} {
		ids := map[string]string{}
		for i, part := range smpp.SplitSMS(long, 7) {
			m := aText("")
			part.Put(m)
			if lose && i == 1 { // too late before it is sent
				m.ValidityPeriod = smpp.Absolute(time.Now().Add(150 * time.Millisecond))
			}
			ids[send(t, e, m)] = map[bool]string{true: "EXPIRED", false: "DELIVRD"}[lose && i == 1]
		}
		if len(ids) != 3 {
			t.Fatalf("%d parts have an id", len(ids))
		}
		for range len(ids) {
			r := told(t, heard)
			if ids[r.ID] != r.Stat {
				t.Errorf("%s ended %s, not %s", r.ID, r.Stat, ids[r.ID])
			}
			delete(ids, r.ID)
		}
		if in := s.op.Inbox(payerNumber); (len(in) == 0) != lose || !lose && in[0].Text != long {
			t.Errorf("a part lost: %v, inbox %+v", lose, in)
		}
	}
}

// TestSMSCTimes: an SMS comes when it is scheduled, waits for a phone without signal,
// and expires; times that are none are refused.
func TestSMSCTimes(t *testing.T) {
	s, at, _ := anSMSC(t, smscCmd{})
	e, heard := bound(t, at)
	for field, status := range map[string]smpp.Status{"schedule": smpp.StatusInvSchedule, "validity": smpp.StatusInvValidity} {
		m := aText("hi")
		if m.ScheduleTime = "tomorrow"; field == "validity" {
			m.ScheduleTime, m.ValidityPeriod = "", "tomorrow"
		}
		if resp, err := e.Submit(t.Context(), m); err != nil || resp.Status != status {
			t.Errorf("%s: %v %v", field, resp, err)
		}
	}
	if err := s.op.SetSignal(payerNumber, false); err != nil {
		t.Fatal(err)
	}
	waits, late := aText("waits"), aText("is late")
	late.ValidityPeriod = smpp.Absolute(time.Now().Add(500 * time.Millisecond))
	kept, lost := send(t, e, waits), send(t, e, late)
	if r := told(t, heard); r.ID != lost || r.Stat != "EXPIRED" {
		t.Errorf("%+v", r)
	}
	if a, err := e.Query(t.Context(), smpp.Query{MessageID: kept, Source: waits.Source}); err != nil || a.State != 1 {
		t.Errorf("without signal: %+v %v", a, err)
	}
	if err := s.op.SetSignal(payerNumber, true); err != nil {
		t.Fatal(err)
	}
	if r := told(t, heard); r.ID != kept || r.Stat != "DELIVRD" {
		t.Errorf("%+v", r)
	}
	if in := s.op.Inbox(payerNumber); len(in) != 1 || in[0].Text != "waits" {
		t.Errorf("%+v", in)
	}
	soon := aText("scheduled")
	soon.ScheduleTime = smpp.Absolute(time.Now().Add(400 * time.Millisecond))
	id := send(t, e, soon)
	if a, err := e.Query(t.Context(), smpp.Query{MessageID: id, Source: soon.Source}); err != nil || a.State != 1 {
		t.Errorf("before its time: %+v %v", a, err)
	}
	if r := told(t, heard); r.ID != id || r.Stat != "DELIVRD" {
		t.Errorf("%+v", r)
	}
}

// TestSMSCOverTLS: go-smpp's client comes in by the certificate of the run; who speaks
// clear text, or shows no certificate where one is asked for, does not.
func TestSMSCOverTLS(t *testing.T) {
	s, at, _ := anSMSC(t, smscCmd{TLS: true})
	b, err := os.ReadFile(s.cert)
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(b)
	tr, heard := boundForeign(t, at, &tls.Config{RootCAs: trusted, ServerName: "127.0.0.1"})
	if _, err := tr.Submit(&foreign.ShortMessage{Src: "334", Dst: payerNumber, Text: pdutext.Raw("hidden"), Register: pdufield.FinalDeliveryReceipt}); err != nil {
		t.Fatal(err)
	}
	next(t, heard)
	if e, err := smpp.Dial(t.Context(), smpp.Config{Addr: at, SystemID: "clear"}); err == nil {
		e.Abort()
		t.Error("clear text was taken")
	}
	_, guarded, _ := anSMSC(t, smscCmd{TLS: true, TLSClientCA: s.cert})
	if e, err := smpp.Dial(t.Context(), smpp.Config{Addr: guarded, SystemID: "me", TLS: &tls.Config{RootCAs: trusted, InsecureSkipVerify: true}}); err == nil {
		e.Abort()
		t.Error("without a certificate it was bound")
	}
	s.forget()
	if _, err := os.Stat(s.cert); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the certificate stays: %v", err)
	}
}

// TestSMSCWritesAgain: what a subscriber writes comes again while it cannot be taken,
// and not when it is refused for good; a long one comes in parts.
func TestSMSCWritesAgain(t *testing.T) {
	s, at, out := anSMSC(t, smscCmd{})
	answers := make(chan smpp.Status, 10)
	texts := make(chan string, 10)
	parts := smpp.NewJoiner(4, time.Minute)
	e, err := smpp.Dial(t.Context(), smpp.Config{Addr: at, SystemID: "me", OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status {
		if text, whole := parts.Add(time.Now(), m); whole {
			texts <- text
		}
		return <-answers
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Abort()
	await(out, operator.EventBind)
	c := smscCmd{MOTo: "334", MSISDN: []string{payerNumber}, MOText: "sawa"}
	answers <- smpp.StatusTempAppError
	answers <- smpp.StatusOK
	c.write(t.Context(), s.op, 0)
	answers <- smpp.StatusPermAppError
	c.write(t.Context(), s.op, 1)
	answers <- smpp.StatusOK
	answers <- smpp.StatusOK
	c.MOText = strings.Repeat("maize ", 30)
	c.write(t.Context(), s.op, 2)
	for _, want := range []string{"sawa", "sawa", "sawa", c.MOText} {
		if got := next(t, texts); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
	for _, status := range []string{"ESME_RX_T_APPN", "ESME_RX_P_APPN"} {
		if strings.Count(out.String(), status) != 1 {
			t.Errorf("%s: printed\n%s", status, out)
		}
	}
}
