package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/wire/pb"
)

// A backup is a folder like a node's, without the vault: who finds it learns
// nobody's name, number or PIN. The vault is copied apart, to somewhere else.

// Backup copies the running journal into a new folder on the node's machine.
func (g *service) Backup(ctx context.Context, req *pb.BackupRequest) (*pb.BackupAnswer, error) {
	if !filepath.IsAbs(req.To) {
		return nil, status.Error(codes.InvalidArgument, "the folder is named from the root of the node's machine, as /backup/monday")
	}
	if !g.s.desk.backup.TryLock() {
		return nil, status.Error(codes.ResourceExhausted, "another backup is under way")
	}
	defer g.s.desk.backup.Unlock()
	done, err := Backup(g.s.journal, g.s.cfg.Data, req.To)
	log := g.s.log.With("by", callerOf(ctx).name, "to", req.To)
	switch {
	case errors.Is(err, fs.ErrExist):
		log.Warn("no backup", "error", err)
		return nil, status.Error(codes.InvalidArgument, err.Error())
	case err != nil:
		log.Error("backup failed", "error", err)
		return nil, g.s.failed("backup", err)
	}
	log.Info("backed up", "index", done.Index)
	return &pb.BackupAnswer{Index: done.Index, Head: done.Hash[:]}, nil
}

// Backup copies a journal, and what its books were begun with, into a new folder.
func Backup(j *journal.Journal, data, to string) (journal.Copied, error) {
	if err := newFolder(to); err != nil {
		return journal.Copied{}, err
	}
	done, err := j.Backup(filepath.Join(to, JournalDir))
	return finish(done, err, data, to)
}

// Restore makes a node's folder out of a backup, up to an entry or, with zero, all
// of it. It serves once the vault stands in it.
func Restore(from string, upto uint64, to string) (journal.Copied, error) {
	if _, err := Zone(from); err != nil {
		return journal.Copied{}, err
	}
	if err := newFolder(to); err != nil {
		return journal.Copied{}, err
	}
	done, err := journal.Restore(filepath.Join(from, JournalDir), upto, filepath.Join(to, JournalDir), journal.Options{})
	return finish(done, err, from, to)
}

// finish adds what the books were begun with; it comes last, for without it nothing
// is served. Half a copy is taken away again.
func finish(done journal.Copied, err error, from, to string) (journal.Copied, error) {
	if err == nil {
		err = copyTerms(from, to)
	}
	if err != nil {
		err = errors.Join(err, os.RemoveAll(filepath.Join(to, JournalDir)))
	}
	return done, err
}

// newFolder makes a folder, or takes an empty one.
func newFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("server: make folder: %w", err)
	}
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("server: folder: %w", err)
	}
	defer d.Close()
	if _, err = d.Readdirnames(1); errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("%w: %s is not empty", fs.ErrExist, path)
}

func copyTerms(from, to string) error {
	b, err := os.ReadFile(filepath.Join(from, termsFile))
	if err != nil {
		return fmt.Errorf("server: copy: %w", err)
	}
	return writeDurable(to, termsFile, b)
}
