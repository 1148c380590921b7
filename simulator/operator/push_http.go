package operator

import (
	"io"
	"net/http"
	"strings"
	"time"

	"mlango/internal/dialect"
)

// Pushes takes what the service opens over HTTP, at any path: the screen comes to the
// handset, and what is typed there goes to the door as a hop of that dialogue. A handset in
// a dialogue, and a network that takes none, refuse it.
func (o *Operator) Pushes() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, overHTTP := o.carrier.(*aggregator)
		body, err := io.ReadAll(io.LimitReader(r.Body, maxReplyBody))
		if !overHTTP || err != nil || r.Method != http.MethodPost {
			http.Error(w, "no push", http.StatusBadRequest)
			return
		}
		if open, _ := a.dialect.Pushes(); !open || !a.pushed(body) {
			http.Error(w, "not taken", http.StatusConflict)
			return
		}
		w.Header().Set("Content-Type", a.dialect.Push.Type)
		_, _ = w.Write(a.dialect.AppendTaken(nil))
	})
}

// pushed shows a screen that the service opens, or notifies.
func (a *aggregator) pushed(body []byte) bool {
	h, r, ok := a.dialect.DecodePush(body)
	if !ok || a.o.cfg.OnPush == nil {
		return false
	}
	phone, err := a.o.table.get(h.MSISDN)
	if err != nil {
		return false
	}
	shows := answer{text: r.Text, end: r.Notify, secret: !r.Notify && strings.Contains(r.Text, "PIN"), body: string(body)}
	p := a.o.ring(phone, nil, dialect.Hop{Session: h.Session, Position: h.Position}, shows)
	if p == nil {
		return false
	}
	phone.mu.Lock()
	phone.dial.code = h.Code
	phone.mu.Unlock()
	a.o.cfg.OnPush(h.MSISDN, shows.screen(p, time.Now()))
	return true
}
