package edge

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/gateway/dialog"
	"mlango/internal/dialect"
	"mlango/internal/trace"
	"mlango/simulator/operator"
)

// speaking is the configuration of an operator for each HTTP dialect, by the
// dialect's name.
func speaking(t *testing.T, r *room) Config {
	t.Helper()
	cfg := Config{Handler: r, ShortCodes: []string{"334"}, Deadline: 4 * time.Second, Trace: trace.New()}
	for _, name := range dialect.Names("http") {
		d, err := dialect.OverHTTP(name)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Operators = append(cfg.Operators, Operator{Name: name, HTTP: d})
	}
	return cfg
}

func handset(t *testing.T, addr, name string) *operator.Operator {
	t.Helper()
	o, err := operator.New(operator.Config{Name: name, Aggregator: "http://" + addr + "/ussd/" + name, HTTPDialect: name})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// TestHTTPEveryDialectDials: a subscriber dials, answers, hangs up and pays with
// a PIN in every dialect; what is typed is in no log and in no trace.
func TestHTTPEveryDialectDials(t *testing.T) {
	const number = "254722000001"
	var mu sync.Mutex
	var logs bytes.Buffer
	r := &room{}
	cfg := speaking(t, r)
	cfg.Log = slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return logs.Write(b)
	}), &slog.HandlerOptions{Level: slog.LevelDebug}))
	addr := door(t, cfg)
	for _, o := range cfg.Operators {
		name, d := o.Name, o.HTTP
		net := handset(t, addr, name)
		first, err := net.Dial(t.Context(), number, "*334#")
		if err != nil || !first.Open {
			t.Fatalf("%s: the dial shows %+v, %v", name, first, err)
		}
		ask, err := net.Press(t.Context(), number, "pin")
		if err != nil || !ask.Open || ask.Text != "Enter PIN" {
			t.Errorf("%s: %+v, %v", name, ask, err)
		}
		if again, err := net.Press(t.Context(), number, "482915"); err != nil || !again.Open {
			t.Errorf("%s: %+v, %v", name, again, err)
		}
		before := len(r.seen())
		if err := net.Hangup(t.Context(), number); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, tells := d.EncodeHop(dialect.Hop{Op: dialect.Abort}, nil); tells {
			if hops := r.seen(); len(hops) != before+1 || hops[before].Op != dialog.Abort || hops[before].Session != hops[before-1].Session {
				t.Errorf("%s: hanging up told nothing", name)
			}
		}
		net.Dial(t.Context(), number, "*334#")
		if last, err := net.Press(t.Context(), number, "bye"); err != nil || last.Open || last.Text != "Bye" {
			t.Errorf("%s: %+v, %v", name, last, err)
		}
		for _, e := range cfg.Trace.Events(trace.Session(name, number, first.Session)) {
			if strings.Contains(e.Text, "482915") {
				t.Errorf("%s: traced %q", name, e.Text)
			}
		}
	}
	checkHops(t, cfg, r.seen())
	mu.Lock()
	defer mu.Unlock()
	if s := logs.String(); strings.Contains(s, "482915") || strings.Contains(s, number) {
		t.Errorf("logged: %s", s)
	}
}

// checkHops holds each dialect's hops to what its network says of their places.
func checkHops(t *testing.T, cfg Config, hops []dialog.Hop) {
	t.Helper()
	for _, o := range cfg.Operators {
		var place uint32
		for _, h := range hops {
			if h.Operator != o.Name {
				continue
			}
			switch {
			case h.Op == dialog.Begin || h.Op == dialog.Input && h.Text == "334":
				place = 0
				if h.Code != "*334#" {
					t.Errorf("%s: dialled %q", o.Name, h.Code)
				}
			case h.Op == dialog.Input:
				place++
			}
			numbered := o.HTTP.Numbered()
			if h.Op != dialog.Abort && numbered && h.Position != place || !numbered && (h.Position != 0 || h.Modulo != 1) || h.Cumulative != o.HTTP.Cumulative() {
				t.Errorf("%s: hop %d is %+v", o.Name, place, h)
			}
		}
	}
}

func TestHTTPEveryDialectRefusesUnknownCodes(t *testing.T) {
	r := &room{}
	cfg := speaking(t, r)
	addr := door(t, cfg)
	for _, o := range cfg.Operators {
		screen, err := handset(t, addr, o.Name).Dial(t.Context(), "254722000001", "*999#")
		switch {
		case o.HTTP.Code == "none" || o.HTTP.First == "input": // nothing says what was dialled, or that it was
		case err != nil || screen.Open || screen.Text != TextUnknownCode:
			t.Errorf("%s: %+v, %v", o.Name, screen, err)
		}
	}
	for _, h := range r.seen() {
		if h.Op == dialog.Begin && h.Code != "*334#" || h.Op == dialog.Input && h.Code != "" {
			t.Errorf("%s: %+v came through", h.Operator, h)
		}
	}
}

// TestHTTPHostileCalls: what is no call of a dialect gets its status, a PIN in it
// is not logged, and a good session goes on.
func TestHTTPHostileCalls(t *testing.T) {
	var mu sync.Mutex
	var logs bytes.Buffer
	r := &room{}
	cfg := speaking(t, r)
	cfg.Log = slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return logs.Write(b)
	}), &slog.HandlerOptions{Level: slog.LevelDebug}))
	addr := door(t, cfg)
	const head = "Host: x\r\nContent-Type: "
	for _, c := range []struct{ name, request, want string }{
		{"GET without fields", "GET /ussd/tigo-a HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		{"GET with a field twice", "GET /ussd/airtel-tz?input=4826&input=4826&sessionid=1&msisdn=254722000001 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		{"GET with bad escapes", "GET /ussd/airtel-tz?input=%zz4826 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
		{"POST where GET is spoken", "POST /ussd/airtel-tz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "405"},
		{"GET where POST is spoken", "GET /ussd/hubtel?Message=4826 HTTP/1.1\r\nHost: x\r\n\r\n", "405"},
		{"DELETE", "DELETE /ussd/infobip/S/end HTTP/1.1\r\nHost: x\r\n\r\n", "405"},
		{"a long query", "GET /ussd/airtel-tz?input=" + strings.Repeat("4826", maxHeaders) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
		{"a form for JSON", raw("POST /ussd/hubtel HTTP/1.1\r\n"+head+"application/x-www-form-urlencoded\r\n", "Message=4826"), "415"},
		{"JSON for XML", raw("POST /ussd/truroute HTTP/1.1\r\n"+head+"application/json\r\n", "{}"), "415"},
		{"a type that only begins alike", raw("POST /ussd/hubtel HTTP/1.1\r\n"+head+"application/jsonx\r\n", "{}"), "415"},
		{"half of JSON", raw("POST /ussd/hubtel HTTP/1.1\r\n"+head+"application/json\r\n", `{"Type":"Response","Message":"4826"`), "400"},
		{"deep JSON", raw("POST /ussd/hubtel HTTP/1.1\r\n"+head+"application/json\r\n", strings.Repeat(`{"a":`, 1000)), "400"},
		{"a sequence that is none", raw("POST /ussd/hubtel HTTP/1.1\r\n"+head+"application/json\r\n", `{"Type":"Response","Mobile":"254722000001","SessionId":"s","Message":"4826","Sequence":-1}`), "400"},
		{"XML with entities", raw("POST /ussd/truroute HTTP/1.1\r\n"+head+"text/xml\r\n", `<!DOCTYPE a [<!ENTITY b "4826">]><ussd><type>2</type><msg>&b;</msg></ussd>`), "400"},
		{"XML of another root", raw("POST /ussd/truroute HTTP/1.1\r\n"+head+"text/xml\r\n", `<uss><msisdn>254722000001</msisdn><sessionid>s</sessionid><type>2</type><msg>4826</msg></uss>`), "400"},
		{"a path where none is", raw("POST /ussd/hubtel/S/start HTTP/1.1\r\n"+head+"application/json\r\n", "{}"), "404"},
		{"a path too long", raw("POST /ussd/infobip/a/b/c/d/e/f HTTP/1.1\r\n"+head+"application/json\r\n", "{}"), "400"},
		{"a large body", raw("POST /ussd/hubtel HTTP/1.1\r\n"+head+"application/json\r\n", strings.Repeat(" ", maxBody+1)), "413"},
		{"an end that names nobody", raw("PUT /ussd/infobip/S/end HTTP/1.1\r\n"+head+"application/json\r\n", `{"reason":"ok","exitCode":0}`), `200 {"responseExitCode":200,"responseMessage":""}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, c.request); err != nil {
				t.Fatal(err)
			}
			if got := answer(t, conn, c.want); got != c.want {
				t.Errorf("answered %q, want %q", got, c.want)
			}
		})
	}
	if len(r.seen()) > 0 {
		t.Errorf("hostile hops came through: %+v", r.seen())
	}
	mu.Lock()
	defer mu.Unlock()
	if s := logs.String(); strings.Contains(s, "4826") || strings.Contains(s, "254722000001") {
		t.Errorf("logged: %s", s)
	}
}

// signedPost posts a form as its aggregator would sign it.
func signedPost(t *testing.T, addr string, secret []byte, at time.Time, nonce, sent, signed string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/ussd/at?a=1", strings.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	seconds := strconv.FormatInt(at.Unix(), 10)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set(SignatureHeader, "t="+seconds+",n="+nonce+",s="+hex.EncodeToString(Sign(secret, seconds, nonce, "POST", "/ussd/at?a=1", []byte(signed))))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func TestHTTPSignedCalls(t *testing.T) {
	secret := []byte("a secret of the relay")
	cfg := config(t, &room{})
	cfg.Operators[1].Guard.Secret = secret
	addr := door(t, cfg)
	now := time.Now()
	for _, c := range []struct {
		name, nonce, sent, signed string
		secret                    []byte
		at                        time.Time
		want                      int
	}{
		{"signed", "nonce-01", inputForm, inputForm, secret, now, 200},
		{"replayed", "nonce-01", inputForm, inputForm, secret, now, 403},
		{"another body", "nonce-02", inputForm + "1", inputForm, secret, now, 403},
		{"the nonce of a forged call is not spent", "nonce-02", inputForm, inputForm, secret, now, 200},
		{"another secret", "nonce-03", inputForm, inputForm, []byte("guessed"), now, 403},
		{"an old one", "nonce-04", inputForm, inputForm, secret, now.Add(-2 * maxSkew), 403},
		{"one of tomorrow", "nonce-05", inputForm, inputForm, secret, now.Add(2 * maxSkew), 403},
		{"a short nonce", "n", inputForm, inputForm, secret, now, 403},
	} {
		if got := signedPost(t, addr, c.secret, c.at, c.nonce, c.sent, c.signed); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	resp, err := http.Post("http://"+addr+"/ussd/at", "application/x-www-form-urlencoded", strings.NewReader(inputForm))
	if err != nil || resp.StatusCode != 403 {
		t.Errorf("unsigned: %v, %v", resp, err)
	}
}

func TestNoncesAreBounded(t *testing.T) {
	n, now := &nonces{}, time.Unix(1_800_000_000, 0)
	for i := range maxNonces {
		if !n.spend(strconv.Itoa(i), now) {
			t.Fatalf("nonce %d was refused", i)
		}
	}
	if n.spend("one more", now) {
		t.Error("more than there is room for")
	}
	later := now.Add(2*maxSkew + time.Second)
	if !n.spend("one more", later) || n.spend("7", later) {
		t.Error("a new generation takes new ones, and knows those of the last")
	}
	if !n.spend("7", later.Add(4*maxSkew+2*time.Second)) || len(n.old) != 0 {
		t.Error("what no time would take any more is not kept")
	}
}

func TestHTTPKeyHeader(t *testing.T) {
	cfg := speaking(t, &room{})
	for i := range cfg.Operators {
		if cfg.Operators[i].Name == "mtn" {
			cfg.Operators[i].Guard.Key = "the key"
		}
	}
	addr := door(t, cfg)
	for key, want := range map[string]int{"": 403, "another": 403, "the key": 200} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/ussd/mtn",
			strings.NewReader(`{"sessionId":"s","messageType":0,"msisdn":"254722000001","serviceCode":"334"}`))
		req.Header.Set("Content-Type", "application/json; charset=UTF-8")
		req.Header.Set("x-api-key", key)
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != want {
			t.Errorf("%q: %v, %v, want %d", key, resp, err, want)
		}
	}
}

// identity makes a certificate for a name, signed by parent, or by itself.
func identity(t *testing.T, name string, parent *tls.Certificate) tls.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	own := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: parent == nil, BasicConstraintsValid: true}
	signer, signerKey := own, any(key)
	if parent != nil {
		signer, signerKey = parent.Leaf, parent.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, own, signer, &key.PublicKey, signerKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

// TestHTTPClientCertificate: over mutual TLS only the certificate of the operator
// itself speaks for it.
func TestHTTPClientCertificate(t *testing.T) {
	ca, stranger := identity(t, "ca", nil), identity(t, "relay.example", nil)
	pool := x509.NewCertPool()
	pool.AddCert(ca.Leaf)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(t, &room{})
	cfg.Operators[1].Guard.Client = "relay.example"
	addr := serve(t, cfg, tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{identity(t, "door", &ca)},
		ClientCAs: pool, ClientAuth: tls.VerifyClientCertIfGiven, MinVersion: tls.VersionTLS12}))
	for _, c := range []struct {
		name  string
		certs []tls.Certificate
		want  string
	}{
		{"its own", []tls.Certificate{identity(t, "relay.example", &ca)}, "200"},
		{"another's", []tls.Certificate{identity(t, "other.example", &ca)}, "403"},
		{"none", nil, "403"},
		{"its name, signed by itself", []tls.Certificate{stranger}, "refused"},
	} {
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: c.certs}}}
		resp, err := client.Post("https://"+addr+"/ussd/at", "application/x-www-form-urlencoded", strings.NewReader(inputForm))
		got := "refused"
		if err == nil {
			got = strconv.Itoa(resp.StatusCode)
			resp.Body.Close()
		}
		client.CloseIdleConnections()
		if got != c.want && !(c.want == "refused" && got == "403") { // a client may keep such a certificate to itself
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
