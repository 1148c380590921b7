package conform

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"

	"mlango/simulator/report"
)

//go:embed page.html
var pageHTML string

// HTML writes the result as one page that refers to nothing outside itself.
func (r *Result) HTML(w io.Writer) error {
	t, err := template.New("conform").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("conform: page: %w", err)
	}
	tone := "good"
	if r.Count(Failed) > 0 {
		tone = "bad"
	}
	page := struct {
		*Result
		Style                  template.CSS
		Tone                   string
		Held, Failed, NotAsked int
		Broken                 []Clause
	}{r, report.Style(), tone, r.Count(Held), r.Count(Failed), r.Count(NotAsked), slices.DeleteFunc(slices.Clone(r.Clauses), func(c Clause) bool { return c.Fate != Failed })}
	if err := t.Execute(w, page); err != nil {
		return fmt.Errorf("conform: page: %w", err)
	}
	return nil
}
