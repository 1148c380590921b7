package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"mlango/ledgerclient"
	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// benchCmd measures durable transfers over the real wire.
type benchCmd struct {
	Accounts   int           `default:"10000" help:"Accounts that pay each other."`
	Transfers  int           `default:"200000" help:"Transfers to make."`
	Clients    int           `default:"512" help:"Callers, each with --batch transfers under way."`
	Batch      int           `default:"1" help:"Transfers each caller has under way at once."`
	Hot        int           `default:"0" help:"Percent of the transfers that go to one account."`
	Rate       int           `placeholder:"N" help:"Transfers a second to offer, each timed from the instant it is due; without it every caller asks as soon as he is answered."`
	Nodes      int           `default:"1" help:"Nodes of the group; 1 for now."`
	Bare       bool          `help:"Without PIN, fee leg and notices."`
	FsyncDelay time.Duration `placeholder:"D" help:"How much slower to make every sync: 4ms is a disk across a network."`
	Profile    string        `placeholder:"FILE" help:"Write a CPU profile of the transfers, both ends, for go tool pprof."`
	Data       string        `required:"" placeholder:"DIR" help:"An empty or new folder on the disk to measure."`
}

// Limits of the bench.
const (
	rateFor     = time.Second // how long the disk's own rate is measured
	maxCallers  = 1 << 14     // clients × batch
	maxAccounts = 10_000_000
	maxRate     = 10_000_000
	histMax     = 60_000_000 // µs
	histDigits  = 3
	benchSettle = 5 * time.Minute // for one call
	benchEpoch  = time.Minute     // before a wish expires
	maxDelay    = time.Second
)

// figures is the JSON line of the contracts.
type figures struct {
	PerSecond float64 `json:"transfers_per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Max       float64 `json:"max_ms"`
	Fsyncs    uint64  `json:"fsyncs"`
	RawSyncs  float64 `json:"fdatasync_per_second"`
	CPU       float64 `json:"cpu_us_per_transfer"` // both ends
	Start     float64 `json:"start_ms"`            // of a node from the folder that the run leaves
	Transfers int     `json:"transfers"`
	State     string  `json:"state"`
	Bare      bool    `json:"bare"`
	Accounts  int     `json:"accounts"`
	Callers   int     `json:"callers"`
	HotPct    int     `json:"hot_pct"`
	Rate      int     `json:"offered_per_second,omitempty"`
}

func (c *benchCmd) check() error {
	switch {
	case c.Nodes != 1:
		return usage("--nodes %d: a group of voters is not there yet, only 1", c.Nodes)
	case c.Accounts < 2 || c.Accounts > maxAccounts:
		return usage("--accounts is 2 to %d", maxAccounts)
	case c.Transfers < 1 || c.Clients < 1 || c.Batch < 1 || c.Clients*c.Batch > maxCallers:
		return usage("--transfers, --clients and --batch are at least 1, and clients × batch at most %d", maxCallers)
	case c.Rate < 0 || c.Rate > maxRate:
		return usage("--rate is 1 to %d a second", maxRate)
	case c.FsyncDelay < 0 || c.FsyncDelay > maxDelay:
		return usage("--fsync-delay is 0 to %s", maxDelay)
	case c.Hot < 0 || c.Hot > 100:
		return usage("--hot is a percentage")
	}
	_, err := os.Stat(filepath.Join(c.Data, server.JournalDir))
	if err == nil {
		return usage("%s holds a journal: name an empty folder", c.Data)
	}
	return nil
}

// Run prints one JSON line.
func (c *benchCmd) Run(ctx context.Context, w *world) error {
	if err := c.check(); err != nil {
		return err
	}
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return usage("%w", err)
	}
	raw, err := journal.RawSyncRate(c.Data, rateFor)
	if err != nil {
		return err
	}
	cfg := server.Config{Data: c.Data, ZoneMinutes: nairobi, Issues: true, SlowSync: c.FsyncDelay, Access: server.Access{OnePerson: true}}
	srv, err := server.Open(cfg)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, srv.Close())
	}
	running, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- srv.Run(running, ln) }()
	f, err := c.measure(ctx, srv, ln.Addr().String())
	stop()
	err = errors.Join(err, <-done)
	f.RawSyncs, f.State = raw, fmt.Sprintf("%x", srv.Digest())
	if err = errors.Join(err, srv.Close()); err != nil {
		return err
	}
	if f.Start, err = started(cfg); err != nil {
		return err
	}
	return json.NewEncoder(w.out).Encode(f)
}

// started times a start, in milliseconds: the newest snapshot, and what came after it.
func started(cfg server.Config) (ms float64, err error) {
	begin := time.Now()
	srv, err := server.Open(cfg)
	if err != nil {
		return 0, err
	}
	return float64(time.Since(begin).Microseconds()) / 1000, srv.Close()
}

// measure seeds the world and makes the transfers.
func (c *benchCmd) measure(ctx context.Context, srv *server.Server, addr string) (f figures, err error) {
	client, err := ledgerclient.Dial(ledgerclient.Config{Node: addr, Gateway: "bench", Timeout: benchSettle})
	if err != nil {
		return f, err
	}
	defer client.Close()
	p := &payers{c: c, client: client}
	if err := p.seed(ctx); err != nil {
		return f, fmt.Errorf("bench: seed: %w", err)
	}
	if !c.Bare {
		stopTelling := tell(ctx, client)
		defer stopTelling()
	}
	before, spent := srv.Stats().Syncs, cpuTime()
	begin := time.Now()
	var hist *hdrhistogram.Histogram
	err = c.profiled(func() (err error) {
		hist, err = p.run(ctx)
		return err
	})
	took := time.Since(begin)
	spent = cpuTime() - spent
	if err != nil {
		return f, err
	}
	ms := func(µs int64) float64 { return float64(µs) / 1000 }
	return figures{PerSecond: float64(c.Transfers) / took.Seconds(), P50: ms(hist.ValueAtQuantile(50)),
		P99: ms(hist.ValueAtQuantile(99)), Max: ms(hist.Max()), Fsyncs: srv.Stats().Syncs - before, Transfers: c.Transfers,
		Bare: c.Bare, Accounts: c.Accounts, Callers: c.Clients * c.Batch, HotPct: c.Hot, Rate: c.Rate,
		CPU: float64(spent.Microseconds()) / float64(c.Transfers)}, nil
}

// profiled does the work, under the profiler where a file is named for it.
func (c *benchCmd) profiled(work func() error) error {
	if c.Profile == "" {
		return work()
	}
	f, err := os.Create(c.Profile)
	if err != nil {
		return usage("--profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return errors.Join(err, f.Close())
	}
	err = work()
	pprof.StopCPUProfile()
	return errors.Join(err, f.Close())
}

// newHistogram holds latencies in microseconds.
func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, histMax, histDigits) }

// benchKES is the currency of the bench's world.
func benchKES() ledger.Currency { return ledger.Currency{'K', 'E', 'S'} }
