// Package cli is the manners that the three programs share on the command line:
// one set of exit codes, errors that carry one, examples in the help, the nearest
// right word for a wrong one.
package cli

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

// Exit codes. If several hold: Usage, Unreachable, Oracle, Late, Check.
const (
	Done        = 0
	Check       = 1 // a gate or check did not hold
	Usage       = 2 // the command line or a configuration is wrong
	Oracle      = 3 // money or an SMS is wrong
	Late        = 4 // the generator could not keep its schedule
	Unreachable = 5 // the target is not there
	Interrupted = 130
)

// coded is an error with the exit code it ends the program with.
type coded struct {
	error
	code int
}

// Unwrap is the error without its code.
func (c coded) Unwrap() error { return c.error }

// Fail gives an error the exit code it ends the program with.
func Fail(code int, err error) error { return coded{err, code} }

// Program is one command line.
type Program struct {
	Name     string
	Says     string // one sentence
	Examples string // lines below "Examples:"
	Out, Err io.Writer
	Code     func(error) (code int, known bool) // of errors that carry none; nil knows none
}

// Main runs a program with the process's own arguments and signals, and ends it.
func Main(run func(ctx context.Context, args []string, exit func(int)) int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Exit)
	stop()
	os.Exit(code)
}

// Run parses args into grammar, runs the command it names with bind at hand, and
// returns the exit code. exit is called by --help and --version only.
func (p Program) Run(ctx context.Context, grammar any, args []string, exit func(int), bind ...any) int {
	parser, err := kong.New(grammar, kong.Name(p.Name), kong.Writers(p.Out, p.Err), kong.Exit(exit),
		kong.Description(p.Says+"\n\nExamples:\n"+p.Examples), kong.Vars{"version": p.Version()},
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(bind...))
	if err != nil {
		fmt.Fprintf(p.Err, "%s: %v\n", p.Name, err)
		return Usage
	}
	command, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(p.Err, "%s: %v\n(%s --help shows examples)\n", p.Name, err, p.Name)
		return Usage
	}
	return p.end(command.Run())
}

// end says the error and finds its code.
func (p Program) end(err error) int {
	var c coded
	var file conf.Errors
	switch {
	case err == nil:
		return Done
	case errors.As(err, &file):
		fmt.Fprintln(p.Err, file) // file:line:col first, as tools read it
		return Usage
	case !errors.As(err, &c) && errors.Is(err, context.Canceled):
		return Interrupted // who interrupts knows
	}
	fmt.Fprintf(p.Err, "%s: %v\n", p.Name, err)
	if c.error != nil {
		return c.code
	}
	if p.Code != nil {
		if code, known := p.Code(err); known {
			return code
		}
	}
	return Check
}

// Version is what the build knows of itself: name, module version, Go, revision.
func (p Program) Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return p.Name + " (unknown build)"
	}
	v := p.Name + " " + info.Main.Version + " " + info.GoVersion
	if r := Revision(); r != "" {
		v += " " + r
	}
	return v
}

// Revision is the commit this program was built from, when the build knows.
func Revision() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return ""
}
