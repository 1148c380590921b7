package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"mlango/internal/cli"
	"mlango/simulator/conform"
)

// conformCmd is `simulator conform`.
type conformCmd struct {
	Target   string   `arg:"" help:"What is tested: smpp://ID@HOST:2775 or https://HOST/ussd?dialect=africastalking."`
	Password string   `name:"password-file" help:"The password, in a file." placeholder:"FILE"`
	Code     string   `default:"334" help:"What is dialled, where a dialect is named."`
	Press    []string `help:"Keys that lead to a last screen over HTTP, joined by commas." placeholder:"1,2"`
	Range    string   `name:"msisdn-range" help:"Who dials: 254700000000-254700000019. Only on loopback it goes without." placeholder:"FROM-TO"`
	Mine     string   `name:"yes-this-is-my-network" help:"The host of the target once more, when it is not this machine." placeholder:"HOST"`
	Out      string   `default:"conform.html" help:"Where the page goes; conform.html without it." placeholder:"FILE"`
}

// Help is more of it, with examples.
func (*conformCmd) Help() string {
	return `Each clause held, failed, or was not asked since it does not apply; exit code 1 when one
failed, 5 when nobody is there. Over SMPP it binds as an ESME, and with ?dialect= also
dials as a USSD centre does. Over HTTP it calls as the aggregator of the dialect.

Examples:
  simulator conform 'http://127.0.0.1:3000/ussd?dialect=hubtel' --code 384 --press 1,2
  simulator conform 'smpp://me@127.0.0.1:2775' --password-file secret
  simulator conform 'smpp://ussdc@127.0.0.1:2776?dialect=tata' --password-file secret
  simulator conform 'https://ussd.example/door' --msisdn-range 254700000000-254700000019 \
      --yes-this-is-my-network ussd.example`
}

// Who dials in a test on loopback, and how many at most.
const (
	conformFrom = "254722000001-254722000020"
	conformMost = 20
)

// Run tests, prints each clause, and writes the page.
func (c *conformCmd) Run(ctx context.Context, w *world) error {
	t, overSMPP, err := c.target()
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	test := conform.HTTP
	if overSMPP {
		test = conform.SMPP
	}
	r, err := test(ctx, t)
	switch {
	case errors.Is(err, conform.ErrUnreachable):
		return cli.Fail(cli.Unreachable, err)
	case err != nil:
		return err
	}
	r.Text(w.out)
	r.Again = c.again()
	page, err := os.Create(c.Out)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := errors.Join(r.HTML(page), page.Close()); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "\n  page       %s\n", c.Out)
	if failed := r.Count(conform.Failed); failed > 0 {
		return cli.Fail(cli.Check, fmt.Errorf("%d of %d clauses failed", failed, failed+r.Count(conform.Held)))
	}
	return nil
}

// again is the command as it was called; the password is in its file.
func (c *conformCmd) again() string {
	line := "simulator conform '" + c.Target + "'"
	for _, flag := range []struct{ name, value, standard string }{
		{"code", c.Code, "334"}, {"press", strings.Join(c.Press, ","), ""}, {"password-file", c.Password, ""},
		{"msisdn-range", c.Range, ""}, {"yes-this-is-my-network", c.Mine, ""},
	} {
		if flag.value != flag.standard {
			line += " --" + flag.name + " '" + flag.value + "'"
		}
	}
	return line
}

// target is what is tested, or which word of the command is wrong.
func (c *conformCmd) target() (out *conform.Target, overSMPP bool, err error) {
	t, err := readTarget(c.Target)
	if err != nil {
		return nil, false, err
	}
	numbers := c.Range
	if numbers == "" {
		if numbers = conformFrom; !isLoopback(t.url.Hostname()) {
			return nil, false, fmt.Errorf("%s: the built-in people are for loopback – say whose numbers may be dialled with, --msisdn-range 254700000000-254700000019", t.url.Hostname())
		}
	}
	if err := t.mine(c.Mine); err != nil {
		return nil, false, err
	}
	from, count, err := numbersIn(numbers)
	if err != nil {
		return nil, false, err
	}
	out = &conform.Target{Name: c.Target, Addr: t.addr(), SystemID: t.systemID, Dialect: t.dialect, Press: c.Press}
	if out.Code, err = dialledCode(c.Code); err != nil {
		return nil, false, fmt.Errorf("--code: %w", err)
	}
	if out.Dialect == "" && !t.smpp {
		out.Dialect = "africastalking"
	}
	for i := range min(count, conformMost) {
		out.Numbers = append(out.Numbers, strconv.FormatUint(from+uint64(i), 10))
	}
	if c.Password != "" {
		if out.Password, err = passwordIn(c.Password); err != nil {
			return nil, false, err
		}
	}
	out.URL, _, _ = strings.Cut(t.http, "?")
	rest := t.url.Query()
	rest.Del("dialect")
	out.Query = rest.Encode()
	return out, t.smpp, nil
}
