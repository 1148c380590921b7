package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
)

// Limits of a page. What does not fit is left out, and the page says so.
const (
	MaxPage    = 2 << 20 // bytes
	maxStories = 40
	maxTold    = 40  // hops of one
	maxScreen  = 480 // characters of a screen, of a name, of a finding's clause
	maxFinding = 2000
	maxWishes  = 16 // funnels
	maxSteps   = 24 // of one
	maxNames   = 60 // screens in the table
	maxGates   = 100
	maxStairs  = 100
)

// ErrTooLarge says that a report does not fit on a page even without its sessions.
var ErrTooLarge = errors.New("report: the page would be too large")

//go:embed page.html
var pageHTML string

//go:embed chart.html
var chartHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// page is what the template shows.
type page struct {
	*Report
	Title       string
	Policy      string
	Style       template.CSS
	Script      template.JS
	Data        data
	Tone        string // of the verdict
	Lede        []string
	Keys, Tries []key
	Wished      string
	Besides     string
	Bars        []bar
	Charts      []*chart
	Quiet, Left string
	Names       []named
	NamesMore   int
	Ways        []way
	Stories     []story
	StoriesMore int
	Found       []found
	Held        []held
	Stairs      *stairs
	About       [][2]string
	Again       string
}

// data is what the script needs to say a figure under the pointer.
type data struct {
	SliceMS int64             `json:"slice_ms"`
	Slices  []int             `json:"slices,omitempty"` // of the columns, where some are left out; -1 is what is
	Charts  map[string]dataOf `json:"charts"`
}

type dataOf struct {
	Unit  unit       `json:"unit"`
	Names []string   `json:"names,omitempty"`
	Lines []dataLine `json:"lines"`
}

type dataLine struct {
	Name   string   `json:"name"`
	Values []Figure `json:"values"`
}

// HTML writes the page of a run: one file that refers to nothing outside itself.
func (r *Report) HTML(w io.Writer) error {
	t, err := template.New("page").Parse(chartHTML + pageHTML)
	if err != nil {
		return fmt.Errorf("report: page: %w", err)
	}
	for stories := maxStories; ; stories /= 4 {
		var b bytes.Buffer
		if err := t.Execute(&b, r.page(stories)); err != nil {
			return fmt.Errorf("report: page: %w", err)
		}
		if b.Len() <= MaxPage {
			_, err := w.Write(b.Bytes())
			return err
		}
		if stories == 0 {
			return ErrTooLarge
		}
	}
}

// page lays everything out, with so many sessions at most.
func (r *Report) page(stories int) *page {
	p := &page{Report: r, Title: "Mlango · " + r.Profile + " · " + r.Headline(), Policy: policy(pageJS), Style: template.CSS(pageCSS), Script: template.JS(pageJS)}
	p.Tone = map[string]string{"pass": "good", "gate": "warn", "oracle": "bad", "invalid": "warn"}[r.Verdict]
	if r.Verdict == "pass" && (r.Partial || !r.booked()) {
		p.Tone = "warn"
	}
	p.Lede, p.Keys, p.Tries, p.Bars, p.Wished, p.Besides = r.lede(), r.keys(), r.tries(), r.bars(), r.wished(), r.besides()
	charts, quiet, left := r.charts()
	p.Charts, p.Left = charts, left
	if len(quiet) > 0 {
		p.Quiet = strings.ToUpper(quiet[0][:1]) + strings.Join(quiet, ", ")[1:] + "."
	}
	p.Data = dataFor(charts)
	p.Names, p.NamesMore = r.named()
	p.Ways, p.Found, p.Held, p.Stairs = r.ways(), r.found(), r.held(), r.stairs()
	if p.Stairs != nil {
		for id, d := range dataFor(p.Stairs.Chart).Charts {
			p.Data.Charts[id] = d
		}
	}
	p.Stories = r.stories(stories)
	p.StoriesMore = len(r.Worst) - len(p.Stories)
	p.About, p.Again = r.about(), r.Command
	return p
}

// dataFor is what the script needs of charts.
func dataFor(charts []*chart) data {
	out := data{Charts: map[string]dataOf{}}
	for _, c := range charts {
		if c.course != nil {
			out.SliceMS = c.course.slice.Milliseconds()
			if len(c.course.folds) > 0 {
				out.Slices = c.course.cols
			}
		}
		d := dataOf{Unit: c.Unit, Names: c.names}
		for _, l := range c.Lines {
			d.Lines = append(d.Lines, dataLine{l.Name, l.values})
		}
		out.Charts[c.ID] = d
	}
	return out
}

// policy lets the page run its one script and load nothing.
func policy(script string) string {
	sum := sha256.Sum256([]byte(script))
	return "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Style is how pages of this house look, for the other ones.
func Style() template.CSS { return template.CSS(pageCSS) }
