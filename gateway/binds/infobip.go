package binds

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"mlango/smpp"
)

// infobip is Infobip's SMS API (infobip.com/docs/api, "Send SMS messages", and
// "Message status codes").
type infobip struct{}

// infobipSMS is the body of /sms/3/messages.
type infobipSMS struct {
	Messages []infobipMessage `json:"messages"`
}

type infobipMessage struct {
	Sender       string               `json:"sender,omitempty"`
	Destinations []infobipDestination `json:"destinations"`
	Content      infobipContent       `json:"content"`
	Options      *infobipOptions      `json:"options,omitempty"`
}

type infobipDestination struct {
	To string `json:"to"`
}

type infobipContent struct {
	Text string `json:"text"`
}

type infobipOptions struct {
	Validity infobipValidity `json:"validityPeriod"`
}

type infobipValidity struct {
	Amount int    `json:"amount"`
	Unit   string `json:"timeUnit"`
}

// infobipStatus is a status object: in answers and in reports.
type infobipStatus struct {
	Group string `json:"groupName"`
	Name  string `json:"name"`
}

func (infobip) call(a *api, t apiText) (string, http.Header, []byte) {
	m := infobipMessage{Sender: t.from, Destinations: []infobipDestination{{t.to}}, Content: infobipContent{t.text}}
	if t.validity > 0 {
		m.Options = &infobipOptions{infobipValidity{int(t.validity / time.Minute), "MINUTES"}}
	}
	body, _ := json.Marshal(infobipSMS{[]infobipMessage{m}}) // strings and numbers
	return "/sms/3/messages", http.Header{
		"Authorization": {"App " + a.key}, "Accept": {"application/json"}, "Content-Type": {"application/json"},
	}, body
}

// answer takes both names of the recipient: /sms/2 says to, /sms/3 destination.
func (infobip) answer(to string, body []byte) (smpp.Response, error) {
	var in struct {
		Messages []struct {
			ID          string        `json:"messageId"`
			To          string        `json:"to"`
			Destination string        `json:"destination"`
			Status      infobipStatus `json:"status"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return smpp.Response{}, errNoAnswer
	}
	for _, m := range in.Messages {
		if digits(m.To) == to || digits(m.Destination) == to {
			status, err := m.Status.judge()
			return smpp.Response{Status: status, MessageID: apiID(m.ID)}, err
		}
	}
	return smpp.Response{}, errNoAnswer
}

// judge is the status of an answer in our words.
func (s infobipStatus) judge() (smpp.Status, error) {
	switch s.Group {
	case "PENDING", "ACCEPTED", "DELIVERED":
		return smpp.StatusOK, nil
	case "UNDELIVERABLE", "EXPIRED":
		return smpp.StatusDeliveryFailure, nil
	case "REJECTED":
	default:
		return 0, errNoAnswer
	}
	switch {
	case strings.Contains(s.Name, "CREDITS"), strings.Contains(s.Name, "ACCOUNT"), strings.Contains(s.Name, "TRIAL"):
		return 0, fmt.Errorf("%w: %.40q", smpp.ErrClosed, s.Name)
	case strings.Contains(s.Name, "DESTINATION"), strings.Contains(s.Name, "NETWORK"), strings.Contains(s.Name, "PREFIX"), strings.Contains(s.Name, "ROUTE"):
		return smpp.StatusInvDstAddr, nil
	case strings.Contains(s.Name, "SENDER"), strings.Contains(s.Name, "SOURCE"):
		return smpp.StatusInvSrcAddr, nil
	case strings.Contains(s.Name, "SYSTEM"), strings.Contains(s.Name, "FLOODING"):
		return smpp.StatusSysErr, nil
	}
	return smpp.StatusPermAppError, nil
}

// state is the status of a report in SMPP's words. DELIVERED_TO_OPERATOR stands in
// the group of what is delivered, but another report is to come.
func (s infobipStatus) state() string {
	switch {
	case s.Name == "DELIVERED_TO_OPERATOR":
		return "ACCEPTD"
	case s.Group == "PENDING", s.Group == "ACCEPTED":
		return "ENROUTE"
	case s.Group == "DELIVERED":
		return "DELIVRD"
	case s.Group == "UNDELIVERABLE":
		return "UNDELIV"
	case s.Group == "EXPIRED":
		return "EXPIRED"
	case s.Group == "REJECTED":
		return "REJECTD"
	}
	return "UNKNOWN"
}

func (infobip) reports(contentType string, body []byte) ([]Report, error) {
	var in struct {
		Results []struct {
			ID     string        `json:"messageId"`
			To     string        `json:"to"`
			Status infobipStatus `json:"status"`
			Error  infobipStatus `json:"error"`
		} `json:"results"`
	}
	if contentType != "application/json" || json.Unmarshal(body, &in) != nil || len(in.Results) == 0 {
		return nil, errReport
	}
	var out []Report
	for _, r := range in.Results {
		if r.ID != "" {
			out = append(out, Report{Receipt: smpp.Receipt{ID: apiID(r.ID), Stat: r.Status.state(), Err: short(r.Error.Name)}, To: digits(r.To)})
		}
	}
	if out == nil {
		return nil, errReport
	}
	return out, nil
}

// apiID keeps an aggregator's id to a length that is kept for days.
func apiID(id string) string { return id[:min(len(id), maxAPIID)] }

// short keeps a word of an aggregator to what a log line needs.
func short(word string) string { return word[:min(len(word), maxAPIWord)] }
