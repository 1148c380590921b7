// Program gateway is the telecom edge of Mlango: USSD over SMPP and HTTP in,
// payments to the ledger, confirmation SMS out.
package main

import (
	"context"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"mlango/internal/cli"
)

// commands is the command line.
type commands struct {
	Serve    serveCmd         `cmd:"" help:"Run a gateway."`
	Check    checkCmd         `cmd:"" help:"Check a configuration and print what it comes to, secrets masked."`
	Example  exampleCmd       `cmd:"" help:"Print a commented configuration."`
	Doctor   doctorCmd        `cmd:"" help:"Probe ports, Redis, ledger, binds, clock and limits, and say what to mend."`
	Menus    menusCmd         `cmd:"" help:"Prove, preview and test menus; bring them out on running gateways, and back."`
	Operator operatorCmd      `cmd:"" help:"Try an operator; list, compare, reload and bring back the operators' configurations."`
	Top      topCmd           `cmd:"" help:"Watch the binds of a running gateway: health, window, round trip, and what holds throughput down."`
	Trace    traceCmd         `cmd:"" help:"Follow one subscriber's PDUs and HTTP calls on a running gateway, masked, for a while; also as pcap."`
	Incident incidentCmd      `cmd:"" help:"Tell in a timeline what changed state: binds, breakers, health, configurations, orders."`
	Routes   routesCmd        `cmd:"" help:"Say by which operator an SMS to a number goes, and why."`
	Version  kong.VersionFlag `help:"Print the version."`
}

// examples end the help.
const examples = `  gateway example > gateway.yaml
  gateway check --config gateway.yaml
  gateway serve --config gateway.yaml
  gateway doctor --config gateway.yaml
  gateway menus lint wallet.yaml
  gateway menus preview wallet.yaml --lang sw
  gateway menus key amina --out amina.key
  gateway menus publish wallet.yaml
  gateway menus approve 1a2b3c4d --key amina.key
  gateway menus canary 1a2b3c4d --percent 5
  gateway menus status
  gateway menus rollback --why "complaints"
  gateway menus record > recorded.txt
  gateway menus replay --menu new.yaml recorded.txt
  gateway routes 0722000001 --config gateway.yaml
  gateway top
  gateway trace 0722000001 --for 2m --pcap call.pcap
  gateway operator reload --dry-run
  gateway incident --from 03:00 --to 04:30`

// world is what a command may touch outside.
type world struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	cli.Main(func(ctx context.Context, args []string, exit func(int)) int {
		return run(ctx, &world{in: os.Stdin, out: os.Stdout, err: os.Stderr}, args, exit)
	})
}

// run does what args say and returns the exit code. exit is called by --help and
// --version only.
func run(ctx context.Context, w *world, args []string, exit func(int)) int {
	p := cli.Program{Name: "gateway", Says: "The telecom edge of Mlango.", Examples: examples, Out: w.out, Err: w.err}
	return p.Run(ctx, &commands{}, args, exit, w)
}
