package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"

	"mlango/gateway/binds"
	"mlango/gateway/confirm"
	"mlango/gateway/edge"
	"mlango/smpp"
)

// rooms are the operators as each room takes them.
func (c *Config) rooms() (pool []binds.Operator, doors []edge.Operator, homes []confirm.Operator, err error) {
	for i := range c.Operators {
		o := &c.Operators[i]
		pool = append(pool, o.bindsConfig())
		if o.Home > 0 {
			homes = append(homes, confirm.Operator{Name: o.Name, Home: uint16(o.Home)})
		}
		door, err := o.edge()
		if err != nil {
			return nil, nil, nil, fmt.Errorf("operator %s: %w", o.Name, err)
		}
		doors = append(doors, door)
	}
	return pool, doors, homes, nil
}

// apply changes every room. What can fail comes first, and changes nothing.
func (g *gateway) apply(n *next) error {
	f := g.operators
	same := func(of func(m marks) [32]byte) func(name string) bool {
		return func(name string) bool {
			old, there := f.marks[name]
			return there && of(old) == of(n.marks[name])
		}
	}
	keepBinds, keepDoor := same(func(m marks) [32]byte { return m.binds }), same(func(m marks) [32]byte { return m.door })
	bring, err := g.pool.Prepare(n.pool, keepBinds)
	if err != nil {
		return err
	}
	stays := g.edge.Kept(keepDoor)
	opened, err := listenAll(n.doors, g.edge.DoorAddrs())
	if err != nil {
		return err
	}
	var web net.Listener
	if n.opens {
		if web, err = n.cfg.openHTTP(); err != nil {
			return errors.Join(err, closeAll(opened))
		}
	}
	old := g.edge.DoorAddrs()
	g.edge.Replace(n.doors, keepDoor)
	g.redoor(old, stays, opened)
	if web != nil {
		g.serveHTTP(g.parts, web)
	}
	g.confirm.Replace(n.homes)
	g.confirm.Reroute(n.cfg.routes())
	bring()
	return nil
}

// listenAll takes the addresses that doors are to open at and that none is at yet.
func listenAll(operators []edge.Operator, there []string) (opened map[string]net.Listener, err error) {
	opened = map[string]net.Listener{}
	for _, o := range operators {
		for _, d := range o.Doors {
			if slices.Contains(there, d.Listen) || opened[d.Listen] != nil {
				continue
			}
			ln, err := smpp.Listen(d.Listen)
			if err != nil {
				return nil, fmt.Errorf("operator %s: its USSD centre is to bind to us at %s: %w", o.Name, d.Listen, errors.Join(err, closeAll(opened)))
			}
			opened[d.Listen] = ln
		}
	}
	return opened, nil
}

func closeAll(opened map[string]net.Listener) (err error) {
	for _, ln := range opened {
		err = errors.Join(err, ln.Close())
	}
	return err
}

// redoor stops what lets centres in where nobody is let in any more, begins anew
// where all of them changed, and begins where there was none.
func (g *gateway) redoor(old []string, stays map[string]bool, opened map[string]net.Listener) {
	now := g.edge.DoorAddrs()
	for _, addr := range old {
		if stays[addr] && slices.Contains(now, addr) {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), drainWorkers)
		if err := g.parts.stop(ctx, doorPart+addr); err != nil {
			g.log.Warn("a door did not stop in time", "addr", addr, "err", err)
		}
		cancel()
		if !slices.Contains(now, addr) {
			continue
		}
		ln, err := smpp.Listen(addr)
		if err != nil { // it was ours a moment ago
			g.note("operators", fmt.Sprintf("USSD centres cannot bind at %s: %v", addr, err), true)
			continue
		}
		opened[addr] = ln
	}
	for addr, ln := range opened {
		g.serveDoor(g.parts, addr, ln)
	}
}
