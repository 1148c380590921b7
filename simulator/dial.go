package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"mlango/internal/cli"

	"mlango/simulator/operator"
)

// dialCmd is `simulator dial`.
type dialCmd struct {
	Code     string   `arg:"" help:"What to dial: 334, *334 and *334# are the same; quote the star for the shell."`
	MSISDN   string   `name:"msisdn" default:"254722000001" help:"The phone that dials."`
	Press    []string `help:"What to press on each screen, joined by commas; without it, interactive." placeholder:"1,0722000002,500,4826"`
	Operator string   `default:"http://127.0.0.1:8090" help:"The demo's address; http://127.0.0.1:8090 without it." placeholder:"URL"`
}

// Waiting for SMS after the last screen.
const (
	smsPatience = 5 * time.Second
	smsGlance   = 300 * time.Millisecond // when no PIN was asked: none is on its way
	smsEvery    = 50 * time.Millisecond
)

// errCode says what can be dialled.
var errCode = errors.New("a code has digits and stars only, such as 334, *334# or *334*1*0722000002*500#")

// dialledCode makes 334, *334 and *334# the same.
func dialledCode(typed string) (string, error) {
	core := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(typed), "*"), "#")
	if core == "" || strings.Trim(core, "0123456789*") != "" || strings.HasPrefix(core, "*") || strings.HasSuffix(core, "*") {
		return "", cli.Fail(cli.Usage, fmt.Errorf("%q cannot be dialled: %w", typed, errCode))
	}
	return "*" + core + "#", nil
}

// Run dials, presses, and prints screens and SMS.
func (c *dialCmd) Run(ctx context.Context, w *world) error {
	code, err := dialledCode(c.Code)
	if err != nil {
		return err
	}
	d := &dialler{cmd: c, api: newAPI(c.Operator), w: w, keys: newKeyboard(w), script: len(c.Press) > 0, typed: strings.Split(strings.Trim(code, "*#"), "*")}
	defer d.leave()
	if err := d.mark(ctx); err != nil {
		return err
	}
	if err := d.talk(ctx, code); err != nil {
		return err
	}
	return d.texts(ctx)
}

// dialler is one call from its first screen to its SMS.
type dialler struct {
	cmd    *dialCmd
	api    *api
	w      *world
	keys   *keyboard
	phones []listed
	seen   map[string]bool // SMS that were on a phone before, by its number and their id
	typed  []string        // what was pressed: it may name a payee
	secret bool            // a PIN was asked: an SMS is likely
	open   bool
	script bool            // --press was given
	told   map[string]bool // phones that got an SMS of this dial
}

// mark notes the phones and the SMS they have already.
func (d *dialler) mark(ctx context.Context) (err error) {
	if d.phones, err = d.api.phones(ctx); err != nil {
		return err
	}
	if !d.known(d.cmd.MSISDN) {
		d.phones = append(d.phones, listed{MSISDN: d.cmd.MSISDN})
	}
	d.seen = make(map[string]bool, len(d.phones))
	for _, p := range d.phones {
		list, err := d.api.sms(ctx, p.MSISDN)
		if err != nil {
			return err
		}
		for _, s := range list {
			d.seen[p.MSISDN+s.ID] = true
		}
	}
	return nil
}

func (d *dialler) known(number string) bool {
	for _, p := range d.phones {
		if p.MSISDN == number {
			return true
		}
	}
	return false
}

// talk runs the dialogue to its last screen.
func (d *dialler) talk(ctx context.Context, code string) error {
	s, err := d.api.dial(ctx, d.cmd.MSISDN, code)
	if err != nil {
		return err
	}
	d.show(d.cmd.MSISDN+" dials "+code, s)
	for s.Open {
		input, err := d.next(ctx, s)
		if errors.Is(err, io.EOF) {
			if d.script {
				fmt.Fprintln(d.w.err, "that was all of --press: hung up on a screen that still asks; the next dial may offer to go on")
			}
			return nil // the caller walked away; leave hangs up
		}
		if err != nil {
			return err
		}
		if s, err = d.api.press(ctx, d.cmd.MSISDN, input); err != nil {
			return err
		}
		d.show("", s)
	}
	if left := len(d.cmd.Press); left > 0 {
		return fmt.Errorf("the session ended before all of --press was used: %d left over", left)
	}
	return nil
}

// next is what to press on a screen: of --press, else from the keyboard.
func (d *dialler) next(ctx context.Context, s screen) (string, error) {
	d.secret = d.secret || s.Secret
	input, err := d.read(ctx, s.Secret)
	if err != nil {
		return "", err
	}
	if !s.Secret {
		d.typed = append(d.typed, input)
	}
	return input, nil
}

func (d *dialler) read(ctx context.Context, secret bool) (string, error) {
	if !d.script {
		return d.keys.line(ctx, secret)
	}
	if len(d.cmd.Press) == 0 {
		return "", io.EOF
	}
	input := d.cmd.Press[0]
	d.cmd.Press = d.cmd.Press[1:]
	fmt.Fprintf(d.w.out, "> %s\n", hidden(input, secret))
	return input, nil
}

// hidden is an input as it may be printed: also four to six digits where no PIN was asked
// for are starred, since keys that come one too early put it there.
func hidden(input string, secret bool) string {
	if secret || operator.MaybePIN(input) {
		return strings.Repeat("*", len(input))
	}
	return input
}

// show prints a screen.
func (d *dialler) show(title string, s screen) {
	d.open = s.Open
	if title != "" {
		fmt.Fprintln(d.w.out, title)
	}
	fmt.Fprintf(d.w.out, "\n%s\n\n", indent(s.Screen))
}

// leave hangs up a dialogue that is still open.
func (d *dialler) leave() {
	if !d.open {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = d.api.hangup(ctx, d.cmd.MSISDN) // a demo that is gone has nothing to hang up
}

// indent sets a text of the service's a little in.
func indent(s string) string { return "  " + strings.ReplaceAll(harmless(s), "\n", "\n  ") }
