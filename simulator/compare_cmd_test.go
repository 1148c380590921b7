package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlango/internal/cli"
	"mlango/simulator/report"
)

// kept writes a run of a minute in which every screen took so many ms.
func kept(t *testing.T, dir string, ms float64) string {
	t.Helper()
	r := &report.Report{Schema: 1, Verdict: "pass", Profile: "steady", StartedAt: time.Unix(1, 0), Generator: report.Generator{Valid: true},
		Asked: report.Asked{Rate: 10, Speed: 1, DurationMS: 60_000}, Oracle: report.Oracle{Scope: "ledger+sms"}, Series: &report.Series{SliceMS: 1000}}
	s := r.Series
	for i := range 60 {
		f := report.Figure(ms + float64(i%7)/20)
		s.Offered, s.Committed = append(s.Offered, 12), append(s.Committed, 10)
		s.ScreenP50, s.ScreenP99, s.SMSP50, s.SMSP99 = append(s.ScreenP50, f), append(s.ScreenP99, 4*f), append(s.SMSP50, f), append(s.SMSP99, 2*f)
	}
	dir = filepath.Join(dir, "run")
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestCompareEnds as a CI needs it: by exit codes.
func TestCompareEnds(t *testing.T) {
	good, same, slow := kept(t, t.TempDir(), 5), kept(t, t.TempDir(), 5), kept(t, t.TempDir(), 6.5)
	page := filepath.Join(t.TempDir(), "compare.html")
	other := filepath.Join(t.TempDir(), "other.json")
	if err := os.WriteFile(other, []byte(`{"schema":1,"verdict":"pass","profile":"friday-eve"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		code int
		says string
		args []string
	}{
		{cli.Done, "No regression", []string{good, same}},
		{cli.Done, "No regression", []string{slow, good}},
		{cli.Done, "No regression", []string{good, slow, "--worse", "50"}},
		{cli.Check, "slower: a regression", []string{good, filepath.Join(slow, "report.json"), "--html", page}},
		{cli.Check, "**slower: a regression** |", []string{good, slow, "--markdown"}},
		{cli.Usage, "another profile: steady and friday-eve", []string{good, other}},
		{cli.Usage, "no such file", []string{good, filepath.Join(good, "nothing")}},
		{cli.Usage, "--worse 0", []string{good, same, "--worse", "0"}},
	} {
		var out, errs bytes.Buffer
		w := &world{out: &out, err: &errs, env: func(string) string { return "" }}
		if code := run(t.Context(), w, append([]string{"compare"}, row.args...), func(int) {}); code != row.code || !strings.Contains(out.String()+errs.String(), row.says) {
			t.Errorf("%q: %d\n%s%s", row.args, code, out.String(), errs.String())
		}
	}
	if b, err := os.ReadFile(page); err != nil || !bytes.Contains(b, []byte("B is worse than A.")) {
		t.Errorf("the page: %v", err)
	}
}
