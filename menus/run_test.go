package menus

import (
	"runtime"
	"sync"
	"testing"
)

// TestManySessionsAtOnce: a bundle is shared by all sessions of a gateway.
func TestManySessionsAtOnce(t *testing.T) {
	b, cat := wallet(t), testCatalogue()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				p := NewPhone(b, Facts{Known: true, MSISDN: "254722000001"})
				show, err := shown(p, cat)(p.Dial("*334*1*0722000002*500#"))
				if err == nil {
					show, err = shown(p, cat)(p.Press("4826"))
				}
				if err != nil || !show.End {
					t.Error(show, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// TestStepsStayCheap holds a step to its memory, 4 KiB an event, over a whole
// purchase of airtime. (A typed number costs what internal/msisdn makes of it.)
func TestStepsStayCheap(t *testing.T) {
	b, cat := wallet(t), testCatalogue()
	const runs, events = 200, 7
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range runs {
		p := NewPhone(b, Facts{Known: true, MSISDN: "254722000001"})
		if _, err := shown(p, cat)(p.Dial("*334#")); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"2", "1", "500", "4826"} {
			if _, err := shown(p, cat)(p.Press(key)); err != nil {
				t.Fatal(err)
			}
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / runs / events; each > 4096 {
		t.Fatalf("a step allocates %d bytes", each)
	}
}

// shown answers a step's calls with canned outcomes.
func shown(p *Phone, cat Catalogue) func(Action, error) (*Show, error) {
	return func(act Action, err error) (*Show, error) { return p.Shown(act, err, cat) }
}
