// Program simulator is the far side of the house: a mobile network with phones
// to dial on, and salary day. It starts real ledgerd and gateway processes and
// talks to them as an operator does.
package main

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"mlango/internal/cli"
	"mlango/simulator/stack"
)

// defaultOperator is where a demo's phones are unless told otherwise.
const defaultOperator = "127.0.0.1:8090"

// commands is the command line.
type commands struct {
	Demo     demoCmd          `cmd:"" help:"Start a real ledgerd and gateway, an operator and a seeded world, with phones to dial with."`
	Phone    phoneCmd         `cmd:"" help:"The phones in the browser, for a USSD service of your own."`
	Dial     dialCmd          `cmd:"" help:"Dial on a running demo: print each screen, then the SMS."`
	SMSC     smscCmd          `cmd:"" name:"smsc" help:"A standalone SMSC and USSD centre, for an SMPP client of your own."`
	Conform  conformCmd       `cmd:"" help:"An acceptance test of somebody's SMPP or HTTP USSD end, clause by clause, as a page."`
	Load     loadCmd          `cmd:"" help:"Salary day: dial like a country, then account for every shilling and every SMS."`
	Profiles profilesCmd      `cmd:"" help:"List the profiles of load."`
	Compare  compareCmd       `cmd:"" help:"Hold a run against another one: 1 on a regression, for CI."`
	Replay   replayCmd        `cmd:"" help:"Dial one session of a run again, step by step, on a stack of its own."`
	Version  kong.VersionFlag `help:"Print the version."`
}

// examples end the help.
const examples = `  simulator demo
  simulator demo --data ./world --redis redis://127.0.0.1:6379/0
  simulator dial '*334#'
  simulator dial 334 --msisdn 254722000001 --press 1,0722000002,500,4826
  simulator phone --target http://localhost:3000/ussd --dialect africastalking
  simulator smsc --dlr 'DELIVRD:90,EXPIRED:10' --delay 2s --throttle 100
  simulator smsc --dialect tata --code 384 --http 127.0.0.1:8090
  simulator load --stack --profile salary-day --rate 200 --users 20000 --duration 60s --speed 5
  simulator load --target 'http://127.0.0.1:3000/ussd?dialect=africastalking' --keys simulator/testdata/keys.yaml --profile steady --rate 20
  simulator conform 'http://127.0.0.1:3000/ussd?dialect=africastalking' --code 384
  simulator conform smpp://me@127.0.0.1:2775 --out acceptance.html
  simulator load --stack --profile salary-day --redis start --fault simulator/testdata/faults.yaml
  simulator replay --session '#17'`

// world is what a command may touch outside.
type world struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
}

func main() {
	cli.Main(func(ctx context.Context, args []string, exit func(int)) int {
		return run(ctx, &world{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}, args, exit)
	})
}

// run does what args say and returns the exit code. exit is called by --help and
// --version only.
func run(ctx context.Context, w *world, args []string, exit func(int)) int {
	p := cli.Program{Name: "simulator", Says: "The operator's side of Mlango: phones, SMPP, SMS, salary day.", Examples: examples, Out: w.out, Err: w.err, Code: code}
	return p.Run(ctx, &commands{}, args, exit, w)
}

// code knows what keeps a stack from starting.
func code(err error) (int, bool) {
	switch {
	case errors.Is(err, stack.ErrConfig):
		return cli.Usage, true
	case errors.Is(err, stack.ErrUnreachable):
		return cli.Unreachable, true
	}
	return 0, false
}
