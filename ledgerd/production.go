package main

import (
	"errors"
	"fmt"
	"io/fs"

	"mlango/internal/conf"
	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
	"mlango/ledgerd/vault"
)

// The demo world's people, as the contracts have them.
const (
	demoPIN    = "4826"
	demoFirst  = 254722000001
	demoPeople = 10
)

// production refuses what is only for trying out.
func production(cfg *Config, doc *conf.Doc) error {
	if cfg.TLS == nil {
		doc.Fail("tls", "without it everybody on this machine may do everything", "add tls: {ca_file, cert_file, key_file}")
	}
	if cfg.OnePerson {
		doc.Fail("one_person", "one person alone must not create money", "take it away, and give two administrators a certificate each")
	}
	if err := demoBooks(cfg, doc); err != nil {
		return err
	}
	return doc.Err()
}

// demoBooks refuses books that were begun for trying out. A node that was never
// started holds nothing.
func demoBooks(cfg *Config, doc *conf.Doc) error {
	b, err := bookBooks(cfg.Data, func(*books, *server.Booked) error { return nil }, nil)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.needVault(); err != nil {
		return err
	}
	const mend = "start production on a new data folder"
	if index, _, _ := b.journal.Head(); index > 0 && !b.book.RequiresTwo() {
		doc.Fail("data", "the books were begun with one_person: money in them is one person's word", mend)
	}
	p, err := pin.Parse(demoPIN)
	if err != nil {
		return err
	}
	defer p.Wipe()
	for i := range demoPeople {
		number := fmt.Sprint(demoFirst + i)
		if b.hasPIN(ledger.Token(b.vault.Token(vault.TokenMSISDN, number)), p) {
			doc.Fail("data", "the books hold the demo world: "+number+" has the demo's PIN", mend)
			break
		}
	}
	return nil
}

// hasPIN tells whether an alias's account has this very PIN.
func (b *books) hasPIN(t ledger.Token, p pin.PIN) bool {
	n, ok := b.book.Find(t)
	salt, mac, _, _, set := b.book.PIN(n)
	return ok && set && pin.Equal(mac, pin.MAC(b.vault.PINKey(), uint64(n), salt, p))
}
