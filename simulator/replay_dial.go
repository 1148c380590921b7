package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/simulator/load"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// dial dials what the person dialled before, in short, and then the session, key by key.
// same tells whether each screen is the one that it was.
func (r *replay) dial(ctx context.Context) (same bool, err error) {
	r.intro()
	for i := range r.before {
		if err := r.silently(ctx, &r.before[i]); err != nil {
			return false, err
		}
	}
	if len(r.before) > 0 {
		fmt.Fprintln(r.w.out)
	}
	same, err = r.walk(ctx)
	if err != nil {
		return false, err
	}
	r.texts(ctx)
	if same {
		fmt.Fprintln(r.w.out, "\nEvery screen is the one that it was then, and it ended as it did then.")
	} else {
		fmt.Fprintln(r.w.out, "\nIt went otherwise than then: see the lines marked ≠. What others did meanwhile is not dialled again.")
	}
	return same, nil
}

// intro says who is dialled again, and how it was.
func (r *replay) intro() {
	o, u := &r.one, r.user(r.one.Payer)
	p := func(format string, args ...any) { fmt.Fprintf(r.w.out, format+"\n", args...) }
	p("session %s (#%d) of %s, %s, %s: %s", o.Session, o.Number, r.mask(o.Payer), u.Name, o.Persona, r.wants(o))
	p("then: %.1f s into the run, %d keys, %s%s", float64(o.AtMS)/1000, len(o.Keys), o.Ending, said(", ", strings.ReplaceAll(o.Mishap, "_", " ")))
	door := ""
	if says := r.door(); says != "" {
		door = ", its door (" + says + ")"
	}
	p("now:  a stack of its own, the run's menu%s, the balances with which the run began\n", door)
}

// wants is what a session was for.
func (r *replay) wants(o *load.Recorded) string {
	switch {
	case !load.Pays(o.Goal):
		return o.Goal
	case o.Payee < 0 || o.Payee == o.Payer: // a business, or oneself
		return o.Goal + " of " + shillings(o.Amount)
	}
	return fmt.Sprintf("%s of %s to %s (%s)", o.Goal, shillings(o.Amount), r.mask(o.Payee), r.user(o.Payee).Name)
}

// shillings words an amount as the screens below it do.
func shillings(a ledger.Amount) string {
	whole := strconv.FormatInt(int64(a/100), 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return fmt.Sprintf("Ksh%s.%02d", whole, a%100)
}

// local is a person's number as people type it.
func (r *replay) local(i int) string {
	if i < 0 {
		return ""
	}
	return stack.Local(r.user(i).MSISDN)
}

func said(before, what string) string {
	if what == "" {
		return ""
	}
	return before + what
}

// silently dials an earlier session of the same person again and says how it ended.
func (r *replay) silently(ctx context.Context, o *load.Recorded) error {
	text := ""
	typed := 0
	for i := range o.Keys {
		s, err := r.send(ctx, o, i, &typed)
		if err != nil {
			text = err.Error()
			break
		}
		if text = s.Text; !s.Open {
			break
		}
	}
	line, _, _ := strings.Cut(text, "\n")
	fmt.Fprintf(r.w.out, "before  #%-6d %-28s → %s\n", o.Number, r.wants(o), line)
	return r.hangUp(ctx, o)
}

func (r *replay) hangUp(ctx context.Context, o *load.Recorded) error {
	return r.run.op.Hangup(ctx, r.user(o.Payer).MSISDN)
}

// send lets key i of a session leave the handset.
func (r *replay) send(ctx context.Context, o *load.Recorded, i int, typed *int) (operator.Screen, error) {
	u := r.user(o.Payer)
	key := r.key(o, u, i, typed)
	if i == 0 {
		return r.run.op.Dial(ctx, u.MSISDN, key)
	}
	return r.run.op.Press(ctx, u.MSISDN, key)
}

// key is what was typed: a PIN is the seed's own, or the mistyped one.
func (r *replay) key(o *load.Recorded, u stack.User, i int, typed *int) string {
	key := o.Keys[i].Input
	if strings.Contains(key, "{to}") {
		return strings.ReplaceAll(key, "{to}", r.local(o.Payee))
	}
	if strings.Trim(key, "*") != "" {
		return key
	}
	if *typed++; *typed == 1 && o.WrongPIN {
		return load.WrongPIN(u.PIN)
	}
	return u.PIN
}

// walk dials the session again and prints each key with its screen.
func (r *replay) walk(ctx context.Context) (same bool, err error) {
	same = true
	typed := 0
	for i, k := range r.one.Keys {
		if err := r.pause(ctx, i); err != nil {
			return false, err
		}
		verb := "presses"
		if i == 0 {
			verb = "dials"
		}
		fmt.Fprintf(r.w.out, "%+7.1f s  %s %s\n", float64(k.AtMS)/1000, verb, strings.ReplaceAll(k.Input, "{to}", r.local(r.one.Payee)))
		s, err := r.send(ctx, &r.one, i, &typed)
		if err != nil && ctx.Err() != nil {
			return false, fmt.Errorf("replay: %w", ctx.Err())
		}
		if r.one.LostRadio() && k.Screen == "" {
			fmt.Fprintln(r.w.out, "           (here the handset lost the network)")
			return same, r.hangUp(ctx, &r.one)
		}
		agrees := r.show(&k, s, err)
		same = same && agrees
		if err != nil || !s.Open {
			return r.ended(r.fate(i, typed, s, err)) && same, nil
		}
	}
	left := r.one.Ending == load.EndAbandoned.String()
	fmt.Fprintf(r.w.out, "           (here the person %s)\n", map[bool]string{true: "hung up", false: "had no screen any more"}[left])
	return r.ended(load.EndAbandoned) && same, r.hangUp(ctx, &r.one)
}

// fate is how the session ends with its key i.
func (r *replay) fate(i, pins int, s operator.Screen, err error) load.Ending {
	secret := strings.Trim(r.one.Keys[i].Input, "*") == ""
	switch {
	case i == 0 && (err != nil || r.one.Keys[i].Input == "*"+r.head.Code+"#"):
		return load.EndNotBegun
	case err == nil:
		return load.EndingOf(r.one.Goal, pins, s.Text)
	case !secret || !load.Pays(r.one.Goal):
		return load.EndFailed
	case errors.Is(err, operator.ErrRefused):
		return load.EndRefused
	}
	return load.EndSilent
}

// ended tells whether it ended as it did then, and says so when it did not: every last
// screen has one name, whatever it says.
func (r *replay) ended(now load.Ending) (same bool) {
	if same = now.String() == r.one.Ending; !same {
		fmt.Fprintf(r.w.out, "         ≠ ended then: %s; now: %s\n", r.one.Ending, now)
	}
	return same
}

// door is how people dialled, where it was not as it is anyway.
func (r *replay) door() string {
	h, says := &r.head, ""
	if h.Door == load.DoorHTTP {
		says = "HTTP"
	} else if h.Dialect != "" || h.SMS != "" || h.Redis {
		says = "SMPP"
	}
	says += said(" as ", h.Dialect) + said(", SMS by ", h.SMS)
	if h.Redis {
		says += ", with Redis"
	}
	return says
}

// show prints a screen beside what came then.
func (r *replay) show(k *load.RecordedKey, s operator.Screen, err error) (same bool) {
	now, name := "none: "+fmt.Sprint(err), ""
	if err == nil {
		now, name = fmt.Sprintf("after %.1f ms", float64(s.Elapsed.Microseconds())/1000), r.name(s)
		for _, line := range strings.Split(harmless(s.Text), "\n") {
			fmt.Fprintln(r.w.out, "           │ "+line)
		}
	}
	then := fmt.Sprintf("%s after %.1f ms", k.Screen, k.WaitMS)
	if k.Screen == "" {
		then = fmt.Sprintf("none in %.1f ms", k.WaitMS)
	}
	mark := "="
	if same = name == k.Screen; !same {
		mark = "≠"
	}
	fmt.Fprintf(r.w.out, "         %s then %s; now %s\n", mark, then, strings.TrimSpace(name+" "+now))
	return same
}

// name is the screen's, as the run named it.
func (r *replay) name(s operator.Screen) string {
	return load.NameOf(r.run.cfg.Chart, s, r.user(r.one.Payer).Language)
}

// pause waits for Enter, or as long as the person did.
func (r *replay) pause(ctx context.Context, i int) error {
	if r.cmd.Step {
		fmt.Fprint(r.w.err, "[Enter] ")
		if _, err := r.in.ReadString('\n'); err != nil {
			return errors.New("nobody presses Enter any more")
		}
		return nil
	}
	if !r.cmd.Pauses || i == 0 {
		return nil
	}
	t := time.NewTimer(time.Duration(r.one.Keys[i].AtMS-r.one.Keys[i-1].AtMS) * time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("replay: %w", ctx.Err())
	}
}

// texts prints the SMS that come of it.
func (r *replay) texts(ctx context.Context) {
	over := time.NewTimer(replayWaits)
	defer over.Stop()
	want := 0
	if load.Pays(r.one.Goal) && r.one.Ending == load.EndDone.String() {
		want = 2
	}
	fmt.Fprintln(r.w.out)
	for n := 0; n < want; n++ {
		select {
		case s := <-r.run.cfg.SMS:
			fmt.Fprintf(r.w.out, "SMS to %s: %s\n", s.To[:4]+"*****"+s.To[len(s.To)-3:], harmless(s.Text))
		case <-over.C:
			fmt.Fprintf(r.w.out, "no SMS came within %s\n", replayWaits)
			return
		case <-ctx.Done():
			return
		}
	}
}
