package conform

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mlango/smpp"
)

// anSMSC is our own end of SMPP, behind a listener of the test's.
func anSMSC(t *testing.T, spoil func(net.Conn) net.Conn) *Target {
	t.Helper()
	return anSMSCOf(t, spoil, smpp.ServerConfig{SystemID: "test"})
}

// anSMSCOf is one with a name and limits of its own.
func anSMSCOf(t *testing.T, spoil func(net.Conn) net.Conn, config smpp.ServerConfig) *Target {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config.AddrPace = -1
	config.Auth = func(_, password string) smpp.Status {
		if password != "right" {
			return smpp.StatusInvPassword
		}
		return smpp.StatusOK
	}
	config.OnMessage = func(*smpp.Session, *smpp.Message) smpp.Status { return smpp.StatusOK }
	v := smpp.NewServer(config)
	go func() { _ = v.Serve(&spoiled{ln, spoil}) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = v.Close(ctx)
	})
	return &Target{Name: "smpp://me@test", Addr: ln.Addr().String(), SystemID: "me", Password: "right", Numbers: []string{"254722000001"}}
}

// spoiled hands out connections that somebody tampers with.
type spoiled struct {
	net.Listener
	spoil func(net.Conn) net.Conn
}

func (l *spoiled) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil && l.spoil != nil {
		conn = l.spoil(conn)
	}
	return conn, err
}

// nackless is a server that answers an unknown command with nothing but status 0.
type nackless struct{ net.Conn }

func (c nackless) Write(b []byte) (int, error) {
	if len(b) >= headOctets && bytes.Equal(b[4:8], []byte{0x80, 0, 0, 0}) {
		copy(b[8:12], []byte{0, 0, 0, 0})
	}
	return c.Conn.Write(b)
}

func fates(r *Result) (failed []string) {
	for _, c := range r.Clauses {
		if c.Fate == Failed {
			failed = append(failed, c.Says+": "+c.Saw)
		}
	}
	return failed
}

// TestOurSMPPHolds: every clause, the wrong password too.
func TestOurSMPPHolds(t *testing.T) {
	r, err := SMPP(t.Context(), anSMSC(t, nil))
	if err != nil || len(fates(r)) > 0 || r.Count(NotAsked) > 3 { // USSD: no dialect is named
		t.Fatal(err, fates(r))
	}
	var page bytes.Buffer
	if err := r.HTML(&page); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Passed: all", "§4.1.5", "default-src &#39;none&#39;"} {
		if !strings.Contains(page.String(), want) && !strings.Contains(page.String(), strings.ReplaceAll(want, "&#39;", "'")) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if strings.Contains(page.String(), "http://") || strings.Contains(page.String(), "src=") {
		t.Error("the page refers to something outside")
	}
}

// TestAClauseThatFails: a server whose generic_nack says that all is well.
func TestAClauseThatFails(t *testing.T) {
	r, err := SMPP(t.Context(), anSMSC(t, func(c net.Conn) net.Conn { return nackless{c} }))
	if err != nil {
		t.Fatal(err)
	}
	failed := strings.Join(fates(r), "\n")
	if !strings.Contains(failed, "unknown command_id") || !strings.Contains(failed, "command_length") || r.Count(Failed) > 3 {
		t.Errorf("failed:\n%s", failed)
	}
	var out bytes.Buffer
	r.Text(&out)
	if !strings.Contains(out.String(), "FAILED") {
		t.Error(out.String())
	}
}

// TestAWrongPasswordLocksNobodyOut: after the first refused bind none is tried.
func TestAWrongPasswordLocksNobodyOut(t *testing.T) {
	at := anSMSC(t, nil)
	at.Password = "left"
	r, err := SMPP(t.Context(), at)
	if err != nil || r.Count(Failed) != 1 || r.Count(NotAsked) < 10 {
		t.Errorf("%v, %d failed, %d not asked", err, r.Count(Failed), r.Count(NotAsked))
	}
}

// TestNobodyThere is told apart from a failed clause.
func TestNobodyThere(t *testing.T) {
	for _, test := range []func(context.Context, *Target) (*Result, error){SMPP, HTTP} {
		if _, err := test(t.Context(), &Target{Addr: "127.0.0.1:9", URL: "http://127.0.0.1:9/ussd", Dialect: "africastalking"}); !errors.Is(err, ErrUnreachable) {
			t.Error(err)
		}
	}
}

// TestAnHTTPDoor: a good one holds every clause; one that falls over an empty call, and
// mixes sessions up, fails those.
func TestAnHTTPDoor(t *testing.T) {
	good := func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 4096))
		if err != nil || r.Method != http.MethodPost || !bytes.Contains(body, []byte("sessionId=")) {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if bytes.Contains(body, []byte("text=2")) {
			_, _ = w.Write([]byte("END Kwaheri"))
			return
		}
		_, _ = w.Write([]byte("CON Karibu\n1 Prices"))
	}
	var n atomic.Int64
	bad := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.FormValue("sessionId") == "" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte("CON Karibu" + strings.Repeat("!", int(n.Add(1)))))
	}
	for name, c := range map[string]struct {
		door   http.HandlerFunc
		failed []string
	}{
		"good": {good, nil},
		"bad":  {bad, []string{"nothing in it", "answered twice the same", "the dialogue goes on", "sees the first screen again"}},
	} {
		v := httptest.NewServer(c.door)
		r, err := HTTP(t.Context(), &Target{Name: v.URL, URL: v.URL, Dialect: "africastalking", Code: "*384#", Press: []string{"2"}, Numbers: []string{"254722000001", "254722000002"}})
		v.Close()
		if err != nil {
			t.Fatal(name, err)
		}
		failed := strings.Join(fates(r), "\n")
		if c.failed == nil && failed != "" {
			t.Errorf("%s failed:\n%s", name, failed)
		}
		for _, want := range c.failed {
			if !strings.Contains(failed, want) {
				t.Errorf("%s: %q did not fail; failed:\n%s", name, want, failed)
			}
		}
	}
}
