package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlango/simulator/load"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// TestReplayFindsItsPeople: whoever has a low number is a person of the run's own crowd,
// not a counter of some other run, and a session is found by its person's masked number.
func TestReplayFindsItsPeople(t *testing.T) {
	dir := t.TempDir()
	lines := `{"schema":2,"seed":9,"poor":0.2,"speed":5,"code":"334","users":2000}
{"n":1,"session":"a1","payer":8,"payee":1,"goal":"send","ending":"done","keys":[]}
{"n":2,"session":"a2","payer":2001,"payee":1,"goal":"deposit","ending":"done","keys":[]}
{"n":3,"session":"a3","payer":2035,"payee":-1,"goal":"send","ending":"done","keys":[]}
`
	if err := os.WriteFile(filepath.Join(dir, load.SessionsFile), []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	eighth := stack.Crowd(9, 0.2)(8)
	for _, c := range []struct{ session, of string }{{"#1", ""}, {"a1", "2547*****" + eighth.MSISDN[9:]}, {"#3", ""}} {
		r := &replay{cmd: &replayCmd{Session: c.session, Of: c.of, From: dir}, people: map[int]stack.User{}}
		if err := r.find(); err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		if c.session != "#3" && r.user(r.one.Payer) != eighth {
			t.Errorf("%v: the payer is %v, not %v", c, r.user(8), eighth)
		}
	}
}

// TestReplayTellsEndingsApart: every last screen has one name, and says another thing.
func TestReplayTellsEndingsApart(t *testing.T) {
	out := &printed{}
	r := &replay{w: &world{out: out}, head: load.RunHead{Code: "334"}, one: load.Recorded{Goal: load.GoalSend, Ending: "refused",
		Keys: []load.RecordedKey{{Input: "*334#"}, {Input: "1"}, {Input: "****"}}}}
	for _, c := range []struct {
		at, pins int
		text     string
		err      error
		want     string
	}{
		{2, 1, "UKMA1B2C3D Confirmed. Ksh50.00 sent to JANE", nil, "done"},
		{2, 1, "You do not have enough money. Nothing was taken.", nil, "refused"},
		{2, 1, "In progress. Do not repeat; SMS follows.", nil, "an SMS was promised"},
		{2, 1, "", operator.ErrNoAnswer, "no screen came after the last key"},
		{2, 1, "", operator.ErrRefused, "refused"},
		{1, 0, "", operator.ErrNoAnswer, "the network failed"},
		{1, 0, "Payments are slow", nil, "answered"},
		{0, 0, "This number has no account", nil, "the dial was refused"},
		{0, 0, "", operator.ErrNoService, "the dial was refused"},
	} {
		got := r.fate(c.at, c.pins, operator.Screen{Text: c.text}, c.err)
		if got.String() != c.want || r.ended(got) != (c.want == "refused") {
			t.Errorf("%q %v: %s, want %s", c.text, c.err, got, c.want)
		}
	}
	if !strings.Contains(out.String(), "≠ ended then: refused; now: done") {
		t.Error(out.String())
	}
}

// TestReplayUsesTheRunsDoor, and never a Redis that is somebody's own.
func TestReplayUsesTheRunsDoor(t *testing.T) {
	dir := t.TempDir()
	l := &loadRun{cmd: &loadCmd{Out: dir, Seed: 9, Users: 2000, HTTP: true, Dialect: "hubtel", SMS: "infobip", Redis: "redis://:secret@10.1.2.3/0", Expires: 8 * time.Second}}
	if err := l.keep("menu"); err != nil {
		t.Fatal(err)
	}
	if err := l.cfg.Sessions.Close(); err != nil {
		t.Fatal(err)
	}
	head, err := load.ReadSessions(dir, func(load.RunHead, *load.Recorded) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	if c := againFor(&head); !c.HTTP || c.Dialect != "hubtel" || c.SMS != "infobip" || c.Redis != redisStart || c.Expires != 8*time.Second {
		t.Errorf("%+v", c)
	}
	if says := (&replay{head: head}).door(); says != "HTTP as hubtel, SMS by infobip, with Redis" {
		t.Error(says)
	}
}
