package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
)

// TestErasedWhenTheCallerHangsUp: who asked is gone before the journal has it.
func TestErasedWhenTheCallerHangsUp(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	call, err := readAdmin(frame(t, ledger.ErasePerson{Account: 2}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.srv.administrate(gone, call); err == nil {
		t.Log("it was answered before the caller was seen to be gone")
	}
	n.do(n.send(1, 3, 100, 0, rightPIN), ledger.OK) // what was booked after it is answered
	if _, err := n.srv.vault.SealPerson(2, "X", "1"); !errors.Is(err, vault.ErrForgotten) {
		t.Fatalf("the key lives on: %v", err)
	}
}

// TestErasedWhileOpened: who is erased while somebody opens who it is, is not remembered.
func TestErasedWhileOpened(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	was := opened{"PERSON 2", msisdn(2)}
	n.srv.remember(2, was)
	if _, ok := n.srv.people.Look(2); !ok {
		t.Fatal("somebody who lives is not remembered")
	}
	n.ok(n.c.Admin(n.ctx(), []ledger.Command{ledger.ErasePerson{Account: 2}}))
	n.srv.remember(2, was)
	if p, ok := n.srv.people.Look(2); ok {
		t.Errorf("%s is remembered", p.name)
	}
}

// TestErasedIsUnreadable: here, after a start, and when the vault is an older copy.
func TestErasedIsUnreadable(t *testing.T) {
	dir := t.TempDir()
	n := start(t, dir).seed()
	sealed := func() []byte {
		n.srv.mu.RLock()
		defer n.srv.mu.RUnlock()
		v, _ := n.srv.book.Account(2)
		return append([]byte(nil), v.Sealed...)
	}
	was := sealed()
	if name, _, err := n.srv.vault.OpenPerson(2, was); err != nil || name != "PERSON 2" {
		t.Fatal(name, err)
	}
	people := filepath.Join(dir, VaultDir, "people")
	before, err := os.ReadFile(people)
	if err != nil {
		t.Fatal(err)
	}
	n.ok(n.c.Admin(n.ctx(), []ledger.Command{ledger.ErasePerson{Account: 2}}))
	gone := func(when string) {
		t.Helper()
		if name, number, err := n.srv.vault.OpenPerson(2, was); err == nil {
			t.Errorf("%s: %s %s opens", when, name, number)
		}
		if len(sealed()) != 0 {
			t.Errorf("%s: the books still hold who it was", when)
		}
		if p, err := n.c.Profile(n.ctx(), msisdn(2)); err != nil || p.Known {
			t.Errorf("%s: the number leads to %+v, %v", when, p, err)
		}
		seen, known, err := n.c.Account(n.ctx(), 2)
		if err != nil || !known || seen.Balance != startKES || seen.Masked != "" {
			t.Errorf("%s: %+v %v %v", when, seen, known, err)
		}
	}
	gone("at once")
	n.stop()
	if err := os.WriteFile(people, before, 0o600); err != nil {
		t.Fatal(err)
	}
	n = start(t, dir)
	gone("after a start with the vault of before")
	n.ok(n.c.Admin(n.ctx(), []ledger.Command{ledger.ErasePerson{Account: 2}})) // again is no error
}
