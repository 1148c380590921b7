//go:build house

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mlango/internal/cli"
	"mlango/internal/pin"
	"mlango/internal/stop"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// The world of the house tests: two people, who pay each other.
const (
	houseMoney = 1_000_000
	houseTrust = ledger.Account(900001)
	houseWait  = 20 * time.Second
)

// house is a real ledgerd process, killed and started again on one data folder.
type house struct {
	t       *testing.T
	program string
	config  string
	data    string
	addr    string
	keys    ledgerclient.Keys
	cmd     *exec.Cmd
	died    chan error
}

func newHouse(t *testing.T) *house {
	t.Helper()
	dir := t.TempDir()
	h := &house{t: t, program: filepath.Join(dir, "ledgerd"), addr: free(t)}
	build := exec.Command("go", "build", "-tags", "stoppoints", "-o", h.program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	h.config = write(t, "listen: "+h.addr+"\nadmin: \"\"\ndata: ./books\none_person: true\n")
	h.data = filepath.Join(filepath.Dir(h.config), "books")
	t.Cleanup(h.kill)
	return h
}

// start starts the process; with a stop point it will kill itself there.
func (h *house) start(point string) *ledgerclient.Client {
	h.t.Helper()
	h.cmd = exec.Command(h.program, "serve", "--config", h.config)
	h.cmd.Env = append(os.Environ(), "MLANGO_STOP="+point)
	h.cmd.Stderr = os.Stderr
	if err := h.cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
	died := make(chan error, 1)
	h.died = died
	cmd := h.cmd
	go func() { died <- cmd.Wait() }()
	c, err := ledgerclient.Dial(ledgerclient.Config{Node: h.addr, Gateway: "house"})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { c.Close() })
	h.listening()
	if h.keys, err = c.Keys(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return c
}

// listening waits for the port, so that no breaker opens over a start.
func (h *house) listening() {
	h.t.Helper()
	for deadline := time.Now().Add(houseWait); ; time.Sleep(5 * time.Millisecond) {
		conn, err := net.Dial("tcp", h.addr)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatal(err)
		}
	}
}

// kill ends the process if it still runs.
func (h *house) kill() {
	if h.cmd != nil && h.cmd.Process.Kill() == nil {
		<-h.died
	}
	h.cmd = nil
}

// end stops the process in an orderly way.
func (h *house) end() {
	h.t.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.t.Fatal(err)
	}
	if err := <-h.died; err != nil {
		h.t.Fatalf("an orderly stop ended with %v", err)
	}
	h.cmd = nil
}

// dead waits until the process has killed itself.
func (h *house) dead() {
	h.t.Helper()
	select {
	case err := <-h.died:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			h.t.Fatalf("the process ended with %v, not by its stop point", err)
		}
		h.cmd = nil
	case <-time.After(houseWait):
		h.t.Fatal("the stop point was not reached")
	}
}

func (h *house) seal(number string, id ledger.ID, typed string) (uint32, []byte) {
	h.t.Helper()
	p, err := pin.Parse(typed)
	if err != nil {
		h.t.Fatal(err)
	}
	k := h.keys.Seal[0]
	sealed, err := pin.Seal(pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}, p, number, id)
	if err != nil {
		h.t.Fatal(err)
	}
	return k.ID, sealed
}

func houseNumber(n ledger.Account) string { return fmt.Sprintf("2547220000%02d", n) }

func houseID() ledger.ID {
	var mac [10]byte
	binary.BigEndian.PutUint64(mac[:], rand.Uint64())
	return ledger.NewID(time.Now().UnixMilli(), mac)
}

// seed opens the two people.
func (h *house) seed(c *ledgerclient.Client) {
	h.t.Helper()
	people := []ledgerclient.Person{{Account: houseTrust, Kind: ledger.AccountTrust, Currency: benchKES()}}
	cmds := []ledger.Command{ledger.SetRepeatWindow{Window: 0}}
	for n := ledger.Account(1); n <= 2; n++ {
		key, sealed := h.seal(houseNumber(n), ledgerclient.OpeningID(n), benchPIN)
		people = append(people, ledgerclient.Person{Account: n, Kind: ledger.AccountWallet, Currency: benchKES(), Home: 1, Name: "P",
			MSISDN: houseNumber(n), SealKey: key, Sealed: sealed})
		cmds = append(cmds, &ledger.Move{Transfer: ledger.Transfer{ID: houseID(), Kind: ledger.KindIssue, From: houseTrust, To: n,
			Amount: houseMoney, Currency: benchKES(), Expires: time.Now().Add(time.Minute).UnixMilli()}})
	}
	if err := refused(c.OpenPeople(h.t.Context(), people)); err != nil {
		h.t.Fatal(err)
	}
	if err := refused(c.Admin(h.t.Context(), cmds)); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) wish(amount ledger.Amount) *ledger.Request {
	id := houseID()
	key, sealed := h.seal(houseNumber(1), id, benchPIN)
	return &ledger.Request{SealKey: key, Sealed: sealed, Payer: houseNumber(1), Payee: houseNumber(2), Transfer: &ledger.Transfer{
		ID: id, Kind: ledger.KindSend, From: 1, To: 2, Amount: amount, Currency: benchKES(), Expires: time.Now().Add(time.Minute).UnixMilli()}}
}

// insist sends a wish until it is answered.
func insist(t *testing.T, c *ledgerclient.Client, r *ledger.Request) ledger.Result {
	t.Helper()
	for deadline := time.Now().Add(houseWait); ; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		res, err := c.Do(ctx, r)
		cancel()
		if err == nil && !res.Reject.Transient() {
			return res
		}
		if time.Now().After(deadline) {
			t.Fatalf("never answered: %s, %v", res.Reject, err)
		}
	}
}

// balance asks behind the PIN.
func (h *house) balance(c *ledgerclient.Client, n ledger.Account) ledger.Amount {
	h.t.Helper()
	id := houseID()
	key, sealed := h.seal(houseNumber(n), id, benchPIN)
	res := insist(h.t, c, &ledger.Request{SealKey: key, Sealed: sealed, Payer: houseNumber(n), Check: &ledger.Check{
		ID: id, Account: n, Query: ledger.QueryBalance, Expires: time.Now().Add(time.Minute).UnixMilli()}})
	if res.Reject != ledger.OK {
		h.t.Fatalf("balance: %s", res.Reject)
	}
	return res.Balance
}

// TestHouseKilledAtEachStopPoint: the process is killed at every instant between a
// request and its answer; started again, the same id is made exactly once.
func TestHouseKilledAtEachStopPoint(t *testing.T) {
	h := newHouse(t)
	h.seed(h.start(""))
	h.end()
	sent, made := ledger.Amount(0), 2 // the two issues
	for _, point := range []string{stop.AfterJudge, stop.AfterAppend, stop.AfterSync, stop.AfterApply, stop.BeforeAnswer} {
		for _, crowd := range []int{1, 32} {
			t.Run(fmt.Sprintf("%s, %d at once", point, crowd), func(t *testing.T) {
				h.t = t
				wishes := h.crowd(point, crowd)
				for _, r := range wishes {
					sent += r.Transfer.Amount
				}
				made += crowd
				c := h.start("")
				if b := h.balance(c, 1); b != houseMoney-sent {
					t.Fatalf("the payer has %d, want %d", b, houseMoney-sent)
				}
				if b := h.balance(c, 2); b != houseMoney+sent {
					t.Fatalf("the payee has %d, want %d", b, houseMoney+sent)
				}
				h.end()
				code, out, errs := call(t, t.Context(), "verify", "--data", h.data)
				if code != cli.Done || !strings.Contains(out, fmt.Sprintf(" transfers=%d ", made)) {
					t.Fatalf("verify: exit %d, %s%s; want %d transfers", code, out, errs, made)
				}
			})
		}
	}
}

// crowd sends n wishes at once to a process that kills itself at the point, starts
// it again and insists on every wish, twice.
func (h *house) crowd(point string, n int) []*ledger.Request {
	h.t.Helper()
	c := h.start(point)
	wishes := make([]*ledger.Request, n)
	var wg sync.WaitGroup
	for i := range wishes {
		wishes[i] = h.wish(ledger.Amount(100 + i))
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(h.t.Context(), 500*time.Millisecond)
			defer cancel()
			if res, err := c.Do(ctx, wishes[i]); err == nil && point != stop.BeforeAnswer && n == 1 {
				h.t.Errorf("answered %s by a process that was to die before", res.Reject)
			}
		})
	}
	h.dead()
	wg.Wait()
	c = h.start("")
	for _, r := range wishes {
		first, second := insist(h.t, c, r), insist(h.t, c, r)
		if first.Reject != ledger.OK || !reflect.DeepEqual(first, second) {
			h.t.Errorf("resent: %+v, again: %+v", first, second)
		}
	}
	h.end()
	return wishes
}

// TestHouseKilledAtRandom: kill -9 from outside, at any moment under load.
func TestHouseKilledAtRandom(t *testing.T) {
	h := newHouse(t)
	h.seed(h.start(""))
	h.end()
	sent := ledger.Amount(0)
	for round := range 8 {
		c := h.start("")
		var mu sync.Mutex
		var wishes []*ledger.Request
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for ctx.Err() == nil {
					r := h.wish(1)
					mu.Lock()
					wishes = append(wishes, r)
					mu.Unlock()
					if _, err := c.Do(ctx, r); err != nil {
						return // killed; the wish is settled below
					}
				}
			})
		}
		time.Sleep(time.Duration(20+rand.IntN(100)) * time.Millisecond)
		h.kill()
		cancel()
		wg.Wait()
		c = h.start("")
		for _, r := range wishes {
			if res := insist(t, c, r); res.Reject != ledger.OK {
				t.Fatalf("round %d: %s", round, res.Reject)
			}
		}
		sent += ledger.Amount(len(wishes))
		if b := h.balance(c, 1); b != houseMoney-sent {
			t.Fatalf("round %d: the payer has %d, want %d", round, b, houseMoney-sent)
		}
		h.end()
	}
	if code, out, errs := call(t, t.Context(), "verify", "--data", h.data); code != cli.Done {
		t.Fatalf("verify: exit %d, %s%s", code, out, errs)
	}
}
