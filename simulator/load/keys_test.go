package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlango/simulator/operator"
)

// keysOf reads a file of keys.
func keysOf(t *testing.T, src string) (*Service, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keys.yaml")
	if err := os.WriteFile(file, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	return LoadKeys(file)
}

// TestKeysSayWhereTheyAreWrong: by line and column, with the mend.
func TestKeysSayWhereTheyAreWrong(t *testing.T) {
	for src, want := range map[string]string{
		"code: \"mary\"\ngoals:\n  a:\n    press: [\"1\"]\n": "keys.yaml:1:7",
		"code: \"384\"\n": "write 1 to",
		"code: \"384\"\ngoals:\n  a:\n    press: []\n":                                       "keys.yaml:4:",
		"code: \"384\"\ngoals:\n  a:\n    press: [\"\"]\n":                                   "an empty key",
		"code: \"384\"\ngoals:\n  a:\n    press: [\"{pin}\"]\n":                              "{pin} without a pin",
		"code: \"384\"\ngoals:\n  a:\n    press: [\"{who}\"]\n":                              "stands for nothing",
		"code: \"384\"\ngoals:\n  a:\n    press: [\"1\"]\n    expect: [\"a\",\"b\",\"c\"]\n": "expect has 3 words",
		"code: \"384\"\ngoals:\n  a:\n    pres: [\"1\"]\n":                                   "press",
		"code: \"384\"\ngoals:\n  a:\n    press: [\"" + strings.Repeat("9", 200) + "\"]\n":   "too long",
		"code: \"384\"\ngoals:\n  a:\n    share: -1\n    press: [\"1\"]\n":                   "keys.yaml:4:12",
	} {
		if _, err := keysOf(t, src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", src, err, want)
		}
	}
}

// TestPeoplePressWhatTheFileSays, and leave before a screen that it does not expect: no
// PIN goes there.
func TestPeoplePressWhatTheFileSays(t *testing.T) {
	s, err := keysOf(t, "code: \"*384#\"\npin: \"2580\"\ngoals:\n  send:\n    press: [\"1\", \"{to}\", \"{amount}\", \"{pin}\"]\n    expect: [\"karibu\", \"\", \"\", \"pin\", \"done\"]\n  prices:\n    share: 3\n    press: [\"2\"]\n")
	if err != nil || s.Code != "384" {
		t.Fatal(s, err)
	}
	profile := Profile{Mix: []Share{{GoalSend, 0.5}, {"airtime", 0.5}}}
	if s.Serves(&profile); len(profile.Mix) != 2 || profile.Mix[0].Name != "prices" || profile.Mix[1].Part > 0.2 {
		t.Errorf("the mix is %v", profile.Mix)
	}
	g := newGuide(&Config{Profile: profile, Keys: s.Keys, Expect: s.Expect, Code: s.Code})
	self, to := &Person{MSISDN: "254722000001", PIN: s.PIN}, &Person{MSISDN: "254722000002"}
	for want, screens := range map[string][]string{
		"1 0722000002 500 2580":   {"Karibu", "To whom?", "How much?", "Enter PIN"},
		"1 0722000002 500 leaves": {"Karibu", "To whom?", "How much?", "Down for repair"},
		"leaves":                  {"Sorry"},
	} {
		w := g.walker(&Plan{Goal: GoalSend, Amount: 500_00}, self, to)
		var got []string
		for _, text := range screens {
			key, _, ok := w.next(operator.Screen{Text: text, Open: true})
			if !ok {
				key = "leaves"
			}
			got = append(got, key)
		}
		if strings.Join(got, " ") != want || w.strange != strings.HasSuffix(want, "leaves") {
			t.Errorf("on %q presses %v", screens, got)
		}
	}
}

// TestARampBeginsSlowly: with ten a second, doubling every ten seconds, and never above
// the curve.
func TestARampBeginsSlowly(t *testing.T) {
	flat := Profile{}
	for i := range flat.Hours {
		flat.Hours[i] = 1
	}
	a := NewArrivals(&flat, 200, 2*time.Minute, 0, 1, rand.New(rand.NewPCG(1, 1)))
	a.ramp = 10
	var in [12]int // of ten seconds each
	for at, ok := a.Next(); ok; at, ok = a.Next() {
		in[int(at.Seconds()/10)]++
	}
	if in[0] < 90 || in[0] > 220 || in[2] < 2*in[0] || in[11] < 1800 || in[11] > 2200 {
		t.Errorf("a ramp to 200 a second has %v", in)
	}
}

// asks is a service that asks some questions, and remembers the latest key.
type asks struct {
	operator.Network
	left int
	last string
}

func (a *asks) Dial(context.Context, string, string) (operator.Screen, error) {
	return operator.Screen{Session: "1", Text: "Karibu", Open: true}, nil
}

func (a *asks) Press(_ context.Context, _, key string) (operator.Screen, error) {
	a.last = key
	a.left--
	return operator.Screen{Session: "1", Text: "Next", Open: a.left > 0}, nil
}

// TestAPINWrittenOutStandsInNoReport: somebody wrote it among the keys in place of {pin}.
func TestAPINWrittenOutStandsInNoReport(t *testing.T) {
	s, err := keysOf(t, "code: \"334\"\ngoals:\n  balance:\n    press: [\"3\", \"1\", \"{amount}\", \"739156\"]\n")
	if err != nil {
		t.Fatal(err)
	}
	g := newGuide(&Config{Keys: s.Keys, Code: s.Code})
	w := g.walker(&Plan{Goal: "balance", Amount: 4500_00}, &Person{}, nil)
	for key, want := range map[string]bool{"3": false, "4500": false, "739156": true, "4826": true, "0722000002": false, "mary": false} {
		if w.hushed(key) != want {
			t.Errorf("%s is hushed: %v", key, !want)
		}
	}
	service := &asks{left: 4}
	cfg := Config{Network: service, People: []Person{{MSISDN: "254722000001"}}, Keys: s.Keys, Code: s.Code, Speed: 1000, rec: newRecorder(time.Now())}
	walk(t.Context(), &cfg, newClock(time.Now()), g, Plan{Goal: "balance", Amount: 4500_00, Persona: &Persona{}, rng: rand.New(rand.NewPCG(1, 1))}, time.Now())
	if len(cfg.rec.latest) != 1 {
		t.Fatal("no session")
	}
	if told := fmt.Sprintf("%+v", cfg.rec.latest[0].tell("")); strings.Contains(told, "739156") || !strings.Contains(told, hidden) || service.last != "739156" {
		t.Errorf("typed %s, told %s", service.last, told)
	}
}
