package report

import (
	"fmt"
	"io"
	"strings"
)

// tableMarkdown is what means something in Markdown, and in the HTML that it may hold.
var tableMarkdown = strings.NewReplacer("\\", "\\\\", "|", "\\|", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "<", "&lt;", "&", "&amp;", "#", "\\#", "\r", " ", "\n", " ")

// Markdown writes a comparison for the summary of a build, or a comment on a change.
func (c *Comparison) Markdown(w io.Writer) error {
	var s strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&s, format+"\n", args...) }
	say := tableMarkdown.Replace
	p("### %s\n", say(c.Headline()))
	p("- %s\n- %s", say(c.A.each("A "+c.NameA)), say(c.B.each("B "+c.NameB)))
	for _, why := range c.Apart {
		p("- **%s**", say(why))
	}
	for _, what := range c.Broken {
		p("- **%s**", say(what))
	}
	for _, note := range c.Notes {
		p("- not the same: %s", say(note))
	}
	if len(c.Figures) > 0 {
		p("\n|  | A | B | change | in words |\n|:--|--:|--:|--:|:--|")
	}
	for _, f := range c.Figures {
		said := say(f.Says)
		if f.Worse {
			said = "**" + said + "**"
		}
		p("| %s | %s | %s | %s | %s |", say(f.Name), say(f.A), say(f.B), say(f.Change), said)
	}
	if len(c.Apart) == 0 {
		p("\n<sub>%s</sub>", say(c.Method()))
	}
	if _, err := io.WriteString(w, s.String()); err != nil {
		return fmt.Errorf("report: comparison: %w", err)
	}
	return nil
}
