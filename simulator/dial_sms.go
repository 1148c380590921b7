package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// payeeDigits is how much of a typed number must match a phone's: the national
// number without its trunk zero.
const payeeDigits = 9

// texts waits for the SMS of this dial and prints them: the caller's, and the
// payee's when it is a phone of the demo.
func (d *dialler) texts(ctx context.Context) error {
	patience := smsGlance
	if d.secret {
		patience = smsPatience
	}
	wait := d.watched()
	deadline := time.Now().Add(patience)
	for printed := 0; ; {
		for _, number := range wait {
			n, err := d.print(ctx, number)
			if err != nil {
				return err
			}
			printed += n
		}
		if d.complete(wait) {
			return nil
		}
		if time.Now().After(deadline) {
			if d.secret && printed == 0 {
				fmt.Fprintf(d.w.out, "(no SMS within %s)\n", patience)
			}
			return nil
		}
		if err := pause(ctx, smsEvery); err != nil {
			return err
		}
	}
}

// watched is the caller's phone and those whose number was typed.
func (d *dialler) watched() []string {
	list := []string{d.cmd.MSISDN}
	for _, p := range d.phones {
		if p.MSISDN != d.cmd.MSISDN && d.wasTyped(p.MSISDN) {
			list = append(list, p.MSISDN)
		}
	}
	return list
}

func (d *dialler) wasTyped(number string) bool {
	for _, input := range d.typed {
		digits := strings.TrimLeft(strings.NewReplacer(" ", "", "-", "", "+", "").Replace(input), "0")
		if len(digits) >= payeeDigits && strings.HasSuffix(number, digits) {
			return true
		}
	}
	return false
}

// print shows the SMS of a phone that were not there before.
func (d *dialler) print(ctx context.Context, number string) (int, error) {
	list, err := d.api.sms(ctx, number)
	if err != nil {
		return 0, err
	}
	fresh := list[min(d.seen[number], len(list)):]
	for _, s := range fresh {
		fmt.Fprintf(d.w.out, "SMS to %s from %s at %s\n\n%s\n\n", number, s.From, s.At.Format("15:04:05"), indent(s.Text))
		d.got(number)
	}
	d.seen[number] = len(list)
	return len(fresh), nil
}

// got crosses a phone off the ones that wait for an SMS.
func (d *dialler) got(number string) {
	if d.told == nil {
		d.told = make(map[string]bool)
	}
	d.told[number] = true
}

// complete tells whether every watched phone had its SMS.
func (d *dialler) complete(watched []string) bool {
	for _, number := range watched {
		if !d.told[number] {
			return false
		}
	}
	return true
}

// pause waits, or ends early with ctx.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
