// Package stack starts, seeds, kills and stops real ledgerd and gateway
// processes on this machine: for the demo, for load and for drills. What it
// starts dies with it.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"mlango/ledgerclient"
)

// Config says what to start. The zero value of a field means what stands in
// brackets.
type Config struct {
	Data  string    // where everything lives [a fresh folder, removed by Stop]
	Redis string    // redis://[user:password@]host:port[/db] [sessions in memory, orders in a file]
	Out   io.Writer // builds and moved ports are told here [nowhere]
	Far   Far       // the operator both bind to
	HTTP  bool      // subscribers come by the HTTP door instead of SMPP
	Binds bool      // the operator's USSD centre binds to the gateway, at Ports.USSD
	SMPP  string    // the dialect over SMPP, or the file of one [standard]
	Web   string    // the dialect over HTTP [africastalking]
	Ports Ports     // where to listen [ChoosePorts]

	Expires   string              // an order's life, such as 30s [120s]
	Menu      string              // a menu's file [the gateway's own wallet]
	Sandbox   string              // name of a second operator, by the HTTP door [none]
	Approvers []Approver          // who signs menus: then nothing runs before two of them signed it [a demo's keys]
	Second    bool                // a second gateway, with a HTTP door only, at Ports.Second; needs Redis
	Loud      bool                // the gateway logs all it can
	Tags      string              // build tags: always build, never look for programs
	Programs  map[string]string   // paths of programs that are built already [found or built]
	Env       map[string][]string // extra environment of a program, by its name

	ready bool // Data and Programs are there
	fresh bool // Data is ours to remove
}

// Approver is a person who may sign menus, as `gateway menus key` prints one.
type Approver struct{ Person, Key string }

// Far is the operator as the gateway's configuration names it.
type Far struct {
	Name         string // of the operator
	Addr         string // its SMPP port
	USSDSystemID string
	SMSSystemID  string
	Password     string
	SMSAPI       string // the aggregator's HTTP API that takes SMS [they go over SMPP]
	SMSAddr      string // and its address
	Pushes       string // URL where the aggregator takes what the gateway opens over HTTP [nowhere]
	Binds        int    // of each set [1]
	Window       int    // of each bind [10]
}

// Ports are the addresses a stack listens on.
type Ports struct {
	Ledger, LedgerAdmin, HTTP, GatewayAdmin string
	USSD                                    string // with Config.Binds
	Second, SecondAdmin                     string // with Config.Second
	Partners, SecondPartners                string // where partners ask; empty: nowhere
}

// The addresses that are tried first.
const (
	ledgerAddr       = "127.0.0.1:7401"
	ledgerAdminAddr  = "127.0.0.1:7402"
	gatewayAddr      = "127.0.0.1:8080"
	gatewayAdminAddr = "127.0.0.1:8081"
	partnersAddr     = "127.0.0.1:8082"
)

// Stack is one ledgerd and one gateway.
type Stack struct {
	cfg      Config
	data     string
	ports    Ports
	children map[string]*child
	ledger   *ledgerclient.Client
	ended    chan string
}

// What a stack cannot be started for; nothing was started yet.
var (
	ErrConfig      = errors.New("stack: it cannot be like that")
	ErrUnreachable = errors.New("stack: nobody answers")

	errTarget = errors.New("stack: the programs are ledgerd and gateway")
)

// Start finds or builds the programs, starts both and returns once they are
// ready. On an error nothing is left running.
func Start(ctx context.Context, cfg Config) (_ *Stack, err error) {
	if err := cfg.Ready(ctx); err != nil {
		return nil, err
	}
	s := &Stack{cfg: cfg, data: cfg.Data, children: map[string]*child{}, ended: make(chan string, 1)}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	if s.ports = cfg.Ports; s.ports == (Ports{}) {
		if s.ports, err = ChoosePorts(cfg.Out); err != nil {
			return nil, err
		}
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	if s.ledger, err = ledgerclient.Dial(ledgerclient.Config{Node: s.ports.Ledger, Gateway: "simulator"}); err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	for _, name := range []string{Ledgerd, Gateway, Second} {
		if c := s.children[name]; c != nil {
			if err := c.start(ctx); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// Ready makes the data folder and finds or builds the programs, which may take
// minutes: choose ports after it. Start does it for who did not.
func (c *Config) Ready(ctx context.Context) (err error) {
	if c.ready {
		return nil
	}
	if c.Out == nil {
		c.Out = io.Discard
	}
	if err := c.outside(ctx); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Discard())
		}
	}()
	if err := c.folder(); err != nil {
		return err
	}
	programs := map[string]string{}
	for _, name := range []string{Ledgerd, Gateway} {
		if programs[name], err = c.program(ctx, name); err != nil {
			return err
		}
	}
	c.Programs, c.ready = programs, true
	return nil
}

// outside looks for what the programs will need and nobody here starts.
func (c *Config) outside(ctx context.Context) error {
	if c.Menu != "" {
		if _, err := os.Stat(c.Menu); err != nil {
			return fmt.Errorf("%w: the menu: %w", ErrConfig, err)
		}
	}
	redis, err := c.redis()
	if err != nil || redis == nil {
		return err
	}
	d := net.Dialer{Timeout: observePatience}
	conn, err := d.DialContext(ctx, "tcp", redis.Addr)
	if err != nil {
		return fmt.Errorf("%w: Redis at %s – start one with `redis-server`, or leave --redis away: %w", ErrUnreachable, redis.Addr, err)
	}
	return conn.Close()
}

// Discard removes what Ready made, when nothing is started after all.
func (c *Config) Discard() error {
	if !c.fresh {
		return nil
	}
	return os.RemoveAll(c.Data)
}

// folder makes the data folder, readable by this user only.
func (c *Config) folder() (err error) {
	if c.Data == "" {
		c.Data, err = os.MkdirTemp("", "mlango-")
		c.fresh = err == nil
	} else if c.Data, err = filepath.Abs(c.Data); err == nil {
		err = os.MkdirAll(c.Data, 0o700)
	}
	if err != nil {
		return fmt.Errorf("stack: data folder: %w", err)
	}
	return nil
}

// ChoosePorts takes the usual ports, or the next free ones and says so on w.
func ChoosePorts(w io.Writer) (p Ports, err error) {
	var free ports
	for _, want := range []struct {
		what, addr string
		at         *string
	}{
		{"ledgerd", ledgerAddr, &p.Ledger},
		{"ledgerd's admin", ledgerAdminAddr, &p.LedgerAdmin},
		{"the gateway's HTTP edge", gatewayAddr, &p.HTTP},
		{"the gateway's admin", gatewayAdminAddr, &p.GatewayAdmin},
		{"the partners' door", partnersAddr, &p.Partners},
	} {
		got, moved, err := free.free(want.addr)
		if err != nil {
			return Ports{}, err
		}
		if moved {
			fmt.Fprintf(w, "%s is taken; %s is at %s\n", want.addr, want.what, got)
		}
		*want.at = got
	}
	return p, nil
}

// prepare has the programs' configuration and their places ready.
func (s *Stack) prepare() error {
	type part struct {
		name, admin string
		text        func() ([]byte, error)
	}
	if err := s.partnerKey(); err != nil {
		return err
	}
	all := []part{{Ledgerd, s.ports.LedgerAdmin, s.ledgerdYAML}, {Gateway, s.ports.GatewayAdmin, s.gatewayYAML}}
	if s.cfg.Second {
		all = append(all, part{Second, s.ports.SecondAdmin, s.secondYAML})
	}
	for _, p := range all {
		text, err := p.text()
		if err != nil {
			return err
		}
		file := filepath.Join(s.data, p.name+".yaml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return fmt.Errorf("stack: write configuration: %w", err)
		}
		args := []string{"serve", "--config", file}
		if s.cfg.Loud && p.name == Gateway {
			args = append(args, "--log", "debug")
		}
		s.children[p.name] = &child{
			ended: s.ended, name: p.name, path: s.cfg.Programs[programOf(p.name)], args: args, env: s.env(programOf(p.name)),
			ready: "http://" + p.admin + "/readyz", log: filepath.Join(s.data, p.name+".log"),
		}
	}
	return nil
}

// program is the path of a program: given, found, or built now.
func (c *Config) program(ctx context.Context, name string) (string, error) {
	if path := c.Programs[name]; path != "" {
		return path, nil
	}
	if c.Tags == "" {
		if path, ok := findProgram(name); ok {
			return path, nil
		}
	}
	return build(ctx, c.Out, name, c.Data, c.Tags)
}

// Stop ends both programs, gateway first, all within 3 s, and removes a fresh data
// folder. What does not heed in time is killed: both survive that by design.
func (s *Stack) Stop() error {
	var errs []error
	for _, name := range []string{Second, Gateway, Ledgerd} {
		if c := s.children[name]; c != nil {
			errs = append(errs, c.stop())
		}
	}
	if s.ledger != nil {
		errs = append(errs, s.ledger.Close())
	}
	return errors.Join(append(errs, s.cfg.Discard())...)
}

// Kill takes a program away as a power cut would.
func (s *Stack) Kill(_ context.Context, target string) error {
	c := s.children[target]
	if c == nil {
		return errTarget
	}
	return c.kill()
}

// Restart starts a program again and waits until it is ready; one that still
// runs is stopped first.
func (s *Stack) Restart(ctx context.Context, target string) error {
	c := s.children[target]
	if c == nil {
		return errTarget
	}
	return c.restart(ctx)
}

// Ended tells, once, of a program that ended without being asked.
func (s *Stack) Ended() <-chan string { return s.ended }

// Tail is the end of a program's output.
func (s *Stack) Tail(name string) string {
	if c := s.children[name]; c != nil {
		return tail(c.log)
	}
	return ""
}

// Ports are where the programs listen.
func (s *Stack) Ports() Ports { return s.ports }

// Data is the folder everything lives in.
func (s *Stack) Data() string { return s.data }

// Ledger talks to the running ledgerd.
func (s *Stack) Ledger() *ledgerclient.Client { return s.ledger }
