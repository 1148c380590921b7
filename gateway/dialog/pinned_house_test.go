//go:build house

package dialog

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"mlango/gateway/bundle"
	"mlango/internal/redistest"
	"mlango/menus"
)

// twoGateways is two gateways over one Redis: sessions, orders and bundles. Each looks at what
// the fleet is asked to run when the test says so.
type twoGateways struct {
	t     *testing.T
	fleet *bundle.Fleet
	keys  []bundle.Key
	lives [2]*bundle.Live
	gates [2]*Dialog
}

func newTwoGateways(t *testing.T, w *world, client *redis.Client) *twoGateways {
	t.Helper()
	p := &twoGateways{t: t, fleet: &bundle.Fleet{Store: bundle.NewRedis(client, "")}}
	for _, person := range []string{"amina", "baraka"} {
		k, err := bundle.MakeKey(filepath.Join(t.TempDir(), person), person)
		if err != nil {
			t.Fatal(err)
		}
		p.keys, p.fleet.Approvers = append(p.keys, k), append(p.fleet.Approvers, k.Approver)
	}
	for i, name := range []string{"g1", "g2"} {
		p.lives[i] = bundle.Open(bundle.Config{Gateway: name, Fleet: p.fleet, Catalogue: Catalogue()})
		p.gates[i] = gatewayOn(t, w, client, name)
		p.gates[i].cfg.Bundles = p.lives[i]
	}
	return p
}

// runs has the fleet asked to run a menu; nobody has looked yet.
func (p *twoGateways) runs(src []byte) bundle.Hash {
	p.t.Helper()
	ctx := p.t.Context()
	r, err := p.fleet.Publish(ctx, "wallet.yaml", src, Catalogue())
	if err != nil {
		p.t.Fatal(err)
	}
	for _, k := range p.keys {
		if _, err := p.fleet.Approve(ctx, r.Hash, k.Sign(r.Hash, time.Now())); err != nil {
			p.t.Fatal(err)
		}
	}
	if _, err := p.fleet.Canary(ctx, r.Hash, 100, nil); err != nil {
		p.t.Fatal(err)
	}
	return r.Hash
}

func (p *twoGateways) look(n int) {
	p.t.Helper()
	if err := p.lives[n].Look(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// TestASessionFinishesOnItsBundleAtEitherGateway, of which the second sees an activation
// later: it fetches what the first began with, and the first keeps what the second did.
// A withdrawn one ends at both.
func TestASessionFinishesOnItsBundleAtEitherGateway(t *testing.T) {
	client, _ := redistest.Start(t)
	w := newWorld(t)
	p := newTwoGateways(t, w, client)
	first := p.runs(menus.Wallet())
	p.look(0)
	p.look(1)
	old := w.phone("old")
	has(t, p.gates[1].Handle(t.Context(), old.hop(Begin, "*334#", "")), false, "Send money")

	second := p.runs(another(t).Source())
	p.look(0) // the other has not looked yet
	fresh := w.phone("fresh")
	has(t, p.gates[0].Handle(t.Context(), fresh.hop(Begin, "*334#", "")), false, "Send money")
	late := w.phone("late")
	has(t, p.gates[1].Handle(t.Context(), late.hop(Begin, "*334#", "")), false, "Send money") // on the old one still
	for _, c := range []struct {
		phone *phone
		gate  int
		want  string
	}{
		{fresh, 1, "Who gets the money?"}, // fetched before it was looked for
		{late, 0, "Send money to which number?"},
		{old, 0, "Send money to which number?"},
	} {
		c.phone.position++
		has(t, p.gates[c.gate].Handle(t.Context(), c.phone.hop(Input, "", "1")), false, c.want)
	}
	p.look(1)
	for i, c := range []struct {
		phone *phone
		gate  int
	}{{fresh, 0}, {late, 1}, {old, 1}} {
		for _, in := range []string{"0722000002", "500"} {
			c.phone.position++
			if r := p.gates[c.gate].Handle(t.Context(), c.phone.hop(Input, "", in)); r.End {
				t.Fatalf("%d: %+v", i, r)
			}
		}
	}
	has(t, p.pays(late, 0), true, "Confirmed") // who began finishes, where nobody begins with it any more

	if _, err := p.fleet.Rollback(t.Context(), first, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := p.fleet.Withdraw(t.Context(), second, "it told lies"); err != nil {
		t.Fatal(err)
	}
	p.look(0)
	p.look(1)
	for gate := range p.gates {
		fresh.position = 3 // the PIN's hop, and its copy
		r := p.pays(fresh, gate)
		if r.Refused != RefusedDead || !r.End || r.Text != plain(RefusedDead, "en") {
			t.Errorf("withdrawn, at gateway %d: %+v", gate, r)
		}
	}
	has(t, p.pays(old, 1), true, "Confirmed")
	if w.commits() != 2 {
		t.Errorf("%d payments were made, want 2", w.commits())
	}
}

// pays types the PIN.
func (p *twoGateways) pays(c *phone, gate int) Reply {
	c.position++
	return p.gates[gate].Handle(context.Background(), c.hop(Input, "", thePI))
}
