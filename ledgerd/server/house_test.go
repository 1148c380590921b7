package server

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// The small world of these tests.
const (
	trust    = ledger.Account(900001)
	fees     = ledger.Account(900002)
	airtime  = ledger.Account(900003)
	people   = 8
	homeNet  = 1
	startKES = 1_000_000
	rightPIN = "4826"
	wrongPIN = "1111"
)

var tableKES = ledger.Currency{'K', 'E', 'S'}

// tableSeq keeps ids apart.
var tableSeq [1]atomic.Uint64

// running is a server that runs, and a client of it.
type running struct {
	t    testing.TB
	dir  string
	srv  *Server
	addr string
	c    *ledgerclient.Client
	keys ledgerclient.Keys
	stop func()
	err  chan error
}

func start(t testing.TB, dir string, change ...func(*Config)) *running {
	t.Helper()
	cfg := Config{Data: dir, ZoneMinutes: 180, Access: Access{OnePerson: true}}
	for _, f := range change {
		f(&cfg)
	}
	srv, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, dir, srv)
}

// serve runs a server that is open.
func serve(t testing.TB, dir string, srv *Server) *running {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := &running{t: t, dir: dir, srv: srv, addr: ln.Addr().String(), err: make(chan error, 1)}
	go func() { n.err <- srv.Run(ctx, ln) }()
	n.c = client(t, n.addr)
	stopped := false
	n.stop = func() {
		if stopped {
			return
		}
		stopped = true
		n.c.Close()
		cancel()
		if err := <-n.err; err != nil {
			t.Errorf("the server ended: %v", err)
		}
		if err := srv.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(n.stop)
	for !srv.Stats().Leads {
		time.Sleep(time.Millisecond)
	}
	if n.keys, err = n.c.Keys(n.ctx()); err != nil {
		t.Fatal(err)
	}
	return n
}

func client(t testing.TB, addr string) *ledgerclient.Client {
	t.Helper()
	c, err := ledgerclient.Dial(ledgerclient.Config{Node: addr, Gateway: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (n *running) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	n.t.Cleanup(cancel)
	return ctx
}

func msisdn(n ledger.Account) string { return fmt.Sprintf("2547220%05d", n) }

func (n *running) seal(number string, id ledger.ID, typed string) (uint32, []byte) {
	n.t.Helper()
	p, err := pin.Parse(typed)
	if err != nil {
		n.t.Fatal(err)
	}
	k := n.keys.Seal[0]
	sealed, err := pin.Seal(pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}, p, number, id)
	if err != nil {
		n.t.Fatal(err)
	}
	return k.ID, sealed
}

// seed opens the world: people with PIN and money, a fee, the house's accounts.
func (n *running) seed() *running {
	n.t.Helper()
	var open []ledgerclient.Person
	for i := ledger.Account(1); i <= people; i++ {
		key, sealed := n.seal(msisdn(i), ledgerclient.OpeningID(i), rightPIN)
		open = append(open, ledgerclient.Person{Account: i, Kind: ledger.AccountWallet, Currency: tableKES, Home: homeNet,
			Language: ledger.Language{'e', 'n'}, Name: fmt.Sprintf("PERSON %d", i), MSISDN: msisdn(i), SealKey: key, Sealed: sealed})
	}
	open = append(open,
		ledgerclient.Person{Account: trust, Kind: ledger.AccountTrust, Currency: tableKES},
		ledgerclient.Person{Account: fees, Kind: ledger.AccountFees, Currency: tableKES},
		ledgerclient.Person{Account: airtime, Kind: ledger.AccountAirtime, Currency: tableKES})
	n.ok(n.c.OpenPeople(n.ctx(), open))
	cmds := []ledger.Command{
		ledger.SetTariff{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 10_000, Fee: 0}, {Upto: 1_000_000, Fee: 700}}},
		ledger.SetRepeatWindow{Window: 0},
	}
	for i := ledger.Account(1); i <= people; i++ {
		cmds = append(cmds, &ledger.Move{Transfer: ledger.Transfer{ID: newID(), Kind: ledger.KindIssue, From: trust, To: i,
			Amount: startKES, Currency: tableKES, Expires: time.Now().Add(time.Minute).UnixMilli()}})
	}
	n.ok(n.c.Admin(n.ctx(), cmds))
	return n
}

func (n *running) ok(results []ledger.Result, err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
	for i, r := range results {
		if r.Reject != ledger.OK {
			n.t.Fatalf("record %d: %s", i, r.Reject)
		}
	}
}

func newID() ledger.ID {
	var mac [10]byte
	binary.BigEndian.PutUint64(mac[:], tableSeq[0].Add(1))
	binary.BigEndian.PutUint16(mac[8:], uint16(rand.Uint32()))
	return ledger.NewID(time.Now().UnixMilli(), mac)
}

// send is a wish to send money, with a PIN.
func (n *running) send(from, to ledger.Account, amount, fee ledger.Amount, typed string) *ledger.Request {
	n.t.Helper()
	id := newID()
	key, sealed := n.seal(msisdn(from), id, typed)
	return &ledger.Request{SealKey: key, Sealed: sealed, Payer: msisdn(from), Payee: msisdn(to), Transfer: &ledger.Transfer{
		ID: id, Kind: ledger.KindSend, From: from, To: to, Amount: amount, Fee: fee, Currency: tableKES,
		Expires: time.Now().Add(time.Minute).UnixMilli(), Origin: ledger.Origin{Operator: "savanna", Session: "s1", Gateway: "test"},
		Bundle: [32]byte{1}, Language: ledger.Language{'e', 'n'}}}
}

func (n *running) check(account ledger.Account, q ledger.Query, typed string) *ledger.Request {
	n.t.Helper()
	id := newID()
	key, sealed := n.seal(msisdn(account), id, typed)
	return &ledger.Request{SealKey: key, Sealed: sealed, Payer: msisdn(account), Check: &ledger.Check{
		ID: id, Account: account, Query: q, Expires: time.Now().Add(time.Minute).UnixMilli()}}
}

// do asks and demands a certain answer.
func (n *running) do(r *ledger.Request, want ledger.Reject) ledger.Result {
	n.t.Helper()
	res, err := n.c.Do(n.ctx(), r)
	if err != nil {
		n.t.Fatal(err)
	}
	if res.Reject != want {
		n.t.Fatalf("answer %s, want %s", res.Reject, want)
	}
	return res
}
