package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"mlango/gateway/health"
	"mlango/gateway/incident"
	"mlango/gateway/wiretap"
	"mlango/internal/admin"
	"mlango/internal/msisdn"
)

func sorted(names map[string]bool) []string { return slices.Sorted(maps.Keys(names)) }

// wirePages begin, show and end traces of a subscriber's wires. That somebody was
// traced is taken down, the number masked.
func (g *gateway) wirePages(a *admin.Server) {
	a.Handle("POST /trace/wire", http.HandlerFunc(g.startTrace))
	a.Handle("GET /trace/wire/{id}", g.withTrace(func(w http.ResponseWriter, r *http.Request, t *wiretap.Trace) {
		after, err := strconv.Atoi(r.URL.Query().Get("after"))
		if err != nil {
			after = 0
		}
		admin.JSON(w, http.StatusOK, t.Report(after, time.Now()))
	}))
	a.Handle("GET /trace/wire/{id}/pcap", g.withTrace(func(w http.ResponseWriter, r *http.Request, t *wiretap.Trace) {
		w.Header().Set("Content-Type", "application/vnd.tcpdump.pcap")
		w.Header().Set("Content-Disposition", `attachment; filename="`+r.PathValue("id")+`.pcap"`)
		_ = t.Capture(w) // the reader went away: nothing to mend
	}))
	a.Handle("DELETE /trace/wire/{id}", g.withTrace(func(w http.ResponseWriter, r *http.Request, t *wiretap.Trace) {
		g.wire.Stop(r.PathValue("id"), time.Now())
		admin.JSON(w, http.StatusOK, t.Report(0, time.Now()))
	}))
}

func (g *gateway) withTrace(f func(w http.ResponseWriter, r *http.Request, t *wiretap.Trace)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t := g.wire.Get(r.PathValue("id"), time.Now())
		if t == nil {
			trouble(w, http.StatusNotFound, errors.New("no such trace"), "it ended too long ago; begin another")
			return
		}
		f(w, r, t)
	})
}

// traceOrder asks for a trace.
type traceOrder struct {
	MSISDN  string `json:"msisdn"`  // as people write it
	Seconds int    `json:"seconds"` // 0 means five minutes
}

func (g *gateway) startTrace(w http.ResponseWriter, r *http.Request) {
	var order traceOrder
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOrder)).Decode(&order); err != nil {
		trouble(w, http.StatusBadRequest, errors.New("no order for a trace"), `post {"msisdn":"0722000001","seconds":300}`)
		return
	}
	number, err := msisdn.Parse(g.cfg.Region, order.MSISDN)
	if err != nil {
		trouble(w, http.StatusBadRequest, err, "a number as people write it, as 0722000001")
		return
	}
	length := time.Duration(order.Seconds) * time.Second
	if order.Seconds == 0 {
		length = wiretap.DefaultTime
	}
	id, err := g.wire.Start(number, length, time.Now())
	switch {
	case errors.Is(err, wiretap.ErrMany):
		trouble(w, http.StatusTooManyRequests, err, "wait until one is over")
		return
	case err != nil:
		trouble(w, http.StatusBadRequest, err, "1 to 3600 seconds")
		return
	}
	g.note("trace", fmt.Sprintf("the wires of %s are traced for %s", msisdn.Mask(number), health.Age(length)), false)
	admin.JSON(w, http.StatusOK, g.wire.Get(id, time.Now()).Report(0, time.Now()))
}

// timeline is what changed, oldest first.
type timeline struct {
	From    time.Time         `json:"from"`
	To      time.Time         `json:"to"`
	More    bool              `json:"more"` // there was more before it
	Changes []incident.Change `json:"changes"`
}

// incidentsPage is GET /incidents?from=&to=, instants in RFC 3339.
func (g *gateway) incidentsPage(w http.ResponseWriter, r *http.Request) {
	from, err := time.Parse(time.RFC3339, r.URL.Query().Get("from"))
	to, err2 := time.Parse(time.RFC3339, r.URL.Query().Get("to"))
	if err := errors.Join(err, err2); err != nil {
		trouble(w, http.StatusBadRequest, errors.New("no span of time"), "name from= and to= as 2026-11-22T03:00:00+03:00")
		return
	}
	t, err := readTimeline(g.cfg.Data, from, to)
	if err != nil {
		trouble(w, http.StatusInternalServerError, err, "see the data folder")
		return
	}
	admin.JSON(w, http.StatusOK, t)
}

func readTimeline(dir string, from, to time.Time) (timeline, error) {
	changes, more, err := incident.Read(dir, from, to)
	if changes == nil {
		changes = []incident.Change{}
	}
	return timeline{From: from, To: to, More: more, Changes: changes}, err
}
