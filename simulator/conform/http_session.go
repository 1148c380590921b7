package conform

import (
	"context"
	"fmt"

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
	if err == nil && (one.status != two.status || !alike(one.reply.Text, two.reply.Text) || one.reply.End != two.reply.End) {
		return fmt.Errorf("%s, then %s", one, two)
	}
	return err
}

// apart lets one dialogue stand while another is pressed on: then its own key leads
// where it led before.
func apart(ctx context.Context, d *door) error {
	if len(d.Numbers) < 2 {
		return errNotAsked("one number has one dialogue")
	}
	first, alone, err := d.pressed(ctx, d.open(8))
	if err != nil {
		return err
	}
	one, two := d.open(8), d.open(9)
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
	return err
}
