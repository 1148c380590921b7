//go:build house

package bundle

import (
	"context"
	"testing"
	"time"

	"mlango/internal/redistest"
	"mlango/menus"
)

func TestRedis(t *testing.T) {
	client, _ := redistest.Start(t)
	suite(t, func(t *testing.T) (a, b Store, pass func(time.Duration)) {
		client.FlushAll(context.Background())
		return NewRedis(client, ""), NewRedis(client, ""), time.Sleep
	})
}

// TestAFleetOnRedis: two gateways follow one store, and keep what they run while Redis
// is away.
func TestAFleetOnRedis(t *testing.T) {
	client, cmd := redistest.Start(t)
	r := newRig(t)
	r.fleet.Store = NewRedis(client, "")
	one, two := r.live("gw1"), r.live("gw2")
	r.look(one, two)
	first := r.running(tiny)
	r.look(one, two)
	next := r.published(saying("Hi"), 2)
	r.must(r.fleet.Canary(t.Context(), next, 50, nil))
	r.look(one, two)
	st, err := r.fleet.Status(t.Context())
	if err != nil || len(st.Wrong) > 0 || len(st.Gateways) != 2 {
		t.Fatalf("%+v, %v", st.Wrong, err)
	}
	r.now = r.now.Add(grace)
	for range 300 {
		one.Visit(first, r.now, r.now, "airtime", false)
		one.Visit(first, r.now, r.now, "airtime", true)
		two.Visit(next, r.now, r.now, "airtime", false)
	}
	r.now = r.now.Add(ripe + 2*time.Second)
	r.look(one, two)
	two.judge(t.Context())
	r.look(one, two)
	if s, _ := one.State(); s.Canary != nil || s.Active != first {
		t.Fatalf("%+v", s)
	}
	_ = cmd.Process.Kill()
	if err := one.Look(t.Context()); err == nil || one.Active().Hash() != first || one.Get(next) == nil {
		t.Fatal("it does not keep what it runs", err)
	}
	if _, err := r.fleet.Publish(t.Context(), "menu.yaml", []byte(saying("Hey")), menus.Catalogue{}); err == nil {
		t.Fatal("published without a store")
	}
}
