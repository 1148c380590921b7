package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"unicode/utf8"
)

//go:embed compare.html
var compareHTML string

// Headline is what came of a comparison, in a sentence.
func (c *Comparison) Headline() string {
	switch {
	case len(c.Apart) > 0:
		return "These runs cannot be compared."
	case c.Regressed():
		return "B is worse than A."
	}
	return "No regression: B is not worse than A."
}

// Method says what was done to come to that.
func (c *Comparison) Method() string {
	return fmt.Sprintf("From each run the seconds between the warm-up and the last arrival, in up to %d stretches of %s, the median of each, so that a p99 is a middling second's and not the whole run's; Mann–Whitney's rank test, one-sided. "+
		"A regression is a figure that is worse by more than %s %% (the middle of all ratios, after Hodges and Lehmann) and by more than %s, with p below %s; a share of dials or SMS by more than %s %% of them, or by more than %s %% with p below %s. "+
		"A moment is slow when its p99 is %s times A's middling one; and the whole run's longest waits may be %s times A's.",
		mostBlocks, lasting(c.blockSlice), trim(c.Worse, 1), millis(leastMS), trim(chance, 5), trim(100*leastShare, 2), trim(100*muchShare, 2), trim(chanceMuch, 2),
		trim(max(slowTimes, 1+c.Worse/100), 1), trim(max(farTimes, 1+c.Worse/100), 1))
}

// each names a run.
func (r *Report) each(name string) string {
	s := fmt.Sprintf("%s: %s, seed %d, %s", name, clip(r.Profile, 60), r.Seed, r.StartedAt.Format("2 Jan 2006 15:04"))
	if r.Environment.Commit != "" {
		s += ", built from " + clip(r.Environment.Commit, 13)
	}
	return s
}

// Text prints a comparison for a terminal or a log.
func (c *Comparison) Text(w io.Writer) error {
	var s strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) }
	p("%s\n", c.Headline())
	p("  %s", c.A.each("A "+c.NameA))
	p("  %s\n", c.B.each("B "+c.NameB))
	for _, why := range c.Apart {
		p("  %s", why)
	}
	for _, what := range c.Broken {
		p("  %s", what)
	}
	if len(c.Broken) > 0 {
		p("")
	}
	c.rows(p)
	for _, note := range c.Notes {
		p("  not the same  %s", note)
	}
	if len(c.Notes) > 0 {
		p("")
	}
	if len(c.Apart) == 0 {
		p("%s", wrapped(c.Method()))
	}
	_, err := io.WriteString(w, strings.ReplaceAll(s.String(), "\u00a0", " "))
	return err
}

// textWide is how wide the sentences of a comparison are on a terminal.
const textWide = 88

// wrapped is a text in lines of a terminal, each a little in.
func wrapped(text string) string {
	var out, line strings.Builder
	for _, word := range strings.Split(text, " ") {
		if line.Len() > 0 && line.Len()+1+len(word) > textWide {
			out.WriteString("  " + line.String() + "\n")
			line.Reset()
		}
		if line.Len() > 0 {
			line.WriteByte(' ')
		}
		line.WriteString(word)
	}
	return out.String() + "  " + line.String()
}

// rows are the figures, one a line, in columns.
func (c *Comparison) rows(p func(format string, args ...any)) {
	if len(c.Figures) == 0 {
		return
	}
	cells := [][]string{{"", "A", "B", "change", ""}}
	for _, f := range c.Figures {
		cells = append(cells, []string{f.Name, f.A, f.B, f.Change, f.Says})
	}
	var wide [5]int
	for _, row := range cells {
		for i, cell := range row {
			wide[i] = max(wide[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range cells {
		p("%s", strings.TrimRight(fmt.Sprintf("  %-*s  %*s  %*s  %*s   %s", wide[0], row[0], wide[1], row[1], wide[2], row[2], wide[3], row[3], row[4]), " "))
	}
	p("")
}

// versus is what the template of a comparison shows.
type versus struct {
	*Comparison
	Policy        string
	Style         template.CSS
	Script        template.JS
	Data          data
	Tone          string
	First, Second string
	Charts        []*chart
	Left          string // out of them
}

// HTML writes a comparison as one file that refers to nothing outside itself.
func (c *Comparison) HTML(w io.Writer) error {
	t, err := template.New("compare").Parse(chartHTML + compareHTML)
	if err != nil {
		return fmt.Errorf("report: comparison: %w", err)
	}
	v := versus{Comparison: c, Policy: policy(pageJS), Style: template.CSS(pageCSS), Script: template.JS(pageJS), Tone: "good", First: c.A.each(c.NameA), Second: c.B.each(c.NameB)}
	if len(c.Apart) > 0 {
		v.Tone = "warn"
	} else if c.Regressed() {
		v.Tone = "bad"
	}
	v.Charts, v.Left = c.charts()
	v.Data = dataFor(v.Charts)
	if err := t.Execute(w, v); err != nil {
		return fmt.Errorf("report: comparison: %w", err)
	}
	return nil
}

// charts are both runs over time, and what they leave out.
func (c *Comparison) charts() (list []*chart, left string) {
	a, b := c.A.Series, c.B.Series
	if a.Len() < 2 || b.Len() < 2 || a.SliceMS <= 0 || a.SliceMS != b.SliceMS {
		return nil, ""
	}
	n := max(a.Len(), b.Len())
	course := newCourse(a.Slice(), n, func(i int) bool { return c.A.quietAt(i) && c.B.quietAt(i) })
	along := func(list []Figure) []Figure { return course.along(fit(list, n)) }
	add := func(id, title, note string, u unit, log bool, x, y []Figure) {
		if one, seen := newChart(id, title, note, u, log, course, line{Name: "A", Class: "quiet", values: along(x)}, line{Name: "B", Class: "main", values: along(y)}); seen {
			list = append(list, one)
		}
	}
	add("screens", "Waiting for a screen, p99", "from the instant a key was due; log scale", unitMS, true, a.ScreenP99, b.ScreenP99)
	add("sms", "From the "+c.A.since()+" to the SMS, p99", "log scale", unitMS, true, a.SMSP99, b.SMSP99)
	add("rate", "Payments committed", "each second", unitRate, false, a.rates(a.Committed), b.rates(b.Committed))
	return list, course.says()
}
