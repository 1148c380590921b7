package dialog

import (
	"strings"
	"testing"

	"mlango/internal/trace"
)

// TestTracesWhatWasTyped: small amounts are shown, numbers are starred, and a PIN is not
// shown, neither at its screen, nor where none is asked for, nor sent again behind it, nor
// among several inputs at once.
func TestTracesWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	p := w.phone("s1")
	p.dial("*334#")
	for _, key := range []string{"1", thePI, "0722000002", "500", thePI} {
		p.press(key)
		p.again(key)
	}
	q := w.phone("s2")
	q.dial("*334#")
	q.press("1*0722000002*500*" + thePI)
	var told []string
	for _, s := range []string{"s1", "s2"} {
		for _, e := range w.trace.Events(trace.Session("safari", jane, s)) {
			told = append(told, e.Text)
		}
	}
	all := strings.Join(told, "\n")
	for _, want := range []string{`typed "1"`, `typed "0722*****002"`, `typed "500"`, `typed "1" and more`} {
		if strings.Count(all, want+"\n") != 1 {
			t.Errorf("%s is not there once:\n%s", want, all)
		}
	}
	if n := strings.Count(all, "typed ****\n"); n != 2 {
		t.Errorf("%d inputs are starred:\n%s", n, all)
	}
	if strings.Contains(all, thePI) || strings.Contains(all, "0722000002") {
		t.Errorf("it says too much:\n%s", all)
	}
}
