package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// How wide a chart is at least, in pixels, and what is written above it.
const (
	roomWide   = 600.0
	roomNarrow = 240.0
	badgeChar  = 7.0
	badgePad   = 9.0
)

// badge is what stands above a chart where faults begin; those too near to each other
// share one.
type badge struct {
	At, Text, Says string
	Narrow, Turn   bool // of a narrow page; of a turn of the rate
}

// begun is something that begins at a part of the chart.
type begun struct {
	part   float64
	number int    // of a fault
	text   string // of a turn
	says   string
}

// bundle is begun things under one badge.
type bundle []begun

// at is where its badge stands.
func (b bundle) at(room float64) float64 {
	half := b.wide() / room / 2
	return max(min((b[0].part+b[len(b)-1].part)/2, 1-half), 0)
}

// wide is its badge's width in pixels.
func (b bundle) wide() float64 { return badgePad + badgeChar*float64(len([]rune(b.text()))) }

// text is what its badge says: the numbers, or the last turn.
func (b bundle) text() string {
	first, last := b[0], b[len(b)-1]
	switch {
	case last.text != "":
		return last.text
	case len(b) == 1:
		return strconv.Itoa(first.number)
	case last.number-first.number == len(b)-1:
		return strconv.Itoa(first.number) + "–" + strconv.Itoa(last.number)
	}
	return strconv.Itoa(first.number) + " …"
}

// badges are the badges of begun things on a chart of so many pixels.
func badges(list []begun, room float64) (out []badge) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b begun) int { return cmp.Compare(a.part, b.part) })
	var rows []bundle
	for _, one := range list {
		rows = append(rows, bundle{one})
		for n := len(rows); n > 1 && rows[n-1].at(room)-rows[n-2].at(room) < (rows[n-1].wide()+rows[n-2].wide())/room/2; n-- {
			rows = append(rows[:n-2], append(rows[n-2], rows[n-1]...))
		}
	}
	for _, row := range rows {
		var says []string
		for _, one := range row {
			says = append(says, one.says)
		}
		out = append(out, badge{At: at(row.at(room)), Text: row.text(), Says: strings.Join(says, "; "), Narrow: room == roomNarrow, Turn: row[0].text != ""})
	}
	return out
}

// mark puts the run's faults on a chart, and with turns also the turns of the rate.
func (r *Report) mark(c *chart, turns bool) {
	var harms, turned []begun
	for i := range r.Faults[:min(len(r.Faults), maxMarks)] {
		h := &r.Faults[i]
		from, _ := c.course.at(h.FromMS)
		to, _ := c.course.at(max(h.ToMS, h.FromMS))
		c.Marks = append(c.Marks, mark{From: at(from), Wide: at(to - from)})
		harms = append(harms, begun{part: from, number: i + 1, says: h.Says()})
	}
	if turns {
		for _, t := range r.Turned[:min(len(r.Turned), maxMarks)] {
			from, _ := c.course.at(t.AtMS)
			c.Marks = append(c.Marks, mark{From: at(from), Wide: "0", Turn: true})
			turned = append(turned, begun{part: from, text: trim(t.Percent, 0) + "\u00a0%", says: "the rate was turned by hand"})
		}
	}
	for _, room := range []float64{roomWide, roomNarrow} {
		c.Badges = append(append(c.Badges, badges(harms, room)...), badges(turned, room)...)
	}
}

// maxMarks bounds the faults, and the turns, that a chart shows.
const maxMarks = 60
