//go:build house

package main

import (
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
	"mlango/simulator/load"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// What torture is made of. MLANGO_KILLS and MLANGO_SEED change the first two.
const (
	tortureKills   = 20
	tortureRate    = 60 // payments a second
	tortureSpeed   = 20
	tortureUsers   = 2000
	tortureExpires = 8 * time.Second
	tortureReply   = 6 * time.Second        // above the gateway's own deadline
	tortureDrain   = 5 * time.Minute        // at most
	tortureLeast   = 400 * time.Millisecond // that a program lives
	tortureSpread  = 3200 * time.Millisecond
	tortureDead    = 400 * time.Millisecond // at most, before it is started again
	torturePINs    = 40
)

// crowd is a rig with a population on it, and what a run needs of both.
type crowd struct {
	*rig
	cfg  load.Config
	seed uint64
}

// newCrowd opens the accounts of people who dial for at most a span.
func newCrowd(t *testing.T, p parts, span time.Duration) *crowd {
	t.Helper()
	texts := make(chan operator.SMS, smsRoom)
	p.onSMS, p.inbox, p.binds, p.window = func(s operator.SMS) { texts <- s }, -1, loadBinds, loadWindow
	p.expires, p.reply = tortureExpires.String(), tortureReply
	c := &crowd{rig: newRig(t, p), seed: seedOf(t)}
	profile, err := load.FindProfile("salary-day")
	if err != nil {
		t.Fatal(err)
	}
	c.cfg = load.Config{
		Profile: profile, Rate: tortureRate, Duration: span, Drain: tortureDrain, Speed: tortureSpeed, From: -1,
		Seed: c.seed, Code: "334", Network: c.op, SMS: texts, Feed: c.stack.Ledger(), Notices: c.stack.Ledger(), Node: c.stack.Ledger(), Zone: loadZone,
		OrderAge: tortureExpires + orderSlack, Alone: true, People: make([]load.Person, tortureUsers),
	}
	if err := c.stack.SeedHouse(t.Context()); err != nil {
		t.Fatal(err)
	}
	people, secrets := stack.Crowd(c.seed, profile.Poor), fewPINs(c.seed)
	err = c.stack.Seed(t.Context(), tortureUsers, func(i int) stack.User {
		u := people(i)
		u.PIN = secrets[i%len(secrets)]
		c.cfg.People[i] = load.Person{MSISDN: u.MSISDN, Name: u.Name, PIN: u.PIN, Language: u.Language, Account: u.Account}
		return u
	})
	if err != nil {
		t.Fatal(err)
	}
	menu, err := c.stack.Bundle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cfg.Reads(menu.Name, menu.Source); err != nil {
		t.Fatal(err)
	}
	if c.cfg.Before, err = c.stack.LastEntry(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// fewPINs are PINs of six digits that the ledger takes, and none of the numbers of six
// digits that it knows the house's accounts by. They are few, and shared: what the
// programs wrote is searched for them, and of a PIN for each of two thousand people one
// would soon be an honest number there.
func fewPINs(seed uint64) (secrets []string) {
	house := []ledger.Account{stack.AccountTrust, stack.AccountFees, stack.AccountAirtime}
	rng := rand.New(rand.NewPCG(seed, 5))
	for len(secrets) < torturePINs {
		n := 100_000 + rng.IntN(900_000) // nobody's number ends so
		typed := strconv.Itoa(n)
		if p, err := pin.Parse(typed); err == nil && !pin.Easy(p, "") && !slices.Contains(house, ledger.Account(n)) {
			secrets = append(secrets, typed)
		}
	}
	return secrets
}

// seedOf draws a seed, or repeats MLANGO_SEED, and prints it.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64() >> 40
	if s := os.Getenv("MLANGO_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatalf("MLANGO_SEED: %v", err)
		}
		seed = n
	}
	t.Logf("MLANGO_SEED=%d repeats people, amounts and instants", seed)
	return seed
}

// under runs the load for as long as harm lasts, drains, and audits it: every
// shilling and every SMS.
func (c *crowd) under(harm func()) *load.Report {
	c.t.Helper()
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		harm()
	}()
	report, err := load.Run(c.t.Context(), c.cfg, stop)
	if err != nil {
		c.t.Fatal(err)
	}
	report.Summary(testWriter{c.t})
	if o := report.Oracle; o.Anomalies != 0 || !o.MoneyConserved || o.Doubled+o.Lost+o.UnbackedSMS != 0 {
		c.t.Errorf("the oracle found %d anomalies", o.Anomalies)
	}
	if p := report.Payments; p.Unresolved != 0 || p.Committed == 0 {
		c.t.Errorf("%d payments are unresolved, %d committed", p.Unresolved, p.Committed)
	}
	if s := report.SMS; s.Missing != 0 || s.Contradicting != 0 {
		c.t.Errorf("%d SMS are missing, %d contradict", s.Missing, s.Contradicting)
	}
	c.settled()
	if made := len(c.books()); made < report.Payments.Committed {
		c.t.Errorf("the books hold %d transfers, the run counted %d", made, report.Payments.Committed)
	}
	c.keepsSecrets()
	return report
}

// testWriter prints a summary into a test's log.
type testWriter struct{ t testing.TB }

// Write is one line.
func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", b)
	return len(b), nil
}

// TestTortureTwentyKills kills ledgerd and the gateway in turn with SIGKILL, at
// random moments under load.
func TestTortureTwentyKills(t *testing.T) {
	kills := tortureKills
	if s := os.Getenv("MLANGO_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("MLANGO_KILLS: %v", err)
		}
		kills = n
	}
	for name, redis := range map[string]bool{"memory": false, "Redis": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCrowd(t, parts{redis: redis}, time.Duration(kills)*(tortureLeast+tortureSpread+2*tortureDead))
			rng := rand.New(rand.NewPCG(c.seed, 9))
			c.under(func() {
				for n := range kills {
					time.Sleep(tortureLeast + time.Duration(rng.Int64N(int64(tortureSpread))))
					c.killAndStart([]string{stack.Ledgerd, stack.Gateway}[n%2], time.Duration(rng.Int64N(int64(tortureDead))))
				}
			})
		})
	}
}

// killAndStart kills a program and starts it again a while later. It runs beside
// the test: what fails is an error, not the test's end.
func (r *rig) killAndStart(name string, dead time.Duration) {
	if err := r.stack.Kill(r.t.Context(), name); err != nil {
		r.t.Errorf("kill %s: %v", name, err)
	}
	time.Sleep(dead)
	if err := r.stack.Restart(r.t.Context(), name); err != nil {
		r.t.Errorf("start %s: %v", name, err)
	}
}

// TestHouseRedisDies kills Redis under load, twice. Nothing it forgot is lost or
// doubled; while it is gone a dial ends politely.
func TestHouseRedisDies(t *testing.T) {
	t.Parallel()
	c := newCrowd(t, parts{redis: true}, time.Minute)
	c.under(func() {
		for range 2 {
			time.Sleep(3 * time.Second)
			c.redis.kill()
			c.dialsEndPolitely()
			time.Sleep(2 * time.Second)
			c.redis.start()
		}
		time.Sleep(3 * time.Second)
	})
}

// dialsEndPolitely dials while Redis is gone: there is a last screen, and it says
// that nothing was taken.
func (c *crowd) dialsEndPolitely() {
	const stranger = "254733000001"
	s, err := c.op.Dial(c.t.Context(), stranger, "*334#")
	if err != nil || s.Open || !regexp.MustCompile(`busy\. Nothing was taken\. Please dial again later`).MatchString(s.Text) {
		c.t.Errorf("a dial without Redis: %q (open: %v), %v", s.Text, s.Open, err)
	}
}
