package load

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
)

// TestStoriesAreMasked: no number that anybody could ring, and no PIN, wherever they stand.
func TestStoriesAreMasked(t *testing.T) {
	begun := time.Now()
	r := newRecorder(begun)
	p := &Person{MSISDN: "254722000123", PIN: "4826", Account: 7}
	s := r.story(p, "send", begun)
	s.came("*334*1*0722000002*500#", false, begun, begun.Add(time.Millisecond), "home", "Send to 254733000456 or 0722000002?")
	s.came("4826", true, begun, begun.Add(3*time.Second), "", "Wrong PIN 4826. +254722000002, Ksh4,826.00")
	s.silent("4826", false, begun, begun.Add(9*time.Second))
	r.ended(s, "3c", EndSilent)
	b, err := json.Marshal(r.worst([]*group{{finding: finding{payer: 7, session: "3c"}, texts: []string{"of 254722000123"}}}))
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{`"4826`, "PIN 4826", "000123\"", "0722000002", "254733000456", "254722000002"} {
		if strings.Contains(string(b), never) {
			t.Errorf("%q is told: %s", never, b)
		}
	}
	for _, want := range []string{`"input":"*334*1*0722*****002*500#"`, `"input":"****"`, "2547*****456", "Ksh4,826.00", `"ending":"no screen came after the last key"`, "the audit: of 2547*****123", `"name":"screen 2"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("%q is not told: %s", want, b)
		}
	}
}

// TestWorstSessions are few however many there were: what the audit found first, then
// what ended in silence, then who waited longest.
func TestWorstSessions(t *testing.T) {
	begun := time.Now()
	r := newRecorder(begun)
	people := make([]Person, 5000)
	for i := range people {
		people[i] = Person{MSISDN: "254722000001", Account: ledger.Account(i + 1)}
		s := r.story(&people[i], fmt.Sprint("wish ", i%40), begun)
		for n := range 60 {
			s.came("1", false, begun, begun.Add(time.Duration(i%997+n)*time.Millisecond), fmt.Sprint("screen ", n), "text")
		}
		ending := EndDone
		if i%100 == 0 {
			ending = EndSilent
		}
		r.ended(s, fmt.Sprint(i), ending)
	}
	list := r.worst([]*group{{finding: finding{payer: 4900, session: "4899"}, texts: []string{"odd"}}, {finding: finding{payer: 1, session: "77"}}})
	if len(list) != 1+maxBroken+maxSlow || list[0].Why != "the audit: odd" || list[1].Why != "it ended without a screen" || len(list[0].Hops) != maxHops || list[0].More != 20 {
		t.Errorf("%d told: %+v", len(list), list[0])
	}
	if last := list[len(list)-1]; last.Why != "it waited longest" || last.Hops[0].WaitMS < 990 {
		t.Errorf("%+v", last.Hops[0])
	}
	if len(r.latest) != maxLatest || len(r.funnels) > maxFunnels+1 {
		t.Errorf("%d kept, %d funnels", len(r.latest), len(r.funnels))
	}
}

// TestFunnels count who saw a screen, in its place, and whose last it was.
func TestFunnels(t *testing.T) {
	begun := time.Now()
	r := newRecorder(begun)
	p := &Person{}
	for i := range 10 {
		s := r.story(p, "send", begun)
		for n, name := range []string{"home", "who", "home", "confirm"}[:1+i%4] {
			s.came(fmt.Sprint(n), false, begun, begun, name, "")
		}
		ending := EndDone
		switch i {
		case 0:
			ending = EndAbandoned
		case 1:
			s.silent("1", false, begun, begun)
			ending = EndFailed
		case 2:
			s.noSignal("1", false, begun, begun)
			ending = EndFailed
		}
		r.ended(s, "", ending)
	}
	for range 9 { // who dial the whole way do not move the last screen before the others
		s := r.story(p, "send", begun)
		s.came("*334*1*0722000002*500#", false, begun, begun, "confirm", "")
		r.ended(s, "", EndDone)
	}
	got, err := json.Marshal(r.told())
	want := `[{"wish":"send","dialled":19,"whole_strings":9,"steps":[{"screen":"home","reached":10,"left":2,"broken":0},{"screen":"who","reached":7,"left":0,"broken":1},{"screen":"confirm","reached":11,"left":0,"broken":0}]}]`
	if err != nil || string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
