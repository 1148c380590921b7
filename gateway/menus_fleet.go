package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"mlango/gateway/bundle"
	"mlango/gateway/dialog"
	"mlango/gateway/session"
	"mlango/internal/cli"
	"mlango/internal/conf"
	"mlango/menus"
)

// Where a gateway's menus are in its data folder.
const (
	menusFolder = "menus" // the store of a gateway without Redis
	keysFolder  = "menus-demo-keys"
	firstLook   = 5 * time.Second // at the store, at the start

	maxApprovers = 64
)

// ApproverLine is a person who may sign bundles.
type ApproverLine struct {
	Person string `yaml:"person"`
	Key    string `yaml:"key"` // as `gateway menus key` prints it
}

// checkApprovers holds the approvers to what they must be.
func (c *Config) checkApprovers(doc *conf.Doc) {
	if len(c.Approvers) > maxApprovers {
		doc.Fail("approvers", fmt.Sprintf("%d persons, more than %d", len(c.Approvers), maxApprovers), "name those who look at menus")
		return
	}
	persons, keys := map[string]bool{}, map[string]bool{}
	for i, line := range c.Approvers {
		at := fmt.Sprintf("approvers[%d]", i)
		a, err := bundle.NewApprover(line.Person, line.Key)
		switch {
		case err != nil:
			doc.Fail(at, "that is no approver with a public key", "make one with `gateway menus key PERSON --out FILE` and write the line it prints")
		case persons[a.Person] || keys[a.Text()]:
			doc.Fail(at, "the person or her key stands here twice", "each approver is another person with a key of her own")
		}
		persons[line.Person], keys[line.Key] = true, true
	}
	if n := len(c.Approvers); n > 0 && n < bundle.Approvals {
		doc.Fail("approvers", "one person alone would decide what millions see", fmt.Sprintf("name at least %d", bundle.Approvals))
	}
	if len(c.Approvers) > 0 && c.Menus != "" {
		doc.Fail("menus", "a file would run without anybody's word", "remove it and publish it: gateway menus publish FILE")
	}
}

// checkDemoKeys refuses menus that nobody stands behind.
func (c *Config) checkDemoKeys(doc *conf.Doc) {
	if len(c.Approvers) == 0 {
		doc.Fail("approvers", "menus are signed with this data folder's own demo keys, so that nobody stands behind them", "name two persons or more: gateway menus key PERSON --out FILE prints the line")
	}
	for i, line := range c.Approvers {
		if a, err := bundle.NewApprover(line.Person, line.Key); err == nil && bundle.IsDemo(filepath.Join(c.Data, keysFolder), a) {
			doc.Fail(fmt.Sprintf("approvers[%d]", i), "that is a demo key", "make one that a person keeps: gateway menus key PERSON --out FILE")
		}
	}
}

// proveMenu reads and proves the menu that the file names, or the built-in wallet.
func proveMenu(cfg *Config) (*menus.Bundle, error) {
	b, err := readMenu(cfg.Menus)
	var file conf.Errors
	if err != nil && !errors.As(err, &file) {
		return nil, cli.Fail(cli.Usage, err)
	}
	if err != nil {
		return nil, file
	}
	return b, nil
}

// openMenus opens the store of the menus and runs what it asks for. Without approvers
// the menu's file is signed with the data folder's own keys, and every save runs.
func (g *gateway) openMenus() error {
	cfg := g.cfg
	f := &bundle.Fleet{}
	for _, line := range cfg.Approvers {
		a, err := bundle.NewApprover(line.Person, line.Key)
		if err != nil {
			return err
		}
		f.Approvers = append(f.Approvers, a)
	}
	var err error
	if len(cfg.Approvers) > 0 && cfg.Redis != nil {
		client := session.NewClient(cfg.Redis.client())
		g.closers = append(g.closers, client.Close)
		f.Store = bundle.NewRedis(client, "")
	} else if f.Store, err = bundle.OpenFile(filepath.Join(cfg.Data, menusFolder), nil); err != nil {
		return err
	}
	g.fleet = f
	g.bundles = bundle.Open(bundle.Config{Gateway: cfg.Name, Fleet: f, Catalogue: dialog.Catalogue(), Note: func(text string, bad bool) {
		g.log.Info("menus", "what", text, "bad", bad)
		g.note("menus", text, bad)
	}})
	ctx, cancel := context.WithTimeout(context.Background(), firstLook)
	defer cancel()
	if len(cfg.Approvers) == 0 {
		return g.openDraft(ctx)
	}
	if err := g.bundles.Look(ctx); err != nil {
		g.log.Warn("the menus of the fleet are not to be had yet", "err", err)
	}
	return nil
}

// openDraft signs and runs the menu's file.
func (g *gateway) openDraft(ctx context.Context) error {
	keys, err := bundle.DemoKeys(filepath.Join(g.cfg.Data, keysFolder))
	if err != nil {
		return err
	}
	for _, k := range keys {
		g.fleet.Approvers = append(g.fleet.Approvers, k.Approver)
	}
	g.draft = &bundle.Draft{Live: g.bundles, Keys: keys, Path: g.cfg.Menus}
	if _, err := g.draft.Save(ctx); err != nil {
		var file conf.Errors
		if errors.As(err, &file) {
			return file
		}
		return cli.Fail(cli.Usage, err)
	}
	return nil
}

// startMenus follows the store, and the file where there is one.
func (g *gateway) startMenus(p *parts) {
	p.start("menus", g.bundles.Run)
	if g.draft != nil && g.draft.Path != "" {
		p.start("draft", g.draft.Watch)
	}
}

// menusDegraded is what limps of the menus.
func (g *gateway) menusDegraded() []string {
	_, trouble := g.bundles.State()
	switch {
	case g.bundles.Active() == nil:
		return []string{"menus: none runs, dials end politely: publish one, have two approve it, and make it run with `gateway menus canary HASH --percent 100`"}
	case trouble != "":
		return []string{"menus: " + trouble}
	}
	return nil
}

// menuName is the running menu's, for people.
func (g *gateway) menuName() string {
	b := g.bundles.Active()
	if b == nil {
		return "none yet"
	}
	return b.Name()
}

// visit counts for a bundle on trial.
func (g *gateway) visit(v dialog.Visit) { g.bundles.Visit(v.Bundle, v.Began, v.At, v.Step, v.Good) }
