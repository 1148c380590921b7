package edge

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

// TestSMPPSaysWhatWasShown: the dialogue hears of each reply whether its screen
// was taken, whatever kept it from leaving.
func TestSMPPSaysWhatWasShown(t *testing.T) {
	for _, c := range []struct {
		name, text string
		fail       []error
		status     smpp.Status
		want       string
	}{
		{"taken", "bye", nil, smpp.StatusOK, "Bye true"},
		{"taken by another bind", "bye", []error{binds.ErrNoBind}, smpp.StatusOK, "Bye true"},
		{"taken once a bind is back", "bye", []error{binds.ErrNoBind, binds.ErrNoBind, binds.ErrNoBind}, smpp.StatusOK, "Bye true"},
		{"no answer", "bye", []error{binds.ErrUnknown}, smpp.StatusOK, "Bye false"},
		{"refused", "bye", nil, smpp.StatusSysErr, "Bye false"},
		{"not the menu's screen", "long", nil, smpp.StatusOK, "xxxxxxxx false, No answe true,  false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &room{}
			o, e := newCentre(t, config(t, r))
			o.link.fail = c.fail
			if c.status != smpp.StatusOK {
				o.status <- c.status
			}
			o.deliver(hop(18, 1, 1, c.text))
			if err := e.Drain(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := r.ended(t, 1); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestSMPPAnswerAfterTheDeadlineIsNotShown(t *testing.T) {
	r := &room{wait: make(chan struct{})}
	cfg := config(t, r)
	cfg.Deadline = 2 * time.Second // a small part of it is left to send
	c, _ := newCentre(t, cfg)
	c.deliver(hop(18, 1, 1, "wait"))
	c.screen()
	r.ended(t, 1)
	close(r.wait)
	if got := r.ended(t, 2); !strings.HasSuffix(got, ", waited false") {
		t.Error(got)
	}
}

func TestHTTPAnswerAfterTheDeadlineIsNotShown(t *testing.T) {
	r := &room{wait: make(chan struct{})}
	cfg := config(t, r)
	cfg.Deadline = 100 * time.Millisecond
	press(t, door(t, cfg), "wait")
	r.ended(t, 1)
	close(r.wait)
	if got := r.ended(t, 2); !strings.HasSuffix(got, ", waited false") {
		t.Error(got)
	}
}

const inputForm = "sessionId=s&phoneNumber=%2B254722000009&serviceCode=*334%23&text="

// TestHTTPAggregatorThatHungUp: nobody reads what is written to it.
func TestHTTPAggregatorThatHungUp(t *testing.T) {
	r := &room{wait: make(chan struct{})}
	conn, err := net.Dial("tcp", door(t, config(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, raw(goodHead, inputForm+"wait")); err != nil {
		t.Fatal(err)
	}
	for len(r.seen()) == 0 {
		time.Sleep(time.Millisecond)
	}
	conn.Close()
	close(r.wait)
	if got := r.ended(t, 1); got != "waited false" {
		t.Error(got)
	}
}

// TestHTTPAnswersInOneWrite: an aggregator that sends a request behind another
// gets both answers, and both are shown.
func TestHTTPAnswersInOneWrite(t *testing.T) {
	r := &room{}
	conn, err := net.Dial("tcp", door(t, config(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, strings.Repeat(raw(goodHead, inputForm+"bye"), 2)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	for range 2 {
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
	}
	if got := r.ended(t, 2); got != "Bye true, Bye true" {
		t.Error(got)
	}
}

// TestConnWithoutAWriteTellsAtItsClose: an answer that stayed in a buffer is lost.
func TestConnWithoutAWriteTellsAtItsClose(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	c := &watchedConn{Conn: near, leave: func() {}}
	var got []bool
	c.next(func(left bool) { got = append(got, left) })
	_ = c.Close()
	_ = c.Close()
	if len(got) != 1 || got[0] {
		t.Errorf("told %v", got)
	}
	c.next(func(left bool) { got = append(got, left) })
	if _, err := c.Write([]byte("x")); err == nil || len(got) != 2 || got[1] {
		t.Errorf("%v, told %v", err, got)
	}
}
