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
	"net/url"
	"strconv"
	"strings"
	"time"

	"mlango/smpp"
)

// Bounds of the SMS API.
const (
	maxSMSBody   = 16 << 10
	apiPatience  = 5 * time.Second
	reportTries  = 5
	reportPause  = 200 * time.Millisecond
	apiStatusNew = http.StatusCreated
)

// wanted is one SMS as a call asks for it.
type wanted struct{ to, from, text string }

// smsAPI is one aggregator's way to take SMS and to report on them.
type smsAPI struct {
	read   func(o *Operator, r *http.Request, body []byte) (wanted, int) // the status is http.StatusOK, or why not
	taken  func(to, id string) (status int, body string)
	nobody func(to string) (status int, body string)
	report func(to, id string) (contentType, body string)
}

// tableSMSAPIs are the APIs by name.
var tableSMSAPIs = map[string]smsAPI{
	"africastalking": {
		read: readAfricasTalking,
		taken: func(to, id string) (int, string) {
			return apiStatusNew, fmt.Sprintf(`{"SMSMessageData":{"Message":"Sent to 1/1 Total Cost: KES 0.8000","Recipients":[{"statusCode":101,"number":"+%s","status":"Success","cost":"KES 0.8000","messageId":"%s"}]}}`, to, id)
		},
		nobody: func(to string) (int, string) {
			return apiStatusNew, fmt.Sprintf(`{"SMSMessageData":{"Message":"Sent to 0/1 Total Cost: 0","Recipients":[{"statusCode":403,"number":"+%s","status":"InvalidPhoneNumber","cost":"0","messageId":"None"}]}}`, to)
		},
		report: func(to, id string) (string, string) {
			return "application/x-www-form-urlencoded", url.Values{"id": {id}, "status": {"Success"}, "phoneNumber": {"+" + to}, "networkCode": {networkCode}}.Encode()
		},
	},
	"infobip": {
		read: readInfobip,
		taken: func(to, id string) (int, string) {
			return http.StatusOK, fmt.Sprintf(`{"bulkId":"1","messages":[{"messageId":"%s","status":{"groupId":1,"groupName":"PENDING","id":26,"name":"PENDING_ACCEPTED","description":"Message sent to next instance"},"destination":"%s"}]}`, id, to)
		},
		nobody: func(to string) (int, string) {
			return http.StatusOK, fmt.Sprintf(`{"messages":[{"messageId":"0","status":{"groupId":5,"groupName":"REJECTED","id":51,"name":"REJECTED_INVALID_DESTINATION"},"destination":"%s"}]}`, to)
		},
		report: func(to, id string) (string, string) {
			return "application/json", fmt.Sprintf(`{"results":[{"messageId":"%s","to":"%s","status":{"groupId":3,"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET"},"error":{"name":"NO_ERROR"}}]}`, id, to)
		},
	},
}

func readAfricasTalking(o *Operator, r *http.Request, body []byte) (wanted, int) {
	form, err := url.ParseQuery(string(body))
	switch {
	case !o.holdsKey(r.Header.Get("Apikey")) || form.Get("username") != o.cfg.SMSSystemID:
		return wanted{}, http.StatusUnauthorized
	case err != nil || form.Get("to") == "" || form.Get("message") == "":
		return wanted{}, http.StatusBadRequest
	}
	return wanted{strings.TrimPrefix(form.Get("to"), "+"), form.Get("from"), form.Get("message")}, http.StatusOK
}

func readInfobip(o *Operator, r *http.Request, body []byte) (wanted, int) {
	var in struct {
		Messages []struct {
			Sender       string `json:"sender"`
			Destinations []struct {
				To string `json:"to"`
			} `json:"destinations"`
			Content struct {
				Text string `json:"text"`
			} `json:"content"`
		} `json:"messages"`
	}
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "App ")
	switch {
	case !ok || !o.holdsKey(key):
		return wanted{}, http.StatusUnauthorized
	case json.Unmarshal(body, &in) != nil || len(in.Messages) != 1 || len(in.Messages[0].Destinations) != 1:
		return wanted{}, http.StatusBadRequest
	}
	m := in.Messages[0]
	return wanted{m.Destinations[0].To, m.Sender, m.Content.Text}, http.StatusOK
}

func (o *Operator) holdsKey(key string) bool {
	return subtle.ConstantTimeCompare([]byte(key), []byte(o.cfg.Password)) == 1
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
		if status == http.StatusOK {
			status = o.misbehaves()
		}
		if status != http.StatusOK {
			w.WriteHeader(status)
			return
		}
		h, err := o.table.get(sms.to)
		if err != nil {
			status, answer := api.nobody(sms.to)
			_ = answerSMS(w, status, answer) // it tells of nothing that was done
			return
		}
		id := "ATXid_" + strconv.FormatUint(o.sessions.Add(1), 36)
		m := &smpp.Message{MessageID: id, Source: smpp.Address{Addr: sms.from}, Dest: smpp.Address{Addr: sms.to}}
		var octets []byte
		m.DataCoding, octets = smpp.EncodeText(sms.text)
		m.TLVs = []smpp.TLV{{Tag: smpp.TagMessagePayload, Value: octets}}
		if !h.reach(func() {
			o.accept(h, m)
			o.centre.reports.Go(func() { o.reportSMS(api, sms.to, id) })
		}) {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		o.lose(id) // until the answer has left
		f := o.faults()
		if one(o.texts.Load(), f.RespDrop) || f.RespDelay > 0 && !o.centre.late(r.Context(), f.RespDelay) {
			panic(http.ErrAbortHandler) // the way to hang up without an answer
		}
		status, answer := api.taken(sms.to, id)
		if answerSMS(w, status, answer) == nil && r.Context().Err() == nil {
			o.hear(id)
		}
	})
}

// answerSMS answers; the error says that the caller had left.
func answerSMS(w http.ResponseWriter, status int, body string) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err := io.WriteString(w, body)
	return err
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
