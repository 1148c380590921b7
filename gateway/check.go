package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"

	"mlango/internal/cli"
	"mlango/internal/conf"
)

//go:embed example.yaml
var example string

// configFlag is the configuration every working command reads.
type configFlag struct {
	Config string `required:"" placeholder:"FILE" help:"The gateway's configuration; 'gateway example' prints one."`
}

// load reads and checks the file; whatever is wrong with it is exit code 2.
func (f *configFlag) load(production bool) (*Config, error) {
	cfg, err := Load(f.Config, production)
	var file conf.Errors
	switch {
	case errors.As(err, &file):
		return nil, file
	case errors.Is(err, fs.ErrNotExist):
		return nil, cli.Fail(cli.Usage, fmt.Errorf("%s: no such file – print one with: gateway example > %s", f.Config, f.Config))
	case err != nil:
		return nil, cli.Fail(cli.Usage, err)
	}
	return cfg, nil
}

type checkCmd struct {
	configFlag
	Production bool `help:"Also refuse the memory store and passwords that everybody knows."`
}

// Run checks and prints the effective configuration.
func (c *checkCmd) Run(w *world) error {
	cfg, err := c.load(c.Production)
	if err != nil {
		return err
	}
	menu, err := proveMenu(cfg)
	if err != nil {
		return err
	}
	conf.Print(w.out, cfg)
	fmt.Fprintf(w.out, "# menu %s, hash %x\n", menu.Name(), menu.Hash())
	return nil
}

type exampleCmd struct{}

// Run prints the commented configuration.
func (exampleCmd) Run(w *world) error {
	_, err := fmt.Fprint(w.out, example)
	return err
}
