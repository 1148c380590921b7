package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/simulator/operator"
)

// tableSink are the screens of a payment, as a gateway would show them.
var tableSink = []string{
	"M-Wallet\n1 Send money\n2 Buy airtime\n3 My account", "Send money to which number?\n0 Back 00 Home", "How much? (Ksh)\n0 Back 00 Home",
	"Send Ksh650.00 to JANE W 0722000002\nFee Ksh13.00\nEnter PIN\n0 Back 00 Home", "UKM4K2X9QZ Confirmed. Ksh650.00 sent to JANE W. Fee Ksh13.00. Balance Ksh2,340.00.",
}

// sink is a network that answers at once, whatever is pressed.
type sink struct {
	operator.Network
	at   map[string]*atomic.Int32
	hops atomic.Int64
}

// Dial is the first screen.
func (s *sink) Dial(_ context.Context, number, _ string) (operator.Screen, error) {
	s.at[number].Store(0)
	return s.screen(0), nil
}

// Press is the next one.
func (s *sink) Press(_ context.Context, number, _ string) (operator.Screen, error) {
	return s.screen(int(s.at[number].Add(1))), nil
}

// Hangup is nothing.
func (s *sink) Hangup(context.Context, string) error { return nil }

func (s *sink) screen(n int) operator.Screen {
	s.hops.Add(1)
	return operator.Screen{Session: "5", Text: tableSink[n], Open: n < len(tableSink)-1, Secret: n == len(tableSink)-2}
}

// BenchmarkHops is what the generator costs a hop: people who read each screen, know it,
// pause, press, and are timed and recorded, against a network that answers at once, on
// one core. The contract is 50,000 hops a second.
func BenchmarkHops(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	const people = 4000
	profile, err := FindProfile("steady")
	if err != nil {
		b.Fatal(err)
	}
	cfg := &Config{Profile: profile, Code: "334", Speed: 1e6, Rate: 1, Duration: time.Hour, Seed: 1}
	if err := cfg.Reads(menus.WalletName, string(menus.Wallet())); err != nil {
		b.Fatal(err)
	}
	s := &sink{at: map[string]*atomic.Int32{}}
	for i := range people {
		p := Person{MSISDN: fmt.Sprintf("2547%08d", i), PIN: "2580", Language: "en", Account: ledger.Account(i + 1)}
		cfg.People, s.at[p.MSISDN] = append(cfg.People, p), new(atomic.Int32)
	}
	cfg.Network = s
	r, err := newRun(cfg)
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.Background()
	b.ReportAllocs()
	b.ResetTimer()
	begun, cpu := time.Now(), cpuTime()
	rng := rand.New(rand.NewPCG(1, 1))
	places := make(chan struct{}, people/2)
	var open sync.WaitGroup
	for range b.N {
		places <- struct{}{}
		payer, ok := r.crowd.claim(r.crowd.kinds[ledger.AccountWallet], r.crowd.someone())
		if !ok {
			payer = rng.IntN(people)
		}
		r.crowd.dials[payer].Store(0)
		p := r.crowd.draw(payer, GoalSend, &cfg.Profile, rand.New(rand.NewPCG(rng.Uint64(), 3)))
		open.Go(func() {
			r.clock.session(walk(ctx, cfg, r.clock, r.guide, p, time.Now()).at.Sub(begun))
			r.crowd.free(payer)
			<-places
		})
	}
	open.Wait()
	b.ReportMetric(float64(s.hops.Load())/time.Since(begun).Seconds(), "hops/s")
	b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(s.hops.Load())/1000, "cpu-µs/hop")
}
