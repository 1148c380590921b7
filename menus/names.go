package menus

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"mlango/internal/conf"
)

// errShown says that a text would show a secret.
var errShown = errors.New("a secret may not be shown")

// plain knows only what every text may name.
func (bd *builder) plain(name string) (piece, error) {
	return bd.named(name, nil, nil)
}

// values knows the variables and what an outcome gave, at a place in a screen.
func (bd *builder) values(screen int, adds uint32, outs map[string]typ, pos conf.Pos) names {
	return func(name string) (piece, error) {
		return bd.named(name, outs, func(slot int) { bd.use(screen, slot, adds, pos) })
	}
}

// outsOnly knows what an outcome or a message has, and no variable.
func (bd *builder) outsOnly(outs map[string]typ) names {
	return func(name string) (piece, error) { return bd.named(name, outs, nil) }
}

func (bd *builder) named(name string, outs map[string]typ, used func(slot int)) (piece, error) {
	if _, secret := bd.secrets[name]; secret {
		return piece{}, fmt.Errorf("%w: %q", errShown, name)
	}
	if t, ok := outs[name]; ok {
		return piece{from: fromOutcome, typ: t, name: name}, nil
	}
	switch {
	case name == "brand":
		return piece{lit: bd.src.Brand.Value}, nil
	case name == "me" && used != nil:
		return piece{from: fromMe, typ: typ{kind: kindMSISDN}}, nil
	}
	slot, ok := bd.slots[name]
	if !ok || used == nil {
		names := slices.Collect(maps.Keys(outs))
		if used != nil {
			names = slices.AppendSeq(names, maps.Keys(bd.slots))
		}
		return piece{}, fmt.Errorf("{%s} is unknown in this text (%s)", name, bd.near(name, names))
	}
	used(slot)
	return piece{from: fromVar, typ: bd.b.vars[slot].typ, slot: slot}, nil
}
