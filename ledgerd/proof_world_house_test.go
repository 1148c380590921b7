//go:build house

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// ask is one thing that is asked under one id until it is answered, and after
// that has one answer for ever: a subscriber's request or an administrator's
// command.
type ask struct {
	req   *ledger.Request
	cmd   ledger.Command
	id    ledger.ID
	until int64  // ms: after it the wish is dead
	typed string // its PIN; empty for who needs none
	fresh string // the PIN that it asks for
	brief bool   // whoever asked holds only a promise: it is resolved, not sent again
	done  bool
	res   ledger.Result
}

// seed opens everybody and gives everyone money. What moved is returned.
func (r *rig) seed(c *ledgerclient.Client) (issues []*ledger.Move) {
	r.t.Helper()
	people := []ledgerclient.Person{
		{Account: proofTrust, Kind: ledger.AccountTrust, Currency: benchKES()},
		{Account: proofFees, Kind: ledger.AccountFees, Currency: benchKES()},
	}
	cmds := []ledger.Command{
		ledger.SetRepeatWindow{Window: 0},
		ledger.SetTariff{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: proofFree}, {Upto: ledger.MaxAmount, Fee: proofFee}}},
	}
	for n := ledger.Account(1); n <= ledger.Account(len(r.pins)); n++ {
		key, sealed := r.seal(proofNumber(n), ledgerclient.OpeningID(n), r.pins[n-1])
		people = append(people, ledgerclient.Person{Account: n, Kind: ledger.AccountWallet, Currency: benchKES(), Home: proofHome,
			Language: ledger.Language{'e', 'n'}, Name: proofName(n), MSISDN: proofNumber(n), SealKey: key, Sealed: sealed})
		m := &ledger.Move{Transfer: ledger.Transfer{ID: proofID(), Kind: ledger.KindIssue, From: proofTrust, To: n,
			Amount: r.money, Currency: benchKES(), Expires: inTime()}}
		cmds, issues = append(cmds, m), append(issues, m)
	}
	purse := &ledger.Move{Transfer: ledger.Transfer{ID: proofID(), Kind: ledger.KindIssue, From: proofTrust, To: proofFees, // what the house pays from
		Amount: 1_000_000_000_000, Currency: benchKES(), Expires: inTime()}}
	cmds, issues = append(cmds, purse), append(issues, purse)
	if err := refused(c.OpenPeople(r.t.Context(), people)); err != nil {
		r.t.Fatal(err)
	}
	r.govern(c, cmds...)
	return issues
}

// govern journals what an administrator says.
func (r *rig) govern(c *ledgerclient.Client, cmds ...ledger.Command) {
	r.t.Helper()
	if err := refused(c.Admin(r.t.Context(), cmds)); err != nil {
		r.t.Fatal(err)
	}
}

// send is a wish to send money, with the payer's own PIN.
func (r *rig) send(from, to ledger.Account, amount ledger.Amount) *ask {
	return r.sendWith(from, to, amount, r.pins[from-1])
}

func (r *rig) sendWith(from, to ledger.Account, amount ledger.Amount, typed string) *ask {
	r.t.Helper()
	id := proofID()
	key, sealed := r.seal(proofNumber(from), id, typed)
	t := &ledger.Transfer{ID: id, Kind: ledger.KindSend, From: from, To: to, Amount: amount, Fee: feeOf(amount), Currency: benchKES(),
		Expires: inTime(), Origin: ledger.Origin{Operator: "savanna", Session: id.String(), Gateway: "proof"},
		Bundle: [32]byte{1}, Language: ledger.Language{'e', 'n'}}
	return &ask{req: &ledger.Request{SealKey: key, Sealed: sealed, Payer: proofNumber(from), Payee: proofNumber(to), Transfer: t},
		id: id, until: t.Expires, typed: typed}
}

func feeOf(amount ledger.Amount) ledger.Amount {
	if amount > proofFree {
		return proofFee
	}
	return 0
}

// check is a PIN-checked question.
func (r *rig) check(n ledger.Account, q ledger.Query) *ask { return r.checkWith(n, q, r.pins[n-1]) }

func (r *rig) checkWith(n ledger.Account, q ledger.Query, typed string) *ask {
	r.t.Helper()
	id := proofID()
	key, sealed := r.seal(proofNumber(n), id, typed)
	c := &ledger.Check{ID: id, Account: n, Query: q, Expires: inTime()}
	return &ask{req: &ledger.Request{SealKey: key, Sealed: sealed, Payer: proofNumber(n), Check: c}, id: id, until: c.Expires, typed: typed}
}

// change asks for a new PIN.
func (r *rig) change(n ledger.Account, typed, fresh string) *ask {
	r.t.Helper()
	q := r.checkWith(n, ledger.QueryChange, typed)
	_, q.req.New = r.seal(proofNumber(n), ledger.NewPINID(q.id), fresh)
	q.fresh = fresh
	return q
}

// newPIN is one that is not easily guessed.
func newPIN() string {
	for {
		typed := fmt.Sprintf("%06d", rand.IntN(1_000_000))
		if p, err := pin.Parse(typed); err == nil && !pin.Easy(p, "") {
			return typed
		}
	}
}

// wrongPIN is a PIN that is not the account's.
func (r *rig) wrongPIN(n ledger.Account) string {
	if own := r.pins[n-1]; own[0] != '9' {
		return "9" + own[1:]
	}
	return "8" + r.pins[n-1][1:]
}

// once asks one time. answered is false when nobody knows, or when the answer
// left no trace.
func (a *ask) once(c *ledgerclient.Client) (res ledger.Result, answered bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), proofCall)
	defer cancel()
	if a.cmd == nil {
		res, err = c.Do(ctx, a.req)
		return res, err == nil && !res.Reject.Transient(), err
	}
	list, err := c.Admin(ctx, []ledger.Command{a.cmd})
	if err != nil {
		return res, false, err
	}
	return list[0], !list[0].Reject.Transient(), nil
}

// resolve asks for the end of a promise.
func (a *ask) resolve(c *ledgerclient.Client) (res ledger.Result, answered bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), proofCall)
	defer cancel()
	res, err = c.Resolve(ctx, a.id, a.until)
	return res, err == nil && !res.Reject.Transient(), err
}

// settle asks until there is an answer, or the process ends, and holds the answer
// to an earlier one.
func (a *ask) settle(l *life, c *ledgerclient.Client) error {
	how := a.once
	if a.brief && !a.done {
		how = a.resolve
	}
	for deadline := time.Now().Add(proofWait); !l.gone(); l.rest() {
		res, answered, err := how(c)
		if answered {
			return a.note(res)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s was never answered: %s, %w", a.id, res.Reject, err)
		}
	}
	return errGone
}

// errGone says that the process ended first.
var errGone = errors.New("the process is gone")

// note keeps the first answer and holds every later one to it.
func (a *ask) note(res ledger.Result) error {
	if a.done && !reflect.DeepEqual(res, a.res) {
		return fmt.Errorf("%s was answered %+v, and then %+v", a.id, a.res, res)
	}
	if a.done {
		return nil
	}
	a.res, a.done = res, true
	return nil
}

// must asks until it is answered, and demands a certain answer.
func (r *rig) must(c *ledgerclient.Client, a *ask, want ledger.Reject) ledger.Result {
	r.t.Helper()
	if err := a.settle(r.now, c); err != nil {
		r.t.Fatal(err)
	}
	if a.res.Reject != want {
		r.t.Fatalf("%s was answered %s, want %s", a.id, a.res.Reject, want)
	}
	return a.res
}

// balance asks behind the PIN.
func (r *rig) balance(c *ledgerclient.Client, n ledger.Account) ledger.Amount {
	r.t.Helper()
	return r.must(c, r.check(n, ledger.QueryBalance), ledger.OK).Balance
}

// crowd asks everything at once, over some connections, of a process that kills
// itself at a stop point or else is killed; then everything again under the same
// ids, of a process that was started again, until there is an answer to each.
func (r *rig) crowd(list []*ask, point string) []*ledgerclient.Client {
	r.t.Helper()
	l := r.launch("MLANGO_STOP=" + point)
	clients, alive := r.clients(l, crowdConns)
	if !alive {
		r.t.Fatalf("the start ended with %v", l.err)
	}
	each(list, func(i int, q *ask) error {
		if res, answered, _ := q.once(clients[i%crowdConns]); answered {
			return q.note(res)
		}
		return nil // asked again below
	})
	l.kill()
	hangUp(clients)
	clients = r.start(crowdConns)
	for range 2 {
		if err := each(list, func(i int, q *ask) error { return q.settle(r.now, clients[i%crowdConns]) }); err != nil {
			r.t.Fatal(err)
		}
	}
	return clients
}

// crowdConns is how many connections a crowd comes by.
const crowdConns = 4

// each does something with every ask at the same time.
func each(list []*ask, do func(i int, q *ask) error) error {
	errs := make([]error, len(list))
	var wg sync.WaitGroup
	for i, q := range list {
		wg.Go(func() { errs[i] = do(i, q) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// snapshot asks until a snapshot has been made.
func (r *rig) snapshot(c *ledgerclient.Client) {
	r.t.Helper()
	for deadline := time.Now().Add(proofWait); ; time.Sleep(proofPause) {
		if list, _ := filepath.Glob(filepath.Join(r.data, "journal", "*.snap")); len(list) > 0 {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatal("there is no snapshot")
		}
		r.balance(c, 1)
	}
}
