package smpp

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// tableAllowed is which end may send a request in which state: SMPP 3.4 §2.3,
// table 2-1 ("ESME → SMSC" and "SMSC → ESME"), where replace_sm is let through on a
// transceiver as SMPP 5.0 does (§2.4, table 2-1), and enquire_link anywhere (ibid.).
var tableAllowed = map[CommandID]struct{ esme, smsc string }{
	pdu.BindTransmitterID:   {esme: "open"},
	pdu.BindReceiverID:      {esme: "open"},
	pdu.BindTransceiverID:   {esme: "open"},
	pdu.OutbindID:           {smsc: "open"},
	pdu.UnbindID:            {esme: "tx rx trx", smsc: "tx rx trx"},
	pdu.SubmitSMID:          {esme: "tx trx"},
	pdu.SubmitMultiID:       {esme: "tx trx"},
	pdu.DataSMID:            {esme: "tx trx", smsc: "rx trx"},
	pdu.DeliverSMID:         {smsc: "rx trx"},
	pdu.QuerySMID:           {esme: "tx trx"},
	pdu.CancelSMID:          {esme: "tx trx"},
	pdu.ReplaceSMID:         {esme: "tx trx"},
	pdu.EnquireLinkID:       {esme: "open tx rx trx", smsc: "open tx rx trx"},
	pdu.AlertNotificationID: {smsc: "rx trx"},
	CommandBroadcast:        {}, CommandQueryBroadcast: {}, CommandCancelBroadcast: {}, // not ours to serve
}

// bodyOf is a good body of a request.
func bodyOf(id CommandID) []byte {
	m := sms("hello")
	switch id {
	case pdu.BindTransmitterID, pdu.BindReceiverID, pdu.BindTransceiverID:
		return appendBind(nil, TRX, 1, &bindPDU{systemID: "x"})[headerLen:]
	case pdu.DeliverSMID:
		m.Kind = DeliverSM
	case pdu.DataSMID:
		m.Kind, m.Text = DataSM, nil
	case pdu.SubmitSMID:
	default:
		return managedBodies()[id].good
	}
	return appendMessage(nil, 1, m)[headerLen:]
}

// wantAnswer is what a request gets from our end; none when nothing answers it.
func wantAnswer(id CommandID, allowed, open bool) (want header, answered bool) {
	want = header{id: id | responseBit, seq: 0x77}
	switch {
	case id == pdu.OutbindID, id == pdu.AlertNotificationID:
		return header{}, false
	case id == CommandBroadcast, id == CommandQueryBroadcast, id == CommandCancelBroadcast:
		want.id, want.status = pdu.GenericNACKID, StatusInvCmdID
	case id == pdu.SubmitMultiID && allowed: // not served
		want.status = StatusInvCmdID
	case allowed:
	case strings.HasPrefix(CommandName(id), "bind_") && !open:
		want.status = StatusAlreadyBound
	default:
		want.status = StatusInvBindStatus
	}
	return want, true
}

// TestEveryPDUInEveryState sends every request of the specification in every state
// to either end of ours, and expects what the table says.
func TestEveryPDUInEveryState(t *testing.T) {
	for name := range strings.FieldsSeq("open tx rx trx") {
		for id, may := range tableAllowed {
			t.Run(fmt.Sprintf("server/%s/%s", name, CommandName(id)), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					inState(t, name, id, slices.Contains(strings.Fields(may.esme), name), rawESME)
				})
			})
			t.Run(fmt.Sprintf("client/%s/%s", name, CommandName(id)), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					inState(t, name, id, slices.Contains(strings.Fields(may.smsc), name), rawSMSC)
				})
			})
		}
	}
}

func modeNamed(name string) Mode { return map[string]Mode{"tx": TX, "rx": RX, "trx": TRX}[name] }

// rawESME is a raw peer of our server, bound unless the state is open.
func rawESME(t *testing.T, state string) *raw {
	v := NewServer(ServerConfig{
		Auth:      func(string, string) Status { return StatusOK },
		OnMessage: func(*Session, *Message) Status { return StatusOK },
		Manage: Manage{
			Query:   func(*Session, Query) QueryAnswer { return QueryAnswer{State: 2} },
			Cancel:  func(*Session, Cancel) Status { return StatusOK },
			Replace: func(*Session, *Replace) Status { return StatusOK },
		},
	})
	ours, theirs := net.Pipe()
	go v.ServeConn(ours)
	r := newRaw(t, theirs)
	if mode := modeNamed(state); state != "open" {
		r.send(appendBind(nil, mode, 1, &bindPDU{systemID: "x"}))
		r.want(bindCommand(mode) | responseBit)
	}
	return r
}

// rawSMSC is a raw peer of our client, which it bound unless the state is open.
func rawSMSC(t *testing.T, state string) *raw {
	ours, theirs := net.Pipe()
	r := newRaw(t, theirs)
	mode := modeNamed(state)
	go func() {
		_, _ = Bind(t.Context(), ours, Config{SystemID: "x", Mode: mode, OnMessage: func(*Session, *Message) Status { return StatusOK }})
	}()
	b := r.want(bindCommand(mode))
	if state != "open" {
		r.send(appendBindResponse(nil, b.header, version34, "raw"))
		synctest.Wait()
	}
	return r
}

// inState sends one request and then asks whether the link still lives.
func inState(t *testing.T, state string, id CommandID, allowed bool, bind func(*testing.T, string) *raw) {
	r := bind(t, state)
	defer r.conn.Close()
	r.send(pduOf(id, 0x77, string(bodyOf(id))))
	if want, answered := wantAnswer(id, allowed, state == "open"); answered {
		if got := r.want(want.id); got.header != want {
			t.Errorf("answered %s to %#x, want %s", StatusName(got.status), got.seq, StatusName(want.status))
		}
	}
	if id == pdu.UnbindID && allowed {
		if p, up := <-r.pdus; up {
			t.Errorf("%s after the unbind", CommandName(p.id))
		}
		return
	}
	r.bare(pdu.EnquireLinkID, StatusOK, 0x78)
	if p := r.want(pdu.EnquireLinkRespID); p.seq != 0x78 {
		t.Errorf("number %#x", p.seq)
	}
}
