//go:build house

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"mlango/internal/stop"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// What torture is made of. MLANGO_KILLS and MLANGO_SEED change the first, and what
// is drawn.
const (
	tortureKills   = 25
	tortureVerify  = 25 // kills between two looks of the auditor's command
	torturePeople  = 12
	torturePoor    = ledger.Amount(6000) // what everybody begins with: often it is not enough
	tortureLimits  = "limits: {snapshot_every: 400}"
	tortureCallers = 24
	tortureConns   = 3
	tortureAnswers = 1500 // at most, in one life
	tortureHits    = 200  // at most, of a stop point
	tortureStart   = 60 * time.Millisecond
	tortureSample  = 4000 // old answers that are asked again
	tortureBrief   = 300 * time.Millisecond
	tortureHold    = 4 * time.Second // at most, that money is held
	tortureLines   = 200
	tortureIDs     = 64                            // holds and transfers that other asks are about
	forgetful      = ledger.Account(torturePeople) // types wrong PINs
)

// tortureRun is many lives of one process, and what was asked of them.
type tortureRun struct {
	*rig
	rng     *rand.Rand
	audit   *auditor
	ears    *ears
	callers [tortureCallers]*rand.Rand

	left  atomic.Int64 // answers until this life ends, from the load on
	early atomic.Int64 // answers until it ends while it settles
	mu    sync.Mutex
	open  []*ask // of the lives so far, not answered
	fresh []*ask // answered in the last life, to be asked again in the next
	old   []*ask // a sample of what was answered long ago
	holds []ledger.ID
	sent  []ledger.ID

	kills  map[string]int // by how they came
	lives  int
	unsure int // asks that a kill left without an answer
}

// TestTortureKills kills the real process again and again under load, by signal at
// random moments and at every stop point, while it starts, serves and settles.
// After each start everything that was acknowledged is there with the same answer,
// nothing is there twice, every unknown is settled, and the auditor's own books
// agree with every figure of every answer.
func TestTortureKills(t *testing.T) {
	kills := int(envNumber(t, "MLANGO_KILLS", tortureKills))
	seed := envNumber(t, "MLANGO_SEED", rand.Uint64()>>40)
	t.Logf("MLANGO_SEED=%d MLANGO_KILLS=%d repeats amounts and instants", seed, kills)
	g := newTorture(t, seed)
	begin := time.Now()
	for n := range kills {
		g.life()
		if (n+1)%tortureVerify == 0 {
			g.look()
		}
	}
	g.finish()
	log := readText(t, g.log)
	if kept := strings.Count(log, "msg=snapshot "); kills >= tortureKills && kept == 0 {
		t.Error("no life made a snapshot")
	} else {
		t.Logf("%d snapshots, %d of them read by a start", kept, strings.Count(log, " snapshot=")-strings.Count(log, " snapshot=0 "))
	}
	t.Logf("%d kills in %.0f s: %v; %d answers audited, %d transfers, %d asks were left unknown and settled, %d notices told; made %v; rejects %v",
		kills, time.Since(begin).Seconds(), g.kills, g.audit.asked, g.audit.made, g.unsure, g.ears.told, g.audit.kinds, g.audit.rejects)
}

// envNumber reads a figure from the environment.
func envNumber(t *testing.T, name string, usual uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return usual
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func newTorture(t *testing.T, seed uint64) *tortureRun {
	t.Helper()
	g := &tortureRun{rig: newRig(t, torturePeople, tortureLimits), rng: rand.New(rand.NewPCG(seed, 0)), ears: newEars(), kills: map[string]int{}}
	for i := range g.callers {
		g.callers[i] = rand.New(rand.NewPCG(seed, uint64(i+1)))
	}
	g.money = torturePoor
	c := g.start(1)[0]
	g.audit = newAuditor(g.seed(c), g.pins)
	g.audit.tell = g.ears.expect
	g.end()
	return g
}

// life is one run of the process, to its violent end.
func (g *tortureRun) life() {
	g.t.Helper()
	g.lives++
	how, env, soon := g.fate()
	g.kills[how]++
	l := g.launch(env...)
	if how == "start" {
		time.Sleep(soon)
		l.kill()
	} else if clients, alive := g.clients(l, tortureConns); alive {
		deaf := g.ears.listen(l, clients[0])
		if g.settle(l, clients) {
			g.unlock(clients[0])
			g.load(l, clients)
		}
		<-l.over
		deaf()
		hangUp(clients)
	}
	var exit *exec.ExitError
	if !errors.As(l.err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		g.t.Fatalf("life %d ended with %v, not by a kill", g.lives, l.err)
	}
}

// fate draws how a life ends: while it starts, while it settles what the last one
// left open, at a stop point, or after so many answers under load.
func (g *tortureRun) fate() (how string, env []string, soon time.Duration) {
	g.early.Store(never)
	g.left.Store(1 + g.rng.Int64N(tortureAnswers))
	switch g.rng.IntN(10) {
	case 0:
		return "start", nil, time.Duration(g.rng.Int64N(int64(tortureStart)))
	case 1:
		g.early.Store(1 + g.rng.Int64N(tortureAnswers/2))
		return "settling", nil, 0
	case 2, 3, 4:
		points := []string{stop.AfterJudge, stop.AfterAppend, stop.AfterSync, stop.AfterApply, stop.BeforeAnswer}
		how = points[g.rng.IntN(len(points))]
		g.left.Store(2 * tortureAnswers) // what is not reached by then ends as the others do
		return how, []string{fmt.Sprintf("MLANGO_STOP=%s:%d", how, 1+g.rng.IntN(tortureHits))}, 0
	}
	return "answers", nil, 0
}

// never is more answers than there are.
const never = 1 << 40

// answered notes an answer that was given for the first time, or the same again.
func (g *tortureRun) answered(l *life, q *ask, res ledger.Result, left *atomic.Int64) {
	g.mu.Lock()
	first := !q.done
	err := q.note(res)
	if first {
		g.audit.answers = append(g.audit.answers, q)
	}
	g.mu.Unlock()
	if err != nil {
		g.t.Error(err)
	}
	if left.Add(-1) == 0 {
		go l.kill()
	}
}

// settle ends every unknown, asks everything again that was answered in the last
// life and something of long ago, and has the auditor look at it all. It is false
// when the process ended before.
func (g *tortureRun) settle(l *life, clients []*ledgerclient.Client) bool {
	g.t.Helper()
	list := append(append([]*ask(nil), g.open...), g.fresh...)
	for range min(len(g.old), tortureAnswers/10) {
		list = append(list, g.old[g.rng.IntN(len(g.old))])
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for i := range tortureCallers {
		wg.Go(func() {
			for n := int(next.Add(1)); n <= len(list); n = int(next.Add(1)) {
				g.settleOne(l, clients[i%len(clients)], list[n-1])
			}
		})
	}
	wg.Wait()
	if g.t.Failed() {
		g.t.FailNow()
	}
	if l.gone() {
		return false
	}
	if err := g.audit.journal(clients[0]); err != nil {
		if l.ends() {
			return false
		}
		g.t.Fatal(err)
	}
	if err := errors.Join(g.audit.audit(), g.audit.sums()); err != nil {
		g.t.Fatalf("life %d: %v", g.lives, err)
	}
	for _, q := range append(g.open, g.fresh...) {
		g.keep(q)
	}
	g.open, g.fresh = nil, nil
	return true
}

// keep puts an answer into the sample.
func (g *tortureRun) keep(q *ask) {
	if len(g.old) < tortureSample {
		g.old = append(g.old, q)
	} else if n := g.rng.IntN(8 * tortureSample); n < tortureSample {
		g.old[n] = q
	}
}

// settleOne asks until there is an answer. Every third known answer is looked up
// instead, which must tell the same.
func (g *tortureRun) settleOne(l *life, c *ledgerclient.Client, q *ask) {
	g.mu.Lock()
	known := q.done
	g.mu.Unlock()
	if known && q.id[5]%3 != 0 {
		res, there, err := c.Lookup(g.t.Context(), q.id)
		switch {
		case err != nil: // asked again below
		case !there:
			g.t.Errorf("%s was acknowledged and is not there", q.id)
			return
		default:
			g.answered(l, q, res, &g.early)
			return
		}
	}
	how := q.once
	if q.brief && !known {
		how = q.resolve
	}
	for deadline := time.Now().Add(proofWait); !l.gone(); l.rest() {
		res, answered, err := how(c)
		if answered {
			g.answered(l, q, res, &g.early)
			return
		}
		if time.Now().After(deadline) {
			g.t.Errorf("%s was never answered: %s, %v", q.id, res.Reject, err)
			return
		}
	}
}

// unlock lets who forgets PINs try again. When the process ends meanwhile nobody
// knows whether it was done; the auditor reads it in the journal.
func (g *tortureRun) unlock(c *ledgerclient.Client) {
	_, _ = c.Admin(g.t.Context(), []ledger.Command{ledger.UnlockPIN{Account: forgetful}})
}

// load asks from many callers at once until the process is gone.
func (g *tortureRun) load(l *life, clients []*ledgerclient.Client) {
	var wg sync.WaitGroup
	for i, rng := range g.callers {
		wg.Go(func() {
			for !l.gone() {
				q := g.draw(rng)
				if !g.one(l, clients[i%len(clients)], clients[(i+1)%len(clients)], q, rng.IntN(8) == 0) {
					l.rest()
				}
			}
		})
	}
	wg.Wait()
	for _, q := range g.open {
		if !q.done {
			g.unsure++
		}
	}
}

// one asks once, now and then by two connections at the same time.
func (g *tortureRun) one(l *life, c, second *ledgerclient.Client, q *ask, twice bool) (answered bool) {
	var both sync.WaitGroup
	if twice {
		both.Go(func() {
			if res, ok, _ := q.once(second); ok {
				g.answered(l, q, res, &g.left)
			}
		})
	}
	res, ok, _ := q.once(c)
	if ok {
		g.answered(l, q, res, &g.left)
	}
	both.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	if q.done {
		g.fresh = append(g.fresh, q)
	} else {
		g.open = append(g.open, q)
	}
	return q.done
}

// look has the auditor's command read the folder as the kill left it.
func (g *tortureRun) look() {
	g.t.Helper()
	if line := g.verify(); verified(g.t, line, "sum") != 0 || verified(g.t, line, "transfers") < g.audit.made {
		g.t.Fatalf("life %d: %d transfers were audited, verify says %s", g.lives, g.audit.made, line)
	}
}

// verified reads one figure of verify's line.
func verified(t testing.TB, line, name string) int {
	t.Helper()
	_, rest, found := strings.Cut(" "+line, " "+name+"=")
	n, err := strconv.Atoi(strings.SplitN(rest, " ", 2)[0])
	if !found || err != nil {
		t.Fatalf("no %s in %q: %v", name, line, err)
	}
	return n
}

// finish starts the process a last time, and counts.
func (g *tortureRun) finish() {
	g.t.Helper()
	c := g.start(tortureConns)
	g.early.Store(never)
	deaf := g.ears.listen(g.now, c[0])
	if !g.settle(g.now, c) {
		g.t.Fatal("the process ended by itself")
	}
	if err := errors.Join(g.audit.outlive(c[0]), g.ears.drained()); err != nil {
		g.t.Fatal(err)
	}
	deaf()
	g.fresh = g.old
	if !g.settle(g.now, c) {
		g.t.Fatal("the process ended by itself")
	}
	for n := range ledger.Account(torturePeople) {
		g.statement(c[0], n+1)
	}
	if err := g.ears.tellAll(c[0]); err != nil {
		g.t.Fatal(err)
	}
	g.end()
	if line := g.verify(); verified(g.t, line, "sum") != 0 || verified(g.t, line, "transfers") != g.audit.made {
		g.t.Fatalf("%d transfers were acknowledged, verify says %s", g.audit.made, line)
	}
	c = g.start(1)
	last := g.send(1, 2, 1)
	g.must(c[0], last, ledger.OK)
	if err := g.ears.onlyNew(c[0], last.id); err != nil {
		g.t.Fatal(err)
	}
	g.end()
}

// statement reads an account's latest lines: they lead, one by one, to what the
// auditor says it has.
func (g *tortureRun) statement(c *ledgerclient.Client, n ledger.Account) {
	g.t.Helper()
	lines, known, err := c.Statement(g.t.Context(), n, 0, 0, tortureLines)
	if err != nil || !known || len(lines.List) == 0 {
		g.t.Fatalf("the statement of %d: %d lines, %v", n, len(lines.List), err)
	}
	if want := g.audit.own[n].balance; lines.Balance != want {
		g.t.Errorf("the statement of %d says %d, want %d", n, lines.Balance, want)
	}
	at := lines.Balance
	for i, l := range lines.List {
		if l.Balance != at {
			g.t.Errorf("line %d of the statement of %d left %d, the next begins with %d", i, n, l.Balance, at)
		}
		if at -= l.Amount + l.Fee; !l.In {
			at += 2 * (l.Amount + l.Fee)
		}
	}
	seen, _, err := c.Account(g.t.Context(), n)
	if h := g.audit.own[n]; err != nil || seen.Balance != h.balance || seen.HeldDebits > h.held {
		g.t.Errorf("account %d is seen with %d, held %d, want %d and at most %d; %v", n, seen.Balance, seen.HeldDebits, h.balance, h.held, err)
	}
}
