package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mlango/internal/cli"
	"mlango/simulator/load"
	"mlango/simulator/stack"
)

// replayCmd is `simulator replay`.
type replayCmd struct {
	Session string `required:"" help:"The session, as a finding or the report names it; or its number in sessions.jsonl." placeholder:"ID"`
	Of      string `help:"Whose it is, as the finding says, when several people had a session of that name." placeholder:"2547*****370"`
	From    string `name:"run" help:"The folder of the run; the newest one below runs without it." placeholder:"DIR"`
	Step    bool   `help:"Wait for Enter before each key."`
	Pauses  bool   `help:"Pause as long as the person did."`
}

// Bounds of a replay.
const (
	maxBefore     = 50 // of the person's earlier sessions are dialled again
	maxCandidates = 10 // are told when an ID is not enough
	replayWaits   = 5 * time.Second
)

// replay is one person dialled again.
type replay struct {
	w      *world
	cmd    *replayCmd
	head   load.RunHead
	one    load.Recorded
	before []load.Recorded // of the same person
	run    *loadRun
	people map[int]stack.User
	in     *bufio.Reader
}

// Run finds the session and dials it again on a stack of its own.
func (c *replayCmd) Run(ctx context.Context, w *world) error {
	r := &replay{w: w, cmd: c, people: map[int]stack.User{}, in: bufio.NewReader(w.in)}
	if err := r.find(); err != nil {
		return cli.Fail(cli.Usage, err)
	}
	if err := r.start(ctx); err != nil {
		return errors.Join(err, r.close())
	}
	same, err := r.dial(ctx)
	if err := errors.Join(err, r.close()); err != nil {
		return err
	}
	if !same {
		return cli.Fail(cli.Check, errors.New("it did not go as it did then"))
	}
	return nil
}

// newestRun is the youngest folder below runs that has a list of sessions.
func newestRun() (string, error) {
	all, err := filepath.Glob(filepath.Join("runs", "*", load.SessionsFile))
	if err != nil || len(all) == 0 {
		return "", errors.New("there is no run below ./runs: name its folder with --run DIR")
	}
	slices.Sort(all) // their names begin with the time
	return filepath.Dir(all[len(all)-1]), nil
}

// find reads the run's list for the session, and the person's sessions before it.
func (r *replay) find() (err error) {
	c := r.cmd
	if c.From == "" {
		if c.From, err = newestRun(); err != nil {
			return err
		}
	}
	number, _ := strconv.Atoi(strings.TrimPrefix(c.Session, "#"))
	var found []load.Recorded
	byPayer := map[int][]load.Recorded{}
	r.head, err = load.ReadSessions(c.From, func(head load.RunHead, one *load.Recorded) bool {
		r.head = head // who a number is depends on it
		switch whose := r.mask(one.Payer); {
		case c.Of != "" && c.Of != whose && !strings.HasSuffix(whose, c.Of):
		case one.Number == number || one.Session == c.Session:
			found = append(found, *one)
		}
		if len(byPayer[one.Payer]) < maxBefore {
			byPayer[one.Payer] = append(byPayer[one.Payer], *one)
		}
		return true
	})
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return fmt.Errorf("the run in %s has no session %q: the findings and the worst sessions of its report name some", c.From, c.Session)
	case len(found) > 1:
		return r.ambiguous(found)
	}
	r.one = found[0]
	for _, b := range byPayer[r.one.Payer] {
		if b.AtMS < r.one.AtMS {
			r.before = append(r.before, b)
		}
	}
	slices.SortFunc(r.before, func(a, b load.Recorded) int { return int(a.AtMS - b.AtMS) })
	return nil
}

// ambiguous lists the sessions that bear one name.
func (r *replay) ambiguous(found []load.Recorded) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d people had a session %q: add --of, or name it by its number:", len(found), r.cmd.Session)
	for _, one := range found[:min(len(found), maxCandidates)] {
		fmt.Fprintf(&b, "\n  #%-6d of %s, %6.1f s into the run: %s, %s", one.Number, r.mask(one.Payer), float64(one.AtMS)/1000, one.Goal, one.Ending)
	}
	if more := len(found) - maxCandidates; more > 0 {
		fmt.Fprintf(&b, "\n  … and %d more", more)
	}
	return errors.New(b.String())
}

// user is a person of the run's crowd.
func (r *replay) user(i int) stack.User {
	if u, known := r.people[i]; known {
		return u
	}
	var u stack.User
	if places := stack.CrowdPlaces(r.head.Seed, r.head.Users); i >= r.head.Users && i-r.head.Users < len(places) {
		u = places[i-r.head.Users]
	} else {
		u = stack.Crowd(r.head.Seed, r.head.Poor)(i)
	}
	r.people[i] = u
	return u
}

// mask is a person's number as findings say it.
func (r *replay) mask(i int) string {
	number := r.user(i).MSISDN
	if len(number) < 7 {
		return "nobody's number"
	}
	return number[:4] + "*****" + number[len(number)-3:]
}

// againFor is the run's command as far as a session depends on it: by which door people
// dialled, and what the gateway kept sessions in. A Redis of somebody's own is not touched
// again: one is started.
func againFor(head *load.RunHead) *loadCmd {
	c := &loadCmd{HTTP: head.Door == load.DoorHTTP, Dialect: head.Dialect, SMS: head.SMS, Expires: time.Duration(head.Expires) * time.Millisecond}
	if head.Redis {
		c.Redis = redisStart
	}
	return c
}

// start starts a stack with the run's menu, and opens the people it takes.
func (r *replay) start(ctx context.Context) error {
	cmd := againFor(&r.head)
	cmd.Menu = filepath.Join(r.cmd.From, load.MenuFile)
	if _, err := os.Stat(cmd.Menu); err != nil {
		return cli.Fail(cli.Usage, fmt.Errorf("the run's menu: %w", err))
	}
	r.run = &loadRun{cmd: cmd, w: r.w}
	if err := r.run.begin(ctx); err != nil {
		return err
	}
	menu, err := r.run.stack.Bundle(ctx)
	if err != nil {
		return err
	}
	if err := r.run.cfg.Reads(menu.Name, menu.Source); err != nil {
		return err
	}
	if err := r.run.stack.SeedHouse(ctx); err != nil {
		return err
	}
	var all []stack.User
	for _, one := range append(slices.Clone(r.before), r.one) {
		for _, i := range []int{one.Payer, one.Payee} {
			if i >= 0 && i < r.head.Users && !slices.ContainsFunc(all, func(u stack.User) bool { return u.Account == r.user(i).Account }) {
				all = append(all, r.user(i))
			}
		}
	}
	all = append(all, stack.CrowdPlaces(r.head.Seed, r.head.Users)...)
	if err := r.run.stack.Seed(ctx, len(all), func(i int) stack.User { return all[i] }); err != nil {
		return err
	}
	bound, cancel := context.WithTimeout(ctx, boundPatience)
	defer cancel()
	return r.run.op.WaitBound(bound)
}

func (r *replay) close() error {
	if r.run == nil {
		return nil
	}
	return r.run.close()
}
