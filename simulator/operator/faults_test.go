package operator

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

func TestDuplicatedHops(t *testing.T) {
	var n atomic.Int32
	o, e := house(t, Config{}, func(h dialect.Hop) *dialect.Reply {
		if h.Op == dialect.Input { // a service that forgets its own answer
			return &dialect.Reply{Text: fmt.Sprint("answer ", n.Add(1))}
		}
		return wallet(h)
	})
	o.SetFaults(Faults{Duplicate: 4})
	must(t)(o.Dial(context.Background(), anna, "*334#"))
	for range 5 {
		<-e.status
	}
	if c := o.Counts(); c.Hops != 5 || c.Screens != 1 || c.Late != 4 || c.Repeated != 4 || c.Contradicting != 0 {
		t.Errorf("faithful repeats: counted %+v", c)
	}
	must(t)(o.Press(context.Background(), anna, "1"))
	for range 5 {
		<-e.status
	}
	if c := o.Counts(); c.Contradicting != 4 {
		t.Errorf("other answers: counted %+v", c)
	}
}

func TestThrottle(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	o.SetFaults(Faults{Throttle: 1})
	throttled := 0
	for range 3 { // at most two seconds are touched
		if e.text(anna, "hello", 0)[0].Status == smpp.StatusThrottled {
			throttled++
		}
	}
	if throttled == 0 || o.Counts().Throttled != uint64(throttled) {
		t.Errorf("throttled %d, counted %+v", throttled, o.Counts())
	}
	o.SetFaults(Faults{})
	if s := e.text(anna, "hello", 0)[0].Status; s != smpp.StatusOK {
		t.Errorf("a good network answers %v", s)
	}
}

func TestLostResponse(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	o.SetFaults(Faults{RespDrop: 1})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	m := &smpp.Message{Dest: smpp.Address{Addr: anna}, Text: []byte("hello")}
	if _, err := e.sms.Submit(ctx, m); !errors.Is(err, smpp.ErrUnknown) {
		t.Errorf("the answer was dropped, but: %v", err)
	}
	if len(o.Inbox(anna)) != 1 {
		t.Error("the SMS was not taken")
	}
}

func TestLateResponse(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	const delay = 30 * time.Millisecond
	o.SetFaults(Faults{RespDelay: delay})
	began := time.Now()
	if s := e.text(anna, "hello", 0)[0].Status; s != smpp.StatusOK {
		t.Errorf("answered %v", s)
	}
	if time.Since(began) < delay {
		t.Error("the answer was not late")
	}
}

func TestDropBinds(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	o.DropBinds()
	<-e.ussd.Done()
	<-e.sms.Done()
	for len(*o.centre.ussd.Load()) > 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := o.Dial(context.Background(), anna, "*334#"); !errors.Is(err, ErrNoService) {
		t.Errorf("a dial after the binds were cut: %v", err)
	}
}

// kept is a connection that remembers what was written.
type kept struct {
	net.Conn
	out bytes.Buffer
}

func (k *kept) Write(b []byte) (int, error) { return k.out.Write(b) }

func pduOf(id uint32, body int) []byte {
	b := make([]byte, respHeader+body)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	binary.BigEndian.PutUint32(b[4:], id)
	return b
}

func TestFaultsTouchNothingButSubmitResp(t *testing.T) {
	o := &Operator{}
	o.SetFaults(Faults{RespDrop: 2})
	k := &kept{}
	c := &faultyConn{Conn: k, o: o}
	other, resp := pduOf(5, 3), pduOf(idSubmitResp, 9)
	batch := bytes.Join([][]byte{other, resp, other, resp, resp, {1, 2}}, nil)
	if n, err := c.Write(batch); n != len(batch) || err != nil {
		t.Fatal(n, err)
	}
	want := bytes.Join([][]byte{other, resp, other, resp, {1, 2}}, nil)
	if !bytes.Equal(k.out.Bytes(), want) {
		t.Errorf("wrote %x, want %x", k.out.Bytes(), want)
	}
}

// TestLaterFaultStays: the end of one fault is not the end of the next.
func TestLaterFaultStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &Operator{}
		o.SetFaultsFor(Faults{Throttle: 1}, time.Second)
		time.Sleep(time.Second / 2)
		o.SetFaultsFor(Faults{RespDrop: 2}, time.Minute)
		time.Sleep(time.Second)
		if got := o.faults(); got != (Faults{RespDrop: 2}) {
			t.Errorf("the earlier fault's end left %+v", got)
		}
		time.Sleep(time.Minute)
		if got := o.faults(); got != (Faults{}) {
			t.Errorf("a fault did not end: %+v", got)
		}
	})
}

// TestThrottleSparesScreens: an SMSC that throttles lets USSD pass, unless the two are
// one.
func TestThrottleSparesScreens(t *testing.T) {
	o, e := house(t, Config{}, wallet)
	o.SetFaults(Faults{Throttle: 1})
	throttled := 0
	for range 10 {
		for _, resp := range e.text(anna, "hi", 0) {
			if resp.Status == smpp.StatusThrottled {
				throttled++
			}
		}
	}
	if throttled == 0 {
		t.Error("no SMS was throttled")
	}
	for range 5 {
		must(t)(o.Dial(context.Background(), anna, "*334#"))
	}
	o.SetFaults(Faults{Throttle: 1, ThrottleUSSD: true})
	before := o.Counts().Throttled
	for range 3 {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, _ = o.Dial(ctx, anna, "*334#")
		cancel()
	}
	if o.Counts().Throttled == before {
		t.Error("no screen was throttled")
	}
}
