//go:build house

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlango/internal/stop"
	"mlango/ledgerclient"
	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
)

// The one who is erased, and one who is not.
const (
	erased = ledger.Account(2)
	stays  = ledger.Account(3)
)

// erasure is what is known of the two before.
type erasure struct {
	*rig
	sealed map[ledger.Account][]byte // name and number, as journaled
	keys   map[ledger.Account][]byte // of the vault, as an attacker would like to have them
	ids    []ledger.ID
	export string
	closed string // what holds the first entries: a segment, or its archive
	made   int
}

// TestProofErasedPerson: a person is erased by the administrator's command, and the
// process killed when the journal knows and the vault does not yet. What was sealed about them is still in the journal,
// its archive and its backup, and nothing anywhere opens it; what everybody had and
// what moved is as before, and verify passes.
func TestProofErasedPerson(t *testing.T) {
	e := newErasure(t)
	before := filepath.Join(e.dir, "before")
	e.tool(nil, "backup", "--to", before, "--config", e.config)
	e.end()
	e.archive()
	e.export = e.tool(nil, "export", "--data", e.data)
	oldVault := filepath.Join(e.dir, "old-vault")
	if err := os.CopyFS(oldVault, os.DirFS(filepath.Join(e.data, "vault"))); err != nil {
		t.Fatal(err)
	}
	e.there("before", stays, erased)
	e.cutShort()
	e.there("erased in the journal, killed before the vault forgot", stays, erased)
	e.served("after that")
	e.gone("after that", oldVault)
	e.start(1)
	e.tool(nil, "admin", "erase", fmt.Sprint(erased), "--yes", "--config", e.config) // again
	e.kill()
	e.gone("after a kill", oldVault)

	t.Run("an older vault is put back", func(t *testing.T) {
		e.t = t
		if err := os.RemoveAll(filepath.Join(e.data, "vault")); err != nil {
			t.Fatal(err)
		}
		e.copy(oldVault, "vault")
		e.there("with the older vault", stays, erased) // or the test means nothing
		e.served("with the older vault")
		e.gone("with the older vault, after a start", oldVault)
	})
	t.Run("a backup of before", func(t *testing.T) {
		e.t = t
		restored := filepath.Join(e.dir, "restored")
		e.tool(nil, "restore", "--from", before, "--data", restored, "--vault", filepath.Join(e.data, "vault"))
		e.data, e.closed = restored, ".seg"
		if packed, _ := filepath.Glob(filepath.Join(restored, "journal", "archive", "*.arc")); len(packed) > 0 {
			e.closed = ".arc"
		}
		e.gone("in the restored folder", oldVault)
	})
}

// newErasure has the two pay, and be paid.
func newErasure(t *testing.T) *erasure {
	t.Helper()
	e := &erasure{rig: newRig(t, 4, "limits: {snapshot_every: 50}"), closed: ".arc", sealed: map[ledger.Account][]byte{}, keys: map[ledger.Account][]byte{}}
	c := e.start(1)[0]
	e.made = len(e.seed(c))
	for _, q := range []*ask{e.send(erased, 1, 600), e.send(1, erased, 70), e.send(stays, erased, 800), e.send(stays, 1, 9)} {
		e.must(c, q, ledger.OK)
		e.ids = append(e.ids, q.id)
		e.made++
	}
	e.fill(c, fillBytes)
	e.snapshot(c)
	if err := c.Entries(t.Context(), 1, func(_ uint64, _ int64, _ [32]byte, cmds []ledger.Command) error {
		for _, cmd := range cmds {
			if o, ok := cmd.(ledger.OpenAccount); ok && len(o.Sealed) > 0 {
				e.sealed[o.Account] = o.Sealed
			}
		}
		if len(e.sealed) == 4 {
			return errEnough
		}
		return nil
	}); !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	file := []byte(readText(t, filepath.Join(e.data, "vault", "people")))
	for at := 64; at+64 <= len(file); at += 64 { // as in vault/people.go
		e.keys[ledger.Account(binary.LittleEndian.Uint64(file[at:]))] = bytes.Clone(file[at+20 : at+52])
	}
	return e
}

// archive packs every closed segment of the stopped node.
func (e *erasure) archive() {
	e.t.Helper()
	j, err := journal.Open(filepath.Join(e.data, "journal"), journal.Options{})
	if err != nil {
		e.t.Fatal(err)
	}
	index, _, _ := j.Head()
	if err := errors.Join(j.Retire(index), j.Close()); err != nil {
		e.t.Fatal(err)
	}
	packed, err := filepath.Glob(filepath.Join(e.data, "journal", "archive", "*"))
	if err != nil || len(packed) == 0 {
		e.t.Fatal("nothing is in the archive", err)
	}
}

// cutShort erases, and the process dies once that is durable.
func (e *erasure) cutShort() {
	e.t.Helper()
	armed := filepath.Join(e.dir, "stop")
	l := e.launch("MLANGO_STOP=@" + armed)
	if clients, alive := e.clients(l, 1); alive {
		hangUp(clients)
	}
	if err := os.WriteFile(armed, []byte(stop.AfterSync), 0o600); err != nil {
		e.t.Fatal(err)
	}
	e.refuses("admin", "erase", fmt.Sprint(erased), "--yes", "--config", e.config)
	<-l.over
}

// there demands that what was sealed opens, and that the search sees key and seal.
func (e *erasure) there(when string, who ...ledger.Account) {
	e.t.Helper()
	v, err := vault.Load(filepath.Join(e.data, "vault"))
	if err != nil {
		e.t.Fatal(err)
	}
	defer v.Close()
	for _, n := range who {
		name, number, err := v.OpenPerson(uint64(n), e.sealed[n])
		if err != nil || name != proofName(n) || number != proofNumber(n) {
			e.t.Errorf("%s: account %d opens as %q %q, %v", when, n, name, number, err)
		}
		s := newSearch()
		s.raw("what was sealed", e.sealed[n])
		list, _ := s.folder(e.t, filepath.Join(e.data, "journal"))
		in := func(f found) string { return strings.SplitN(filepath.Ext(f.file), ",", 2)[0] }
		for _, kind := range []string{".snap", e.closed} {
			if !slices.ContainsFunc(list, func(f found) bool { return in(f) == kind }) {
				e.t.Errorf("%s: what is sealed is in no %s, and the test means little", when, kind)
			}
		}
		s = newSearch()
		s.add("the key", e.keys[n])
		if list, _ := s.folder(e.t, filepath.Join(e.data, "vault")); len(list) != 1 {
			e.t.Errorf("%s: the search finds the key of account %d %d times", when, n, len(list))
		}
	}
}

// gone demands that no file holds the key, name or number of the erased, that
// nothing opens what was sealed, and that everything else is as it was.
func (e *erasure) gone(when, oldVault string) {
	e.t.Helper()
	e.there(when, stays)
	s := newSearch()
	s.add("the key of the erased", e.keys[erased])
	for _, n := range []ledger.Account{erased, stays} {
		s.add("a name", []byte(proofName(n)))
		s.add("a number", []byte(proofNumber(n)))
		s.raw("a number as people write it", []byte(proofNumber(n)[3:]))
	}
	list, _ := s.folder(e.t, e.dir)
	for _, f := range list {
		if !strings.HasPrefix(f.file, oldVault) { // which is ours
			e.t.Errorf("%s: %s", when, f)
		}
	}
	v, err := vault.Load(filepath.Join(e.data, "vault"))
	if err != nil {
		e.t.Fatal(err)
	}
	defer v.Close()
	if name, number, err := v.OpenPerson(uint64(erased), e.sealed[erased]); !errors.Is(err, vault.ErrForgotten) {
		e.t.Errorf("%s: the erased opens as %q %q, %v", when, name, number, err)
	}
	if line := e.verify(); verified(e.t, line, "sum") != 0 || verified(e.t, line, "transfers") < e.made {
		e.t.Errorf("%s: verify says %s", when, line)
	}
	if now := e.tool(nil, "export", "--data", e.data); now != e.export {
		e.t.Errorf("%s: what moved is not what it was", when)
	}
	e.silent(when, e.export+e.tool(nil, "show", e.ids[0].String(), "--data", e.data))
}

// silent demands that a text names nobody who was erased, not even masked.
func (e *erasure) silent(when, text string) {
	e.t.Helper()
	number := proofNumber(erased)
	for _, bad := range []string{proofName(erased), number, number[3:], number[:4] + "*****" + number[len(number)-3:]} {
		if strings.Contains(text, bad) {
			e.t.Errorf("%s: %q is in %s", when, bad, text)
		}
	}
}

// served asks the running node by every way in.
func (e *erasure) served(when string) {
	e.t.Helper()
	c := e.start(1)[0]
	ctx := e.t.Context()
	if p, err := c.Profile(ctx, proofNumber(erased)); err != nil || p.Known {
		e.t.Errorf("%s: the number leads to %+v, %v", when, p, err)
	}
	q, err := c.Quote(ctx, ledger.Ask{Kind: ledger.KindSend, Payer: proofNumber(1), Payee: proofNumber(erased), Amount: 5})
	if err != nil || q.Reject != ledger.UnknownPayee || q.Name != "" {
		e.t.Errorf("%s: a quote says %+v, %v", when, q, err)
	}
	seen, known, err := c.Account(ctx, erased)
	if want := proofMoney - 600 - proofFee + 70 + 800; err != nil || !known || seen.Balance != want || seen.Masked != "" || len(seen.Sealed) != 0 {
		e.t.Errorf("%s: the account is %+v, want a balance of %d, %v", when, seen, want, err)
	}
	if _, known, err := c.AccountOf(ctx, proofNumber(erased)); err != nil || known {
		e.t.Errorf("%s: the number finds the account: %v", when, err)
	}
	for _, n := range []ledger.Account{erased, 1, stays} {
		lines, _, err := c.Statement(ctx, n, 0, 0, 100)
		if err != nil || len(lines.List) == 0 {
			e.t.Errorf("%s: a statement of %d lines, %v", when, len(lines.List), err)
		}
		e.silent(when, fmt.Sprintf("%+v", lines))
	}
	for _, id := range e.ids {
		b, known, err := c.Show(ctx, id.String())
		if err != nil || !known {
			e.t.Errorf("%s: %s is not shown: %v", when, id, err)
		}
		e.silent(when, string(b))
	}
	e.told(when, c)
	e.must(c, e.sendWith(erased, 1, 5, e.pins[erased-1]), ledger.PINNotSet) // nobody is behind it any more
	e.end()
}

// told hears the outbox, of which nothing was acknowledged: who was erased is told
// nothing, and named to nobody.
func (e *erasure) told(when string, c *ledgerclient.Client) {
	e.t.Helper()
	others := 0
	if err := newEars().feed(e.t.Context(), c, func(_ uint64, list []ledger.Notice) error {
		for _, n := range list {
			e.silent(when, fmt.Sprintf("%+v", n))
			if n.Account != erased && n.Other != erased && n.Addr == proofNumber(n.Account) {
				others++
			}
		}
		if others == 2 { // the one payment between others
			return errEnough
		}
		return nil
	}); !errors.Is(err, errEnough) {
		e.t.Errorf("%s: the outbox: %v", when, err)
	}
}
