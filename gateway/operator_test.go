package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"mlango/gateway/binds"
	"mlango/internal/cli"
	"mlango/smpp"
)

// alone is the file of a gateway with one operator at a far end.
func alone(t *testing.T, port, more string) string {
	return write(t, "gateway.yaml", strings.Replace(good, "host: 127.0.0.1,", "host: 127.0.0.1, port: "+port+more+",", 1))
}

// TestOperatorProbe opens a dialogue over binds of its own; the key that is pressed
// comes back by them, and other subscribers' dials are refused for now.
func TestOperatorProbe(t *testing.T) {
	f := newFarEnd(t)
	file := alone(t, f.port, "")
	pressed := make(chan smpp.Status, 2)
	go func() {
		m := <-f.screens
		info, _ := m.TLV(smpp.TagITSSessionInfo)
		for _, from := range []string{"254722000009", m.Dest.Addr} {
			r, err := f.Sessions()[0].Deliver(t.Context(), &smpp.Message{ServiceType: "USSD", Source: smpp.Address{TON: 1, NPI: 1, Addr: from}, Dest: m.Source, Text: []byte("1"),
				TLVs: []smpp.TLV{{Tag: smpp.TagUSSDServiceOp, Value: []byte{18}}, {Tag: smpp.TagITSSessionInfo, Value: []byte{info[0], 2}}}})
			if err != nil {
				t.Error(err)
			}
			pressed <- r.Status
		}
	}()
	code, out, errs := call(t, "", "operator", "test", "safari", "--config", file, "--msisdn", "0722000003")
	for _, want := range []string{"ok    both-1.1 is bound at 127.0.0.1:" + f.port + " as trx", "ok    the operator took a screen for 2547*****003 in ", "ok    the key came back after ", "both ways work, and the dialect standard fits"} {
		if code != cli.Done || !strings.Contains(out, want) {
			t.Errorf("%d: %q is not in\n%s%s", code, want, out, errs)
		}
	}
	if other, ours := <-pressed, <-pressed; other != smpp.StatusTempAppError || ours != smpp.StatusOK {
		t.Errorf("another subscriber is answered %v, the probe %v", other, ours)
	}
	if strings.Contains(out+errs, "254722000003") {
		t.Error("the number is told")
	}
	code, out, _ = call(t, "", "operator", "test", "safari", "--config", file, "--msisdn", "0722000003", "--patience", "200ms")
	if code != cli.Check || !strings.Contains(out, "mend  no key came back in 200ms – was one pressed?") {
		t.Errorf("%d %s", code, out)
	}
}

// TestOperatorInWords: why a bind does not come up, and what to do.
func TestOperatorInWords(t *testing.T) {
	refusing := func(st smpp.Status) string {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		v := smpp.NewServer(smpp.ServerConfig{Auth: func(string, string) smpp.Status { return st }})
		go func() { _ = v.Serve(ln) }()
		t.Cleanup(func() { _ = v.Close(t.Context()) })
		return strings.TrimPrefix(ln.Addr().String(), "127.0.0.1:")
	}
	for _, c := range []struct{ port, want string }{
		{refusing(smpp.StatusInvPassword), "the password is wrong: see password_env"},
		{refusing(smpp.StatusInvSystemID), "the operator does not know this system_id"},
		{refusing(smpp.StatusAlreadyBound), "the operator allows no more binds"},
		{strings.TrimPrefix(port(t), "127.0.0.1:"), "nothing listens there"},
	} {
		o := Operator{Name: "safari", USSD: USSD{SMPP: "standard"}, Binds: []Bind{{Set: "both", Host: "127.0.0.1", SystemID: "mlango"}}}
		_, _ = fmt.Sscan(c.port, &o.Binds[0].Port)
		var out strings.Builder
		tr := &trial{cfg: &Config{ShortCodes: []string{"334"}}, o: &o, out: &out, handset: &handset{}}
		states, err := firstErrors(t, &o)
		if err != nil {
			t.Fatal(err)
		}
		if tr.binds(states); !tr.down || !strings.Contains(out.String(), c.want) {
			t.Errorf("%q, want %q", out.String(), c.want)
		}
	}
}

// TestDoorProbe dials at our own HTTP door as the aggregator does.
func TestDoorProbe(t *testing.T) {
	f := newFarEnd(t)
	edge, admin := port(t), port(t)
	text := strings.NewReplacer("name: gw1\n", fmt.Sprintf("name: gw1\nlisten: %s\nadmin: %s\n", edge, admin), "{smpp: standard}", "{http: africastalking}",
		"127.0.0.1:7401", port(t), "host: 127.0.0.1,", "host: 127.0.0.1, port: "+f.port+",").Replace(good)
	s := &serving{t: t, file: write(t, "gateway.yaml", text), admin: admin}
	s.does(cli.Check, "start the gateway: the probe dials a running one", "operator", "test", "safari", "--config", s.file)
	serve(t, s.file, admin)
	s.does(cli.Done, "ok    a dial of *334# for 2547*****000 was answered in ", "operator", "test", "safari", "--config", s.file)
	guarded := write(t, "other.yaml", strings.Replace(text, "name: safari", "name: nobody", 1))
	s.does(cli.Check, "the running gateway does not know this operator", "operator", "test", "nobody", "--config", guarded)
	until(t, "judged", func() bool { _, body := fetch(t, admin, "/view"); return strings.Contains(body, `"bind":"http"`) })

}

// firstErrors runs an operator's binds until the first of them says why it is down.
func firstErrors(t *testing.T, o *Operator) (states []binds.BindState, err error) {
	t.Helper()
	pool, err := binds.New(binds.Config{Operators: []binds.Operator{o.bindsConfig()}}, nil)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- pool.Run(ctx) }()
	until(t, "refused", func() bool { states = pool.State(); return states[0].LastError != "" })
	stop()
	return states, <-done
}

// TestProbeLogsIn: where the file asks every call for a login, the probe has it.
func TestProbeLogsIn(t *testing.T) {
	asked := make(chan url.Values, 2)
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		asked <- r.Form
		w.WriteHeader(http.StatusForbidden)
	}))
	defer door.Close()
	var out strings.Builder
	tr := &trial{cfg: &Config{Listen: strings.TrimPrefix(door.URL, "http://"), ShortCodes: []string{"334"}}, out: &out, number: "254733000001",
		o: &Operator{Name: "air", USSD: USSD{HTTP: "airtel", Proof: &Proof{Login: "flares", Password: "the key"}}}}
	tr.dialHTTP(t.Context())
	if got := <-asked; got.Get("userid") != "flares" || got.Get("password") != "the key" || strings.Contains(out.String(), "the key") {
		t.Errorf("%v\n%s", got, out.String())
	}
}

// TestOperatorProbeOfNobody: without a handset at hand each bind answers an enquire_link,
// and a screen for nobody shows what the account may do; in words.
func TestOperatorProbeOfNobody(t *testing.T) {
	for _, c := range []struct {
		status smpp.Status
		code   int
		want   string
	}{
		{smpp.StatusOK, cli.Done, "ok    a screen for +999000000000, who is nobody, was taken in "},
		{smpp.StatusInvDstAddr, cli.Done, "as it should be (invalid destination address): screens are read, and the account may send them"},
		{smpp.StatusServiceUnauthorised, cli.Check, "mend  a screen for +999000000000, who is nobody, was refused after "},
		{smpp.StatusInvTLVValue, cli.Check, "ask the operator whether this account may send USSR, and what it wants in it; see the dialect standard"},
	} {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		seen := make(chan string, 8)
		v := smpp.NewServer(smpp.ServerConfig{Auth: func(string, string) smpp.Status { return smpp.StatusOK },
			OnMessage: func(_ *smpp.Session, m *smpp.Message) smpp.Status { seen <- m.Dest.Addr; return c.status }})
		go func() { _ = v.Serve(ln) }()
		t.Cleanup(func() { _ = v.Close(t.Context()) })
		code, out, errs := call(t, "", "operator", "test", "safari", "--config", alone(t, strings.TrimPrefix(ln.Addr().String(), "127.0.0.1:"), ""))
		for _, want := range []string{"ok    both-1.1 answers an enquire_link in ", c.want, "wait  whether a screen reaches a handset, and its key us, only one shows: --msisdn A-HANDSET-AT-HAND"} {
			if code != c.code || !strings.Contains(out, want) {
				t.Errorf("%v: %d, want %d and %q\n%s%s", c.status, code, c.code, want, out, errs)
			}
		}
		if to := <-seen; to != nobody || len(seen) != 0 {
			t.Errorf("%s was shown a screen, and %d more", to, len(seen))
		}
	}
}
