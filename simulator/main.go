// Program simulator is the far side of the house: a mobile network with phones
// to dial on, and salary day. It starts real ledgerd and gateway processes and
// talks to them as an operator does.
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
)

// Exit codes (see the contracts in README.md).
const (
	exitDone        = 0
	exitGate        = 1
	exitUsage       = 2
	exitUnreachable = 5
	exitInterrupted = 130
)

// defaultOperator is where a demo's phones are unless told otherwise.
const defaultOperator = "127.0.0.1:8090"

// cli is the command line.
type cli struct {
	Demo     demoCmd          `cmd:"" help:"Start a real ledgerd and gateway, an operator and a seeded world, with phones to dial with."`
	Dial     dialCmd          `cmd:"" help:"Dial on a running demo: print each screen, then the SMS."`
	Load     loadCmd          `cmd:"" help:"Salary day: dial like a country, then account for every shilling and every SMS."`
	Profiles profilesCmd      `cmd:"" help:"List the profiles of load."`
	Version  kong.VersionFlag `help:"Print the version."`
}

// examples end the help.
const examples = `Examples:
  simulator demo
  simulator demo --data ./world --redis redis://127.0.0.1:6379/0
  simulator dial '*334#'
  simulator dial 334 --msisdn 254722000001 --press 1,0722000002,500,4826
  simulator load --stack --profile salary-day --rate 200 --users 20000 --duration 60s --speed 5`

// world is what a command may touch outside.
type world struct {
	in       io.Reader
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

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	w := &world{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}
	code := run(ctx, w, os.Args[1:], os.Exit)
	stop()
	os.Exit(code)
}

// run does what args say and returns the exit code. exit is called by --help and
// --version only.
func run(ctx context.Context, w *world, args []string, exit func(int)) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("simulator"), kong.Writers(w.out, w.err), kong.Exit(exit),
		kong.Description("The operator's side of Mlango: phones, SMPP, SMS, salary day.\n\n"+examples),
		kong.UsageOnError(), kong.Vars{"version": version()},
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(w))
	if err != nil {
		fmt.Fprintln(w.err, "simulator:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(w.err, "simulator: %s\n(simulator --help shows examples)\n", err)
		return exitUsage
	}
	return exitCode(w, parsed.Run())
}

// exitCode says the error and finds its code.
func exitCode(w *world, err error) int {
	if err == nil {
		return exitDone
	}
	if !errors.Is(err, context.Canceled) {
		fmt.Fprintln(w.err, "simulator:", err)
	}
	var c coded
	switch {
	case errors.As(err, &c):
		return c.code
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitGate
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "simulator (unknown build)"
	}
	v := "simulator " + info.Main.Version + " " + info.GoVersion
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v
}
