package edge

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"mlango/internal/dialect"
)

// Limits of signed calls.
const (
	maxSkew   = 60 * time.Second // between the aggregator's clock and ours
	maxNonces = 1 << 16          // kept in twice that time; above it signed calls are refused
	minNonce  = 8
	maxNonce  = 64
)

// SignatureHeader carries a call's signature: t=<seconds since 1970>,n=<nonce>,
// s=<hex of HMAC-SHA256>. What is signed is, each behind a line feed but the
// first: t, n, the method, the path with its query as they were sent, the body.
// The scheme is ours, for aggregators' own relays: none of the public dialects
// signs its calls.
const SignatureHeader = "X-Mlango-Signature"

// Guard is how an HTTP operator shows that a call is its own, beside its address.
// Each part that is set must hold.
type Guard struct {
	Client   string // the name in its certificate: a DNS name or the common name
	Key      string // what the dialect's key header holds
	Login    string // the name in the dialect's login fields, with its password
	Password string
	Secret   []byte // calls are signed with it, each nonce once
}

// Nonces are spent by a whole fleet of gateways: a call that one of them took is not
// good at another.
type Nonces interface {
	// Spend takes a nonce for as long as keep; false when it was taken before. An
	// error: nobody knows.
	Spend(ctx context.Context, operator, nonce string, keep time.Duration) (fresh bool, err error)
}

// ShareNonces has nonces spent by the fleet from now on. It is called before the first
// hop; without it each gateway knows only its own.
func (e *Edge) ShareNonces(n Nonces) { e.cfg.Nonces = n }

// knows tells whether a call shows all that the operator's guard asks for. A
// nonce is spent only by a call that is signed rightly.
func (e *Edge) knows(ctx *fasthttp.RequestCtx, o *Operator, c dialect.Request, now time.Time) bool {
	g := &o.Guard
	if g.Client != "" && !slices.Contains(clientNames(ctx), g.Client) {
		return false
	}
	if g.Key != "" && !same(ctx.Request.Header.Peek(o.HTTP.Key), []byte(g.Key)) {
		return false
	}
	if g.Login != "" {
		name, password := o.HTTP.Login(c)
		if named, known := same([]byte(name), []byte(g.Login)), same([]byte(password), []byte(g.Password)); !named || !known {
			return false
		}
	}
	if len(g.Secret) == 0 {
		return true
	}
	nonce, ok := g.signed(ctx, now)
	return ok && e.table.Load().nonces[o.Name].spend(nonce, now) && e.fresh(o, nonce)
}

// fresh asks the fleet for a nonce that is new to this gateway. While nobody can say,
// it is taken: sessions live in the same place, so that no dialogue goes on either, and
// a hop that comes twice acts once in any case.
func (e *Edge) fresh(o *Operator, nonce string) bool {
	if e.cfg.Nonces == nil {
		return true
	}
	ctx, cancel := context.WithTimeout(context.Background(), e.cfg.Deadline/lateShare)
	defer cancel()
	fresh, err := e.cfg.Nonces.Spend(ctx, o.Name, nonce, 2*maxSkew)
	if err != nil {
		e.cfg.Log.Warn("whether another gateway took a call's nonce is not known", "operator", o.Name, "err", err)
		return true
	}
	return fresh
}

// clientNames are the names of a certificate that our authorities signed.
func clientNames(ctx *fasthttp.RequestCtx) []string {
	c, ok := ctx.Conn().(*watchedConn)
	if !ok {
		return nil
	}
	secure, ok := c.Conn.(*tls.Conn)
	if !ok {
		return nil
	}
	state := secure.ConnectionState()
	if len(state.VerifiedChains) == 0 {
		return nil
	}
	return append([]string{state.PeerCertificates[0].Subject.CommonName}, state.PeerCertificates[0].DNSNames...)
}

// same compares secrets in a time that says nothing of either.
func same(got, want []byte) bool {
	a, b := sha256.Sum256(got), sha256.Sum256(want)
	return hmac.Equal(a[:], b[:])
}

// signed checks a call's signature and returns its nonce.
func (g *Guard) signed(ctx *fasthttp.RequestCtx, now time.Time) (nonce string, ok bool) {
	return signed(g.Secret, string(ctx.Request.Header.Peek(SignatureHeader)), string(ctx.Method()), string(ctx.RequestURI()), ctx.Request.Body(), now)
}

func signed(secret []byte, header, method, uri string, body []byte, now time.Time) (nonce string, ok bool) {
	at, nonce, sum, ok := readSignature(header)
	seconds, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > maxSkew {
		return "", false
	}
	return nonce, hmac.Equal(Sign(secret, at, nonce, method, uri, body), sum)
}

// Proofs holds signed calls of others than operators to the same: each nonce once, in
// the whole fleet where nonces are shared.
type Proofs struct {
	fleet Nonces
	mu    sync.Mutex
	of    map[string]*nonces
}

// NewProofs makes proofs that know no nonce yet; fleet may be nil.
func NewProofs(fleet Nonces) *Proofs { return &Proofs{fleet: fleet, of: map[string]*nonces{}} }

// Holds tells whether a call of who is signed with its secret, and new. While nobody can
// say whether another gateway took it, it is not: the caller signs it anew.
func (p *Proofs) Holds(ctx context.Context, who string, secret []byte, header, method, uri string, body []byte) bool {
	now := time.Now()
	nonce, ok := signed(secret, header, method, uri, body, now)
	if !ok {
		return false
	}
	p.mu.Lock()
	if p.of[who] == nil {
		p.of[who] = &nonces{}
	}
	mine := p.of[who]
	p.mu.Unlock()
	if !mine.spend(nonce, now) {
		return false
	}
	if p.fleet == nil {
		return true
	}
	fresh, err := p.fleet.Spend(ctx, who, nonce, 2*maxSkew)
	return err == nil && fresh
}

// Sign is the sum in a call's signature; at is in seconds since 1970, uri the path
// with its query.
func Sign(secret []byte, at, nonce, method, uri string, body []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(strings.Join([]string{at, nonce, method, uri, ""}, "\n")))
	mac.Write(body)
	return mac.Sum(nil)
}

// readSignature reads the header; anything but its one form is refused.
func readSignature(header string) (at, nonce string, sum []byte, ok bool) {
	parts := strings.Split(header, ",")
	if len(parts) != 3 {
		return "", "", nil, false
	}
	at, okAt := strings.CutPrefix(parts[0], "t=")
	nonce, okNonce := strings.CutPrefix(parts[1], "n=")
	digits, okSum := strings.CutPrefix(parts[2], "s=")
	sum, err := hex.DecodeString(digits)
	ok = okAt && okNonce && okSum && err == nil && len(sum) == sha256.Size &&
		len(nonce) >= minNonce && len(nonce) <= maxNonce
	return at, nonce, sum, ok
}

// nonces remembers which were spent for as long as their time would be taken:
// twice the skew, in two generations of that length.
type nonces struct {
	mu         sync.Mutex
	began      time.Time
	young, old map[[16]byte]struct{}
}

// spend takes a nonce; false when it was taken before, or there is no room to
// remember it.
func (n *nonces) spend(nonce string, now time.Time) bool {
	sum := sha256.Sum256([]byte(nonce))
	key := [16]byte(sum[:16])
	n.mu.Lock()
	defer n.mu.Unlock()
	if age := now.Sub(n.began); n.young == nil || age > 2*maxSkew {
		if n.old = n.young; age > 4*maxSkew {
			n.old = nil
		}
		n.young, n.began = map[[16]byte]struct{}{}, now
	}
	_, young := n.young[key]
	_, old := n.old[key]
	if young || old || len(n.young) >= maxNonces {
		return false
	}
	n.young[key] = struct{}{}
	return true
}
