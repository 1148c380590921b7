package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The box that lines are drawn in; the page stretches it.
const (
	boxWide  = 1000.0
	boxHigh  = 100.0
	maxRows  = 40 // of a chart's table
	xTicks   = 6
	yTicks   = 4
	leastLog = 0.1 // the lowest figure that a scale by tens shows
)

// unit is what a chart's figures are.
type unit string

const (
	unitMS    unit = "ms"
	unitRate  unit = "/s"
	unitCount unit = ""
	unitShare unit = "%"
)

// says is a figure with its unit.
func (u unit) says(f Figure) string {
	switch {
	case !f.Known():
		return "–"
	case u == unitMS:
		return millis(f)
	case u == unitRate:
		return decimal(f) + "/s"
	case u == unitShare:
		return decimal(100*f) + "\u00a0%"
	}
	return decimal(f)
}

// line is one figure of a chart over time.
type line struct {
	Name   string
	Class  string // how it is drawn
	Path   string // of SVG
	Area   string // below it; empty: none
	values []Figure
}

// tick is a place on an axis, in percent of it.
type tick struct {
	At, Down string // Down from the other end
	Text     string
	Odd      bool // narrow pages leave it out
}

// newTick is the tick of a part of an axis.
func newTick(part float64, text string, odd bool) tick {
	return tick{at(part), at(1 - part), text, odd}
}

// mark is a fault, a turn of the rate, or a stretch that is left out, on a chart.
type mark struct {
	From, Wide string // in percent
	Says       string
	Turn       bool
}

// chart is figures over time, laid out.
type chart struct {
	ID, Title, Note string
	Says            string // what it shows, in a sentence
	Unit            unit
	Lines           []line
	Marks, Gaps     []mark
	Badges          []badge
	X, Y            []tick
	Head            []string
	Rows            [][]string
	log, zeros      bool
	low, high       float64
	course          *course
	names           []string // of the places along the chart, when they are no instants
}

// newChart lays lines out; false when there is nothing to be seen in them.
func newChart(id, title, note string, u unit, log bool, along *course, lines ...line) (*chart, bool) {
	return (&chart{ID: id, Title: title, Note: note, Unit: u, Lines: lines, log: log, course: along}).lay()
}

// lay lays a chart out; false when there is nothing to be seen in it.
func (c *chart) lay() (*chart, bool) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, l := range c.Lines {
		for _, v := range l.values {
			c.zeros = c.zeros || v == 0
			if v.Known() && (!c.log || v > 0) { // nothing is below every scale by tens
				least, most = min(least, float64(v)), max(most, float64(v))
			}
		}
	}
	if most <= 0 || math.IsInf(most, -1) {
		return nil, false
	}
	c.scale(least, most)
	for i := range c.Lines {
		c.draw(&c.Lines[i])
	}
	c.axis()
	c.table()
	c.Says = c.sentence()
	return c, true
}

// scale chooses the ends of the upright axis and its ticks.
func (c *chart) scale(least, most float64) {
	if c.log {
		c.low = math.Pow(10, math.Floor(math.Log10(max(least, leastLog))))
		c.high = math.Pow(10, math.Ceil(math.Log10(max(most, leastLog)*1.0001)))
		for v := c.low; v <= c.high*1.0001; v *= 10 {
			c.Y = append(c.Y, newTick(c.y(v), c.Unit.says(Figure(v)), false))
		}
		if c.zeros {
			c.Y[0].Text = "≤\u00a0" + c.Y[0].Text
		}
		return
	}
	step := nice(most / yTicks)
	c.high = step * math.Ceil(most/step*0.9999)
	for v := 0.0; v <= c.high*1.0001; v += step {
		c.Y = append(c.Y, newTick(c.y(v), c.Unit.says(Figure(v)), false))
	}
}

// nice is the next of 1, 2, 5 and their tens.
func nice(v float64) float64 {
	tens := math.Pow(10, math.Floor(math.Log10(v)))
	for _, n := range []float64{1, 2, 5} {
		if v <= n*tens*1.0001 {
			return n * tens
		}
	}
	return 10 * tens
}

// y is where a figure stands, 0 at the bottom and 1 at the top.
func (c *chart) y(v float64) float64 {
	if !c.log {
		return min(max(v/c.high, 0), 1)
	}
	return min(max(math.Log10(max(v, c.low)/c.low)/math.Log10(c.high/c.low), 0), 1)
}

// at is a part of one in percent.
func at(part float64) string { return strconv.FormatFloat(100*part, 'f', 2, 64) }

// coordinate is a number in a path.
func coordinate(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

// draw makes the path of a line; where nothing is known it is broken.
func (c *chart) draw(l *line) {
	var path, area strings.Builder
	n := len(l.values)
	x := func(i int) float64 { return boxWide * (float64(i) + 0.5) / float64(n) }
	from := -1
	for i := 0; i <= n; i++ {
		if i == n || !l.values[i].Known() {
			if from >= 0 {
				fmt.Fprintf(&area, "L%s %s L%s %sZ", coordinate(x(i-1)), coordinate(boxHigh), coordinate(x(from)), coordinate(boxHigh))
			}
			from = -1
			continue
		}
		point := coordinate(x(i)) + " " + coordinate(boxHigh*(1-c.y(float64(l.values[i]))))
		if from < 0 {
			from = i
			path.WriteString("M" + point + "h.01") // a point alone is seen too
			area.WriteString("M" + point)
			continue
		}
		path.WriteString("L" + point)
		area.WriteString("L" + point)
	}
	l.Path = path.String()
	if l.Area != "" {
		l.Area = area.String()
	}
}

// axis puts instants below the chart.
func (c *chart) axis() {
	if n := len(c.names); n > 0 {
		each := (n + xTicks - 1) / xTicks
		for i := 0; i < n; i += each {
			c.X = append(c.X, newTick((float64(i)+0.5)/float64(n), c.names[i], len(c.X)%2 == 1))
		}
		return
	}
	c.X, c.Gaps = c.course.ticks(), c.course.gaps()
}

// table is the chart as figures, the highest of each row's time.
func (c *chart) table() {
	n := len(c.Lines[0].values)
	each := (n + maxRows - 1) / maxRows
	if c.Head = []string{"from"}; len(c.names) > 0 {
		c.Head[0] = "at"
	}
	for _, l := range c.Lines {
		c.Head = append(c.Head, l.Name)
	}
	for start := 0; start < n; start += each {
		from, to := start, min(start+each, n)
		for from < to && c.left(from) {
			from++
		}
		if from == to {
			continue
		}
		row := []string{c.place(from)}
		for _, l := range c.Lines {
			row = append(row, c.Unit.says(highest(l.values[from:to])))
		}
		c.Rows = append(c.Rows, row)
	}
}

// left tells whether a column stands for what is left out.
func (c *chart) left(i int) bool { return len(c.names) == 0 && c.course.cols[i] < 0 }

// place is a place along the chart, in words.
func (c *chart) place(i int) string {
	if i < len(c.names) {
		return c.names[i]
	}
	return clock(int64(c.course.cols[i]) * c.course.slice.Milliseconds())
}

// when is place as a part of a sentence.
func (c *chart) when(i int) string {
	if i < len(c.names) {
		return "where " + c.names[i] + " were offered"
	}
	return "at " + c.place(i)
}

// lineOffered is the line of what a step offers.
const lineOffered = "offered"

func highest(list []Figure) Figure {
	most := Unknown()
	for _, v := range list {
		if v.Known() && (!most.Known() || v > most) {
			most = v
		}
	}
	return most
}

// sentence is what a chart shows to those who do not see it.
func (c *chart) sentence() string {
	var parts []string
	for _, l := range c.Lines {
		if len(c.names) > 0 && l.Name == lineOffered { // it is the other axis too
			continue
		}
		top := highest(l.values)
		if !top.Known() || top == 0 {
			parts = append(parts, l.Name+" none")
			continue
		}
		for i, v := range l.values {
			if v == top {
				parts = append(parts, fmt.Sprintf("%s at most %s, %s", l.Name, c.Unit.says(top), c.when(i)))
				break
			}
		}
	}
	return strings.Join(parts, "; ")
}
