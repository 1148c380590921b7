package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mlango/gateway/dialog"
	"mlango/internal/cli"
	"mlango/internal/conf"
	"mlango/menus"
)

// previewMSISDN is who dials in a preview.
const previewMSISDN = "254722000001"

var errMenus = errors.New("a menu was refused")

// menusCmd works on menus: the first three without a running gateway.
type menusCmd struct {
	Lint    lintCmd    `cmd:"" help:"Prove menus: reachable, ending, fitting every screen, translated; say how full each screen is."`
	Preview previewCmd `cmd:"" help:"A phone in the terminal, with canned answers for the ledger's."`
	Test    testCmd    `cmd:"" help:"Run dial/press/screen transcripts against a menu."`
	Record  recordCmd  `cmd:"" help:"Print the newest sessions of a running gateway, masked, for replay."`
	Replay  replayCmd  `cmd:"" help:"Run recorded, masked sessions through an old and a new menu: list every screen that would change."`
	Schema  schemaCmd  `cmd:"" help:"Print the JSON Schema of a menu file, for editors."`

	Key      keyCmd        `cmd:"" help:"Make an approver's key; print the line for the gateways' file."`
	Publish  publishCmd    `cmd:"" help:"Store a menu for the fleet, once every live gateway can run it; show what changes, screen by screen."`
	Approve  approveCmd    `cmd:"" help:"Look at a published bundle and sign it; two sign before it runs."`
	Canary   canaryCmd     `cmd:"" help:"Bring a bundle out to a share of subscribers, or to those of a list; at 100 percent to all."`
	Status   menuStatusCmd `cmd:"" help:"Show what each gateway runs; 1 when two differ unasked."`
	Rollback backCmd       `cmd:"" help:"Bring an older bundle back, whole."`
	Withdraw withdrawCmd   `cmd:"" help:"Have a bundle never run again; its sessions end at their next press."`
	Disable  disableCmd    `cmd:"" help:"Switch a screen and what lies behind it off, or on again."`
}

// readMenu proves one menu; no file is the built-in wallet.
func readMenu(path string) (*menus.Bundle, error) {
	if path == "" {
		return menus.Parse(menus.WalletName, menus.Wallet(), dialog.Catalogue())
	}
	src, err := menus.Read(os.DirFS(filepath.Dir(path)), filepath.Base(path))
	var wrong conf.Errors
	if err != nil && !errors.As(err, &wrong) {
		return nil, cli.Fail(cli.Usage, err)
	}
	if err != nil {
		return nil, err
	}
	return menus.Parse(path, src, dialog.Catalogue())
}

type lintCmd struct {
	Files []string `arg:"" name:"file" help:"Menus."`
}

// Run says what is wrong, or how full the screens are; 1 when a menu is refused.
func (c *lintCmd) Run(w *world) error {
	refused := false
	for _, file := range c.Files {
		b, err := readMenu(file)
		var wrong conf.Errors
		switch {
		case errors.As(err, &wrong):
			fmt.Fprintln(w.err, wrong)
			refused = true
			continue
		case err != nil:
			return err
		}
		fmt.Fprintf(w.out, "%s: %s holds, hash %x\n", file, b.Name(), b.Hash())
		if err := b.WriteFits(w.out); err != nil {
			return err
		}
	}
	if refused {
		return cli.Fail(cli.Check, errMenus)
	}
	return nil
}

type previewCmd struct {
	File string `arg:"" optional:"" help:"A menu; none is the built-in wallet."`
	Lang string `default:"en" help:"The subscriber's language."`
	Dial string `default:"*334#" help:"What is dialled."`
}

// Run shows screens and reads what is pressed until the session ends.
func (c *previewCmd) Run(w *world) error {
	b, err := readMenu(c.File)
	if err != nil {
		return err
	}
	septets, ucs2 := b.Limits()
	cat := dialog.Catalogue()
	phone := menus.NewPhone(b, menus.Facts{MSISDN: previewMSISDN, Known: true, Language: c.Lang, Septets: septets, UCS2: ucs2, Zone: int(defaults().Zone)})
	act, err := phone.Dial(c.Dial)
	in := bufio.NewScanner(w.in)
	for {
		show, err := phone.Shown(act, err, cat)
		if err != nil {
			return err
		}
		units, limit, ucs2 := phone.Units(show.Text)
		what := "septets"
		if ucs2 {
			what = "UCS-2 units"
		}
		fmt.Fprintf(w.out, "+---- %s: %d of %d %s ----+\n%s\n", show.Name, units, limit, what, show.Text)
		if show.End {
			return nil
		}
		fmt.Fprint(w.out, "> ")
		if !in.Scan() {
			return in.Err()
		}
		act, err = phone.Press(strings.TrimSpace(in.Text()))
		if err != nil {
			return err
		}
	}
}

type testCmd struct {
	Files    []string `arg:"" name:"file" help:"Transcripts."`
	Menu     string   `placeholder:"FILE" help:"The menu they run against; none is the built-in wallet."`
	Rewrite  bool     `help:"Write what came out into the transcripts."`
	Coverage bool     `help:"Say which screens, options, answers and outcomes no transcript meets; refuse when there are any."`
}

// Run compares every transcript with what comes out; 1 when one does not hold.
func (c *testCmd) Run(w *world) error {
	b, err := readMenu(c.Menu)
	if err != nil {
		return err
	}
	failed, met := 0, menus.NewCoverage(b)
	for _, file := range c.Files {
		if err := c.one(b, met, file); err != nil {
			fmt.Fprintln(w.err, err)
			failed++
		}
	}
	if c.Coverage {
		if err := met.Write(w.out); err != nil {
			return err
		}
		if missing, _ := met.Missing(); len(missing) > 0 {
			return cli.Fail(cli.Check, fmt.Errorf("%d things of the menu are in no transcript", len(missing)))
		}
	}
	fmt.Fprintf(w.out, "%d passed, %d failed\n", len(c.Files)-failed, failed)
	if failed > 0 {
		return cli.Fail(cli.Check, fmt.Errorf("%d of %d transcripts did not hold", failed, len(c.Files)))
	}
	return nil
}

func (c *testCmd) one(b *menus.Bundle, met *menus.Coverage, file string) error {
	src, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("menus: %w", err)
	}
	if err := met.Run(file, src, dialog.Catalogue()); err != nil {
		return err
	}
	if !c.Rewrite {
		return menus.Compare(file, src, b, dialog.Catalogue())
	}
	out, err := menus.Rewrite(file, src, b, dialog.Catalogue())
	if err != nil {
		return err
	}
	return os.WriteFile(file, out, 0o644)
}
