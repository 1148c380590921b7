//go:build house

package main

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"mlango/simulator/load"
)

// TestHouseReplay makes a short run by the command, as a person would, and dials one of
// its payments again: each screen is the one that it was, the PIN is in no file and in
// nothing that was printed.
func TestHouseReplay(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	out, code := simulate(t, "load", "--stack", "--profile", "friday-eve", "--rate", "10", "--users", "2000", "--duration", "5s", "--speed", "30", "--seed", "5", "--expires", "8s", "--listen", "1s", "--hdr", "--out", dir)
	if code != 0 {
		t.Fatalf("load: exit %d\n%s", code, out)
	}
	for _, name := range []string{"report.json", "report.html", "sessions.jsonl", "menu.yaml", "screens.hlog", "screens.hgrm", "screens-uncorrected.hgrm", "lateness.hgrm", "sms.hgrm"} {
		if st, err := os.Stat(filepath.Join(dir, name)); err != nil || st.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	var report load.Report
	b, err := os.ReadFile(filepath.Join(dir, "report.json"))
	if err == nil {
		err = json.Unmarshal(b, &report)
	}
	if err != nil || report.Retries == nil || report.Series.Len() == 0 || len(report.ByScreen) == 0 || len(report.Funnels) == 0 {
		t.Errorf("the report lacks something: %v", err)
	}
	paid := ""
	head, err := load.ReadSessions(dir, func(_ load.RunHead, r *load.Recorded) bool {
		if r.Goal == load.GoalSend && r.Ending == "done" && r.Payer < 2000 {
			paid = "#" + strconv.Itoa(r.Number)
		}
		return paid == ""
	})
	if err != nil || paid == "" || head.Seed != 5 {
		t.Fatalf("no payment in the list: %v", err)
	}
	if out, code = simulate(t, "replay", "--session", paid, "--run", dir); code != 0 {
		t.Fatalf("replay: exit %d\n%s", code, out)
	}
	for _, want := range []string{"dials *334", "presses ****", "= then end", "SMS to 2547*****", "Every screen is the one that it was then, and it ended as it did then."} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	for _, args := range [][]string{{"replay", "--session", "#999999", "--run", dir}, {"replay", "--session", "#1", "--run", t.TempDir()}} {
		if out, code := simulate(t, args...); code != 2 {
			t.Errorf("%v: exit %d\n%s", args, code, out)
		}
	}
}

// simulate runs the simulator's command, and returns all that it printed.
func simulate(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program("simulator"), args...)
	b, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(b), cmd.ProcessState.ExitCode()
}
