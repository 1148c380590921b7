package menus

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// Coverage is what transcripts met of a bundle: screens shown, options picked,
// questions answered, outcomes of calls, ways from a dial.
type Coverage struct {
	bundle *Bundle
	met    map[met]bool
}

// met is a screen, by its place, with what was met there; "" is its being shown.
type met struct {
	screen int
	what   string
}

// answered is what is met when a question gets a good answer.
const answered = "answered"

// NewCoverage begins with nothing met.
func NewCoverage(b *Bundle) *Coverage { return &Coverage{b, map[met]bool{}} }

// Run runs a transcript as Rewrite does and keeps what it meets. The error names
// a command that cannot be read.
func (c *Coverage) Run(name string, src []byte, cat Catalogue) error {
	_, err := runThrough(name, src, c.bundle, cat, c.saw)
	return err
}

func (c *Coverage) saw(screen int, what string) { c.met[met{screen, what}] = true }

// Missing are the things that no transcript met, each as `file:line: what`, in
// the order of the menu, and how many there are in all.
func (c *Coverage) Missing() (missing []string, all int) {
	want := func(screen int, at, what, words string) {
		all++
		if !c.met[met{screen, what}] {
			missing = append(missing, at+": "+words)
		}
	}
	for n := range c.bundle.begin {
		want(nowhere, c.bundle.at, strconv.Itoa(n+1), fmt.Sprintf("way %d of begin is never taken", n+1))
	}
	for i := range c.bundle.screens {
		s := &c.bundle.screens[i]
		if s.kind != screenCall {
			want(i, s.at, "", s.name+" is never shown")
		}
		if s.back != nil {
			want(i, s.at, c.bundle.keys.back, s.back.word+" of "+s.name+" is never picked")
		}
		for _, o := range s.options {
			want(i, s.at, o.key, "option "+o.key+" of "+s.name+" is never picked")
		}
		if s.asks() {
			want(i, s.at, answered, s.name+" is never answered")
		}
		if s.call != nil {
			for _, outcome := range slices.Sorted(maps.Keys(s.call.ways)) {
				want(i, s.at, outcome, s.name+" never ends in "+outcome)
			}
		}
	}
	return missing, all
}

// Write prints what is missing, and how much is not.
func (c *Coverage) Write(w io.Writer) error {
	missing, all := c.Missing()
	for _, line := range missing {
		if _, err := fmt.Fprintln(w, line); err != nil {
			return fmt.Errorf("menus: coverage: %w", err)
		}
	}
	if _, err := fmt.Fprintf(w, "met %d of %d screens, options, answers and outcomes\n", all-len(missing), all); err != nil {
		return fmt.Errorf("menus: coverage: %w", err)
	}
	return nil
}
