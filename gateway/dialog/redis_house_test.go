//go:build house

package dialog

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"

	"mlango/gateway/order"
	"mlango/gateway/session"
	"mlango/internal/redistest"
)

// gatewayOn is one gateway of several over the same Redis and the same ledger.
func gatewayOn(t testing.TB, w *world, client *redis.Client, name string) *Dialog {
	t.Helper()
	sessions, err := session.NewRedis(client, session.RedisConfig{})
	if err != nil {
		t.Fatal(err)
	}
	queue, err := order.NewRedis(client, t.TempDir(), order.Config{Gateway: name})
	if err != nil {
		t.Fatal(err)
	}
	orders := order.NewDispatcher(queue, w.ledger, w.told, order.Config{Gateway: name})
	t.Cleanup(func() {
		_ = orders.Close()
		_ = queue.Close()
		_ = sessions.Close()
	})
	cfg := w.cfg
	cfg.Gateway, cfg.Sessions, cfg.Orders = name, sessions, orders
	return New(cfg)
}

// TestTwoGatewaysOverRedis has every hop of a dialogue arrive at another gateway
// than the one before, and the last one 32 times at both.
func TestTwoGatewaysOverRedis(t *testing.T) {
	client, _ := redistest.Start(t)
	w := newWorld(t)
	gateways := []*Dialog{gatewayOn(t, w, client, "g1"), gatewayOn(t, w, client, "g2")}
	ctx := context.Background()
	for round := range 5 {
		p := w.phone(fmt.Sprint("s", round))
		has(t, gateways[0].Handle(ctx, p.hop(Begin, "*334#", "")), false, "Send money")
		for n, in := range []string{"1", "0722000002", "500"} {
			p.position++
			hop := p.hop(Input, "", in)
			r := gateways[(n+1)%2].Handle(ctx, hop)
			r.Repeated = true // what comes again says so
			if r.End {
				t.Fatalf("%+v", r)
			}
			again := gateways[n%2].Handle(ctx, hop)
			again.Repeated = true // two equal saves in one millisecond are one to Redis
			if again != r {
				t.Fatalf("repeat on the other gateway: %+v, first %+v", again, r)
			}
		}
		p.position++
		hop := p.hop(Input, "", thePI)
		var wg sync.WaitGroup
		for n := range 32 {
			wg.Go(func() {
				if r := gateways[n%2].Handle(ctx, hop); !r.End || r.Refused != "" {
					t.Errorf("%+v", r)
				}
			})
		}
		wg.Wait()
		if w.commits() != round+1 {
			t.Fatalf("%d commits after %d payments", w.commits(), round+1)
		}
	}
}

func TestRedisDiesUnderADialogue(t *testing.T) {
	client, cmd := redistest.Start(t)
	w := newWorld(t)
	d := gatewayOn(t, w, client, "g1")
	ctx := context.Background()
	p := w.phone("s1")
	if r := d.Handle(ctx, p.hop(Begin, "*334*1*0722000002*500#", "")); !r.Secret {
		t.Fatalf("%+v", r)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	p.position++
	if r := d.Handle(ctx, p.hop(Input, "", thePI)); r.Refused != RefusedStore || !r.End {
		t.Fatalf("%+v", r)
	}
	if r := d.Handle(ctx, w.phone("s2").hop(Begin, "*334#", "")); r.Refused != RefusedStore {
		t.Fatalf("%+v", r)
	}
	if w.commits() != 0 {
		t.Fatal("money moved without a claim")
	}
}

// BenchmarkRedisHop is one hop without effects, its session in a real Redis on
// the same machine.
func BenchmarkRedisHop(b *testing.B) {
	client, _ := redistest.Start(b)
	w := newWorld(b)
	w.cfg.Trace = nil
	d := gatewayOn(b, w, client, "g1")
	inputs := []string{"3", "0"}
	var mu sync.Mutex
	phones := 0
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		mu.Lock()
		phones++
		p := w.phone(fmt.Sprint(phones))
		mu.Unlock()
		d.Handle(context.Background(), p.hop(Begin, "*334#", ""))
		for n := 0; pb.Next(); n++ {
			p.position++
			if r := d.Handle(context.Background(), p.hop(Input, "", inputs[n&1])); r.End {
				b.Error(r)
				return
			}
		}
	})
}
