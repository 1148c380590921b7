package main

import (
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"mlango/gateway/dialog"
	"mlango/internal/cli"
	"mlango/menus"
)

// TestAuthorsTools: what was recorded is replayed against a changed menu; the
// schema is the shipped one; the shipped transcripts meet the whole wallet.
func TestAuthorsTools(t *testing.T) {
	g := &gateway{recording: menus.NewRecorder(dialog.Catalogue())}
	b, err := readMenu("")
	if err != nil {
		t.Fatal(err)
	}
	facts := menus.Facts{Known: true, MSISDN: "254722555777", Language: "en"}
	st := b.Begin(facts)
	for _, ev := range []menus.Event{{Kind: menus.EventBegin}, {Kind: menus.EventInput, Text: "1"}, {Kind: menus.EventInput, Text: "0733555777"}} {
		g.recording.Note(b, 7, &st, ev, facts)
		if _, err := b.Step(&st, ev, facts); err != nil {
			t.Fatal(err)
		}
	}
	page := httptest.NewRecorder()
	g.recordingPage(page, nil)
	recorded, changed := page.Body.String(), strings.Replace(string(menus.Wallet()), "How much? (Ksh)", "What amount? (Ksh)", 1)
	if strings.Contains(recorded, "555777") {
		t.Fatalf("somebody is known again:\n%s", recorded)
	}
	transcripts, err := os.ReadDir("../menus/testdata")
	if err != nil {
		t.Fatal(err)
	}
	all := []string{"menus", "test", "--coverage"}
	for _, file := range transcripts {
		if strings.HasSuffix(file.Name(), ".txt") {
			all = append(all, "../menus/testdata/"+file.Name())
		}
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"menus", "replay", "--menu", write(t, "new.yaml", changed), write(t, "recorded.txt", recorded)}, cli.Done, "now screen how_much (open)\n        What amount? (Ksh)"},
		{[]string{"menus", "replay", "--menu", write(t, "new.yaml", changed), "--old", write(t, "old.yaml", changed), write(t, "recorded.txt", recorded)}, cli.Done, "1 of its sessions were recorded under another menu than "},
		{[]string{"menus", "replay", "--menu", "nowhere.yaml", "x"}, cli.Usage, "nowhere.yaml"},
		{[]string{"menus", "schema"}, cli.Done, `"https://json-schema.org/draft/2020-12/schema"`},
		{all, cli.Done, "0 failed"},
		{all[:4], cli.Check, "is never"},
	} {
		if code, out, errs := call(t, "", c.args...); code != c.code || !strings.Contains(out+errs, c.want) {
			t.Errorf("%v: %d, want %d and %q\n%.800s%s", c.args, code, c.code, c.want, out, errs)
		}
	}
}
