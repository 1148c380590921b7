package menus

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestReplayListsWhatWouldChange(t *testing.T) {
	old, cat := wallet(t), testCatalogue()
	src, err := os.ReadFile("testdata/send.txt")
	if err != nil {
		t.Fatal(err)
	}
	changes, hops, err := Replay("send.txt", src, old, old, cat)
	if err != nil || len(changes) != 0 || hops < 10 {
		t.Fatalf("the same menu changes: %v %v %d", changes, err, hops)
	}
	fresh, err := Parse("new.yaml", []byte(strings.Replace(string(walletSource(t)), "Send money to which number?", "Send money to whom?", 1)), cat)
	if err != nil {
		t.Fatal(err)
	}
	changes, _, err = Replay("send.txt", src, old, fresh, cat)
	if err != nil || len(changes) == 0 {
		t.Fatal(changes, err)
	}
	for _, c := range changes {
		if !strings.Contains(c.Was, "Send money to which number?") || !strings.Contains(c.Now, "Send money to whom?") || c.Times < 1 || !strings.HasPrefix(c.At, "send.txt:") {
			t.Errorf("%+v", c)
		}
	}
	var out strings.Builder
	if err := WriteChanges(&out, changes, 10); err != nil || !strings.Contains(out.String(), "\n  now screen who (open)\n") {
		t.Fatal(err, out.String())
	}
}

func TestReplayStopsWhereWaysPart(t *testing.T) {
	old, cat := wallet(t), testCatalogue()
	src := strings.Replace(string(walletSource(t)), "sw: Akaunti yangu, am: \"የእኔ ሂሳብ\"}, go: account}", "sw: Akaunti yangu, am: \"የእኔ ሂሳብ\"}, go: account, key: \"17\"}", 1)
	fresh, err := Parse("new.yaml", []byte(src), cat)
	if err != nil {
		t.Fatal(err)
	}
	changes, hops, err := Replay("r.txt", []byte("subscriber known\ndial *334#\n\npress 3\n\npress 1\n\npress 4826\n\ndial *334#\n\npress 3\n"), old, fresh, cat)
	if err != nil || hops != 5 || len(changes) != 2 || changes[1].Times != 2 {
		t.Fatalf("%d hops, %+v, %v", hops, changes, err)
	}
}

// TestMaskedSessionsTellNobody records any session and replays it: no number,
// name, amount or PIN of the session is in the recording, and the replay meets
// the same screens.
func TestMaskedSessionsTellNobody(t *testing.T) {
	b, cat := wallet(t), testCatalogue()
	rapid.Check(t, func(t *rapid.T) {
		facts := Facts{MSISDN: "254722999111", Known: true, Language: "en"}
		st := b.Begin(facts)
		ev := Event{Kind: EventBegin, Text: rapid.SampledFrom([]string{"", "1*0722999333*7777", "2*1*7777", "1*0722999333*7777*835172", "835172"}).Draw(t, "dial")}
		var record strings.Builder
		record.WriteString("subscriber known msisdn=254722000001 language=en\n")
		for range 12 {
			fmt.Fprintf(&record, "%s\n\n", b.Masked(cat, &st, ev))
			act, err := b.Step(&st, ev, facts)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case act.Call != nil:
				outcome, values := anyOutcome(t, cat[act.Call.Fn])
				for name, v := range values {
					if v.Text != "" {
						values[name] = Value{Set: true, Text: "SECRETNAME"}
					}
				}
				ev = Event{Kind: EventOutcome, Outcome: outcome, Values: values}
			case act.Show.End:
				st = b.Begin(facts)
				ev = Event{Kind: EventBegin}
			default:
				ev = Event{Kind: EventInput, Text: rapid.SampledFrom([]string{"1", "2", "3", "0", "00", "0722999333", "7777", "835172", "SECRETNAME"}).Draw(t, "key")}
			}
		}
		for _, secret := range []string{"0722999", "7777", "835172", "SECRETNAME", "254722999"} {
			if strings.Contains(record.String(), secret) {
				t.Fatalf("%s is in\n%s", secret, record.String())
			}
		}
		changes, hops, err := Replay("r.txt", []byte(record.String()), b, b, cat)
		if err != nil || len(changes) != 0 || hops < 5 {
			t.Fatalf("%v %v %d\n%s", changes, err, hops, record.String())
		}
	})
}

func TestRecordersKeepTheNewestSessions(t *testing.T) {
	b, cat := wallet(t), testCatalogue()
	r := NewRecorder(cat)
	for n := range uint32(MaxRecorded + 20) {
		facts := Facts{Known: true, Language: "sw", MSISDN: "254733555777", Septets: 182, Today: Day(sampleTime(), 180)}
		st := b.Begin(facts)
		for hop := range MaxRecordedHops + 9 {
			ev := Event{Kind: EventInput, Text: []string{"1", "0"}[hop%2]}
			if hop == 0 {
				ev = Event{Kind: EventBegin}
			}
			r.Note(b, n, &st, ev, facts)
			if _, err := b.Step(&st, ev, facts); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.Note(b, 9999, &State{}, Event{Kind: EventInput, Text: "1"}, Facts{}) // began before
	var out strings.Builder
	if _, err := r.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Count(out.String(), "subscriber known language=sw") != MaxRecorded || strings.Contains(out.String(), "555777") || len(out.String()) > 1<<20 {
		t.Fatalf("%d bytes: %.300s", out.Len(), out.String())
	}
	changes, hops, err := Replay("r.txt", []byte(out.String()), b, b, cat)
	if err != nil || len(changes) != 0 || hops != MaxRecorded*(MaxRecordedHops+1) {
		t.Fatal(changes, hops, err)
	}
	var none *Recorder
	none.Note(b, 1, &State{}, Event{}, Facts{})
}
