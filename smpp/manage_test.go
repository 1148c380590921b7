package smpp

import (
	"errors"
	"net"
	"reflect"
	"strings"
	"testing"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

func TestManagedRequestsCrossTheWire(t *testing.T) {
	src := Address{1, 1, "254722000001"}
	replaced := make(chan *Replace, 1)
	v, addr := listen(t, ServerConfig{Manage: Manage{
		Query: func(_ *Session, q Query) QueryAnswer {
			if q.MessageID != "a1" || q.Source != src {
				return QueryAnswer{Status: StatusQueryFail}
			}
			return QueryAnswer{MessageID: "a1", FinalDate: "261122091400000+", State: 2, Error: 7}
		},
		Cancel: func(_ *Session, c Cancel) Status {
			if c.MessageID != "a1" {
				return StatusCancelFail
			}
			return StatusOK
		},
		Replace: func(_ *Session, r *Replace) Status { replaced <- r; return StatusReplaceFail },
	}})
	alerts := make(chan Alert, 1)
	s := dial(t, addr, func(c *Config) { c.OnAlert = func(_ *Session, a Alert) { alerts <- a } })
	a, err := s.Query(t.Context(), Query{MessageID: "a1", Source: src})
	if want := (QueryAnswer{MessageID: "a1", FinalDate: "261122091400000+", State: 2, Error: 7}); err != nil || a != want {
		t.Errorf("%+v %v", a, err)
	}
	if a, err = s.Query(t.Context(), Query{MessageID: "b"}); err != nil || a.Status != StatusQueryFail {
		t.Errorf("%+v %v", a, err)
	}
	for id, want := range map[string]Status{"a1": StatusOK, "b": StatusCancelFail} {
		if r, err := s.Cancel(t.Context(), Cancel{MessageID: id, Source: src, Dest: src}); err != nil || r.Status != want {
			t.Errorf("%+v %v", r, err)
		}
	}
	in := &Replace{MessageID: "a1", Source: src, ValidityPeriod: "000001000000000R", RegisteredDelivery: 1, Text: []byte("new")}
	if r, err := s.Replace(t.Context(), in); err != nil || r.Status != StatusReplaceFail {
		t.Errorf("%+v %v", r, err)
	}
	if got := <-replaced; !reflect.DeepEqual(got, in) {
		t.Errorf("%+v", got)
	}
	alert := Alert{Source: src, ESME: Address{0, 0, "334"}, TLVs: []TLV{{TagAvailability, []byte{0}}}}
	if err := v.Sessions()[0].Alert(alert); err != nil {
		t.Error(err)
	}
	if got := <-alerts; !reflect.DeepEqual(got, alert) {
		t.Errorf("%+v", got)
	}
	if err := s.Alert(alert); err != ErrDirection {
		t.Error(err)
	}
	if _, err := v.Sessions()[0].Query(t.Context(), Query{}); err != ErrDirection {
		t.Error(err)
	}
	if _, err := s.Query(t.Context(), Query{MessageID: strings.Repeat("a", 65)}); !errors.Is(err, ErrBadMessage) {
		t.Error(err)
	}
}

// TestOneMessageToMany: every number and list arrives, those who are not reached are
// named, and what cannot be is refused before it is sent.
func TestOneMessageToMany(t *testing.T) {
	to := Address{1, 1, "254722000001"}
	taken := make(chan *Multi, 1)
	_, addr := listen(t, ServerConfig{Manage: Manage{Multi: func(_ *Session, m *Multi) MultiAnswer {
		taken <- m
		return MultiAnswer{MessageID: "m1", Failed: []Failed{{to, StatusInvDstAddr}}}
	}}})
	s := dial(t, addr)
	m := &Multi{Message: Message{Kind: SubmitSM, Source: Address{5, 0, "MLANGO"}, ValidityPeriod: "000001000000000R", DataCoding: 8, Text: []byte("\x00h")},
		Dests: []Destination{{Address: to}, {List: "staff"}}}
	a, err := s.Multi(t.Context(), m)
	if want := (MultiAnswer{MessageID: "m1", Failed: []Failed{{to, StatusInvDstAddr}}}); err != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("%+v %v", a, err)
	}
	got := <-taken
	if got.MessageID == "" {
		t.Error("the session gives it no message_id that could be answered")
	}
	if got.MessageID = ""; !reflect.DeepEqual(got, m) {
		t.Errorf("%+v", got)
	}
	for _, dests := range [][]Destination{nil, {{}}, make([]Destination, mostDests+1), {{List: strings.Repeat("a", mostList+1)}}} {
		if _, err := s.Multi(t.Context(), &Multi{Dests: dests}); !errors.Is(err, ErrBadMessage) {
			t.Errorf("%d destinations: %v", len(dests), err)
		}
	}
	if _, err := s.Multi(t.Context(), &Multi{Message: Message{Kind: DataSM}, Dests: m.Dests}); !errors.Is(err, ErrBadMessage) {
		t.Errorf("a data_sm to many: %v", err)
	}
}

// managedBodies is one good body of each rarer PDU and how it is read and written
// again.
func managedBodies() map[CommandID]struct {
	good []byte
	back func(body []byte) ([]byte, error)
} {
	type codec = struct {
		good []byte
		back func(body []byte) ([]byte, error)
	}
	a, b := Address{1, 1, "254722000001"}, Address{5, 0, "MLANGO"}
	return map[CommandID]codec{
		pdu.QuerySMID: {appendQuery(nil, Query{"id", a}), func(body []byte) ([]byte, error) {
			q, err := decodeQuery(body)
			return appendQuery(nil, q), errors.Join(err, q.check())
		}},
		pdu.QuerySMRespID: {appendQueryAnswer(nil, QueryAnswer{0, "id", "261122091400000+", 2, 0}), func(body []byte) ([]byte, error) {
			q, err := decodeQueryAnswer(body)
			return appendQueryAnswer(nil, q), errors.Join(err, q.check())
		}},
		pdu.CancelSMID: {appendCancel(nil, Cancel{"CMT", "id", a, b}), func(body []byte) ([]byte, error) {
			c, err := decodeCancel(body)
			return appendCancel(nil, c), errors.Join(err, c.check())
		}},
		pdu.ReplaceSMID: {appendReplace(nil, &Replace{MessageID: "id", Source: a, Text: []byte("new")}), func(body []byte) ([]byte, error) {
			r, err := decodeReplace(body)
			return appendReplace(nil, r), errors.Join(err, r.check())
		}},
		pdu.SubmitMultiID: {appendMulti(nil, &Multi{Message: Message{Kind: SubmitSM, Source: b, Text: []byte("to all")},
			Dests: []Destination{{Address: a}, {List: "staff"}}}), func(body []byte) ([]byte, error) {
			m, err := decodeMulti(body)
			return appendMulti(nil, m), errors.Join(err, m.check())
		}},
		pdu.SubmitMultiRespID: {appendMultiAnswer(nil, MultiAnswer{0, "id", []Failed{{a, StatusInvDstAddr}}}), func(body []byte) ([]byte, error) {
			m, err := decodeMultiAnswer(body)
			return appendMultiAnswer(nil, m), errors.Join(err, m.check())
		}},
		pdu.AlertNotificationID: {appendAlert(nil, Alert{Source: a, ESME: b}), func(body []byte) ([]byte, error) {
			r, err := decodeAlert(body)
			return appendAlert(nil, r), errors.Join(err, r.check())
		}},
		pdu.OutbindID: {appendOutbind(nil, 1, "smsc", secret)[headerLen:], func(body []byte) ([]byte, error) {
			id, password, err := decodeOutbind(body)
			return appendOutbind(nil, 1, id, password)[headerLen:], err
		}},
	}
}

// TestManagedCutsAreNoticed: a body cut anywhere is refused with a status of its own.
func TestManagedCutsAreNoticed(t *testing.T) {
	for id, c := range managedBodies() {
		if back, err := c.back(c.good); err != nil || string(back) != string(c.good) {
			t.Errorf("%s: %x became %x, %v", CommandName(id), c.good, back, err)
		}
		for cut := range c.good {
			if _, err := c.back(c.good[:cut]); err == nil {
				t.Errorf("%s cut at %d of %d is taken", CommandName(id), cut, len(c.good))
			}
		}
	}
}

// FuzzManaged: what is read is written, and read again as the same.
func FuzzManaged(f *testing.F) {
	codecs := managedBodies()
	for id, c := range codecs {
		f.Add(uint32(id), c.good)
	}
	f.Fuzz(func(t *testing.T, id uint32, body []byte) {
		c, ok := codecs[CommandID(id)]
		if !ok || len(body) > maxPDU/2 {
			return
		}
		first, err := c.back(body)
		if err != nil {
			return
		}
		if second, err := c.back(first); err != nil || string(first) != string(second) {
			t.Fatalf("%x became %x: %v", first, second, err)
		}
	})
}

func TestOutbind(t *testing.T) {
	v, _ := listen(t, ServerConfig{})
	trust := func(id, password string) bool { return id == "smsc" && SameSecret(password, "theirs") }
	cfg := Config{SystemID: "house", Password: secret, Mode: RX}
	for password, good := range map[string]bool{"theirs": true, "guess": false} {
		smsc, esme := net.Pipe()
		served := make(chan error, 1)
		go func() { served <- v.Outbind(smsc, password) }()
		s, err := AwaitOutbind(t.Context(), esme, cfg, trust)
		if (err == nil) != good {
			t.Errorf("%q: %v", password, err)
		}
		if err == nil {
			if s.State() != StateBoundRX {
				t.Error(s.State())
			}
			s.Abort()
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
	smsc, esme := net.Pipe()
	go func() { _, _ = smsc.Write(appendBare(nil, header{id: pdu.EnquireLinkID, seq: 1})) }()
	if _, err := AwaitOutbind(t.Context(), esme, cfg, trust); !errors.Is(err, StatusInvBindStatus) {
		t.Error(err)
	}
}
