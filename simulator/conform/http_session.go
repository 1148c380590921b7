package conform

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"mlango/internal/dialect"
)

// firstKey is what the clauses about sessions press on the first screen.
const firstKey = "1"

// pressed dials and presses the first key: the two screens.
func (d *door) pressed(ctx context.Context, s *session) (first, behind string, err error) {
	a, err := d.screen(ctx, s, dialect.Begin, d.Code)
	switch {
	case err != nil:
		return "", "", err
	case a.reply.End:
		return "", "", errNotAsked("the first screen is the last")
	}
	first = a.reply.Text
	a, err = d.screen(ctx, s, dialect.Input, firstKey)
	return first, a.reply.Text, err
}

// anew dials, presses a key, is cut off without a word, and dials again: the screen may
// offer to go on, but is not the one behind the key.
func anew(ctx context.Context, d *door) error {
	first, behind, err := d.pressed(ctx, d.open(6))
	switch {
	case err != nil:
		return err
	case alike(behind, first):
		return errNotAsked("the key " + firstKey + " shows the first screen again")
	}
	a, err := d.screen(ctx, d.open(6), dialect.Begin, d.Code)
	if err == nil && alike(a.reply.Text, behind) {
		return fmt.Errorf("a new dial shows %q, the screen of the old session", a.reply.Text)
	}
	return err
}

// keyTwice sends a key and then the same call once more, as after a lost answer.
func keyTwice(ctx context.Context, d *door) error {
	if !d.dialect.Numbered() {
		return errNotAsked("the dialect does not tell a repeated call from the same key pressed again")
	}
	s := d.open(7)
	a, err := d.screen(ctx, s, dialect.Begin, d.Code)
	if err != nil {
		return err
	}
	if a.reply.End {
		return errNotAsked("the first screen is the last")
	}
	r, _ := d.request(s, dialect.Input, firstKey)
	one, err := d.call(ctx, r)
	if err != nil {
		return err
	}
	two, err := d.call(ctx, r)
	if err == nil && (one.status != two.status || !equal(one.reply.Text, two.reply.Text) || one.reply.End != two.reply.End) {
		return fmt.Errorf("%s, then %s", one, two)
	}
	return err
}

// going finds so many callers whose dialogue goes on behind the first screen: not every
// number need have an account. The latest come first, as the other clauses dial by the
// first.
func (d *door) going(ctx context.Context, many int) (at []int, err error) {
	for i := len(d.Numbers) - 1; i >= 0 && len(at) < many; i-- {
		s := d.open(i)
		a, err := d.screen(ctx, s, dialect.Begin, d.Code)
		if err != nil {
			return nil, err
		}
		if !a.reply.End {
			at = append(at, i)
			_, _ = d.hop(ctx, s, dialect.Abort, "") // politeness
		}
	}
	if len(at) < many {
		return nil, errNotAsked(fmt.Sprintf("of %d numbers that dial, %d are led beyond the first screen – name others with --msisdn-range", len(d.Numbers), len(at)))
	}
	return at, nil
}

// apart lets one dialogue stand while another is pressed on: then its own key leads
// where it led before.
func apart(ctx context.Context, d *door) error {
	if len(d.Numbers) < 2 {
		return errNotAsked("one number has one dialogue")
	}
	going, err := d.going(ctx, 2)
	if err != nil {
		return err
	}
	first, alone, err := d.pressed(ctx, d.open(going[0]))
	if err != nil {
		return err
	}
	one, two := d.open(going[0]), d.open(going[1])
	a, err := d.screen(ctx, one, dialect.Begin, d.Code)
	if err != nil {
		return err
	}
	if !alike(a.reply.Text, first) {
		return errNotAsked("the service offers to go on with the dialogue before")
	}
	if _, _, err := d.pressed(ctx, two); err != nil {
		return err
	}
	a, err = d.screen(ctx, one, dialect.Input, firstKey)
	if err == nil && !alike(a.reply.Text, alone) {
		return fmt.Errorf("beside another session the key %s shows %q, alone %q", firstKey, a.reply.Text, alone)
	}
	return errors.Join(err, d.private(one, a.reply.Text))
}

// localDigits are the digits of a number that every way to write it has.
const localDigits = 9

// private tells whether a screen shows the number of somebody else who dials in the test:
// sessions that mix may have screens that are alike but for that.
func (d *door) private(s *session, text string) error {
	for _, n := range d.Numbers {
		if tail := n[max(len(n)-localDigits, 0):]; n != s.number && strings.Contains(text, tail) {
			return fmt.Errorf("the screen of one caller shows another's number: %q", text)
		}
	}
	return nil
}

// tableClocks finds times and dates.
var tableClocks = regexp.MustCompile(`\b[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}\b|\b[0-9]{1,2}[:.][0-9]{2}([:.][0-9]{2})?\b`)

// equal tells whether the answers to one key that came twice are the same but for a clock:
// a counter or a balance that moves between them says that it was done twice.
func equal(a, b string) bool {
	return tableClocks.ReplaceAllString(a, "0") == tableClocks.ReplaceAllString(b, "0")
}
