package bundle

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
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

	refused atomic.Pointer[string]
}

// Save takes the file as it is now. When anything is wrong with it what runs stays,
// and the error says what to mend, and where. changed: another bundle runs.
func (d *Draft) Save(ctx context.Context) (changed bool, err error) {
	name, src, err := d.source()
	if err == nil && (d.last != nil && bytes.Equal(d.last, src) || d.last != nil && len(src) == 0) {
		return false, nil // as before, or an editor is about to write
	}
	if err == nil {
		d.last = src
		changed, err = d.bring(ctx, name, src)
	}
	why := ""
	if err != nil {
		why = strings.TrimPrefix(err.Error(), refusedHead)
	}
	d.refused.Store(&why)
	return changed, err
}

// bring proves, signs and runs a menu.
func (d *Draft) bring(ctx context.Context, name string, src []byte) (changed bool, err error) {
	f := d.Live.cfg.Fleet
	b, err := menus.Parse(name, src, d.Live.cfg.Catalogue)
	if err != nil {
		return false, refusal(err)
	}
	if err := f.put(ctx, b.Hash(), b.Source()); err != nil {
		return false, err
	}
	before := d.Live.Active()
	var gone []Hash
	_, err = f.change(ctx, func(s *State) (err error) {
		gone, err = d.run(s, b)
		return err
	})
	if err != nil {
		d.last = nil // tried again
		return false, err
	}
	f.sweep(ctx, gone)
	if err := d.Live.Look(ctx); err != nil {
		return false, err
	}
	now := d.Live.Active()
	return before == nil || now.Hash() != before.Hash(), nil
}

// refusedHead stands above what is wrong with a menu.
const refusedHead = "bundle: the menu is refused, the active one stays:\n"

func refusal(err error) error { return fmt.Errorf(refusedHead+"%w", err) }

// Refused is what is wrong with what was saved last, a line each; empty when it runs.
func (d *Draft) Refused() string {
	if why := d.refused.Load(); why != nil {
		return *why
	}
	return ""
}

// run publishes, signs and runs in one change.
func (d *Draft) run(s *State, b *menus.Bundle) (gone []Hash, err error) {
	f, h := d.Live.cfg.Fleet, Hash(b.Hash())
	at := f.now()
	if gone, err = s.publish(h, b.Name(), at); err != nil {
		return nil, err
	}
	for _, k := range d.Keys {
		if err := s.approve(h, k.Sign(h, at), f.Approvers, at); err != nil {
			return nil, err
		}
	}
	if s.Active == h {
		return gone, nil
	}
	return gone, s.canary(h, 100, nil, f.Approvers, at)
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
		switch {
		case err == nil:
			told = ""
		case err.Error() != told && ctx.Err() == nil:
			told = err.Error()
			d.Live.cfg.Note(told, true)
		}
	}
}

func (d *Draft) source() (name string, src []byte, err error) {
	if d.Path == "" {
		return menus.WalletName, menus.Wallet(), nil
	}
	src, err = menus.Read(os.DirFS(filepath.Dir(d.Path)), filepath.Base(d.Path))
	if err != nil {
		return "", nil, refusal(err)
	}
	return d.Path, src, nil
}
