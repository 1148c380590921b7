package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// TestHeadlines: the verdict is said first, with what was audited, and nothing that the
// run does not show.
func TestHeadlines(t *testing.T) {
	for want, spoil := range map[string]func(r *Report){
		"Passed: 1,200 payments and 2,400 SMS, every one accounted for.":                          func(*Report) {},
		"Passed, but no ledger and no SMS were audited.":                                          func(r *Report) { r.Oracle.Scope = "none" },
		"Passed: 40 payments told by screens, each with its SMS; the ledger was not audited.":     func(r *Report) { r.Oracle.Scope, r.Oracle.Told = "sms", 40 },
		"1 gate did not hold; the SMS are right, and the ledger was not audited.":                 func(r *Report) { r.Gates[0].Held, r.Oracle.Scope = false, "sms" },
		"SMS wrong: 1 anomaly in 1 payment told by screens; the ledger was not audited.":          func(r *Report) { r.Oracle.Scope, r.Oracle.Told, r.Oracle.Anomalies = "sms", 1, 1 },
		"1 gate did not hold; the money is right.":                                                func(r *Report) { r.Gates[0].Held = false },
		"1 gate did not hold; no ledger and no SMS were audited.":                                 func(r *Report) { r.Gates[0].Held, r.Oracle.Scope = false, "none" },
		"Money or SMS wrong: 1 anomaly in 1,200 payments and 2,400 SMS.":                          func(r *Report) { r.Oracle.Anomalies = 1 },
		"This run proves nothing: the generator was late, at the 99th percentile by 300\u00a0ms.": func(r *Report) { r.Generator = Generator{LateP99MS: 300} },
		"This run proves nothing: for 40 dials of 3,000 nobody was free.":                         func(r *Report) { r.Generator = Generator{Skipped: 40} },
		"This run proves nothing: nobody came to pay.":                                            func(r *Report) { r.Generator, r.Payments = Generator{}, Payments{} },
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
	r.Oracle.Forgotten, r.Oracle.HorizonMS, r.Oracle.Unjudged = 7, 600_000, 1
	if got := r.audited(); !strings.Contains(got, "7 sessions were judged 10 min after their end, and what came of them later counts as nobody's. 1 reversal of") {
		t.Error(got)
	}
	if r.Oracle.ListenedMS = 8100; !strings.Contains(r.audited(), "After the last payment, notice or SMS it listened on for 8.1\u00a0s.") {
		t.Error(r.audited())
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

// TestThePageKnowsWhatNobodySaw: without a journal it tells of no payment, and without SMS
// of none.
func TestThePageKnowsWhatNobodySaw(t *testing.T) {
	for scope, want := range map[string]string{"ledger+sms": "Dials Payments placed SMS owed", "sms": "Dials SMS owed", "none": "Dials"} {
		r := sample(1, 20)
		r.Oracle.Scope, r.Oracle.Unread, r.SMS.Contradicting = scope, 3, 2
		var names []string
		for _, b := range r.bars() {
			names = append(names, b.Name)
		}
		text, _ := rendered(t, r)
		if got := strings.Join(names, " "); got != want || strings.Contains(text, "payments committed") != (scope == "ledger+sms") || strings.Contains(text, "SMS within, after the last key") != (scope == "sms") {
			t.Errorf("%s: %s", scope, got)
		}
		if strings.Contains(r.besides(), "contradict the ledger") != (scope == "ledger+sms") {
			t.Errorf("%s: %s", scope, r.besides())
		}
	}
}

// TestNoHasReasons: to how many payments no was told stands in a bar by why, in words.
func TestNoHasReasons(t *testing.T) {
	r := sample(1, 20)
	r.Payments.ToldNo = map[string]int{"not_enough_funds": 90, "odd_one": 5}
	for i := range 30 {
		r.Payments.ToldNo[fmt.Sprintf("rare_%02d", i)] = 1
	}
	r.Approvals = &Approvals{Asked: 9, Paid: 4, Silent: 3, RefusedFor: map[string]int{"busy": 2}}
	var said []string
	for _, b := range r.bars() {
		for _, p := range b.Parts {
			said = append(said, b.Name+" "+b.Total+": "+p.Count+" "+p.Says)
		}
	}
	text := strings.Join(said, "\n")
	for _, want := range []string{"Payments told no 125: 90 too little money\n", "125: 5 odd one\n", "125: 20 and more\n", "Asked by a business 9: 4 paid\n", "9: 2 refused: busy\n", "9: 3 without a screen after the PIN\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
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

// TestTheSummaryFits a terminal, with its sentences below each other.
func TestTheSummaryFits(t *testing.T) {
	r := sample(1, 20)
	r.Oracle.Findings = []string{strings.Repeat("long ", 60), strings.Repeat("x", 300)}
	var out bytes.Buffer
	r.Summary(&out)
	for _, line := range strings.Split(out.String(), "\n") {
		if n := len([]rune(line)); n > 80 && !strings.Contains(line, "xxx") {
			t.Errorf("%d: %s", n, line)
		}
	}
	if !strings.Contains(out.String(), "0 unresolved;\n            3 refused on the screen") {
		t.Error(out.String())
	}
}

// TestAChartIsLaidOut: its scale is round, its line breaks where nothing is known, and it
// is said in words.
func TestAChartIsLaidOut(t *testing.T) {
	c, seen := newChart("x", "X", "", unitMS, true, plain(5), line{Name: "p99", values: []Figure{1, 10, Unknown(), 0, 100}})
	if !seen || len(c.Y) != 4 || c.Y[0].Text != "≤\u00a01\u00a0ms" || c.Y[3].Text != "1\u00a0s" || c.Y[0].At != "0.00" || c.Y[3].Down != "0.00" {
		t.Fatalf("%+v", c.Y)
	}
	if want := "M100 100h.01L300 66.7M700 100h.01L900 33.3"; c.Lines[0].Path != want {
		t.Errorf("%s, want %s", c.Lines[0].Path, want)
	}
	if c.Says != "p99 at most 100\u00a0ms, at 4\u00a0s" || len(c.Rows) != 5 || c.Rows[2][1] != "–" {
		t.Errorf("%q %v", c.Says, c.Rows)
	}
	if c, _ = newChart("x", "X", "", unitRate, false, plain(3), line{Name: "n", Area: "yes", values: []Figure{0, 45, 90}}); c.high != 100 || len(c.Y) != 3 || c.Lines[0].Area != "M166.7 100L500 55L833.3 10L833.3 100 L166.7 100Z" {
		t.Errorf("%v %v %s", c.high, c.Y, c.Lines[0].Area)
	}
	for _, nothing := range [][]Figure{{}, {0, 0}, {Unknown()}} {
		if _, seen := newChart("x", "X", "", unitMS, true, plain(5), line{values: nothing}); seen {
			t.Errorf("something is seen in %v", nothing)
		}
	}
}

// plain is a time of so many seconds in which something always happens.
func plain(seconds int) *course {
	return newCourse(time.Second, seconds, func(int) bool { return false })
}

// busy is a run of so many seconds in which people dial in some.
func busy(seconds int, in ...int) *Report {
	r := &Report{Series: &Series{SliceMS: 1000, Offered: make([]int, seconds)}}
	for _, i := range in {
		r.Series.Offered[i] = 1
	}
	return r
}

// TestBadgesShareAPlace where they would stand on each other, on a narrow page sooner.
func TestBadgesShareAPlace(t *testing.T) {
	r := busy(100)
	for i, from := range []int64{20, 21, 40, 44, 48, 90} {
		r.Faults = append(r.Faults, Harm{Kind: "kill", Target: "x" + string(rune('1'+i)), FromMS: from * 1000, ToMS: 1 << 50})
	}
	r.Turned = []RateChange{{AtMS: 50_000, Percent: 120}, {AtMS: 51_000, Percent: 130}}
	c, _ := newChart("x", "X", "", unitRate, false, plain(100), line{values: fit([]Figure{1}, 100)})
	r.mark(c, true)
	var wide, narrow, turns []string
	for _, b := range c.Badges {
		switch {
		case b.Turn:
			turns = append(turns, b.Text+" at "+b.At)
		case b.Narrow:
			narrow = append(narrow, b.Text+" at "+b.At)
		default:
			wide = append(wide, b.Text+" at "+b.At)
		}
	}
	for want, got := range map[string][]string{
		"1–2 at 20.50, 3 at 40.00, 4 at 44.00, 5 at 48.00, 6 at 90.00": wide, "1–2 at 20.50, 3–5 at 44.00, 6 at 90.00": narrow,
		"130\u00a0% at 50.50, 130\u00a0% at 50.50": turns,
	} {
		if strings.Join(got, ", ") != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if len(c.Marks) != 8 || c.Marks[1].From != "21.00" || c.Marks[1].Wide != "79.00" || c.Badges[0].Says != "x1 killed; x2 killed" {
		t.Errorf("%+v", c.Marks)
	}
	if r.mark(c, false); len(c.Marks) != 8+6 {
		t.Error("turns are marked where the rate is not drawn")
	}
}

// TestQuietStretchesAreLeftOut of the charts, and said; what was broken then is not quiet.
func TestQuietStretchesAreLeftOut(t *testing.T) {
	first := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}
	c := busy(140, first...).course()
	if part, shown := c.at(22_000); len(c.cols) != 23 || !shown || part != 22.0/23 || c.says() != "Nothing happened and nothing waited from 22\u00a0s to 2:20: the charts leave that out, where they are hatched." {
		t.Errorf("%v %g %q", c.cols, part, c.says())
	}
	c = busy(140, append(first, 125)...).course()
	if part, shown := c.at(125_000); len(c.folds) != 1 || !shown || part != 25.0/float64(len(c.cols)) || len(c.cols) != 22+1+17 || c.along(make([]Figure, 140))[22].Known() {
		t.Errorf("%v %g", c.cols, part)
	}
	if _, shown := c.at(60_000); shown {
		t.Error("an instant that is left out is shown")
	}
	for _, x := range c.ticks() {
		if x.Text == "1:00" {
			t.Error("a tick is where nothing is shown")
		}
	}
	r := busy(140, first...)
	if r.Faults = []Harm{{Kind: "stop", Target: "x", FromMS: 60_000, ToMS: 100_000}}; len(r.course().folds) != 2 {
		t.Errorf("%+v", r.course().folds)
	}
	if r.Faults[0].FromMS = 10_000; len(r.course().cols) != 106 {
		t.Errorf("%d columns, with a fault for 90 s", len(r.course().cols))
	}
}

// TestHarmsHaveUnits: a fault is said so that its figures mean something.
func TestHarmsHaveUnits(t *testing.T) {
	for want, h := range map[string]Harm{
		"ledgerd frozen 80 of every 100\u00a0ms": {Kind: "slow", Target: "ledgerd", N: 80}, "each SMS answered “throttled”": {Kind: "busy", N: 1}, "1 of 5 delivery receipts never sent": {Kind: "receipts_lost", N: 5},
		"each submit_sm_resp 800\u00a0ms late": {Kind: "resp_late", MS: 800}, "each hop sent with 1 copy of it": {Kind: "hops_twice", N: 1}, "every link cut at once": {Kind: "drop_binds"},
		"odd thing x (3), by 2\u00a0s": {Kind: "odd_thing", Target: "x", N: 3, MS: 2000},
	} {
		if got := h.Says(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestAComparisonReads as testdata/compare.txt and compare.md; MLANGO_REWRITE=1 writes
// what they are.
func TestAComparisonReads(t *testing.T) {
	a, b := moody(1, 1), moody(2, 1.2)
	b.Environment.Redis, b.Gates[0].Held = "", false
	c := Compare(a, b, 0)
	c.NameA, c.NameB = "runs/main", "runs/my_branch|<b>"
	for name, say := range map[string]func(io.Writer) error{"testdata/compare.txt": c.Text, "testdata/compare.md": c.Markdown} {
		var out bytes.Buffer
		if err := say(&out); err != nil {
			t.Fatal(err)
		}
		if os.Getenv("MLANGO_REWRITE") != "" {
			if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(name); err != nil || !bytes.Equal(want, out.Bytes()) {
			t.Errorf("%v\n%s", err, out.String())
		}
	}
}

// TestNo says to how many payments no was told, and why to most.
func TestNo(t *testing.T) {
	p := &Payments{ToldNo: map[string]int{"not_enough_funds": 98, "looks_repeated": 3, "other": 3}}
	for most, want := range map[int]string{1: "104, most of them not enough funds", 3: "104: 98 not enough funds, 3 looks repeated, 3 other"} {
		if got := p.No(most); got != want {
			t.Errorf("%d: %q", most, got)
		}
	}
	if one := (&Payments{ToldNo: map[string]int{"pin_locked": 2}}).No(1); one != "2 pin locked" || (&Payments{}).No(1) != "" {
		t.Errorf("%q", one)
	}
}
