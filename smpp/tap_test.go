package smpp

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// seen is what a tap saw, as "in submit_sm 2".
type seen struct {
	mu  sync.Mutex
	all []string
	raw []byte
}

func (v *seen) tap(_ *Session, in bool, pdu []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	way := "out"
	if in {
		way = "in"
	}
	h := parseHeader(pdu)
	v.all = append(v.all, fmt.Sprintf("%s %#x %#x", way, uint32(h.id), h.seq))
	v.raw = append(v.raw, pdu...)
}

func (v *seen) list() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.all)
}

// TestTap: both ends see every PDU after the bind, whole and once, and never the
// bind's password.
func TestTap(t *testing.T) {
	var here, there seen
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := NewServer(ServerConfig{Auth: func(string, string) Status { return StatusOK }, OnMessage: func(*Session, *Message) Status { return StatusOK }, Tap: there.tap})
	go func() { _ = v.Serve(ln) }()
	s, err := Dial(t.Context(), Config{Addr: ln.Addr().String(), SystemID: "house", Password: "hushhush", Tap: here.tap,
		OnMessage: func(*Session, *Message) Status { return StatusOK }})
	if err != nil {
		t.Fatal(err)
	}
	m := &Message{Dest: Address{Addr: "254722000001"}, Text: []byte("a screen")}
	if _, err := s.Submit(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Sessions()[0].Deliver(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	again := appendBind(nil, TRX, 99, &bindPDU{systemID: "house", password: "hushhush"})
	if _, err := s.conn.Write(again); err != nil { // on a bound link: refused, and its password is one all the same
		t.Fatal(err)
	}
	for len(here.list()) < 5 {
		time.Sleep(time.Millisecond)
	}
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	_ = v.Close(context.Background())
	want := []string{"out 0x4 0x2", "in 0x80000004 0x2", "in 0x5 0x40000000", "out 0x80000005 0x40000000", "in 0x80000009 0x63", "out 0x6 0x3", "in 0x80000006 0x3"}
	if got := here.list(); !slices.Equal(got, want) {
		t.Errorf("we saw %q", got)
	}
	if got := there.list(); len(got) != len(want) {
		t.Errorf("the peer saw %q", got)
	}
	if all := string(here.raw) + string(there.raw); strings.Contains(all, "hush") || !strings.Contains(all, "a screen") {
		t.Errorf("%q", all)
	}
}
