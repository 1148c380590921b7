package binds

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"mlango/smpp"
)

// africasTalking is Africa's Talking's SMS API (developers.africastalking.com,
// "SMS: send bulk", "Delivery reports").
type africasTalking struct{}

// call is a form. The aggregator knows no validity.
func (africasTalking) call(a *api, t apiText) (string, http.Header, []byte) {
	form := url.Values{"username": {a.account}, "to": {"+" + t.to}, "message": {t.text}}
	if t.from != "" {
		form.Set("from", t.from)
	}
	return "", http.Header{
		"Apikey": {a.key}, "Accept": {"application/json"}, "Content-Type": {"application/x-www-form-urlencoded"},
	}, []byte(form.Encode())
}

// tableAfricasTalking is the statusCode of a recipient ("SMS: status codes"). Those
// that are missing are the account's fault, not the text's.
var tableAfricasTalking = map[int]smpp.Status{
	100: smpp.StatusOK, 101: smpp.StatusOK, 102: smpp.StatusOK, // processed, sent, queued
	401: smpp.StatusSubmitFail,                             // risk hold
	402: smpp.StatusInvSrcAddr,                             // invalid sender id
	403: smpp.StatusInvDstAddr, 404: smpp.StatusInvDstAddr, // invalid number, unsupported type of number
	406: smpp.StatusPermAppError, 409: smpp.StatusPermAppError, // blacklisted, do not disturb
	407: smpp.StatusInvDstAddr,                     // could not route
	500: smpp.StatusSysErr, 501: smpp.StatusSysErr, // internal error, gateway error
	502: smpp.StatusDeliveryFailure, // rejected by gateway
}

// tableAfricasTalkingWord is what stands in Message when no recipient is listed.
var tableAfricasTalkingWord = map[string]smpp.Status{
	"InvalidSenderId": smpp.StatusInvSrcAddr, "InvalidPhoneNumber": smpp.StatusInvDstAddr, "UserInBlacklist": smpp.StatusPermAppError,
}

func (africasTalking) answer(to string, body []byte) (smpp.Response, error) {
	var in struct {
		Data struct {
			Message    string `json:"Message"`
			Recipients []struct {
				Code   int    `json:"statusCode"`
				Number string `json:"number"`
				Status string `json:"status"`
				ID     string `json:"messageId"`
			} `json:"Recipients"`
		} `json:"SMSMessageData"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return smpp.Response{}, errNoAnswer
	}
	for _, r := range in.Data.Recipients {
		if digits(r.Number) != to {
			continue
		}
		status, known := tableAfricasTalking[r.Code]
		if !known {
			return smpp.Response{}, fmt.Errorf("%w: statusCode %d, %.32q", smpp.ErrClosed, r.Code, r.Status)
		}
		return smpp.Response{Status: status, MessageID: apiID(r.ID)}, nil
	}
	if status, known := tableAfricasTalkingWord[in.Data.Message]; known {
		return smpp.Response{Status: status}, nil
	}
	if len(in.Data.Recipients) == 0 && in.Data.Message == "InsufficientBalance" {
		return smpp.Response{}, fmt.Errorf("%w: insufficient balance", smpp.ErrClosed)
	}
	return smpp.Response{}, errNoAnswer
}

// tableAfricasTalkingStates is the status of a delivery report.
var tableAfricasTalkingStates = map[string]string{
	"Sent": "ENROUTE", "Submitted": "ENROUTE", "Buffered": "ENROUTE", "Success": "DELIVRD",
	"Rejected": "REJECTD", "Failed": "UNDELIV", "AbsentSubscriber": "UNDELIV", "Expired": "EXPIRED",
}

func (africasTalking) reports(contentType string, body []byte) ([]Report, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil || contentType != "application/x-www-form-urlencoded" || form.Get("id") == "" {
		return nil, errReport
	}
	state, known := tableAfricasTalkingStates[form.Get("status")]
	if !known {
		state = "UNKNOWN"
	}
	return []Report{{
		Receipt: smpp.Receipt{ID: apiID(form.Get("id")), Stat: state, Err: short(form.Get("failureReason"))},
		To:      digits(form.Get("phoneNumber")),
	}}, nil
}
