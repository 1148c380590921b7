// Package conform is an onboarding acceptance test: it asks a service, or an SMSC, what
// its protocol's clauses demand, and tells for each whether it held.
package conform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"
)

// Limits of a test. Nothing grows with what the other side sends.
const (
	answerPatience = 10 * time.Second // for one answer: an operator's timer for a screen
	maxAnswer      = 64 << 10         // bytes of one answer
	atOnce         = 20               // sessions, or requests, side by side
	maxSaw         = 300              // characters of what was seen
)

// ErrUnreachable says that nobody is at the target.
var ErrUnreachable = errors.New("conform: nobody answers there")

// Target is what is tested.
type Target struct {
	Name     string        // as the report calls it
	Addr     string        // host:port of SMPP
	URL      string        // of the HTTP door, without its query
	Query    string        // what every call to it has behind its "?", such as a token
	SystemID string        // who binds
	Password string        // empty: a wrong one is not tried
	Dialect  string        // of USSD; over SMPP empty: USSD is not asked for
	Code     string        // what is dialled: *334#
	Numbers  []string      // who dials
	Patience time.Duration // for an answer over HTTP [10 s]
	Press    []string      // keys that lead to a last screen; none: that is not asked

	taken   bool // a bind was
	refused bool // a bind was: more of them could lock the system_id out
}

// patience is how long an answer over HTTP may take.
func (t *Target) patience() time.Duration {
	if t.Patience > 0 {
		return t.Patience
	}
	return answerPatience
}

// Fate is what came of a clause.
type Fate uint8

// The fates.
const (
	Held Fate = iota
	Failed
	NotAsked // it does not apply here
)

// String is the fate in a word.
func (f Fate) String() string { return [...]string{"held", "failed", "not asked"}[f] }

// Clause is one demand, and what came of it.
type Clause struct {
	Ref  string // where it is written
	Says string
	Fate Fate
	Saw  string // of a failed one what came instead; of one that was not asked why
}

// Result is a whole test.
type Result struct {
	Target, Kind string
	Again        string // the command that asks the same once more; the page shows it
	At           time.Time
	Clauses      []Clause
}

// Count is how many clauses ended so.
func (r *Result) Count(f Fate) (n int) {
	for _, c := range r.Clauses {
		if c.Fate == f {
			n++
		}
	}
	return n
}

// Headline is the result in a sentence.
func (r *Result) Headline() string {
	switch failed := r.Count(Failed); failed {
	case 0:
		return fmt.Sprintf("Passed: all %d clauses held.", r.Count(Held))
	case 1:
		return fmt.Sprintf("One of %d clauses failed.", r.Count(Held)+1)
	default:
		return fmt.Sprintf("%d of %d clauses failed.", failed, r.Count(Held)+failed)
	}
}

// Text writes the result as lines.
func (r *Result) Text(w io.Writer) {
	fmt.Fprintf(w, "%s\n\n  %s, %s\n\n", r.Headline(), r.Target, r.Kind)
	wide := 0
	for _, c := range r.Clauses {
		wide = max(wide, utf8.RuneCountInString(c.Ref))
	}
	for _, c := range r.Clauses {
		fmt.Fprintf(w, "  %-9s  %-*s  %s\n", map[Fate]string{Held: "held", Failed: "FAILED", NotAsked: "not asked"}[c.Fate], wide, c.Ref, c.Says)
		if c.Fate != Held {
			fmt.Fprintf(w, "  %-9s  %-*s  – %s\n", "", wide, "", c.Saw)
		}
	}
}

// errNotAsked is why a clause does not apply.
type errNotAsked string

// Error is the sentence.
func (e errNotAsked) Error() string { return string(e) }

// demand is a clause before it is asked; nil says that it held.
type demand[T any] struct {
	ref, says string
	ask       func(ctx context.Context, at T) error
}

// hold asks every demand.
func hold[T any](ctx context.Context, r *Result, at T, all []demand[T]) error {
	for _, d := range all {
		c := Clause{Ref: d.ref, Says: d.says}
		err := d.ask(ctx, at)
		if ctx.Err() != nil {
			return fmt.Errorf("conform: %w", ctx.Err())
		}
		var not errNotAsked
		switch {
		case errors.As(err, &not):
			c.Fate, c.Saw = NotAsked, not.Error()
		case err != nil:
			c.Fate, c.Saw = Failed, err.Error()
		}
		if len(c.Saw) > maxSaw {
			c.Saw = c.Saw[:maxSaw] + "…"
		}
		r.Clauses = append(r.Clauses, c)
	}
	return nil
}
