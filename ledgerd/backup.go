package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"mlango/internal/cli"
	"mlango/ledgerclient"
	"mlango/ledgerd/server"
)

// backupTimeout bounds the copy of a running journal.
const backupTimeout = 6 * time.Hour

// backupCmd copies the journal.
type backupCmd struct {
	To       string `required:"" placeholder:"DIR" help:"An empty or new folder; of a running node on that node's machine."`
	Data     string `placeholder:"DIR" help:"A stopped node's data folder."`
	nodeFlag `embed:""`
}

// Run says what the copy holds, and what it does not.
func (c *backupCmd) Run(ctx context.Context, w *world) error {
	if (c.Data != "") == c.named() {
		return usage("say of what: --config FILE or --node ADDR of a running node, or --data DIR of a stopped one")
	}
	copyIt := c.online
	if c.Data != "" {
		copyIt = c.offline
	}
	index, head, err := copyIt(ctx)
	if err != nil {
		return folderError(err)
	}
	_, err = fmt.Fprintf(w.out, "entries=%d head=%x\nThe journal is in %s, checked on the way. The keys are not: copy the folder %s of the node to another place,\nor nobody can be paid from this copy.\n",
		index, head, c.To, server.VaultDir)
	return err
}

// folderError is an error of the caller's when the folder to fill is not empty.
func folderError(err error) error {
	if errors.Is(err, fs.ErrExist) || errors.Is(err, ledgerclient.ErrRefused) && strings.Contains(err.Error(), "is not empty") {
		return cli.Fail(cli.Usage, err)
	}
	return err
}

func (c *backupCmd) online(ctx context.Context) (uint64, []byte, error) {
	node, _, err := c.where()
	if err != nil {
		return 0, nil, err
	}
	to := c.To
	if !filepath.IsAbs(to) {
		if !loopback(node) {
			return 0, nil, usage("--to %s is on the node's machine: name it from the root, as /backup/monday", to)
		}
		if to, err = filepath.Abs(to); err != nil {
			return 0, nil, err
		}
	}
	client, err := c.dial()
	if err != nil {
		return 0, nil, err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, backupTimeout)
	defer cancel()
	index, head, err := client.Backup(ctx, to)
	return index, head, explain(err)
}

func (c *backupCmd) offline(context.Context) (uint64, []byte, error) {
	b, err := openBooks(c.Data)
	if err != nil {
		return 0, nil, err
	}
	defer b.close()
	done, err := server.Backup(b.journal, c.Data, c.To)
	return done.Index, done.Hash[:], err
}

// restoreCmd makes a node's folder out of a backup.
type restoreCmd struct {
	From  string `required:"" placeholder:"DIR" help:"The folder that ledgerd backup --to made."`
	To    uint64 `placeholder:"INDEX" help:"The last entry to bring back; all of them if left away."`
	Data  string `required:"" placeholder:"NEW" help:"An empty or new folder: the node's data."`
	Vault string `placeholder:"DIR" help:"The copy of the vault that belongs to it."`
}

// Run says what there is now, and what to do next.
func (c *restoreCmd) Run(w *world) error {
	if c.Vault != "" {
		if _, err := os.Stat(filepath.Join(c.Vault, "keys")); err != nil {
			return usage("--vault: %w – name the copy of a node's folder %s", err, server.VaultDir)
		}
	}
	done, err := server.Restore(c.From, c.To, c.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return usage("%w – name the folder that `ledgerd backup --to` made", err)
	}
	if err != nil {
		return folderError(err)
	}
	vault := filepath.Join(c.Data, server.VaultDir)
	if c.Vault == "" {
		_, err = fmt.Fprintf(w.out, "entries=%d head=%x\nNext: copy the vault to %s (mode 0700), then ledgerd verify --data %s\n", done.Index, done.Hash, vault, c.Data)
		return err
	}
	if err := copyVault(c.Vault, vault); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.out, "entries=%d head=%x\nNext: ledgerd verify --data %s\n", done.Index, done.Hash, c.Data)
	return err
}

// copyVault copies keys; nobody else may read them.
func copyVault(from, to string) error {
	list, err := os.ReadDir(from)
	if err == nil {
		err = os.Mkdir(to, 0o700)
	}
	if err != nil {
		return err
	}
	for _, e := range list {
		if !e.Type().IsRegular() {
			continue
		}
		b, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err == nil {
			err = os.WriteFile(filepath.Join(to, e.Name()), b, 0o600)
		}
		clear(b)
		if err != nil {
			return err
		}
	}
	return nil
}
