//go:build house

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlango/simulator/report"
)

// reportFaults break a short run, so that there is something to be seen.
const reportFaults = `faults:
  - {at: 3s, kind: kill, target: ledgerd, for: 1s}
  - {at: 6s, kind: throttle, n: 30, for: 1s}
`

// overlapping counts the badges of faults that are seen and stand on the one before.
const overlapping = `String([...document.querySelectorAll('.plot')].flatMap((plot) => {
	const shown = [...plot.querySelectorAll('.mark:not(.turn)')].filter((m) => m.offsetParent).map((m) => m.getBoundingClientRect());
	return shown.filter((box, i) => i > 0 && box.left < shown[i - 1].right);
}).length)`

// TestHouseReportIsAPage: a run with faults leaves a page that a browser shows without a
// word of complaint, that asks nobody for anything, and that fits a phone; the same run
// against itself is no regression.
func TestHouseReportIsAPage(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "faults.yaml")
	if err := os.WriteFile(file, []byte(reportFaults), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program("simulator"), "load", "--stack", "--profile", "salary-day", "--rate", "20", "--users", "2000", "--duration", "12s", "--speed", "10", "--listen", "1s",
		"--expires", "20s", "--fault", file, "--out", filepath.Join(dir, "run"))
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput() // a busy machine makes the run invalid: it has a page all the same
	r, err := report.Read(filepath.Join(dir, "run"))
	if err != nil || r.Oracle.Anomalies != 0 || r.Payments.Committed == 0 || len(r.Faults) != 2 {
		t.Fatalf("%v\n%s", err, out)
	}
	if r.Series.Len() < 12 || len(r.ByScreen) < 3 || len(r.Funnels) < 2 || len(r.Worst) == 0 || !strings.Contains(r.Command, "--profile salary-day") && !strings.Contains(r.Command, "--rate 20") {
		t.Errorf("%d slices, %d screens, %d funnels, %d sessions, %q", r.Series.Len(), len(r.ByScreen), len(r.Funnels), len(r.Worst), r.Command)
	}
	for name, list := range map[string][]report.Figure{"orders": r.Series.Orders, "SMS": r.Series.Texts, "the oldest notice": r.Series.TextsOldest, "the breaker": r.Series.Breaker, "sessions": r.Series.Alive} {
		if !slices.ContainsFunc(list, report.Figure.Known) {
			t.Errorf("nobody was asked for %s", name)
		}
	}
	page := "file://" + filepath.Join(dir, "run", report.NameHTML)
	p := open(t, page, 1200, 900)
	if h1 := p.ask(`document.querySelector('h1').innerText`); h1 != r.Headline() {
		t.Errorf("%q, not %q", h1, r.Headline())
	}
	if n := p.ask(`String(performance.getEntriesByType('resource').length)`); n != "0" {
		t.Errorf("it loads %s things", n)
	}
	if marks := p.ask(`String(document.querySelectorAll('#chart-rate rect.harm').length)`); marks != "2" {
		t.Errorf("%s faults are marked", marks)
	}
	if over := p.ask(`(() => { const plot = document.querySelector('#chart-screens .plot'), box = plot.getBoundingClientRect();
		plot.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width / 2})); return document.querySelector('#chart-screens output').textContent })()`); !strings.Contains(over, "p99 ") {
		t.Errorf("below the pointer is %q", over)
	}
	p.quiet()
	for _, taste := range []string{"light", "dark"} {
		small := open(t, page, 360, 740)
		small.likes("prefers-color-scheme", taste)
		if wide := small.ask(`String(document.documentElement.scrollWidth)`); wide != "360" {
			t.Errorf("on a phone it is %s wide", wide)
		}
		if n := small.ask(overlapping); n != "0" {
			t.Errorf("%s badges of faults stand on each other", n)
		}
		small.quiet()
	}
	if out, err := exec.Command(program("simulator"), "compare", filepath.Join(dir, "run"), filepath.Join(dir, "run")).CombinedOutput(); r.Verdict == "pass" && (err != nil || !strings.Contains(string(out), "No regression")) {
		t.Errorf("against itself: %v\n%s", err, out)
	}
}
