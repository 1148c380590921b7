package smpp

import (
	"bytes"
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// join of octets, for PDUs no encoder would write.
func pduOf(id CommandID, seq uint32, body string) []byte {
	dst := appendHeader(nil, header{id: id, seq: seq})
	return closeFrame(append(dst, body...), 0)
}

func lying(length uint32) []byte {
	b := pduOf(pdu.SubmitSMID, 6, "")
	b[0], b[1], b[2], b[3] = byte(length>>24), byte(length>>16), byte(length>>8), byte(length)
	return b
}

const (
	goodAddrs = "\x00" + "\x01\x01254700000001\x00" + "\x00\x01334\x00"
	goodRest  = "\x00\x00\x00\x00\x00\x00\x00\x00\x00"
)

// hostileCase is what a raw peer sends after its bind (or instead of it), the
// answer it gets, and whether the link is still good after that.
type hostileCase struct {
	name   string
	nobind bool
	send   []byte
	id     CommandID // of the answer; 0 for none
	status Status
	cut    bool
}

func hostileCases() []hostileCase {
	submit := func(body string) []byte { return pduOf(pdu.SubmitSMID, 6, body) }
	return []hostileCase{
		{name: "length 0x7fffffff", send: lying(0x7fffffff), id: pdu.GenericNACKID, status: StatusInvCmdLen, cut: true},
		{name: "length 64 KiB and one", send: lying(maxPDU + 1), id: pdu.GenericNACKID, status: StatusInvCmdLen, cut: true},
		{name: "length 0", send: lying(0), id: pdu.GenericNACKID, status: StatusInvCmdLen, cut: true},
		{name: "length 15", send: lying(15), id: pdu.GenericNACKID, status: StatusInvCmdLen, cut: true},
		{name: "another protocol", send: []byte("GET / HTTP/1.1\r\nHost: smsc\r\n\r\n"), id: pdu.GenericNACKID, status: StatusInvCmdLen, cut: true},
		{name: "another protocol first", nobind: true, send: []byte("GET / HTTP/1.1\r\nHost: smsc\r\n\r\n"), id: pdu.GenericNACKID, status: StatusInvCmdLen, cut: true},
		{name: "unknown command", send: pduOf(0x00010203, 6, "junk"), id: pdu.GenericNACKID, status: StatusInvCmdID},
		{name: "broadcast_sm", send: pduOf(0x00000111, 6, ""), id: pdu.GenericNACKID, status: StatusInvCmdID},
		{name: "unknown response", send: append(pduOf(0x80010203, 6, "junk"), pduOf(pdu.EnquireLinkID, 6, "")...), id: pdu.EnquireLinkRespID},
		{name: "answer nobody waits for", send: append(pduOf(pdu.DeliverSMRespID, 99, "\x00"), pduOf(pdu.EnquireLinkID, 6, "")...), id: pdu.EnquireLinkRespID},
		{name: "nack nobody waits for", send: append(pduOf(pdu.GenericNACKID, 0, ""), pduOf(pdu.EnquireLinkID, 6, "")...), id: pdu.EnquireLinkRespID},
		{name: "alert_notification", send: append(pduOf(pdu.AlertNotificationID, 0, "\x01"), pduOf(pdu.EnquireLinkID, 6, "")...), id: pdu.EnquireLinkRespID},
		{name: "query_sm", send: pduOf(pdu.QuerySMID, 6, "1\x00\x00\x00\x00"), id: pdu.QuerySMRespID, status: StatusInvCmdID},
		{name: "submit_multi", send: pduOf(pdu.SubmitMultiID, 6, "\x00\xff\xff"), id: pdu.SubmitMultiRespID, status: StatusInvCmdID},
		{name: "submit_sm without a body", send: submit(""), id: pdu.SubmitSMRespID, status: StatusInvCmdLen},
		{name: "submit_sm cut in an address", send: submit("\x00\x01\x01254"), id: pdu.SubmitSMRespID, status: StatusInvCmdLen},
		{name: "submit_sm of 60 KiB of address", send: submit("\x00\x01\x01" + strings.Repeat("1", 60<<10)), id: pdu.SubmitSMRespID, status: StatusInvSrcAddr},
		{name: "lying sm_length", send: submit(goodAddrs + goodRest + "\xfehello"), id: pdu.SubmitSMRespID, status: StatusInvMsgLen},
		{name: "lying TLV", send: submit(goodAddrs + goodRest + "\x01a\x05\x01\xff\xff\x01"), id: pdu.SubmitSMRespID, status: StatusInvTLVStream},
		{name: "15,000 TLVs", send: submit(goodAddrs + goodRest + "\x01a" + strings.Repeat("\x14\x00\x00\x00", 15_000)), id: pdu.SubmitSMRespID, status: StatusInvTLVStream},
		{name: "no destination", send: submit("\x00\x00\x00\x00\x00\x00\x00" + goodRest + "\x01a"), id: pdu.SubmitSMRespID, status: StatusInvDstAddr},
		{name: "deliver_sm from an ESME", send: pduOf(pdu.DeliverSMID, 6, goodAddrs+goodRest+"\x01a"), id: pdu.DeliverSMRespID, status: StatusInvBindStatus},
		{name: "a second bind", send: appendBind(nil, TRX, 6, &bindPDU{systemID: "house", password: secret}), id: pdu.BindTransceiverRespID, status: StatusAlreadyBound},
		{name: "submit_sm before the bind", nobind: true, send: submit(goodAddrs + goodRest + "\x01a"), id: pdu.SubmitSMRespID, status: StatusInvBindStatus},
		{name: "wrong password", nobind: true, send: appendBind(nil, TRX, 6, &bindPDU{systemID: "house", password: "guess"}), id: pdu.BindTransceiverRespID, status: StatusInvPassword, cut: true},
		{name: "endless system_id", nobind: true, send: pduOf(pdu.BindTransceiverID, 6, strings.Repeat("a", 60<<10)), id: pdu.BindTransceiverRespID, status: StatusInvSystemID, cut: true},
		{name: "bind without a body", nobind: true, send: pduOf(pdu.BindReceiverID, 6, ""), id: pdu.BindReceiverRespID, status: StatusInvCmdLen, cut: true},
		{name: "17 PDUs and no bind", nobind: true, send: bytes.Repeat(pduOf(pdu.AlertNotificationID, 6, ""), 17), cut: true},
	}
}

// play sends one case on a connection of its own and judges the answer.
func (c hostileCase) play(t *testing.T, addr string) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	in := newFrames(conn, time.Hour)
	in.armed = true
	if !c.nobind {
		_, _ = conn.Write(appendBind(nil, TRX, 1, &bindPDU{systemID: "hostile", password: secret}))
		if _, err := in.next(); err != nil {
			t.Errorf("%s: bind: %v", c.name, err)
			return
		}
	}
	_, _ = conn.Write(c.send)
	if c.id != 0 {
		frame, err := in.next()
		if err != nil {
			t.Errorf("%s: no answer: %v", c.name, err)
			return
		}
		if h := parseHeader(frame); h.id != c.id || h.status != c.status || h.seq != 6 && !c.cut {
			t.Errorf("%s: answered %v %v to %d, want %v %v", c.name, h.id, h.status, h.seq, c.id, c.status)
		}
	}
	if !c.cut {
		_, _ = conn.Write(pduOf(pdu.EnquireLinkID, 8, ""))
	}
	frame, err := in.next()
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		t.Errorf("%s: neither answer nor end", c.name)
	case c.cut && err == nil:
		t.Errorf("%s: the link stays: %v", c.name, parseHeader(frame))
	case !c.cut && (err != nil || parseHeader(frame) != header{pdu.EnquireLinkRespID, 0, 8}):
		t.Errorf("%s: the link is gone: %v", c.name, err)
	}
}

// TestHostilePeersHarmNobodyElse plays the table while a good bind works, and
// watches the memory.
func TestHostilePeersHarmNobodyElse(t *testing.T) {
	_, addr := listen(t, ServerConfig{AddrPace: -1})
	good := dial(t, addr)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				t.Logf("%d good messages meanwhile", n)
				return
			default:
			}
			if r, err := good.Submit(t.Context(), sms("good")); err != nil || r.Status != StatusOK {
				t.Errorf("the good bind suffers: %v %v", r, err)
				return
			}
		}
	})
	before := heap()
	var cases sync.WaitGroup
	for range 4 {
		for _, c := range hostileCases() {
			cases.Go(func() { c.play(t, addr) })
		}
	}
	cases.Wait()
	close(stop)
	wg.Wait()
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("the heap grew by %d octets", grown)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// TestHalfPDUsHoldLittle: many peers that claim a large PDU and send none of it
// cost no more than their first buffer.
func TestHalfPDUsHoldLittle(t *testing.T) {
	_, addr := listen(t, ServerConfig{AddrPace: -1, Timers: Timers{Init: time.Minute}})
	before := heap()
	claim := lying(maxPDU)
	for range 300 {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = conn.Write(claim)
	}
	good := dial(t, addr)
	if _, err := good.Submit(t.Context(), sms("good")); err != nil {
		t.Error(err)
	}
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("300 half PDUs hold %d octets", grown)
	}
}

func TestServerLimits(t *testing.T) {
	_, addr := listen(t, ServerConfig{MaxConns: 3, MaxBinds: 2})
	dial(t, addr)
	dial(t, addr)
	cfg := Config{Addr: addr, SystemID: "house", Password: secret}
	if _, err := Dial(t.Context(), cfg); err == nil || !errors.As(err, new(*BindError)) {
		t.Errorf("a third bind of one account: %v", err)
	}
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, closed := listen(t, ServerConfig{Allow: func(net.Addr) bool { return false }})
	cfg.Addr = closed
	if _, err := Dial(t.Context(), cfg); err == nil {
		t.Error("an address that is not allowed may bind")
	}
}
