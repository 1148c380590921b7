package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"mlango/internal/cli"
	"mlango/simulator/report"
)

// compareCmd is `simulator compare`.
type compareCmd struct {
	A     string  `arg:"" help:"The run that is good enough: its folder, or its report.json." placeholder:"A"`
	B     string  `arg:"" help:"The run that must be no worse." placeholder:"B"`
	Worse float64 `default:"10" help:"A figure may be worse by so many percent." placeholder:"PERCENT"`
	HTML  string  `name:"html" help:"Write the comparison as a page, too." placeholder:"FILE"`
	Mark  bool    `name:"markdown" help:"Print it as Markdown, for a build's summary or a comment."`
}

// Help is what `simulator compare --help` says beside the flags.
func (*compareCmd) Help() string {
	return strings.TrimSpace(`
Ends with 0 when B is not worse than A, with 1 on a regression, with 2 when the two
cannot be compared: another profile, rate, duration, speed or list of faults, another
number of cores, a run that proves nothing, was stopped or turned by hand, or is too
short. What was done to decide is printed beside the figures.

Examples:
  simulator compare runs/main runs/branch
  simulator compare baseline/report.json runs/20261122-091400-42 --worse 15
  simulator compare runs/main runs/branch --html compare.html

In somebody's CI:
  simulator load --stack --profile steady --seed 42 --rate 50 --duration 2m --out runs/new
  simulator compare --markdown baseline runs/new >> "$GITHUB_STEP_SUMMARY"`)
}

// Run compares two runs.
func (c *compareCmd) Run(w *world) error {
	if !(c.Worse > 0 && c.Worse <= 1000) {
		return cli.Fail(cli.Usage, fmt.Errorf("--worse %g: use a percentage above 0, at most 1000", c.Worse))
	}
	a, err := report.Read(c.A)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	b, err := report.Read(c.B)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	both := report.Compare(a, b, c.Worse)
	both.NameA, both.NameB = c.A, c.B
	say := both.Text
	if c.Mark {
		say = both.Markdown
	}
	if err := say(w.out); err != nil {
		return err
	}
	if c.HTML != "" {
		if err := page(c.HTML, both); err != nil {
			return err
		}
		if !c.Mark {
			fmt.Fprintln(w.out, "\n  page  "+c.HTML)
		}
	}
	switch {
	case len(both.Apart) > 0:
		return cli.Fail(cli.Usage, errors.New("compare: "+both.Apart[0]))
	case both.Regressed():
		return cli.Fail(cli.Check, errors.New("compare: a regression"))
	}
	return nil
}

// page writes a comparison's page.
func page(path string, both *report.Comparison) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("compare: page: %w", err)
	}
	if err := both.HTML(f); err != nil {
		return errors.Join(err, f.Close())
	}
	return f.Close()
}
