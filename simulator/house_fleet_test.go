//go:build house

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mlango/menus"
	"mlango/simulator/stack"
)

// The street of the fleet's tests: so many dials a second of so many people. The words
// of the issue allow a broken screen thirty seconds of them.
const (
	streetPeople = 2_000
	streetRate   = 100
	streetAtOnce = 64 // dialogues under way: a machine that is slow has fewer dials a second, none that time out
	streetMost   = 30 * streetRate
	streetBusy   = 250 * time.Millisecond // a dial that takes so long tells of a machine that is busy: there it may take four times as many
	streetStuck  = 10 * streetMost        // a test that would hang ends here
)

// tableOffer finds the question whether to go on where a dialogue broke off.
var tableOffer = regexp.MustCompile(`(?m)^2 (Start again|Anza upya)$`)

// fleet is two real gateways that share a Redis, one ledger, and two approvers.
type fleet struct {
	t       testing.TB
	stack   *stack.Stack
	dir     string
	doors   [2]string
	admins  [2]string
	far     string // where both bind for SMS
	session atomic.Uint64
	slowest atomic.Int64 // dial of the street, ns
	crowd   func(int) stack.User
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{t: t, dir: t.TempDir(), crowd: rich(stack.Crowd(7, 0))}
	ports := stack.Ports{Ledger: newPort(t), LedgerAdmin: newPort(t), HTTP: newPort(t), GatewayAdmin: newPort(t), Second: newPort(t), SecondAdmin: newPort(t)}
	f.admins = [2]string{ports.GatewayAdmin, ports.SecondAdmin}
	for i, addr := range []string{ports.HTTP, ports.Second} {
		f.doors[i] = "http://" + addr + "/ussd/" + demoOperator
	}
	line := regexp.MustCompile(`\{person: (\w+), key: "(.*)"\}`)
	var approvers []stack.Approver
	for _, person := range []string{"amina", "baraka"} {
		m := line.FindStringSubmatch(f.run(0, "menus", "key", person, "--out", filepath.Join(f.dir, person)))
		approvers = append(approvers, stack.Approver{Person: m[1], Key: m[2]})
	}
	cfg := stack.Config{
		Data: t.TempDir(), Ports: ports, HTTP: true, Second: true, Approvers: approvers, Redis: "redis://" + startRedis(t).addr + "/0",
		Programs: map[string]string{stack.Ledgerd: program(stack.Ledgerd), stack.Gateway: program(stack.Gateway)},
		Far:      stack.Far{Name: demoOperator, Addr: newPort(t), USSDSystemID: demoUSSD, SMSSystemID: demoSMS, Password: demoPassword},
	}
	f.far = cfg.Far.Addr
	var err error
	if f.stack, err = stack.Start(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.end)
	if err := f.stack.SeedDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := f.stack.Seed(t.Context(), streetPeople, f.crowd); err != nil {
		t.Fatal(err)
	}
	return f
}

// rich has everybody afford what the street buys.
func rich(crowd func(int) stack.User) func(int) stack.User {
	return func(i int) stack.User {
		u := crowd(i)
		u.Balance = 1_000_000
		return u
	}
}

func (f *fleet) end() {
	if f.t.Failed() {
		for _, name := range []string{stack.Gateway, stack.Second} {
			f.t.Logf("the end of %s's log:\n%s", name, f.stack.Tail(name))
		}
	}
	if err := f.stack.Stop(); err != nil {
		f.t.Errorf("stop: %v", err)
	}
}

// run calls the gateway's program as a person does, and holds it to its exit code.
func (f *fleet) run(code int, args ...string) string {
	f.t.Helper()
	cmd := exec.CommandContext(f.t.Context(), program(stack.Gateway), args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	if got := cmd.ProcessState.ExitCode(); got != code || err != nil && !errors.As(err, &exit) {
		f.t.Fatalf("gateway %v: exit %d (%v), want %d\n%s", args, got, err, code, &out)
	}
	return out.String()
}

// menus is a command on the n-th gateway.
func (f *fleet) menus(n, code int, args ...string) string {
	f.t.Helper()
	return f.run(code, append(append([]string{"menus"}, args...), "--admin", f.admins[n])...)
}

// published is a menu that two signed, by the first digits of its hash.
func (f *fleet) published(src string) (hash string) {
	f.t.Helper()
	path := filepath.Join(f.dir, "menu.yaml")
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		f.t.Fatal(err)
	}
	hash = regexp.MustCompile(`is published as ([0-9a-f]{12})`).FindStringSubmatch(f.menus(0, 0, "publish", path))[1]
	for _, person := range []string{"amina", "baraka"} {
		f.menus(1, 0, "approve", hash, "--key", filepath.Join(f.dir, person), "--yes")
	}
	return hash
}

// hop is one input at the n-th gateway, after those before it; the screen comes back.
func (f *fleet) hop(n int, session, msisdn string, inputs ...string) (string, error) {
	resp, err := http.PostForm(f.doors[n], url.Values{"sessionId": {session}, "phoneNumber": {"+" + msisdn}, "networkCode": {"63902"},
		"serviceCode": {"*334#"}, "text": {strings.Join(inputs, "*")}})
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, text)
	}
	return string(text), err
}

func (f *fleet) sessionID() string { return fmt.Sprintf("street-%d-%d", os.Getpid(), f.session.Add(1)) }

// must is a hop that has an answer with this text in it.
func (f *fleet) must(n int, session, msisdn, want string, inputs ...string) {
	f.t.Helper()
	if text, err := f.hop(n, session, msisdn, inputs...); err != nil || !strings.Contains(text, want) {
		f.t.Fatalf("%v at %s: %q, %v; want %q", inputs, f.doors[n], text, err, want)
	}
}

// walker is one dial: every second buys airtime up to its PIN, the others look at their
// account. Each press comes to either gateway. Nobody ends a dialogue: who dials again is
// asked whether to go on, and begins anew.
func (f *fleet) walker(rnd *rand.Rand, number uint64) error {
	who, session := f.crowd(rnd.IntN(streetPeople)).MSISDN, f.sessionID()
	presses := []string{"2", "1", fmt.Sprint(10 + number%1000)}
	if number%2 == 0 {
		presses = []string{"3"}
	}
	for n := 0; n <= len(presses); n++ {
		text, err := f.hop(rnd.IntN(2), session, who, presses[:n]...)
		if err != nil {
			return err
		}
		if n == 0 && tableOffer.MatchString(text) {
			presses = append([]string{"2"}, presses...)
		}
		if !strings.HasPrefix(text, "CON ") {
			return fmt.Errorf("%v ended: %q", presses[:n], text)
		}
	}
	return nil
}

// street dials streetRate times a second until over says so or so many dials were made,
// and returns how many.
func (f *fleet) street(most uint64, over func() bool) uint64 {
	f.t.Helper()
	tick := time.NewTicker(time.Second / streetRate)
	defer tick.Stop()
	var all sync.WaitGroup
	var failed atomic.Pointer[error]
	room := make(chan struct{}, streetAtOnce)
	made := uint64(0)
	for ; made < most && !over(); made++ {
		<-tick.C
		room <- struct{}{}
		rnd := rand.New(rand.NewPCG(made, 5))
		all.Go(func() {
			defer func(began time.Time) {
				for took, was := int64(time.Since(began)), f.slowest.Load(); took > was && !f.slowest.CompareAndSwap(was, took); was = f.slowest.Load() {
				}
				<-room
			}(time.Now())
			if err := f.walker(rnd, made); err != nil {
				failed.CompareAndSwap(nil, &err)
			}
		})
	}
	all.Wait()
	if err := failed.Load(); err != nil {
		f.t.Errorf("a dial of the street: %v", *err)
	}
	return made
}

// watch asks the second gateway's status until it says something.
func (f *fleet) watch(says string) (said func() bool, stop func()) {
	var seen atomic.Bool
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for !seen.Load() {
			select {
			case <-done:
				return
			case <-time.After(300 * time.Millisecond):
			}
			cmd := exec.Command(program(stack.Gateway), "menus", "status", "--admin", f.admins[1])
			if out, _ := cmd.Output(); bytes.Contains(out, []byte(says)) {
				seen.Store(true)
			}
		}
	}()
	return seen.Load, func() { close(done); <-ended }
}

// broken is the wallet with an airtime screen that takes no amount.
func broken(t testing.TB, wallet string) string {
	t.Helper()
	at := strings.Index(wallet, "\n  airtime_much:")
	ask := strings.Index(wallet[max(at, 0):], "\n    ask: amount\n")
	if at < 0 || ask < 0 {
		t.Fatal("the wallet has no airtime_much that asks for an amount")
	}
	at += ask
	return wallet[:at] + "\n    check: [{must: amount > 99999999, else: {en: Not now, sw: Sio sasa, am: \"አሁን አይደለም\"}}]" + wallet[at:]
}

// TestHouseABrokenAirtimeScreenIsPutBack by real dials on two real gateways: off within
// thirty seconds' dials, with the numbers that decided; and an equal bundle, over as many
// dials, is left alone.
func TestHouseABrokenAirtimeScreenIsPutBack(t *testing.T) {
	f := newFleet(t)
	who := person(1).MSISDN
	f.must(0, f.sessionID(), who, "END ")              // nothing runs, and a dial ends politely
	f.menus(0, 1, "status")                            // nor is that healthy
	wallet := string(menus.Wallet())                   // as it is shipped
	first := f.published(wallet)                       // two signed
	f.menus(0, 0, "canary", first, "--percent", "100") // for everybody
	out := f.menus(1, 0, "status")                     // once both follow
	if strings.Count(out, "as asked") != 2 || !strings.Contains(out, first) {
		t.Fatal(out)
	}

	trial := f.published(broken(t, wallet))
	f.menus(0, 0, "canary", trial, "--percent", "50")
	tripped, stop := f.watch("put back by its numbers")
	dials := f.street(streetStuck, tripped)
	stop()
	out = f.menus(0, 0, "status")
	t.Logf("off after %d dials, the slowest took %s\n%s", dials, time.Duration(f.slowest.Load()), out)
	most := uint64(streetMost)
	if time.Duration(f.slowest.Load()) > streetBusy {
		most *= 4
	}
	if dials > most {
		t.Errorf("put back after %d dials, more than %d", dials, most)
	}
	decided := regexp.MustCompile(`canary put back by its numbers: airtime_much.*`).FindString(out)
	if decided == "" || !strings.Contains(decided, " 0.0 % of ") || strings.Contains(out, "trial ") {
		t.Errorf("the numbers that decided: %q", decided)
	}

	equal := f.published(wallet + "\n# another hash, the same menu\n")
	f.menus(0, 0, "canary", equal, "--percent", "50")
	f.street(dials, func() bool { return false })
	if out = f.menus(1, 0, "status"); !strings.Contains(out, "trial   "+equal) {
		t.Errorf("an equal bundle was put back:\n%s", out)
	}
}

// TestHouseTwoGatewaysThatDiffer: who began finishes on what he began with, at either
// gateway; a gateway that does not run what it is asked to makes the fleet unhealthy, in
// words that say what to do; mended, it is healthy.
func TestHouseTwoGatewaysThatDiffer(t *testing.T) {
	f := newFleet(t)
	who := person(1).MSISDN
	wallet := string(menus.Wallet())
	first := f.published(wallet)
	f.menus(0, 0, "canary", first, "--percent", "100")
	f.menus(0, 0, "status")

	second := f.published(strings.Replace(wallet, "Send money to which number?", "Who gets the money?", 1))
	old, fresh := f.sessionID(), f.sessionID()
	f.must(0, old, who, "1 Send money")
	f.menus(0, 0, "canary", second, "--percent", "100")
	f.must(0, fresh, person(2).MSISDN, "1 Send money")
	f.must(1, fresh, person(2).MSISDN, "Who gets the money?", "1") // though it may not have looked yet
	f.must(1, old, who, "Send money to which number?", "1")        // though nobody begins with it any more

	// The second gateway's file names a stranger in somebody's place.
	file := filepath.Join(f.stack.Data(), stack.Second+".yaml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	stranger := regexp.MustCompile(`key: "(.*)"`).FindStringSubmatch(f.run(0, "menus", "key", "baraka", "--out", filepath.Join(f.dir, "stranger")))[1]
	bad := regexp.MustCompile(`("baraka", key: ")[^"]*`).ReplaceAllString(string(good), "${1}"+stranger)
	for _, c := range []struct {
		file    string
		healthy bool
	}{{bad, false}, {string(good), true}} {
		if err := os.WriteFile(file, []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.stack.Restart(t.Context(), stack.Second); err != nil {
			t.Fatal(err)
		}
		if c.healthy {
			f.menus(0, 0, "status")
			f.must(1, f.sessionID(), who, "1 Send money")
			continue
		}
		out := f.menus(0, 1, "status")
		t.Log(out)
		for _, want := range []string{"not healthy", "gw2", "approvers", "gateway check"} {
			if !strings.Contains(out, want) {
				t.Errorf("no %q in:\n%s", want, out)
			}
		}
		f.must(1, f.sessionID(), who, "END ")
	}

	// Withdrawn, it ends at the next press wherever that comes, in the language of its session.
	inside, juma := f.sessionID(), person(8).MSISDN
	f.must(0, inside, juma, "1 Tuma pesa")
	f.menus(0, 0, "rollback", first, "--why", "it told lies")
	f.menus(0, 0, "withdraw", second)
	f.menus(0, 0, "status")
	f.must(1, inside, juma, "END Kipindi hiki kimeisha", "1")
	f.must(1, f.sessionID(), juma, "1 Tuma pesa")
}
