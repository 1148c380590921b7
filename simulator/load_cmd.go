package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mlango/internal/cli"
	"mlango/simulator/load"
	"mlango/simulator/operator"
)

// loadCmd is `simulator load`.
type loadCmd struct {
	Profile  string        `default:"salary-day" help:"The curve and the mix, or the file of one; see simulator profiles."`
	Users    int           `default:"20000" help:"People with a phone."`
	Rate     float64       `default:"50" help:"Payments a real second, the mean over --duration."`
	Duration time.Duration `default:"60s" help:"How long people begin to dial."`
	Warmup   time.Duration `default:"0s" help:"Of the duration: not in rates and latencies."`
	Drain    time.Duration `default:"180s" help:"At most, until nothing is open."`
	Listen   time.Duration `default:"8s" help:"How long to listen on after the last payment, notice or SMS, for one too many; longer than the fastest resend, 5 s."`
	Speed    float64       `default:"1" help:"Divides the curve and human pauses, never protocol timers."`
	From     string        `help:"Where on the curve to begin; without it 30 min before the peak." placeholder:"HH:MM"`
	Seed     uint64        `help:"Repeats people, arrivals and amounts; without it, or with 0, a new one."`
	Stack    bool          `help:"Start and stop a ledgerd and a gateway for the run."`
	Config   string        `help:"Dial at a ledgerd and a gateway that run already on this machine, and audit them; as simulator/testdata/running.yaml. Accounts are opened in that ledger." placeholder:"FILE"`
	Target   string        `help:"Dial at somebody's own service instead: smpp://ID@HOST:2775?dialect=tata, where our USSD centre binds, or https://…?dialect=africastalking. --rate is of sessions then." placeholder:"URL"`
	Keys     string        `help:"What people press at --target, as simulator/testdata/keys.yaml." placeholder:"FILE"`
	Password string        `name:"password-file" help:"The password for --target, in a file." placeholder:"FILE"`
	Range    string        `name:"msisdn-range" help:"The people's numbers at --target: 254700000000-254700000999. Only on loopback it goes without." placeholder:"FROM-TO"`
	Mine     string        `name:"yes-this-is-my-network" help:"The host of --target once more, when it is not this machine." placeholder:"HOST"`
	HTTP     bool          `help:"Dial by the HTTP door instead of SMPP."`
	Dialect  string        `help:"How the operator speaks USSD there, or the file of a dialect; without it standard, over HTTP africastalking." placeholder:"NAME"`
	SMS      string        `enum:",africastalking,infobip" default:"" help:"Take SMS by an aggregator's HTTP API, africastalking or infobip, instead of SMPP." placeholder:"NAME"`
	Redis    string        `help:"Keep sessions and orders in Redis instead of memory and a file; start: in one of the run's own." placeholder:"URL|start"`
	Menu     string        `help:"A menu's file instead of the built-in wallet." placeholder:"FILE"`
	Data     string        `help:"Keep journal and logs in this folder; without it a fresh one is removed at the end." placeholder:"DIR"`
	Expires  time.Duration `default:"120s" help:"How long an order may live, at the gateway of --stack: a run ends no sooner after a payment that was never answered."`
	Remember time.Duration `default:"10m" help:"How long after its end a session is held against what still comes: a second payment, a second SMS. What is over for longer is counted and forgotten, so that a run of days needs no more memory than one of an hour."`
	Fault    string        `help:"What goes wrong and when, as simulator/testdata/faults.yaml." placeholder:"FILE"`
	HDR      bool          `help:"Write the latencies as HDR histograms beside the report: .hgrm and .hlog."`
	Gate     []string      `sep:"none" help:"What must hold, such as 'screens.p99_ms < 50'; may be repeated." placeholder:"EXPR"`
	Out      string        `help:"Where report.json goes; runs/<time>-<seed> without it." placeholder:"DIR"`
}

// Bounds and habits of a run.
const (
	loadBinds     = 2   // of each set
	loadWindow    = 500 // of each bind
	smsRoom       = 1 << 16
	loadZone      = 180              // minutes east of UTC, the stack's own
	loadIdle      = 20 * time.Second // an operator's idle time (Clickatell's USSD terms)
	orderSlack    = 5 * time.Second  // for the leader's clock
	drainSlack    = 15 * time.Second // after an order's life, until the audit takes it for not made
	minutesOfADay = 24 * 60
	leastRemember = 30 * time.Second // more than an order lives
	mostRemember  = 24 * time.Hour
)

// profilesCmd is `simulator profiles`.
type profilesCmd struct {
	Show   string `help:"Print a profile, to be edited." placeholder:"NAME"`
	Faults bool   `help:"List the kinds of faults for load --fault."`
}

// Run lists the profiles.
func (c *profilesCmd) Run(w *world) error {
	if c.Faults {
		fmt.Fprint(w.out, load.FaultKinds())
		return nil
	}
	if c.Show != "" {
		src, err := load.ProfileSource(c.Show)
		if err != nil {
			return cli.Fail(cli.Usage, err)
		}
		_, err = w.out.Write(src)
		return err
	}
	all, err := load.Profiles()
	if err != nil {
		return err
	}
	for _, p := range all {
		fmt.Fprintf(w.out, "%-17s %s\n", p.Name, p.Says)
	}
	return nil
}

// Run makes a run, writes its report and ends with its verdict.
func (c *loadCmd) Run(ctx context.Context, w *world) error {
	cfg, err := c.check()
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	l := &loadRun{cmd: c, w: w, cfg: cfg}
	again := c.again() // before anything is started for it
	defer func() {
		if err := l.close(); err != nil {
			fmt.Fprintln(w.err, "simulator:", err)
		}
	}()
	if err := l.prepare(ctx); err != nil {
		return err
	}
	if c.HDR {
		if l.cfg.HDR, err = load.NewHDR(c.Out, time.Now()); err != nil {
			return err
		}
	}
	hard, end := secondSignal()
	defer end()
	report, err := l.made(hard, ctx)
	if report == nil {
		return err
	}
	if err != nil {
		fmt.Fprintln(w.err, "simulator:", err) // the figures stand all the same
	}
	report.Command, report.Folder = again, c.Out
	report.Summary(w.out)
	if err := report.Write(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "\n  report    %s\n  page      %s\n", filepath.Join(c.Out, "report.json"), filepath.Join(c.Out, "report.html"))
	switch code := report.ExitCode(); code {
	case cli.Done:
		return nil
	case cli.Interrupted:
		return cli.Fail(code, errors.New("stopped by hand, the report is partial"))
	default:
		return cli.Fail(code, fmt.Errorf("verdict: %s", report.Verdict))
	}
}

// check turns the flags into a run, or says what is wrong with them.
func (c *loadCmd) check() (cfg load.Config, err error) {
	if cfg.Profile, err = load.FindProfile(c.Profile); err != nil {
		return cfg, err
	}
	if cfg.From, err = minuteOf(c.From); err != nil {
		return cfg, err
	}
	switch {
	case c.ways() != 1:
		return cfg, errors.New("say --stack: the run starts its own ledgerd and gateway; or --config FILE: some that run already; or --target URL: a service of your own")
	case !(c.Rate > 0 && c.Rate <= load.MaxRate): // NaN is neither
		return cfg, fmt.Errorf("--rate %g: use 0.1 to %d", c.Rate, load.MaxRate)
	case !(c.Speed > 0 && c.Speed <= load.MaxSpeed):
		return cfg, fmt.Errorf("--speed %g: use 0.1 to %d", c.Speed, load.MaxSpeed)
	case c.Duration <= 0 || c.Warmup < 0 || c.Warmup >= c.Duration || c.Drain <= 0:
		return cfg, errors.New("--duration and --drain are above 0, --warmup is shorter than --duration")
	case c.Listen < 0:
		return cfg, fmt.Errorf("--listen %s: use 0s or more", c.Listen)
	case c.Expires < time.Second || c.Expires > 10*time.Minute:
		return cfg, fmt.Errorf("--expires %s: use 1s to 10m", c.Expires)
	case c.Remember < c.Expires+leastRemember || c.Remember > mostRemember:
		return cfg, fmt.Errorf("--remember %s: use %s to %s – an order lives for %s, and what it brings comes after", c.Remember, c.Expires+leastRemember, mostRemember, c.Expires)
	case c.Target == "" && c.Drain < c.leastDrain():
		return cfg, fmt.Errorf("--drain %s: a payment without an answer is only known not to be made when its order is over – use %s or more, or a shorter --expires", c.Drain, c.leastDrain())
	case c.Users > load.MaxUsers:
		return cfg, fmt.Errorf("--users %d: at most %d", c.Users, load.MaxUsers)
	}
	if c.Seed == 0 {
		c.Seed = uint64(time.Now().UnixNano()) >> 20 & 0xffffff
	}
	if c.Target != "" {
		if err := c.foreign(&cfg); err != nil {
			return cfg, err
		}
	}
	if c.Config != "" {
		if err := c.joined(); err != nil {
			return cfg, err
		}
	}
	if need := load.UsersNeeded(&cfg.Profile, c.Rate, c.Speed, c.Duration, c.Remember); c.Users < need {
		return cfg, fmt.Errorf("%d users are too few for %g payments a second over %s: --users %d is enough", c.Users, c.Rate, c.Duration, need)
	}
	if err := operator.KnowsDialect(c.HTTP, c.Dialect); err != nil {
		return cfg, fmt.Errorf("--dialect: %w", err)
	}
	if strings.HasSuffix(c.Dialect, ".yaml") { // the gateway reads it from another folder
		if c.Dialect, err = filepath.Abs(c.Dialect); err != nil {
			return cfg, fmt.Errorf("--dialect: %w", err)
		}
	}
	if c.Out == "" {
		c.Out = filepath.Join("runs", time.Now().Format("20060102-150405")+"-"+strconv.FormatUint(c.Seed, 10))
	}
	cfg.Rate, cfg.Duration, cfg.Warmup, cfg.Drain = c.Rate, c.Duration, c.Warmup, c.Drain
	cfg.Speed, cfg.Seed, cfg.Gates = c.Speed, c.Seed, append(cfg.Gates, c.Gate...)
	if cfg.Code == "" {
		cfg.Code = "334"
	}
	cfg.Zone, cfg.OrderAge, cfg.Idle, cfg.Horizon, cfg.Listen = loadZone, c.Expires+orderSlack, loadIdle, c.Remember, c.Listen
	if err := c.faults(&cfg); err != nil {
		return cfg, err
	}
	return cfg, load.CheckGates(c.Gate)
}

// faults reads what goes wrong, and refuses what cannot.
func (c *loadCmd) faults(cfg *load.Config) (err error) {
	if c.Fault != "" {
		if cfg.Faults, err = load.LoadFaults(c.Fault); err != nil {
			return err
		}
	}
	all := append(slices.Clone(cfg.Profile.Faults), cfg.Faults...)
	if !c.Stack && len(all) > 0 {
		return errors.New("without --stack nothing of somebody's own service is ours to break – leave --fault away, and take a profile without faults")
	}
	return errors.Join(c.breakable(all), load.CheckFaults(all, c.Duration, c.HTTP, c.SMS != ""))
}

// leastDrain is how long a drain may take in a sound house: an order that nobody answers
// lives on, and then the run listens.
func (c *loadCmd) leastDrain() time.Duration { return c.Expires + drainSlack + c.Listen }

// ways is in how many ways the flags say what is dialled.
func (c *loadCmd) ways() (n int) {
	for _, said := range []bool{c.Stack, c.Config != "", c.Target != ""} {
		if said {
			n++
		}
	}
	return n
}

// expires is an order's life as the gateway's configuration takes it.
func (c *loadCmd) expires() string {
	if c.Expires == 0 {
		return "" // the gateway's own
	}
	return c.Expires.String()
}

// breakable refuses faults of a Redis that the run has not, or that is not its own.
func (c *loadCmd) breakable(faults []load.Fault) error {
	for _, f := range faults {
		switch {
		case f.Target != redisTarget || c.Redis == redisStart:
		case c.Redis == "":
			return fmt.Errorf("%s: the run has no Redis – add --redis start", f.Where)
		case f.Kind != "flush":
			return fmt.Errorf("%s: the Redis at %s is not the run's own to %s – say --redis start", f.Where, unsecret(c.Redis), f.Kind)
		}
	}
	return nil
}

// minuteOf reads HH:MM; empty is -1.
func minuteOf(s string) (float64, error) {
	if s == "" {
		return -1, nil
	}
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("--from %q: write it as 07:30", s)
	}
	return float64((t.Hour()*60 + t.Minute()) % minutesOfADay), nil
}

// secondSignal is a context that the second Ctrl-C ends: the first one only
// stops the arrivals.
func secondSignal() (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range 2 {
			select {
			case <-signals:
			case <-ctx.Done():
				return
			}
		}
		cancel()
	}()
	return ctx, func() { signal.Stop(signals); cancel() }
}
