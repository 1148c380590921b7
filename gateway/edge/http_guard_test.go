package edge

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"mlango/internal/dialect"
)

// TestHTTPEveryDialectSigned: in each dialect a signed call is taken once, within a
// minute of our clock, and as it was signed.
func TestHTTPEveryDialectSigned(t *testing.T) {
	secret := []byte("a secret of the relay")
	r, logs := &room{}, &logged{}
	cfg := speaking(t, r)
	cfg.Log = logs.logger()
	for i := range cfg.Operators {
		cfg.Operators[i].Guard.Secret = secret
	}
	addr := door(t, cfg)
	now := time.Now()
	for _, o := range cfg.Operators {
		c := hostile(t, o.HTTP)
		for _, s := range []struct {
			name, nonce string
			at          time.Time
			forged      bool
			want        string
		}{
			{"good", "nonce-01", now, false, "200"}, {"replayed", "nonce-01", now, false, "403"},
			{"of an hour ago", "nonce-02", now.Add(-time.Hour), false, "403"}, {"of tomorrow", "nonce-03", now.Add(24 * time.Hour), false, "403"},
			{"forged", "nonce-04", now, true, "403"}, {"its nonce is not spent", "nonce-04", now, false, "200"},
		} {
			octets := onWire(o.Name, c, -1)
			_, rest, _ := strings.Cut(octets, " ")
			uri, _, _ := strings.Cut(rest, " ")
			at := fmt.Sprint(s.at.Unix())
			sum := Sign(secret, at, s.nonce, c.Method, uri, c.Body)
			if s.forged {
				sum[0] ^= 1
			}
			header := fmt.Sprintf("\r\n%s: t=%s,n=%s,s=%s\r\n\r\n", SignatureHeader, at, s.nonce, hex.EncodeToString(sum))
			if got := status(t, addr, strings.Replace(octets, "\r\n\r\n", header, 1)); got != s.want {
				t.Errorf("%s, %s: answered %q, want %q", o.Name, s.name, got, s.want)
			}
		}
		if got := status(t, addr, onWire(o.Name, c, -1)); got != "403" {
			t.Errorf("%s, unsigned: answered %q", o.Name, got)
		}
	}
	logs.check(t)
}

// fleet is what other gateways spent.
type fleet struct {
	err   error
	spent map[string]bool
	asked int
}

// Spend is Nonces'.
func (f *fleet) Spend(_ context.Context, operator, nonce string, keep time.Duration) (bool, error) {
	f.asked++
	if keep < 2*maxSkew {
		return false, errors.New("too short")
	}
	return !f.spent[operator+nonce], f.err
}

// TestHTTPNonceOfAnotherGateway: what the fleet spent is not taken; while the fleet
// cannot be asked our own memory decides; what was spent here is not asked about.
func TestHTTPNonceOfAnotherGateway(t *testing.T) {
	secret := []byte("a secret of the relay")
	cfg, now := config(t, &room{}), time.Now()
	cfg.Operators[1].Guard.Secret = secret
	others := &fleet{spent: map[string]bool{"atnonce-01": true}}
	cfg.Nonces = others
	addr := door(t, cfg)
	for _, c := range []struct {
		nonce string
		down  error
		want  int
	}{{"nonce-01", nil, 403}, {"nonce-02", nil, 200}, {"nonce-02", nil, 403}, {"nonce-03", errors.New("down"), 200}, {"nonce-03", errors.New("down"), 403}} {
		others.err = c.down
		if got := signedPost(t, addr, secret, now, c.nonce, inputForm, inputForm); got != c.want {
			t.Errorf("%s, %v: %d, want %d", c.nonce, c.down, got, c.want)
		}
	}
	if others.asked != 3 {
		t.Errorf("the fleet was asked %d times", others.asked)
	}
}

// TestHTTPLogin: where the door asks for a login every call has it, hang-ups too.
func TestHTTPLogin(t *testing.T) {
	r, logs := &room{}, &logged{}
	cfg := speaking(t, r)
	cfg.Log = logs.logger()
	var airtel *dialect.HTTP
	for i := range cfg.Operators {
		if o := &cfg.Operators[i]; o.Name == "airtel" {
			o.Guard.Login, o.Guard.Password, airtel = "flares", hostilePIN+"x", o.HTTP
		}
	}
	addr := door(t, cfg)
	for _, op := range []dialect.Op{dialect.Input, dialect.Abort} {
		for _, c := range []struct{ login, password, want string }{
			{"flares", hostilePIN + "x", "200"}, {"flares", "guess", "403"}, {"guess", hostilePIN + "x", "403"}, {"", "", "403"},
		} {
			call, _ := airtel.EncodeHop(dialect.Hop{Op: op, Session: "S1", MSISDN: hostileNumber, Code: "*334#", Text: "1"},
				dialect.Echo{"network": "1", "login": c.login, "secret": c.password})
			if got := status(t, addr, onWire("airtel", call, -1)); got != c.want {
				t.Errorf("%q, %q: answered %q, want %q", c.login, c.password, got, c.want)
			}
		}
	}
	logs.check(t)
}

// TestProofs: a partner's call is taken once, by its own secret, path and body.
func TestProofs(t *testing.T) {
	p, secret, now := NewProofs(nil), []byte("a secret of sixteen bytes"), strconv.FormatInt(time.Now().Unix(), 10)
	header := func(nonce string) string {
		return "t=" + now + ",n=" + nonce + ",s=" + hex.EncodeToString(Sign(secret, now, nonce, "POST", "/approvals/mama", []byte("{}")))
	}
	holds := func(who, header, uri, body string) bool {
		return p.Holds(t.Context(), who, secret, header, "POST", uri, []byte(body))
	}
	for _, row := range []struct {
		what, who, header, uri, body string
		want                         bool
	}{
		{"another body", "mama", header("nonce-01"), "/approvals/mama", "{x}", false},
		{"another path", "mama", header("nonce-01"), "/approvals/papa", "{}", false},
		{"unsigned", "mama", "", "/approvals/mama", "{}", false},
		{"its own", "mama", header("nonce-01"), "/approvals/mama", "{}", true},
		{"once more", "mama", header("nonce-01"), "/approvals/mama", "{}", false},
		{"another nonce", "mama", header("nonce-02"), "/approvals/mama", "{}", true},
		{"another partner's nonces", "papa", header("nonce-02"), "/approvals/mama", "{}", true},
	} {
		if got := holds(row.who, row.header, row.uri, row.body); got != row.want {
			t.Errorf("%s: %v", row.what, got)
		}
	}
}
