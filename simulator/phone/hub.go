package phone

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"mlango/simulator/operator"
)

// Hub hands what happens on the network to every open page. The network's goroutines
// call it: it never waits for a page.
type Hub struct {
	mu      sync.Mutex
	streams map[chan []byte]struct{}
}

// NewHub makes a hub with nobody listening.
func NewHub() *Hub { return &Hub{streams: map[chan []byte]struct{}{}} }

// pushedJSON is a screen that the service opened by itself.
type pushedJSON struct {
	MSISDN string `json:"msisdn"`
	Screen string `json:"screen"`
	Open   bool   `json:"open"`
	Secret bool   `json:"secret,omitempty"`
}

// cameJSON is an SMS that came.
type cameJSON struct {
	MSISDN string `json:"msisdn"`
	smsJSON
}

// SMS tells of an SMS on a phone; it suits operator.Config.OnSMS.
func (h *Hub) SMS(s operator.SMS) {
	h.tell("sms", cameJSON{MSISDN: s.To, smsJSON: asSMS(s)})
}

// Screen tells of a screen that nobody dialled for; it suits operator.Config.OnPush.
func (h *Hub) Screen(number string, s operator.Screen) {
	h.tell("screen", pushedJSON{MSISDN: number, Screen: s.Text, Open: s.Open, Secret: s.Secret})
}

// tell queues an event for every page. One that does not read is cut off: it connects
// again and asks for everything anew.
func (h *Hub) tell(kind string, v any) {
	block := eventBlock(kind, v)
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.streams {
		select {
		case c <- block:
		default:
			delete(h.streams, c)
			close(c)
		}
	}
}

// eventBlock is one event as the wire carries it (HTML Living Standard §9.2.5).
func eventBlock(kind string, v any) []byte {
	b, err := json.Marshal(v)
	if err != nil { // plain structs of strings cannot fail
		b = []byte("{}")
	}
	return fmt.Appendf(nil, "event: %s\ndata: %s\n\n", kind, b)
}

// join opens a stream; false when there are too many.
func (h *Hub) join() (chan []byte, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.streams) >= maxStreams {
		return nil, false
	}
	c := make(chan []byte, maxUnread)
	h.streams[c] = struct{}{}
	return c, true
}

func (h *Hub) leave(c chan []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.streams, c)
}

// events is GET /api/events: what happens, as it happens, until the page goes.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	c, began, ok := s.world.listen()
	if !ok {
		writeTrouble(w, &trouble{status: http.StatusServiceUnavailable, what: "too many pages are open", mend: "close some of them"})
		return
	}
	defer s.cfg.Hub.leave(c)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	next := append([]byte("retry: 1000\n"), eventBlock("state", began)...)
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for open := true; open; {
		if _, err := w.Write(next); err != nil || out.Flush() != nil {
			return
		}
		select {
		case next, open = <-c:
		case <-tick.C:
			next = []byte(": still here\n\n")
		case <-r.Context().Done():
			return
		}
	}
}
