package main

import (
	"os"
	"path/filepath"
	"testing"

	"mlango/simulator/load"
	"mlango/simulator/stack"
)

// TestReplayFindsItsPeople: whoever has a low number is a person of the run's own crowd,
// not a counter of some other run, and a session is found by its person's masked number.
func TestReplayFindsItsPeople(t *testing.T) {
	dir := t.TempDir()
	lines := `{"schema":1,"seed":9,"poor":0.2,"speed":5,"code":"334","users":2000}
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
