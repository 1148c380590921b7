package operator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// wanted is one text as a call asks for it, to one or to many.
type wanted struct {
	to         []string
	from, text string
}

// sent is a recipient and the message id it has; empty: it is nobody's number.
type sent struct{ to, id string }

// smsAPI is one aggregator's way to take SMS and to report on them.
type smsAPI struct {
	read   func(o *Operator, r *http.Request, body []byte) (wanted, int) // the status is http.StatusOK, or why not
	answer func(list []sent) (status int, body any)
	report func(to, id string) (contentType, body string)
}

// tableSMSAPIs are the APIs by name.
var tableSMSAPIs = map[string]smsAPI{
	"africastalking": {read: readAfricasTalking, answer: answerAfricasTalking, report: reportAfricasTalking},
	"infobip":        {read: readInfobip, answer: answerInfobip, report: reportInfobip},
}

// readAfricasTalking reads a form: username, to (numbers joined by commas), message, from
// (developers.africastalking.com, "SMS: send bulk").
func readAfricasTalking(o *Operator, r *http.Request, body []byte) (wanted, int) {
	form, err := url.ParseQuery(string(body))
	switch {
	case !o.holdsKey(r.Header.Get("Apikey")) || !o.knowsAccount(form.Get("username")):
		return wanted{}, http.StatusUnauthorized
	case err != nil || form.Get("to") == "" || form.Get("message") == "":
		return wanted{}, http.StatusBadRequest
	}
	w := wanted{from: form.Get("from"), text: form.Get("message")}
	for to := range strings.SplitSeq(form.Get("to"), ",") {
		w.to = append(w.to, strings.TrimPrefix(strings.TrimSpace(to), "+"))
	}
	return w, http.StatusOK
}

// recipientJSON is a recipient as Africa's Talking answers it.
type recipientJSON struct {
	Code   int    `json:"statusCode"`
	Number string `json:"number"`
	Status string `json:"status"`
	Cost   string `json:"cost"`
	ID     string `json:"messageId"`
}

func answerAfricasTalking(list []sent) (int, any) {
	const each = 0.8
	taken, recipients := 0, make([]recipientJSON, 0, len(list))
	for _, s := range list {
		if s.id == "" {
			recipients = append(recipients, recipientJSON{403, "+" + s.to, "InvalidPhoneNumber", "0", "None"})
			continue
		}
		taken++
		recipients = append(recipients, recipientJSON{101, "+" + s.to, "Success", fmt.Sprintf("KES %.4f", each), s.id})
	}
	return http.StatusCreated, map[string]any{"SMSMessageData": map[string]any{
		"Message": fmt.Sprintf("Sent to %d/%d Total Cost: KES %.4f", taken, len(list), each*float64(taken)), "Recipients": recipients,
	}}
}

func reportAfricasTalking(to, id string) (string, string) {
	return "application/x-www-form-urlencoded", url.Values{"id": {id}, "status": {"Success"}, "phoneNumber": {"+" + to}, "networkCode": {networkCode}}.Encode()
}

// readInfobip reads one message of /sms/3/messages, to one or to many.
func readInfobip(o *Operator, r *http.Request, body []byte) (w wanted, status int) {
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
		return w, http.StatusUnauthorized
	case json.Unmarshal(body, &in) != nil || len(in.Messages) != 1 || len(in.Messages[0].Destinations) == 0 || in.Messages[0].Content.Text == "":
		return w, http.StatusBadRequest
	}
	m := in.Messages[0]
	w.from, w.text = m.Sender, m.Content.Text
	for _, d := range m.Destinations {
		w.to = append(w.to, strings.TrimPrefix(d.To, "+"))
	}
	return w, http.StatusOK
}

func answerInfobip(list []sent) (int, any) {
	var messages []any
	for _, s := range list {
		id, status := s.id, map[string]any{"groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED", "description": "Message sent to next instance"}
		if id == "" {
			id, status = "0", map[string]any{"groupId": 5, "groupName": "REJECTED", "id": 51, "name": "REJECTED_INVALID_DESTINATION"}
		}
		messages = append(messages, map[string]any{"messageId": id, "destination": s.to, "status": status})
	}
	return http.StatusOK, map[string]any{"bulkId": "1", "messages": messages}
}

func reportInfobip(to, id string) (string, string) {
	return "application/json", fmt.Sprintf(`{"results":[{"messageId":"%s","to":"%s","status":{"groupId":3,"groupName":"DELIVERED","id":5,"name":"DELIVERED_TO_HANDSET"},"error":{"name":"NO_ERROR"}}]}`, id, to)
}
