package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mlango/gateway/bundle"
	"mlango/internal/cli"
	"mlango/internal/conf"
	"mlango/menus"
)

type keyCmd struct {
	Person string `arg:"" help:"Who will hold the key: a-z, 0-9, dot, - and _."`
	Out    string `required:"" placeholder:"FILE" help:"Where the private key goes; nobody else can read it."`
}

// Run makes a person's key at random and prints the line for the gateways' file.
func (c *keyCmd) Run(w *world) error {
	k, err := bundle.MakeKey(c.Out, c.Person)
	switch {
	case errors.Is(err, fs.ErrExist):
		return cli.Fail(cli.Usage, fmt.Errorf("%s is there already, a key is never written over", c.Out))
	case err != nil:
		return cli.Fail(cli.Usage, err)
	}
	fmt.Fprintf(w.out, "The private key is in %s: keep it, show it to nobody.\nEach gateway's file names the public one:\n\napprovers:\n  - {person: %s, key: %q}\n", c.Out, k.Person, k.Text())
	return nil
}

type publishCmd struct {
	adminFlag
	File string `arg:"" optional:"" help:"A menu; none is the built-in wallet."`
}

// Run proves a menu on every live gateway, stores it, and shows what would change.
func (c *publishCmd) Run(ctx context.Context, w *world) error {
	name, src, err := menuFile(c.File)
	if err != nil {
		return err
	}
	var r bundle.Report
	if err := c.call(ctx, "POST", "/menus/publish", menuOrder{Name: name, Source: string(src)}, &r); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "%s is published as %s.\n", r.Name, r.Hash.Short())
	if len(r.Gateways) > 0 {
		fmt.Fprintf(w.out, "It was proved against what each live gateway offers: %s.\n", strings.Join(r.Gateways, ", "))
	}
	printDiff(w, r.Against, r.Hash, r.Diff)
	fmt.Fprintf(w.out, "\nNothing runs it before %d approvers sign it and somebody brings it out:\n  gateway menus approve %s --key FILE\n  %s\n", bundle.Approvals, r.Hash.Short(), bringOut(r.Hash, r.Against))
	return nil
}

// menuFile is a menu with what it includes.
func menuFile(path string) (name string, src []byte, err error) {
	if path == "" {
		return menus.WalletName, menus.Wallet(), nil
	}
	src, err = menus.Read(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	var wrong conf.Errors
	switch {
	case errors.As(err, &wrong):
		return "", nil, wrong
	case err != nil:
		return "", nil, cli.Fail(cli.Usage, err)
	}
	return path, src, nil
}

// printDiff shows how a bundle differs from the running one.
func printDiff(w *world, from, to bundle.Hash, diff []bundle.Diff) {
	switch {
	case from == bundle.Hash{}:
		fmt.Fprintln(w.out, "No bundle runs yet that it could be compared with.")
		return
	case from == to:
		fmt.Fprintln(w.out, "It is the running bundle.")
		return
	case len(diff) == 0:
		fmt.Fprintf(w.out, "Every screen is as in the running bundle %s; comments or order differ.\n", from.Short())
		return
	}
	fmt.Fprintf(w.out, "From the running bundle %s:\n", from.Short())
	for _, d := range diff {
		fmt.Fprintf(w.out, "\n%s %s\n", d.Part, d.How)
		for _, line := range d.Lines {
			fmt.Fprintf(w.out, "  %s\n", line)
		}
	}
}

type approveCmd struct {
	adminFlag
	Bundle string `arg:"" help:"The first digits of its hash."`
	Key    string `required:"" placeholder:"FILE" help:"Your private key, as 'gateway menus key' made it; it does not leave this machine."`
	Yes    bool   `help:"Do not ask."`
}

// Run shows a bundle to an approver and signs it with her key.
func (c *approveCmd) Run(ctx context.Context, w *world) error {
	k, err := bundle.ReadKey(c.Key)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	var m menuShown
	if err := c.call(ctx, "GET", "/menus/"+url.PathEscape(c.Bundle), nil, &m); err != nil {
		return err
	}
	// The gateway that answers may lie: the person signs what she was shown.
	if bundle.Hash(sha256.Sum256([]byte(m.Source))) != m.Hash {
		return cli.Fail(cli.Check, fmt.Errorf("the gateway's text of %s is not what its hash says: sign nothing", m.Hash.Short()))
	}
	fmt.Fprintf(w.out, "%s, %s\n", m.Name, m.Hash)
	printDiff(w, m.Against, m.Hash, m.Diff)
	if !c.Yes && !asked(w, fmt.Sprintf("\nSign it as %s? yes or no: ", k.Person)) {
		return cli.Fail(cli.Check, errors.New("not signed"))
	}
	sig := k.Sign(m.Hash, time.Now())
	if err := c.call(ctx, "POST", "/menus/approve", menuOrder{Bundle: m.Hash.String(), Signature: &sig}, &m); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "Signed: %s.\n", strings.Join(m.Approved, ", "))
	if n := bundle.Approvals - len(m.Approved); n > 0 {
		fmt.Fprintf(w.out, "%d more must sign before it runs.\n", n)
		return nil
	}
	fmt.Fprintf(w.out, "It may run: %s\n", bringOut(m.Hash, m.Against))
	return nil
}

// bringOut is the command that comes next: the first bundle has none to be tried beside.
func bringOut(h, running bundle.Hash) string {
	percent := 5
	if running == (bundle.Hash{}) {
		percent = 100
	}
	return fmt.Sprintf("gateway menus canary %s --percent %d", h.Short(), percent)
}

// asked waits for a yes.
func asked(w *world, question string) bool {
	fmt.Fprint(w.out, question)
	in := bufio.NewScanner(w.in)
	return in.Scan() && strings.EqualFold(strings.TrimSpace(in.Text()), "yes")
}
