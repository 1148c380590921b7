package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"mlango/internal/cli"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// adminCmd is what an administrator may do; each is a journaled command.
type adminCmd struct {
	Open     openCmd     `cmd:"" help:"Open an account."`
	Alias    aliasCmd    `cmd:"" help:"Point a number to an account, or with --none to nobody."`
	Freeze   freezeCmd   `cmd:"" help:"Stop all movement of an account, or with --off let it go on."`
	Close    closeCmd    `cmd:"" help:"End an empty account for good."`
	Erase    eraseCmd    `cmd:"" help:"Forget for good who an account is; its money and history stay."`
	Tier     tierCmd     `cmd:"" help:"Set how well an account's holder is known; limits go by it."`
	Unlock   unlockCmd   `cmd:"" help:"Let a locked PIN be tried again."`
	PINReset pinResetCmd `cmd:"" name:"pin-reset" help:"Clear a PIN: its holder sets another by phone."`
	Tariffs  tariffsCmd  `cmd:"" help:"Show the fees in force and to come: which version, since when, who set them."`
	Tariff   tariffCmd   `cmd:"" help:"Set the fees of one kind of transfer. Needs two people."`
	Limits   limitsCmd   `cmd:"" help:"Show the limits in force and to come, or with figures set those of one kind of transfer: that needs two people."`
	Rules    rulesCmd    `cmd:"" help:"All tariffs and limits as one file: get, check, diff, publish, history, rollback."`
	Consumer consumerCmd `cmd:"" help:"Have a consumer of the outbox read, or read no more: on or off."`
	Issue    issueCmd    `cmd:"" help:"Book real money that arrived: from a trust account to anyone. Needs two people: the first one ends with 1, for nothing is done yet."`
	Redeem   redeemCmd   `cmd:"" help:"Book real money that left: from anyone to a trust account. Needs two people."`
	Ask      askCmd      `cmd:"" help:"Have a subscriber asked on the handset to approve a payment. It moves nothing itself: one person is enough, also of settlement."`
	Reverse  reverseCmd  `cmd:"" help:"Bring a transfer back, whole or in part. Needs two people."`
	Pending  pendingCmd  `cmd:"" help:"List what waits for a second person."`
	Approve  approveCmd  `cmd:"" help:"Be the second person: do what another one asked for."`
	nodeFlag `embed:""`
}

// tableRefusals says what an administrator can make of a reject.
var tableRefusals = map[ledger.Reject]string{
	ledger.OtherContent:      "that account, number or id is there already, as another's",
	ledger.IDTime:            "the id is too old, or this machine's clock and the node's differ",
	ledger.Expired:           "it came too late: ask for it again",
	ledger.Busy:              "nothing was done; ask again",
	ledger.Overloaded:        "nothing was done; look at the node's log and its disk, then ask again",
	ledger.NeedsSecondPerson: "these books were begun for two people: one_person in the configuration cannot take that back",
	ledger.PINTooEasy:        "everybody guesses that PIN: take another",
	ledger.NotReversible:     "there is no such transfer, or it is of a kind that stays: what was issued is redeemed",
	ledger.AlreadyReversed:   "so much of it is not left: look with `ledgerd show`",
	ledger.UnknownPayer:      "there is no such account, or it may not give",
	ledger.UnknownPayee:      "there is no such account to receive, or it may not get this",
	ledger.PayerFrozen:       "who would give is frozen",
	ledger.PayeeFrozen:       "who would get is frozen",
	ledger.PayerClosed:       "who would give is closed",
	ledger.PayeeClosed:       "who would get is closed",
	ledger.NotEmpty:          "there is money or a hold in the account: pay it out first",
	ledger.WrongCurrency:     "an account has another currency",
	ledger.FeeAboveQuote:     "the tariff asks for more than --fee",
	ledger.PayeeMaxBalance:   "the payee would have more than it may",
	ledger.NotEnoughFunds:    "there is not so much in the account",
	ledger.CommandForbidden:  "a value is out of bounds",
	ledger.StaleVersion:      "somebody else changed it meanwhile: look at theirs, then say the next version",
}

// refusal is a reject in words.
func refusal(r ledger.Reject) error {
	if more := tableRefusals[r]; more != "" {
		return fmt.Errorf("the ledger refused: %s – %s", r, more)
	}
	return fmt.Errorf("the ledger refused: %s", r)
}

// book journals one command and says what became of it.
func (f *nodeFlag) book(ctx context.Context, w *world, cmd ledger.Command) error {
	return f.call(ctx, w, func(c *ledgerclient.Client) ([]ledger.Result, error) { return c.Admin(ctx, []ledger.Command{cmd}) })
}

// call asks the node for something and says what became of it.
func (f *nodeFlag) call(ctx context.Context, w *world, call func(*ledgerclient.Client) ([]ledger.Result, error)) error {
	c, err := f.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	results, err := call(c)
	var waiting *ledgerclient.Waiting
	if errors.As(err, &waiting) {
		zone, err := zoneOf(ctx, c)
		if err != nil {
			return explain(err)
		}
		return f.sayWaiting(w, waiting, zone)
	}
	if err != nil {
		return explain(err)
	}
	return sayResults(w, results)
}

// sayResults prints one line for each, or of many what they come to, and ends with
// the first refusal.
func sayResults(w *world, results []ledger.Result) error {
	var first error
	made := 0
	refused := map[ledger.Reject]int{}
	for _, r := range results {
		if r.Reject == ledger.OK {
			made++
		} else if refused[r.Reject]++; first == nil {
			first = refusal(r.Reject)
		}
		switch {
		case len(results) > maxSaid:
		case r.Reject == ledger.OK:
			fmt.Fprintln(w.out, "done"+doneWords(r))
		case len(results) > 1:
			fmt.Fprintln(w.out, refusal(r.Reject))
		}
	}
	if len(results) <= maxSaid {
		return first
	}
	fmt.Fprintf(w.out, "done: %d of %d\n", made, len(results))
	for _, why := range ledger.Rejects() {
		if n := refused[why]; n > 0 {
			fmt.Fprintf(w.out, "refused: %d, %s\n", n, because(why))
		}
	}
	return first
}

func doneWords(r ledger.Result) string {
	var b strings.Builder
	if r.Receipt != (ledger.Receipt{}) {
		fmt.Fprintf(&b, ", receipt %s", r.Receipt)
	}
	if r.Version != 0 {
		fmt.Fprintf(&b, ", version %d", r.Version)
	}
	fmt.Fprintf(&b, ", at %d/%d/%d", r.Place.Unit, r.Place.Index, r.Place.Offset)
	return b.String()
}

// sayWaiting tells what the other person must do.
func (f *nodeFlag) sayWaiting(w *world, wait *ledgerclient.Waiting, zone Zone) error {
	fmt.Fprintln(w.out, "Nothing was done yet: another person must approve this.")
	sayItems(w, wait, false, zone)
	_, err := fmt.Fprintf(w.out, "Next, until %s, the other person with their own --cert and --key:\n  ledgerd admin approve %x %s\n",
		zone.says(wait.Expires), wait.Hash, f.again())
	return errors.Join(cli.Fail(cli.Check, errNotYet), err)
}

// sayItems prints what somebody asked for, all of it or the first of many.
func sayItems(w *world, wait *ledgerclient.Waiting, all bool, zone Zone) {
	fmt.Fprintf(w.out, "%s asked at %s for:\n", wait.First, zone.says(wait.Asked))
	for i, item := range wait.Items {
		if i == maxSaid && !all {
			fmt.Fprintf(w.out, "  … and %d more: `ledgerd admin pending --all` lists them\n", len(wait.Items)-i)
			break
		}
		fmt.Fprintln(w.out, "  "+describe(item, zone))
	}
	if sum := sumOf(wait.Items); sum != "" && len(wait.Items) > 1 {
		fmt.Fprintln(w.out, "  together "+sum)
	}
}

// errNotYet ends a command that waits for another person: a script must not take it
// for one that was done.
var errNotYet = errors.New("nothing was done yet: it waits for a second person")

// maxSaid is how many things are listed before the rest is a number.
const maxSaid = 20

// confirm asks a person, unless yes was said on the command line.
func confirm(w *world, yes bool, question string) error {
	if yes {
		return nil
	}
	fmt.Fprintf(w.out, "%s Type yes: ", question)
	line, _ := bufio.NewReader(w.in).ReadString('\n')
	if strings.TrimSpace(line) != "yes" {
		fmt.Fprintln(w.out)
		return cli.Fail(cli.Check, errors.New("not confirmed: nothing was done (in a script say --yes)"))
	}
	return nil
}
