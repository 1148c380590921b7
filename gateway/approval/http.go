package approval

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"mlango/ledgerd/ledger"
)

// Limits of the partners' door.
const (
	maxBody      = 2 << 10
	maxHeaders   = 8 << 10
	maxConns     = 256
	readTimeout  = 5 * time.Second
	writeTimeout = 10 * time.Second
	idleTimeout  = 60 * time.Second
	stopTimeout  = 5 * time.Second
	PerMinute    = 60   // calls of one partner, unless the file says otherwise
	MaxPerMinute = 6000 // at most settable
)

// Partner is who may ask, and to whom the money goes then.
type Partner struct {
	Name          string
	Till, Paybill string // the number on its sign, one of the two
	PerMinute     int
}

// paid is how it is paid, and at which number.
func (p *Partner) paid() (ledger.Kind, string) {
	if p.Paybill != "" {
		return ledger.KindPaybill, p.Paybill
	}
	return ledger.KindTill, p.Till
}

// Door is the partners' way in: POST /approvals/{partner} asks, GET
// /approvals/{partner}/{request} tells what became of it.
type Door struct {
	Desk     *Desk
	Partners []Partner
	// Proves tells whether a call shows that it is the partner's.
	Proves func(partner string, r *http.Request, body []byte) bool

	mu   sync.Mutex
	rate map[string]*bucket
}

// bucket holds the calls that a partner may make now.
type bucket struct {
	left float64
	at   time.Time
}

// asked is the body of a request.
type asked struct {
	Request   string    `json:"request"`
	At        time.Time `json:"at"`
	MSISDN    string    `json:"msisdn"`
	Amount    int64     `json:"amount"` // cents
	Currency  string    `json:"currency"`
	Reference string    `json:"reference"`
}

// said is what a partner hears of a request.
type said struct {
	Request string     `json:"request"`
	State   string     `json:"state"`
	Receipt string     `json:"receipt,omitempty"`
	Reason  string     `json:"reason,omitempty"`
	Until   *time.Time `json:"until,omitempty"` // while it may still be answered
}

// Serve answers partners on ln until ctx ends; over TLS where secure is not nil.
func (d *Door) Serve(ctx context.Context, ln net.Listener, secure *tls.Config) error {
	if ln = bounded(ln); secure != nil {
		ln = tls.NewListener(ln, secure)
	}
	srv := &http.Server{Handler: d.mux(), ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaders}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	select {
	case err := <-done:
		return fmt.Errorf("approvals: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		return fmt.Errorf("approvals: shutdown: %w", err)
	}
	return nil
}

func (d *Door) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /approvals/{partner}", d.known(d.ask))
	mux.HandleFunc("GET /approvals/{partner}/{request}", d.known(d.look))
	return mux
}

// known lets partners in who show who they are, and not too often.
func (d *Door) known(next func(http.ResponseWriter, *http.Request, *Partner, []byte)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			answer(w, http.StatusRequestEntityTooLarge, trouble{"the body is too large, or broke off", fmt.Sprintf("at most %d bytes", maxBody)})
			return
		}
		p := d.partner(r.PathValue("partner"))
		if p == nil || !d.Proves(p.Name, r, body) {
			answer(w, http.StatusForbidden, trouble{"the call does not show that it is a partner's", "sign it with a new nonce, or show your certificate"})
			return
		}
		if !d.spend(p) {
			w.Header().Set("Retry-After", "10")
			answer(w, http.StatusTooManyRequests, trouble{"too many calls", fmt.Sprintf("at most %d a minute", p.PerMinute)})
			return
		}
		next(w, r, p, body)
	}
}

func (d *Door) partner(name string) *Partner {
	for i := range d.Partners {
		if d.Partners[i].Name == name {
			return &d.Partners[i]
		}
	}
	return nil
}

// spend takes one of the calls that a partner may make; they come back evenly.
func (d *Door) spend(p *Partner) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.rate == nil {
		d.rate = map[string]*bucket{}
	}
	now, most := d.Desk.cfg.Now(), float64(p.PerMinute)
	b := d.rate[p.Name]
	if b == nil {
		b = &bucket{left: most, at: now}
		d.rate[p.Name] = b
	}
	b.left, b.at = min(most, b.left+now.Sub(b.at).Minutes()*most), now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}

// ask takes a request: 202 while it may still be answered, 200 once it is over.
func (d *Door) ask(w http.ResponseWriter, r *http.Request, p *Partner, body []byte) {
	var a asked
	in := json.NewDecoder(bytes.NewReader(body))
	in.DisallowUnknownFields()
	if err := in.Decode(&a); err != nil || in.More() {
		answer(w, http.StatusBadRequest, trouble{"no request", `{"request":"inv-77","at":"2026-11-22T09:14:00+03:00","msisdn":"254722000001","amount":50000,"currency":"KES"}`})
		return
	}
	kind, payee := p.paid()
	rec, err := d.Desk.Ask(r.Context(), Request{Asker: p.Name, ID: a.Request, At: a.At.UnixMilli(), Kind: kind, Payer: a.MSISDN, Payee: payee,
		Amount: a.Amount, Currency: a.Currency, Reference: a.Reference})
	d.tell(w, a.Request, rec, err)
}

// look tells what became of a request.
func (d *Door) look(w http.ResponseWriter, r *http.Request, p *Partner, _ []byte) {
	q := Request{Asker: p.Name, ID: r.PathValue("request")}
	rec, err := d.Desk.Look(r.Context(), q.Name())
	d.tell(w, q.ID, rec, err)
}

func (d *Door) tell(w http.ResponseWriter, id string, r *Record, err error) {
	switch {
	case err == nil:
	case errors.Is(err, ErrInvalid):
		answer(w, http.StatusBadRequest, trouble{err.Error(), "mend that field and send it again"})
		return
	case errors.Is(err, ErrOld):
		answer(w, http.StatusBadRequest, trouble{err.Error(), fmt.Sprintf("at is when you made it, at most %v ago and not ahead of us: it is %s here", MaxBehind, d.Desk.cfg.Now().UTC().Format(time.RFC3339))})
		return
	case errors.Is(err, ErrOther):
		answer(w, http.StatusConflict, trouble{err.Error(), "send the very same fields again, or another request number"})
		return
	case errors.Is(err, ErrOften):
		w.Header().Set("Retry-After", fmt.Sprint(int(NosKept.Seconds())))
		answer(w, http.StatusTooManyRequests, trouble{err.Error(), fmt.Sprintf("nobody was asked: after %d times no, ask this subscriber again %v after the first", MaxNos, NosKept)})
		return
	case errors.Is(err, ErrUnknown):
		answer(w, http.StatusNotFound, said{Request: id, State: "unknown"})
		return
	default:
		d.Desk.cfg.Log.Warn("a partner could not be answered", "err", err)
		answer(w, http.StatusServiceUnavailable, trouble{"it is not known now how the request stands", "send the same again in a moment: nobody is asked twice"})
		return
	}
	out, status := said{Request: r.ID, State: string(r.State), Receipt: r.Receipt, Reason: r.Why}, http.StatusOK
	if r.Settling() {
		out.State, out.Reason = settling, ""
	}
	if !r.Final() {
		until := time.UnixMilli(max(r.Until, r.Expires)).UTC()
		out.Until, status = &until, http.StatusAccepted
	}
	answer(w, status, out)
}

// trouble is what a refused call is answered with.
type trouble struct {
	Error string `json:"error"`
	Mend  string `json:"mend"`
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // who hung up asks again
}
