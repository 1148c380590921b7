package main

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"mlango/gateway/dialog"
)

// opener notes what it was asked for, and answers err.
type opener struct {
	asked string
	err   error
}

func (o *opener) Open(_ context.Context, operator, msisdn, code string) error {
	o.asked = "open " + operator + " " + msisdn + " " + code
	return o.err
}

func (o *opener) Approve(context.Context, string, string, string) error { return o.err }

func (o *opener) Notify(_ context.Context, operator, msisdn, text string) error {
	o.asked = "notify " + operator + " " + msisdn + " " + text
	return o.err
}

func TestPushPage(t *testing.T) {
	const who = `{"operator":"safari","msisdn":"254722000001"`
	for _, c := range []struct {
		body   string
		err    error
		status int
		asked  string
	}{
		{who + `,"code":"*334#"}`, nil, 200, "open safari 254722000001 *334#"},
		{who + `,"text":"Hello"}`, nil, 200, "notify safari 254722000001 Hello"},
		{who + `}`, nil, 400, ""},
		{who + `,"code":"*334#","text":"Hello"}`, nil, 400, ""},
		{who + `,"code":"*334#","pin":"1"}`, nil, 400, ""},
		{`[]`, nil, 400, ""},
		{``, nil, 400, ""},
		{who + `,"text":"` + strings.Repeat("x", maxPush) + `"}`, nil, 400, ""},
		{who + `,"text":"Hello"}`, dialog.ErrNoOpener, 404, "notify safari 254722000001 Hello"},
		{who + `,"text":"Hello"}`, dialog.ErrLong, 400, "notify safari 254722000001 Hello"},
		{who + `,"text":"Hello"}`, dialog.ErrFull, 503, "notify safari 254722000001 Hello"},
		{who + `,"text":"Hello"}`, errors.New("no bind"), 502, "notify safari 254722000001 Hello"},
	} {
		o := &opener{err: c.err}
		w := httptest.NewRecorder()
		pushPage(o).ServeHTTP(w, httptest.NewRequest("POST", "/push", strings.NewReader(c.body)))
		if w.Code != c.status || o.asked != c.asked || c.status != 200 && !strings.Contains(w.Body.String(), `"mend"`) {
			t.Errorf("%.60s: %d %s, asked %q", c.body, w.Code, w.Body, o.asked)
		}
	}
}
