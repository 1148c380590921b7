package main

import (
	"errors"
	"fmt"
	"io/fs"

	"mlango/internal/conf"
	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
)

// The demo world's people, as the contracts have them.
const (
	demoPIN    = "4826"
	demoFirst  = 254722000001
	demoPeople = 10
)

// production refuses books that hold the demo world. A node that was never
// started holds nothing.
func production(cfg *Config, doc *conf.Doc) error {
	b, err := openBooks(cfg.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer b.close()
	if err := b.replay(nil); err != nil {
		return err
	}
	p, err := pin.Parse(demoPIN)
	if err != nil {
		return err
	}
	defer p.Wipe()
	for i := range demoPeople {
		number := fmt.Sprint(demoFirst + i)
		if b.hasPIN(ledger.Token(b.vault.Token(vault.TokenMSISDN, number)), p) {
			doc.Fail("data", "the books hold the demo world: "+number+" has the demo's PIN", "start production on a new data folder")
			return doc.Err()
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
