package report

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

// TestHeadlines: the verdict is said first, with what was audited, and nothing that the
// run does not show.
func TestHeadlines(t *testing.T) {
	for want, spoil := range map[string]func(r *Report){
		"Passed: 1,200 payments and 2,400 SMS, every one accounted for.":                           func(*Report) {},
		"Passed, but no ledger and no SMS were audited.":                                           func(r *Report) { r.Oracle.Scope = "none" },
		"Passed: 1,200 payments and 2,400 SMS, no anomaly in the SMS; the ledger was not audited.": func(r *Report) { r.Oracle.Scope = "sms" },
		"1 gate did not hold; the money is right.":                                                 func(r *Report) { r.Gates[0].Held = false },
		"1 gate did not hold; no ledger and no SMS were audited.":                                  func(r *Report) { r.Gates[0].Held, r.Oracle.Scope = false, "none" },
		"Money or SMS wrong: 1 anomaly in 1,200 payments and 2,400 SMS.":                           func(r *Report) { r.Oracle.Anomalies = 1 },
		"This run proves nothing: the generator was late, at the 99th percentile by 300\u00a0ms.":  func(r *Report) { r.Generator = Generator{LateP99MS: 300} },
		"This run proves nothing: for 40 dials of 3,000 nobody was free.":                          func(r *Report) { r.Generator = Generator{Skipped: 40} },
		"This run proves nothing: nobody came to pay.":                                             func(r *Report) { r.Generator, r.Payments = Generator{}, Payments{} },
	} {
		r := &Report{Generator: Generator{Valid: true}, Sessions: Sessions{Offered: 3000}, Payments: Payments{Placed: 1200, Committed: 1200}, SMS: SMSReport{Received: 2400},
			Oracle: Oracle{Scope: "ledger+sms", MoneyConserved: true}, Gates: []Gate{{"screens.p99_ms < 50", true}}}
		spoil(r)
		r.Judge()
		if got := r.Headline(); got != want {
			t.Errorf("%s: %q, want %q", r.Verdict, got, want)
		}
	}
}

// TestWhatWasAudited is said beside what was found.
func TestWhatWasAudited(t *testing.T) {
	r := sample(1, 20)
	r.Oracle.Doubled, r.Oracle.Anomalies, r.SMS.Missing = 2, 5, 1
	if got := r.audited(); !strings.HasSuffix(got, "It found 2 payments doubled, 1 SMS missing.") {
		t.Error(got)
	}
	r.Oracle.MoneyConserved = false
	if got := r.audited(); !strings.HasSuffix(got, "Money is not conserved.") {
		t.Error(got)
	}
	r.Generator.LateP99MS = 40
	if got := r.ownTime(); !strings.Contains(got, "Some of that is the generator's own: it was late by 40\u00a0ms") || !strings.Contains(got, "within 81\u00a0ms") {
		t.Error(got)
	}
}

// TestCapacityInWords: the last good step, or that it was not found.
func TestCapacityInWords(t *testing.T) {
	steps := []CapacityStep{{Offered: 100, Good: true}, {Offered: 200}}
	for want, c := range map[string]Capacity{
		"The last good step offered 100 payments a second.": {Steps: steps, LastGood: 100},
		"No step was good.": {Steps: steps[1:], LastGood: Unknown()},
		"Every step was good, up to 100 payments a second: the capacity lies beyond.": {Steps: steps[:1], LastGood: 100},
	} {
		if got := c.says(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		r := &Report{Capacity: &c}
		if lede := strings.Join(r.lede(), " "); !strings.Contains(lede, want) {
			t.Errorf("%q is not said first: %s", want, lede)
		}
	}
}

// TestFigures as people read them.
func TestFigures(t *testing.T) {
	for want, got := range map[string]string{
		"0": whole(0), "999": whole(999), "1,000": whole(1000), "−12,345,678": whole(-12_345_678),
		"0 ms": millis(0.01), "1.2 ms": millis(1.24), "12 ms": millis(12.4), "1.23 s": millis(1234), "12.3 s": millis(12_340), "2 min 5 s": lasting(125_000), "1 h": lasting(3_600_000), "15m0s": millis(900_000),
		"–": millis(Unknown()), "0.25": decimal(0.25), "12.3": decimal(12.34), "123": decimal(123.4), "1,234": decimal(1234.4),
		"0 %": percent(0, 5), "< 0.1 %": percent(1, 5000), "> 99.9 %": percent(4999, 5000), "100 %": percent(5, 5), "33 %": percent(1, 3), "8.3 s": clock(8300), "2:05": clock(125_000),
		"it's": Quote("it's")[1:3] + "'s", "a/b-c.d": Quote("a/b-c.d"), "''": Quote(""),
	} {
		if strings.ReplaceAll(got, "\u00a0", " ") != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestAChartIsLaidOut: its scale is round, its line breaks where nothing is known, and it
// is said in words.
func TestAChartIsLaidOut(t *testing.T) {
	c, seen := newChart("x", "X", "", unitMS, true, time.Second, line{Name: "p99", values: []Figure{1, 10, Unknown(), 0, 100}})
	if !seen || len(c.Y) != 4 || c.Y[0].Text != "1\u00a0ms" || c.Y[3].Text != "1\u00a0s" || c.Y[0].At != "0.00" || c.Y[3].Down != "0.00" {
		t.Fatalf("%+v", c.Y)
	}
	if want := "M100 100h.01L300 66.7M700 100h.01L900 33.3"; c.Lines[0].Path != want {
		t.Errorf("%s, want %s", c.Lines[0].Path, want)
	}
	if c.Says != "p99 at most 100\u00a0ms, at 4\u00a0s" || len(c.Rows) != 5 || c.Rows[2][1] != "–" {
		t.Errorf("%q %v", c.Says, c.Rows)
	}
	if c, _ = newChart("x", "X", "", unitRate, false, time.Second, line{Name: "n", Area: "yes", values: []Figure{0, 45, 90}}); c.high != 100 || len(c.Y) != 3 || c.Lines[0].Area != "M166.7 100L500 55L833.3 10L833.3 100 L166.7 100Z" {
		t.Errorf("%v %v %s", c.high, c.Y, c.Lines[0].Area)
	}
	for _, nothing := range [][]Figure{{}, {0, 0}, {Unknown()}} {
		if _, seen := newChart("x", "X", "", unitMS, true, time.Second, line{values: nothing}); seen {
			t.Errorf("something is seen in %v", nothing)
		}
	}
}

// TestMarksShareANumber where they begin together.
func TestMarksShareANumber(t *testing.T) {
	r := &Report{Series: &Series{SliceMS: 1000, Offered: make([]int, 100)}, Faults: []Harm{{Kind: "kill", FromMS: 20_000, ToMS: 30_000}, {Kind: "stop", FromMS: 20_400, ToMS: 21_000}, {Kind: "slow", FromMS: 60_000, ToMS: 1 << 50}},
		Turned: []RateChange{{AtMS: 50_000, Percent: 120}}}
	got := r.marks(true)
	if len(got) != 4 || got[0].Number != "1 2" || got[0].Says != "kill; stop" || got[1].Number != "" || got[1].Wide != "0.60" || got[2].Number != "3" || got[2].Wide != "40.00" || got[3].Number != "120 %" || !got[3].Turn {
		t.Errorf("%+v", got)
	}
	if len(r.marks(false)) != 3 {
		t.Error("turns are marked where the rate is not drawn")
	}
}

// TestAComparisonReads as testdata/compare.txt; MLANGO_REWRITE=1 writes what it is.
func TestAComparisonReads(t *testing.T) {
	a, b := moody(1, 1), moody(2, 1.2)
	b.Environment.Redis, b.Gates[0].Held = "", false
	c := Compare(a, b, 0)
	c.NameA, c.NameB = "runs/main", "runs/branch"
	var out bytes.Buffer
	if err := c.Text(&out); err != nil {
		t.Fatal(err)
	}
	const name = "testdata/compare.txt"
	if os.Getenv("MLANGO_REWRITE") != "" {
		if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(name); err != nil || !bytes.Equal(want, out.Bytes()) {
		t.Errorf("%v\n%s", err, out.String())
	}
}
