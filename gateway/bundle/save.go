package bundle

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"mlango/menus"
)

// saveEach is how often a menu's file is looked at.
const saveEach = 500 * time.Millisecond

// Draft is a menu that somebody writes while a gateway runs it: what is saved is
// proved, signed with the data folder's own keys and run.
type Draft struct {
	Live *Live
	Keys []Key  // see DemoKeys
	Path string // of the menu; empty is the built-in wallet
	last []byte
}

// Save takes the file as it is now. When anything is wrong with it what runs stays,
// and the error says what to mend, and where. changed: another bundle runs.
func (d *Draft) Save(ctx context.Context) (changed bool, err error) {
	name, src, err := d.source()
	if err != nil {
		return false, err
	}
	if d.last != nil && bytes.Equal(d.last, src) {
		return false, nil
	}
	d.last = src
	f := d.Live.cfg.Fleet
	b, err := menus.Parse(name, src, d.Live.cfg.Catalogue)
	if err != nil {
		return false, fmt.Errorf("bundle: the menu is refused, the active one stays:\n%w", err)
	}
	if err := f.put(ctx, b.Hash(), b.Source()); err != nil {
		return false, err
	}
	before := d.Live.Active()
	_, err = f.change(ctx, func(s *State) error { return d.run(s, b) })
	if err != nil {
		d.last = nil
		return false, err
	}
	if err := d.Live.Look(ctx); err != nil {
		return false, err
	}
	now := d.Live.Active()
	return before == nil || now.Hash() != before.Hash(), nil
}

// run publishes, signs and runs in one change.
func (d *Draft) run(s *State, b *menus.Bundle) error {
	f, h := d.Live.cfg.Fleet, Hash(b.Hash())
	at := f.now()
	if s.IsWithdrawn(h) {
		return fmt.Errorf("%w: %s", ErrWithdrawn, h.Short())
	}
	if _, err := s.publish(h, b.Name(), at); err != nil {
		return err
	}
	for _, k := range d.Keys {
		if err := s.approve(h, k.Sign(h, at), f.Approvers, at); err != nil {
			return err
		}
	}
	if s.Active == h {
		return nil
	}
	return s.canary(h, 100, nil, f.Approvers, at)
}

// Watch saves whenever the file changes, until ctx ends. What it has to say goes to
// the gateway's Note.
func (d *Draft) Watch(ctx context.Context) error {
	tick := time.NewTicker(saveEach)
	defer tick.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		_, err := d.Save(ctx)
		if err != nil && err.Error() != told && ctx.Err() == nil {
			told = err.Error()
			d.Live.cfg.Note(told, true)
		}
	}
}

func (d *Draft) source() (name string, src []byte, err error) {
	if d.Path == "" {
		return menus.WalletName, menus.Wallet(), nil
	}
	f, err := os.Open(d.Path)
	if err != nil {
		return "", nil, fmt.Errorf("bundle: open the menu: %w", err)
	}
	defer f.Close()
	src, err = io.ReadAll(io.LimitReader(f, menus.MaxSource+1))
	if err != nil {
		return "", nil, fmt.Errorf("bundle: read the menu: %w", err)
	}
	if len(src) == 0 { // an editor that is about to write
		return "", nil, errors.New("bundle: the menu's file is empty")
	}
	return d.Path, src, nil
}
