// Program ledgerd is the journaled ledger of Mlango: it judges, journals, books
// and answers, and feeds what was committed to those who tell people.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"mlango/internal/conf"
	"mlango/ledgerclient"
)

// Exit codes, as the contracts have them.
const (
	exitDone        = 0
	exitCheck       = 1
	exitUsage       = 2
	exitUnreachable = 5
	exitInterrupted = 130
)

// cli is the command line.
type cli struct {
	Serve   serveCmd         `cmd:"" help:"Run one node."`
	Check   checkCmd         `cmd:"" help:"Check a configuration and print what it comes to, secrets masked."`
	Example exampleCmd       `cmd:"" help:"Print a commented configuration."`
	Verify  verifyCmd        `cmd:"" help:"Read every entry of a stopped node, check sums and chain, replay the books."`
	Show    showCmd          `cmd:"" help:"Show a transfer whole, by its id or receipt number."`
	Export  exportCmd        `cmd:"" help:"Print the postings of a stopped node, for auditors."`
	Bench   benchCmd         `cmd:"" help:"Measure durable transfers per second over the real wire; prints one JSON line."`
	Admin   adminCmd         `cmd:"" help:"Open and freeze accounts, unlock PINs, set tariff and limits, issue money; each is journaled."`
	Version kong.VersionFlag `help:"Print the version."`
}

// examples end the help.
const examples = `Examples:
  ledgerd example > ledgerd.yaml
  ledgerd check --config ledgerd.yaml
  ledgerd serve --config ledgerd.yaml
  ledgerd verify --data ./data/ledgerd
  ledgerd show TKM4K2X9QZ --config ledgerd.yaml
  ledgerd bench --data /tmp/bench --transfers 200000
  ledgerd admin unlock 17 --config ledgerd.yaml`

// world is what a command may touch outside.
type world struct {
	out, err io.Writer
	env      func(string) string
}

// coded is an error with the exit code it ends the program with.
type coded struct {
	error
	code int
}

// Unwrap is the error without its code.
func (c coded) Unwrap() error { return c.error }

// usage makes an error of the caller's.
func usage(format string, args ...any) error { return coded{fmt.Errorf(format, args...), exitUsage} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, &world{out: os.Stdout, err: os.Stderr, env: os.Getenv}, os.Args[1:], os.Exit)
	stop()
	os.Exit(code)
}

// run does what args say and returns the exit code. exit is called by --help and
// --version only.
func run(ctx context.Context, w *world, args []string, exit func(int)) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("ledgerd"), kong.Writers(w.out, w.err), kong.Exit(exit),
		kong.Description("The journaled ledger of Mlango.\n\n"+examples),
		kong.Vars{"version": version()}, kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(w))
	if err != nil {
		fmt.Fprintln(w.err, "ledgerd:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(w.err, "ledgerd: %s\n(ledgerd --help shows examples)\n", err)
		return exitUsage
	}
	return exitCode(w, parsed.Run())
}

// exitCode says the error and finds its code.
func exitCode(w *world, err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(w.err, "ledgerd:", err)
	var c coded
	var file conf.Errors
	switch {
	case errors.As(err, &c):
		return c.code
	case errors.As(err, &file):
		return exitUsage
	case errors.Is(err, context.Canceled): // also while it waited for a connection
		return exitInterrupted
	case errors.Is(err, ledgerclient.ErrUnavailable):
		return exitUnreachable
	}
	return exitCheck
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "ledgerd (unknown build)"
	}
	v := "ledgerd " + info.Main.Version + " " + info.GoVersion
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v
}
