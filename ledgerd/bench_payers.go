package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mlango/internal/pin"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// The bench's world.
const (
	benchTrust  = ledger.Account(900_000_001)
	benchFees   = ledger.Account(900_000_002)
	benchMoney  = ledger.Amount(1_000_000_000_000)
	benchAmount = ledger.Amount(50_000)
	benchFee    = ledger.Amount(700)
	benchPIN    = "4826"
	benchHome   = 1
	benchSeed   = 1000 // accounts opened at a time
	benchPause  = 5 * time.Millisecond
	benchMeters = 8
	benchAcks   = 100 * time.Millisecond // between two acknowledgements of a lane, as a gateway does it
)

// payers are the callers of a bench.
type payers struct {
	c      *benchCmd
	client *ledgerclient.Client
	key    uint32 // of the seal
	seal   *pin.Sealer
	secret pin.PIN
	number []string     // of each account; zero has none
	next   atomic.Int64 // transfers begun
	began  time.Time
}

// benchNumber ends otherwise than benchPIN: a PIN that is the end of its number is
// one that everybody guesses, and refused.
func benchNumber(n ledger.Account) string { return fmt.Sprintf("2547%07d0", n) }

// seed opens the accounts. With --bare they are trust accounts, which may issue
// to one another: a transfer without PIN, fee or notice.
func (p *payers) seed(ctx context.Context) error {
	keys, err := p.client.Keys(ctx)
	if err != nil {
		return err
	}
	k := keys.Seal[0]
	p.key = k.ID
	if p.seal, err = pin.NewSealer(pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}); err != nil {
		return err
	}
	if p.secret, err = pin.Parse(benchPIN); err != nil {
		return err
	}
	if err := p.book(ctx, p.house()); err != nil {
		return err
	}
	p.number = make([]string, p.c.Accounts+1)
	for n := range p.number[1:] {
		p.number[n+1] = benchNumber(ledger.Account(n + 1))
	}
	for from := 1; from <= p.c.Accounts; from += benchSeed {
		if err := p.open(ctx, ledger.Account(from), ledger.Account(min(from+benchSeed-1, p.c.Accounts))); err != nil {
			return err
		}
	}
	return nil
}

func (p *payers) house() []ledger.Command {
	return []ledger.Command{
		ledger.OpenAccount{Account: benchTrust, Kind: ledger.AccountTrust, Currency: benchKES()},
		ledger.OpenAccount{Account: benchFees, Kind: ledger.AccountFees, Currency: benchKES()},
		ledger.SetTariff{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 2 * benchAmount, Fee: benchFee}}},
		ledger.SetRepeatWindow{Window: 0},
	}
}

// open opens a range of accounts and gives each money.
func (p *payers) open(ctx context.Context, from, to ledger.Account) error {
	var cmds []ledger.Command
	var people []ledgerclient.Person
	for n := from; n <= to; n++ {
		if p.c.Bare {
			cmds = append(cmds, ledger.OpenAccount{Account: n, Kind: ledger.AccountTrust, Currency: benchKES(), Home: benchHome})
			continue
		}
		sealed, err := p.seal.Seal(p.secret, p.number[n], ledgerclient.OpeningID(n))
		if err != nil {
			return err
		}
		people = append(people, ledgerclient.Person{Account: n, Kind: ledger.AccountWallet, Currency: benchKES(), Home: benchHome,
			Language: ledger.Language{'e', 'n'}, Name: "PAYER", MSISDN: p.number[n], SealKey: p.key, Sealed: sealed})
		m := &ledger.Move{}
		wish(&m.Transfer, time.Now(), benchTrust, n, ledger.KindIssue, benchMoney, 0)
		cmds = append(cmds, m)
	}
	results, err := p.client.OpenPeople(ctx, people)
	if err := refused(results, err); err != nil {
		return err
	}
	return p.book(ctx, cmds)
}

func (p *payers) book(ctx context.Context, cmds []ledger.Command) error {
	return refused(p.client.Admin(ctx, cmds))
}

func refused(results []ledger.Result, err error) error {
	for i, r := range results {
		if err == nil && r.Reject != ledger.OK {
			err = fmt.Errorf("command %d: %s", i, r.Reject)
		}
	}
	return err
}

// wish makes t a fresh wish.
func wish(t *ledger.Transfer, now time.Time, from, to ledger.Account, kind ledger.Kind, amount, fee ledger.Amount) {
	var mac [10]byte
	binary.BigEndian.PutUint64(mac[:], rand.Uint64())
	binary.BigEndian.PutUint16(mac[8:], uint16(rand.Uint32()))
	t.ID, t.Kind, t.From, t.To, t.Amount, t.Fee = ledger.NewID(now.UnixMilli(), mac), kind, from, to, amount, fee
	t.Currency, t.Expires = benchKES(), now.Add(benchEpoch).UnixMilli()
}

// request makes r one transfer as a gateway would ask for it. A caller asks with the
// same r every time, as he has one wish at a time.
func (p *payers) request(r *ledger.Request, now time.Time) (err error) {
	from := ledger.Account(rand.IntN(p.c.Accounts)) + 1
	to := ledger.Account(1)
	if rand.IntN(100) >= p.c.Hot {
		to = ledger.Account(rand.IntN(p.c.Accounts)) + 1
	}
	if to == from {
		from = from%ledger.Account(p.c.Accounts) + 1
	}
	t := r.Transfer
	if p.c.Bare {
		wish(t, now, from, to, ledger.KindIssue, benchAmount, 0)
		return nil
	}
	wish(t, now, from, to, ledger.KindSend, benchAmount, benchFee)
	t.Origin = ledger.Origin{Operator: "bench", Gateway: "bench", Session: t.ID.String()}
	t.Bundle, t.Language = [32]byte{1}, ledger.Language{'e', 'n'}
	r.SealKey, r.Payer, r.Payee = p.key, p.number[from], p.number[to]
	r.Sealed, err = p.seal.Seal(p.secret, p.number[from], t.ID)
	return err
}

// meter is a histogram that several callers share: one for each would not stay in
// the processors' caches.
type meter struct {
	mu   sync.Mutex
	hist *hdrhistogram.Histogram
}

func (m *meter) record(d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.hist.RecordValue(min(max(d.Microseconds(), 1), histMax))
}

// run makes all transfers; every one must be made.
func (p *payers) run(ctx context.Context) (*hdrhistogram.Histogram, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var meters [benchMeters]meter
	for i := range meters {
		meters[i].hist = newHistogram()
	}
	p.began = time.Now()
	var wg sync.WaitGroup
	for i := range p.c.Clients * p.c.Batch {
		wg.Go(func() {
			if err := p.call(ctx, &meters[i%benchMeters]); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	all := newHistogram()
	for i := range meters {
		all.Merge(meters[i].hist)
	}
	return all, context.Cause(ctx)
}

// call is one caller: the next transfer when the last one is answered.
func (p *payers) call(ctx context.Context, m *meter) error {
	r := &ledger.Request{Transfer: &ledger.Transfer{}}
	for n := p.next.Add(1); n <= int64(p.c.Transfers); n = p.next.Add(1) {
		begin := p.due(n)
		if err := p.request(r, begin); err != nil {
			return err
		}
		if err := p.insist(ctx, r); err != nil {
			return err
		}
		if err := m.record(time.Since(begin)); err != nil {
			return err
		}
	}
	return nil
}

// due is when transfer n begins: now, or at the instant that the rate gives it, which is
// waited for. One that is late was due all the same.
func (p *payers) due(n int64) time.Time {
	if p.c.Rate == 0 {
		return time.Now()
	}
	at := p.began.Add(time.Duration(float64(n) * float64(time.Second) / float64(p.c.Rate)))
	time.Sleep(time.Until(at))
	return at
}

// insist asks until there is a lasting answer: the backlog's age limit refuses on
// a machine that is busy with other things.
func (p *payers) insist(ctx context.Context, r *ledger.Request) error {
	for {
		res, err := p.client.Do(context.Background(), r) // each call ends by the client's own clock
		if err == nil && res.Reject == ledger.OK {
			return nil
		}
		if err = lasting(ctx, res.Reject, err); err != nil {
			return err
		}
		time.Sleep(benchPause)
	}
}

// lasting is why asking again would not help, if it would not.
func lasting(ctx context.Context, reject ledger.Reject, err error) error {
	switch {
	case err != nil && (ctx.Err() != nil || !errors.Is(err, ledgerclient.ErrUnavailable)):
		return err
	case err == nil && !reject.Transient():
		return fmt.Errorf("bench: a transfer was refused: %s", reject)
	}
	return ctx.Err()
}
