//go:build house

package main

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mlango/simulator/operator"
)

// door is where the sandbox posts.
func (r *rig) door() string { return "http://" + r.stack.Ports().HTTP + "/ussd/" + demoSandbox }

// form is a hop as an aggregator posts it.
func form(session, number, text string) url.Values {
	return url.Values{"sessionId": {session}, "phoneNumber": {"+" + number}, "serviceCode": {"*334#"}, "networkCode": {"63902"}, "text": {text}}
}

// doorScreen posts a hop by the HTTP door and returns its screen.
func doorScreen(t testing.TB, r *rig, session, number, text string) operator.Screen {
	t.Helper()
	resp, err := http.PostForm(r.door(), form(session, number, text))
	if err != nil {
		t.Errorf("post: %v", err)
		return operator.Screen{}
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	if text, ok := strings.CutPrefix(string(b), "CON "); ok && resp.StatusCode == http.StatusOK {
		return operator.Screen{Text: text, Open: true}
	}
	text, ok := strings.CutPrefix(string(b), "END ")
	if !ok || resp.StatusCode != http.StatusOK {
		t.Errorf("the door answered %d %q", resp.StatusCode, b)
	}
	return operator.Screen{Text: text}
}
