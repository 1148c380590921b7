// Program gateway is the telecom edge of Mlango: USSD over SMPP and HTTP in,
// payments to the ledger, confirmation SMS out.
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
	Serve    serveCmd         `cmd:"" help:"Run a gateway."`
	Check    checkCmd         `cmd:"" help:"Check a configuration and print what it comes to, secrets masked."`
	Example  exampleCmd       `cmd:"" help:"Print a commented configuration."`
	Doctor   doctorCmd        `cmd:"" help:"Probe ports, Redis, ledger, binds, clock and limits, and say what to mend."`
	Menus    menusCmd         `cmd:"" help:"Prove, preview and test menus."`
	Operator operatorCmd      `cmd:"" help:"Try an operator's binds."`
	Routes   routesCmd        `cmd:"" help:"Say by which operator an SMS to a number goes, and why."`
	Version  kong.VersionFlag `help:"Print the version."`
}

// examples end the help.
const examples = `Examples:
  gateway example > gateway.yaml
  gateway check --config gateway.yaml
  gateway serve --config gateway.yaml
  gateway doctor --config gateway.yaml
  gateway menus lint wallet.yaml
  gateway menus preview wallet.yaml --lang sw
  gateway routes 0722000001 --config gateway.yaml`

// world is what a command may touch outside.
type world struct {
	in       io.Reader
	out, err io.Writer
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
	code := run(ctx, &world{in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Args[1:], os.Exit)
	stop()
	os.Exit(code)
}

// run does what args say and returns the exit code. exit is called by --help and
// --version only.
func run(ctx context.Context, w *world, args []string, exit func(int)) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("gateway"), kong.Writers(w.out, w.err), kong.Exit(exit),
		kong.Description("The telecom edge of Mlango.\n\n"+examples),
		kong.Vars{"version": version()}, kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(w))
	if err != nil {
		fmt.Fprintln(w.err, "gateway:", err)
		return exitUsage
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(w.err, "gateway: %s\n(gateway --help shows examples)\n", err)
		return exitUsage
	}
	return exitCode(w, parsed.Run())
}

// exitCode says the error and finds its code.
func exitCode(w *world, err error) int {
	if err == nil {
		return exitDone
	}
	var c coded
	var file conf.Errors
	if errors.As(err, &file) {
		fmt.Fprintln(w.err, file) // file:line:col, as tools read it
	} else {
		fmt.Fprintln(w.err, "gateway:", err)
	}
	switch {
	case errors.As(err, &c):
		return c.code
	case file != nil:
		return exitUsage
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return exitCheck
}

// version is what the build knows of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "gateway (unknown build)"
	}
	v := "gateway " + info.Main.Version + " " + info.GoVersion
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v += " " + s.Value
		}
	}
	return v
}
