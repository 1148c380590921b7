package main

import (
	"strings"
	"testing"
	"time"

	"mlango/simulator/operator"
)

// TestNobodySteersTheTerminal: an ESME chooses its system_id and its addresses, and a
// service its screens.
func TestNobodySteersTheTerminal(t *testing.T) {
	const evil = "\x1b]0;gone\a\x1b[2J\r\u202ebank"
	out := &printed{}
	log := newSMSCLog(&world{out: out, err: out}, true, false)
	log.event(operator.Event{At: time.Now(), Kind: operator.EventSMS, SystemID: evil, Mode: "TRX", Remote: evil, From: evil, To: evil, ID: evil, Status: evil, Text: evil})
	log.summary(operator.Counts{})
	(&dialler{w: &world{out: out}}).show("a dial", screen{Screen: "Karibu\n" + evil})
	if got := out.String(); strings.ContainsAny(got, "\x1b\a\r\u202e") || !strings.Contains(got, "bank") || !strings.Contains(got, "  Karibu\n  ·]0;gone··[2J··bank") {
		t.Errorf("%q", got)
	}
}

// TestTheReportHasNoPassword: the command that repeats a run stands in it.
func TestTheReportHasNoPassword(t *testing.T) {
	for _, url := range []string{"redis://:hunter2@127.0.0.1:6379/0", "redis://me:hunter2@127.0.0.1/0", "redis://:hunter2%zz@127.0.0.1"} {
		c := &loadCmd{Stack: true, Redis: url}
		if got := c.again(); strings.Contains(got, "hunter2") || !strings.Contains(got, "--redis") {
			t.Errorf("it says %s", got)
		}
	}
	c := &loadCmd{Redis: "redis://127.0.0.1:6379/1"}
	if got := c.again(); !strings.Contains(got, "--redis redis://127.0.0.1:6379/1") {
		t.Errorf("it says %s", got)
	}
}
