package operator

import (
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"mlango/smpp"
)

// Bounds of the SMS API.
const (
	maxSMSBody    = 16 << 10
	maxRecipients = 1000 // of one call
	apiPatience   = 5 * time.Second
	reportTries   = 5
	reportPause   = 200 * time.Millisecond
)

// holdsKey tells whether a key is the account's; without a password any is, as in an
// aggregator's sandbox.
func (o *Operator) holdsKey(key string) bool {
	if o.cfg.Password == "" {
		return key != ""
	}
	return subtle.ConstantTimeCompare([]byte(key), []byte(o.cfg.Password)) == 1
}

// knowsAccount tells whether it is the account's name; without one any is.
func (o *Operator) knowsAccount(name string) bool {
	return name != "" && (o.cfg.SMSSystemID == "" || name == o.cfg.SMSSystemID)
}

// ServeSMS takes SMS by the aggregator's HTTP API on ln until Close.
func (o *Operator) ServeSMS(ln net.Listener) error {
	if err := o.api.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("operator: serve SMS: %w", err)
	}
	return nil
}

// closeSMS lets the calls under way end, until ctx does.
func (o *Operator) closeSMS(ctx context.Context) {
	if o.api.Shutdown(ctx) != nil {
		_ = o.api.Close()
	}
}

// smsAPI takes an SMS a call, as badly as the faults say.
func (o *Operator) smsAPI() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		api := tableSMSAPIs[o.cfg.SMSAPI]
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSMSBody))
		if err != nil || r.Method != http.MethodPost || api.read == nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		sms, status := api.read(o, r, body)
		if status == http.StatusOK && len(sms.to) > maxRecipients {
			status = http.StatusBadRequest
		}
		if status == http.StatusOK {
			status = o.misbehaves()
		}
		if status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		list := make([]sent, 0, len(sms.to))
		for _, to := range sms.to {
			one, room := o.takeSMS(api, &sms, to)
			if !room {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			list = append(list, one)
		}
		o.answerSMS(w, r, api, list)
	})
}

// answerSMS answers a call as late as the faults say, or not at all. Until the answer has
// left, who sends its SMS again is right.
func (o *Operator) answerSMS(w http.ResponseWriter, r *http.Request, api smsAPI, list []sent) {
	for _, s := range list {
		o.lose(s.id)
	}
	f := o.faults()
	if one(o.texts.Load(), f.RespDrop) || f.RespDelay > 0 && !o.centre.late(r.Context(), f.RespDelay) {
		panic(http.ErrAbortHandler) // the way to hang up without an answer
	}
	status, answer := api.answer(list)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil || r.Context().Err() != nil {
		return
	}
	for _, s := range list {
		o.hear(s.id)
	}
}

// takeSMS brings a text to one recipient; room is false when the SMSC keeps no more for
// it.
func (o *Operator) takeSMS(api smsAPI, sms *wanted, to string) (s sent, room bool) {
	h, err := o.table.get(to)
	if err != nil {
		return sent{to: to}, true
	}
	id := "ATXid_" + strconv.FormatUint(o.sessions.Add(1), 36)
	m := &smpp.Message{MessageID: id, Source: smpp.Address{Addr: sms.from}, Dest: smpp.Address{Addr: to}}
	var octets []byte
	m.DataCoding, octets = smpp.EncodeText(sms.text)
	m.TLVs = []smpp.TLV{{Tag: smpp.TagMessagePayload, Value: octets}}
	return sent{to, id}, h.reach(func() {
		o.accept(h, m)
		o.centre.reports.Go(func() { o.reportSMS(api, to, id) })
	})
}

// misbehaves is the status of a call that a fault refuses; a cut one hangs up.
func (o *Operator) misbehaves() int {
	n, f := o.texts.Add(1), o.faults()
	switch {
	case !o.throttle.allow(f.Throttle), one(n, f.Busy):
		o.counts.throttled.Add(1)
		return http.StatusTooManyRequests
	case one(n, f.Full):
		return http.StatusServiceUnavailable
	case one(n, f.Cut):
		panic(http.ErrAbortHandler)
	}
	return http.StatusOK
}

// reportSMS posts a delivery report, as badly as the faults say.
func (o *Operator) reportSMS(api smsAPI, to, id string) {
	n, f := o.receipts.Add(1), o.faults()
	if o.cfg.Reports == "" || one(n, f.ReceiptDrop) {
		return
	}
	o.dawdle()
	o.postReport(api, to, id)
	if one(n, f.ReceiptTwice) {
		o.postReport(api, to, id)
	}
}

// postReport posts one, again while nobody takes it.
func (o *Operator) postReport(api smsAPI, to, id string) {
	kind, body := api.report(to, id)
	for try := 0; try < reportTries && o.centre.over.Err() == nil; try++ {
		ctx, cancel := context.WithTimeout(o.centre.over, apiPatience)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, o.cfg.Reports, bytes.NewReader([]byte(body)))
		if err != nil {
			cancel()
			return
		}
		req.Header.Set("Content-Type", kind)
		resp, err := o.http.Do(req)
		cancel()
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				o.reported(id, true)
				return
			}
		}
		o.reported(id, false)
		time.Sleep(reportPause)
	}
}
