package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"mlango/simulator/operator"
)

// TestFaultsAreRefusedWithTheirPlace: what is wrong on a timeline is told by line, with
// how to mend it.
func TestFaultsAreRefusedWithTheirPlace(t *testing.T) {
	for want, line := range map[string]string{
		`f.yaml:2:20: there is no fault "throtle" – did you mean "throttle"?`:                     "{at: 1s, kind: throtle, n: 3}",
		`f.yaml:2:10: "soon" is no instant of a run – write at: 10s`:                              "{at: soon, kind: drop_binds}",
		`f.yaml:2:12: "" is no instant of a run`:                                                  "{kind: drop_binds}",
		`f.yaml:2:20: kill cannot befall "" – write target: ledgerd, or gateway, or redis`:        "{at: 1s, kind: kill}",
		`kill cannot befall "postgres"`:                                                           "{at: 1s, kind: kill, target: postgres}",
		`flush cannot befall "ledgerd" – write target: redis`:                                     "{at: 1s, kind: flush, target: ledgerd}",
		`throttle befalls the network, no program – remove target`:                                "{at: 1s, kind: throttle, n: 3, target: gateway}",
		`throttle needs a number above 0 – write n: SMS a second`:                                 "{at: 1s, kind: throttle}",
		`drop_binds has no number – remove n`:                                                     "{at: 1s, kind: drop_binds, n: 3}",
		`resp_late needs a delay above 0 and at most 1m0s – write delay: 500ms`:                   "{at: 1s, kind: resp_late}",
		`slow_peer needs a delay above 0 and at most 10s`:                                         "{at: 1s, kind: slow_peer, delay: 45s}",
		`hops_twice has at most 64 – write n: 64, or less`:                                        "{at: 1s, kind: hops_twice, n: 65}",
		`a program that always stands still is stopped`:                                           "{at: 1s, kind: slow, target: ledgerd, n: 100}",
		`drop_binds happens at once – remove for`:                                                 "{at: 1s, kind: drop_binds, for: 3s}",
		`f.yaml:2:48: "a while" is no time – write for: 10s, or 30% of --duration`:                "{at: 1s, kind: stop, target: gateway, for: a while}",
		`the key "targt" is not known here – did you mean "target"?`:                              "{at: 1s, kind: stop, targt: gateway}",
		`f.yaml:2:10: "130%" is no instant of a run – write at: 10s after its begin, or 30% of -`: "{at: 130%, kind: drop_binds}",
	} {
		if _, err := ReadFaults("f.yaml", []byte("faults:\n  - "+line+"\n")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", line, want, err)
		}
	}
	if _, err := LoadFaults("../testdata/faults.yaml"); err != nil {
		t.Errorf("the shipped example: %v", err)
	}
	for kind := range tableFaults {
		if !strings.Contains(FaultKinds(), "  "+kind+" ") {
			t.Errorf("%s is not listed", kind)
		}
	}
}

func FuzzReadFaults(f *testing.F) {
	f.Add([]byte("faults:\n  - {at: 1s, kind: kill, target: ledgerd, for: 2s}\n  - {at: 30%, kind: slow_peer, delay: 20ms}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		faults, err := ReadFaults("f.yaml", src)
		for _, one := range faults {
			if _, known := tableFaults[one.Kind]; err == nil && !known {
				t.Fatalf("taken: %+v", one)
			}
		}
	})
}

// wreck notes what is broken, and when.
type wreck struct {
	mu    sync.Mutex
	begun time.Time
	said  []string
	fails bool
}

func (w *wreck) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf("%4.1f ", time.Since(w.begun).Seconds())+fmt.Sprintf(format, args...))
}

func (w *wreck) Kill(_ context.Context, target string) error {
	w.note("kill %s", target)
	if w.fails {
		return errors.New("it is not here")
	}
	return nil
}

func (w *wreck) Restart(_ context.Context, target string) error {
	w.note("start %s", target)
	return nil
}

func (w *wreck) Freeze(target string, on bool) error {
	w.note("freeze %s %v", target, on)
	return nil
}

func (w *wreck) Flush(context.Context) error { w.note("flush"); return nil }
func (w *wreck) DropBinds()                  { w.note("drop") }
func (w *wreck) SetFaults(f operator.Faults) {
	w.note("network %d %s %v", f.Throttle, f.RespDelay, f.HalfOpen)
}

// TestTimeline: each fault happens at its instant and ends at its own, those of the
// network add up, what is broken at the end of the arrivals is mended, and the report
// has all of it.
func TestTimeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults, err := ReadFaults("f.yaml", []byte(`faults:
  - {at: 50%, kind: throttle, n: 5, for: 2s}
  - {at: 1s, kind: kill, target: ledgerd, for: 2s}
  - {at: 6s, kind: resp_late, delay: 1s, for: 30%}
  - {at: 8s, kind: stop, target: gateway}
  - {at: 2s, kind: drop_binds}
  - {at: 90s, kind: flush, target: redis}
`))
		if err != nil {
			t.Fatal(err)
		}
		w := &wreck{begun: time.Now()}
		line := newTimeline(w, w.begun)
		ctx, end := context.WithTimeout(t.Context(), 10*time.Second)
		defer end()
		line.going.Go(func() { line.play(ctx, faults, 10*time.Second) })
		line.going.Wait()
		want := ` 1.0 kill ledgerd
 2.0 drop
 3.0 start ledgerd
 5.0 network 5 0s false
 6.0 network 5 1s false
 7.0 network 0 1s false
 8.0 freeze gateway true
 9.0 network 0 0s false
10.0 freeze gateway false`
		if got := strings.Join(w.said, "\n"); got != want {
			t.Errorf("it went\n%s\nwant\n%s", got, want)
		}
		open, all := line.now()
		if len(open) != 0 || len(all) != 6 || all[5].Kind != "flush" || all[5].Error != errNever.Error() {
			t.Fatalf("%d open of %d", len(open), len(all))
		}
		if h := all[0]; h.Kind != "kill" || h.FromMS != 1000 || h.ToMS != 3000 || h.Error != "" {
			t.Errorf("the first is %+v", h)
		}
		w.fails = true
		if line.happen(t.Context(), faults[1]); line.harms[6].Error != "it is not here" {
			t.Errorf("a fault that failed says %q", line.harms[6].Error)
		}
	})
}

// TestFaultsOverlap: what two faults break is mended when the last one is over.
func TestFaultsOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		faults, err := ReadFaults("f.yaml", []byte(`faults:
  - {at: 1s, kind: kill, target: ledgerd, for: 8s}
  - {at: 2s, kind: kill, target: ledgerd, for: 1s}
  - {at: 1s, kind: stop, target: gateway, for: 6s}
  - {at: 2s, kind: slow, target: gateway, n: 50, for: 1s}
  - {at: 3500ms, kind: kill, target: gateway, for: 1s}
`))
		if err != nil {
			t.Fatal(err)
		}
		w := &wreck{begun: time.Now()}
		line := newTimeline(w, w.begun)
		line.play(t.Context(), faults, 10*time.Second)
		line.going.Wait()
		want := []string{" 1.0 kill ledgerd", " 1.0 freeze gateway true", " 3.5 kill gateway", " 4.5 start gateway", " 4.5 freeze gateway true",
			" 7.0 freeze gateway false", " 9.0 start ledgerd"}
		slices.Sort(w.said)
		slices.Sort(want)
		if !slices.Equal(w.said, want) {
			t.Errorf("it went\n%s\nwant\n%s", strings.Join(w.said, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestFaultsThatWouldNeverHappen are refused before the run.
func TestFaultsThatWouldNeverHappen(t *testing.T) {
	for _, c := range []struct {
		line      string
		ussd, sms bool // by HTTP
		want      string
	}{
		{"{at: 90s, kind: stop, target: ledgerd}", false, false, "f.yaml:2:21: stop would never happen, people dial for 1m0s – begin it sooner"},
		{"{at: 100%, kind: drop_binds}", false, false, "would never happen"},
		{"{at: 59s, kind: drop_binds}", false, true, ""},
		{"{at: 1s, kind: drop_binds}", true, true, "this run has none"},
		{"{at: 1s, kind: half_open}", true, true, "this run has none"},
		{"{at: 1s, kind: half_open}", true, false, ""},
		{"{at: 1s, kind: throttle_all, n: 5}", true, false, "screens over SMPP"},
		{"{at: 1s, kind: resp_late, delay: 1s}", true, true, ""},
		{"{at: 1s, kind: receipts_twice, n: 2}", true, true, ""},
	} {
		faults, err := ReadFaults("f.yaml", []byte("faults:\n  - "+c.line+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		err = CheckFaults(faults, time.Minute, c.ussd, c.sms)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.line, err, c.want)
		}
	}
}

// TestARunWhoseFaultFailsProvesNothing: nobody was killed, and all went well.
func TestARunWhoseFaultFailsProvesNothing(t *testing.T) {
	v := newVillage(40)
	cfg := steadyRun(v)
	cfg.Breaker, cfg.Faults = &wreck{begun: time.Now(), fails: true}, []Fault{{Kind: "kill", Target: targetLedger, For: time.Second / 10}}
	rep, err := Run(t.Context(), cfg, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rep.ExitCode() != 4 || !strings.Contains(rep.Headline(), "ledgerd killed): it is not here") {
		t.Errorf("exit %d: %s", rep.ExitCode(), rep.Headline())
	}
	cfg.Faults[0].At = time.Hour
	if _, err := Run(t.Context(), cfg, nil); err == nil || !strings.Contains(err.Error(), "would never happen") {
		t.Errorf("a fault after the run: %v", err)
	}
}

// steadyRun is a short run in a village.
func steadyRun(v *village) Config {
	steady, _ := FindProfile("steady") // it is built in
	return Config{Profile: steady, Rate: 60, Duration: time.Second / 2, Drain: 5 * time.Second, Speed: 200, Seed: 3, Code: "334", Keys: testKeys,
		People: v.people, Network: v, SMS: make(chan operator.SMS), Feed: v, OrderAge: -10 * time.Second, From: -1}
}
