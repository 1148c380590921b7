package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerclient"
)

// adminTimeout bounds one call of a tool.
const adminTimeout = 10 * time.Second

// nodeFlag says which running node, and as whom.
type nodeFlag struct {
	Config string `placeholder:"FILE" help:"The node's configuration: its address and, if any, its certificate."`
	Node   string `placeholder:"ADDR" help:"The node's address; with --ca, --cert and --key off this machine."`
	CA     string `placeholder:"FILE" help:"Whose certificate the node shows."`
	Cert   string `placeholder:"FILE" help:"Your own certificate: it says who you are and what you may do."`
	Key    string `placeholder:"FILE" help:"Its key."`
}

// named tells whether a node was named at all.
func (f *nodeFlag) named() bool { return f.Config != "" || f.Node != "" }

// again is how the node was named, for the next command; whoever says that shows a
// certificate of their own.
func (f *nodeFlag) again() string {
	var words []string
	for _, flag := range []struct{ name, value string }{{"--config", f.Config}, {"--node", f.Node}, {"--ca", f.CA}} {
		if flag.value != "" {
			words = append(words, flag.name+" "+flag.value)
		}
	}
	return strings.Join(words, " ")
}

// dial reaches the node.
func (f *nodeFlag) dial() (*ledgerclient.Client, error) {
	node, files, err := f.where()
	if err != nil {
		return nil, err
	}
	t, err := files.client()
	if err != nil {
		return nil, cli.Fail(cli.Usage, err)
	}
	return ledgerclient.Dial(ledgerclient.Config{Node: node, Gateway: "ledgerd", TLS: t, Timeout: adminTimeout})
}

// where is the node's address, and the files of TLS: those of the configuration,
// with what was named on the command line in their place.
func (f *nodeFlag) where() (node string, files *TLS, err error) {
	if !f.named() {
		return "", nil, usage("say which node: --config FILE or --node ADDR")
	}
	if f.Config != "" {
		cfg, _, err := Load(f.Config)
		if err != nil {
			return "", nil, err
		}
		node, files = cfg.Listen, cfg.TLS
	}
	if f.Node != "" {
		node = f.Node
	}
	if host, _, err := net.SplitHostPort(node); err == nil && (host == "" || net.ParseIP(host).IsUnspecified()) {
		return "", nil, usage("%s is every address: say --node with the one in the node's certificate", node)
	}
	if f.CA != "" || f.Cert != "" || f.Key != "" {
		own := TLS{}
		if files != nil {
			own = *files
		}
		if (f.Cert == "") != (f.Key == "") {
			return "", nil, usage("--cert and --key go together")
		}
		if f.CA != "" {
			own.CAFile = f.CA
		}
		if f.Cert != "" {
			own.CertFile, own.KeyFile = f.Cert, f.Key
		}
		if own.CAFile == "" || own.CertFile == "" {
			return "", nil, usage("both sides show a certificate: --ca, --cert and --key are all needed")
		}
		files = &own
	}
	if files == nil && !loopback(node) {
		return "", nil, usage("%s is not this machine: show a certificate with --ca, --cert and --key", node)
	}
	return node, files, nil
}

// explain adds to a call's error what a person does about it.
func explain(err error) error {
	var waiting *ledgerclient.Waiting
	switch {
	case errors.As(err, &waiting):
		return err
	case errors.Is(err, context.Canceled):
		return cli.Fail(cli.Interrupted, fmt.Errorf("interrupted: what was asked for is perhaps done: look first, then say the same again (%w)", err))
	case errors.Is(err, ledgerclient.ErrTLS):
		return fmt.Errorf("%w – look at tls: in the node's configuration, at --ca, --cert and --key, and whom the node's log refused", err)
	case errors.Is(err, ledgerclient.ErrUnavailable):
		return fmt.Errorf("%w – is the node running, and is this its `listen:` address?", err)
	}
	return err
}
