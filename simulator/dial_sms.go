package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// payeeDigits is how much of a typed number must match a phone's: the number of an
// agent or a till is so long.
const payeeDigits = 6

// texts waits for the SMS of this dial and prints them, on whatever phone of the demo they
// come: the caller's, the payee's, an agent's or a till's. Who was named is waited for;
// who was not has a moment.
func (d *dialler) texts(ctx context.Context) error {
	patience := smsGlance
	if d.secret {
		patience = smsPatience
	}
	wait, printed := d.named(), 0
	deadline := time.Now().Add(patience)
	for last := deadline; time.Now().Before(last); {
		for _, p := range d.phones {
			n, err := d.print(ctx, p.MSISDN)
			if err != nil {
				return err
			}
			if printed += n; n > 0 && d.complete(wait) {
				last = time.Now().Add(smsGlance)
			}
		}
		if err := pause(ctx, smsEvery); err != nil {
			return err
		}
	}
	if d.secret && printed == 0 {
		fmt.Fprintf(d.w.out, "(no SMS within %s)\n", patience)
	}
	return nil
}

// named are the caller's phone and those whose number was typed.
func (d *dialler) named() []string {
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
func (d *dialler) print(ctx context.Context, number string) (n int, err error) {
	list, err := d.api.sms(ctx, number)
	if err != nil {
		return 0, err
	}
	for _, s := range list {
		if d.seen[number+s.ID] {
			continue
		}
		d.seen[number+s.ID] = true
		fmt.Fprintf(d.w.out, "SMS to %s from %s at %s\n\n%s\n\n", d.called(number), word(s.From), s.At.Format("15:04:05"), indent(s.Text))
		d.got(number)
		n++
	}
	return n, nil
}

// called is a phone's number, and its holder's name where that is known.
func (d *dialler) called(number string) string {
	for _, p := range d.phones {
		if p.MSISDN == number && p.Name != "" {
			return number + " (" + word(p.Name) + ")"
		}
	}
	return number
}

// got crosses a phone off the ones that wait for an SMS.
func (d *dialler) got(number string) {
	if d.told == nil {
		d.told = make(map[string]bool)
	}
	d.told[number] = true
}

// complete tells whether every phone that was named had its SMS.
func (d *dialler) complete(named []string) bool {
	for _, number := range named {
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
