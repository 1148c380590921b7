package edge

import (
	"maps"
	"slices"
)

// table is every operator with what its door remembers; it is replaced, never
// changed.
type table struct {
	operators map[string]*Operator
	nonces    map[string]*nonces            // by operators whose calls are signed
	centres   map[string]*centre            // of operators that bind to us
	accounts  map[string]map[string]account // by address and system_id
	addrs     []string                      // of doors, in the order of the configuration
}

// newTable takes over from old, if there is one, the operators to keep, and of every
// operator the nonces: a signature is not good twice because a file was read again.
func newTable(operators []Operator, old *table, keep func(name string) bool) *table {
	t := &table{operators: map[string]*Operator{}, nonces: map[string]*nonces{}, centres: map[string]*centre{}, accounts: map[string]map[string]account{}}
	for i := range operators {
		o := &operators[i]
		var c *centre
		if old != nil && old.operators[o.Name] != nil && keep(o.Name) {
			o, c = old.operators[o.Name], old.centres[o.Name]
		} else if len(o.Doors) > 0 {
			c = &centre{operator: o.Name}
		}
		t.operators[o.Name], t.nonces[o.Name] = o, &nonces{}
		if old != nil && old.nonces[o.Name] != nil {
			t.nonces[o.Name] = old.nonces[o.Name]
		}
		if c != nil {
			t.centres[o.Name] = c
		}
		t.open(o, c)
	}
	return t
}

// open notes by which accounts an operator binds to us.
func (t *table) open(o *Operator, c *centre) {
	for i := range o.Doors {
		d := &o.Doors[i]
		if t.accounts[d.Listen] == nil {
			t.accounts[d.Listen] = map[string]account{}
			t.addrs = append(t.addrs, d.Listen)
		}
		t.accounts[d.Listen][d.SystemID] = account{centre: c, door: d}
	}
}

func (e *Edge) operator(name string) *Operator { return e.table.Load().operators[name] }

// DoorAddrs are the addresses that USSD centres bind to, each once.
func (e *Edge) DoorAddrs() []string { return e.table.Load().addrs }

// Replace makes the doors those of these operators from now on. Operators that keep
// names stay as they are, their binds to us too; the binds of every other one are
// unbound, and it binds again as it is configured now. What runs at an address that
// is new, or is gone, is the caller's to start and stop: see DoorAddrs.
func (e *Edge) Replace(operators []Operator, keep func(name string) bool) {
	e.replacing.Lock()
	defer e.replacing.Unlock()
	operators = slices.Clone(operators)
	old := e.table.Load()
	next := newTable(operators, old, keep)
	e.table.Store(next)
	for name, c := range old.centres {
		if next.centres[name] != c {
			c.part()
		}
	}
}

// Kept tells which of the addresses belong to an operator that keep names: what runs
// there is not stopped.
func (e *Edge) Kept(keep func(name string) bool) map[string]bool {
	kept := map[string]bool{}
	for addr, accounts := range e.table.Load().accounts {
		for a := range maps.Values(accounts) {
			kept[addr] = kept[addr] || keep(a.centre.operator)
		}
	}
	return kept
}
