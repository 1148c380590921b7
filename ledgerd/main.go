// Program ledgerd is the journaled ledger of Mlango: it judges, journals, books
// and answers, and feeds what was committed to those who tell people.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"mlango/internal/cli"
	"mlango/ledgerclient"
)

// commands is the command line.
type commands struct {
	Serve   serveCmd         `cmd:"" help:"Run one node."`
	Check   checkCmd         `cmd:"" help:"Check a configuration and print what it comes to, secrets masked."`
	Example exampleCmd       `cmd:"" help:"Print a commented configuration."`
	Verify  verifyCmd        `cmd:"" help:"Check a stopped node, a backup or a copy: every entry and the chain, the books replayed, snapshots and pages; with or without the vault."`
	Show    showCmd          `cmd:"" help:"Show a transfer whole, by its id or receipt number: postings, people, what brought it back, who was told when; of a running or a stopped node."`
	Account accountCmd       `cmd:"" help:"Show an account: its state, its balance at an instant, its statement."`
	Export  exportCmd        `cmd:"" help:"Print the postings of a stopped node, for auditors."`
	Backup  backupCmd        `cmd:"" help:"Copy the journal, of a running node too."`
	Restore restoreCmd       `cmd:"" help:"Make a node's data folder out of a backup."`
	Status  statusCmd        `cmd:"" help:"Tell how a running node stands and what of it needs a person; ends with 1 when something does."`
	Top     topCmd           `cmd:"" help:"Watch a running node: rates, waiting, lag; lines when the output is no terminal."`
	Bulk    bulkCmd          `cmd:"" help:"Pay a file of people out of one account; the same file twice pays once."`
	Bench   benchCmd         `cmd:"" help:"Measure durable transfers per second over the real wire; prints one JSON line."`
	Admin   adminCmd         `cmd:"" help:"Open, freeze and close accounts, point numbers, set PINs, show and set tariffs and limits; with a second person issue and bring back money. What is set is journaled."`
	Version kong.VersionFlag `help:"Print the version."`
}

// examples end the help.
const examples = `  ledgerd example > ledgerd.yaml
  ledgerd check --config ledgerd.yaml
  ledgerd serve --config ledgerd.yaml
  ledgerd verify --data ./data/ledgerd
  ledgerd show TKM4K2X9QZ --config ledgerd.yaml
  ledgerd status --config ledgerd.yaml
  ledgerd top --config ledgerd.yaml
  ledgerd admin tariffs --config ledgerd.yaml
  ledgerd admin rules get --config ledgerd.yaml > rules.yaml
  ledgerd admin rules diff rules.yaml --config ledgerd.yaml
  ledgerd admin rules publish rules.yaml --why "budget 2027" --config ledgerd.yaml --cert jane.pem --key jane.key
  ledgerd admin rules history --config ledgerd.yaml
  ledgerd admin rules rollback 12 --config ledgerd.yaml --cert jane.pem --key jane.key
  ledgerd account 17 --config ledgerd.yaml --cert jane.pem --key jane.key
  ledgerd admin issue 900001 600001 500000 --config ledgerd.yaml --cert jane.pem --key jane.key
  ledgerd admin approve HASH --config ledgerd.yaml --cert paul.pem --key paul.key
  ledgerd bulk salaries.csv --from 600001 --dry-run --config ledgerd.yaml --cert jane.pem --key jane.key
  ledgerd backup --to /backup/monday --config ledgerd.yaml --cert jane.pem --key jane.key
  ledgerd bench --data /tmp/bench --transfers 200000`

// world is what a command may touch outside.
type world struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
}

// usage makes an error of the caller's.
func usage(format string, args ...any) error { return cli.Fail(cli.Usage, fmt.Errorf(format, args...)) }

func main() {
	cli.Main(func(ctx context.Context, args []string, exit func(int)) int {
		return run(ctx, &world{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv}, args, exit)
	})
}

// run does what args say and returns the exit code. exit is called by --help and
// --version only.
func run(ctx context.Context, w *world, args []string, exit func(int)) int {
	p := cli.Program{Name: "ledgerd", Says: "The journaled ledger of Mlango.", Examples: examples, Out: w.out, Err: w.err, Code: code}
	return p.Run(ctx, &commands{}, args, exit, w)
}

// code knows the errors that mean that nobody answers.
func code(err error) (int, bool) { return cli.Unreachable, errors.Is(err, ledgerclient.ErrUnavailable) }
