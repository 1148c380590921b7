//go:build house

package order

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"mlango/internal/redistest"
	"mlango/ledgerd/ledger"
)

func openStream(t testing.TB, client *redis.Client, dir, gateway string, limit int) *Redis {
	t.Helper()
	r, err := NewRedis(client, dir, Config{Gateway: gateway, Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for range 500 {
		if is() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("never came true: ", what)
}

func TestStreamKeepsWhatIsOpen(t *testing.T) {
	client, _ := redistest.Start(t)
	ctx, dir := context.Background(), t.TempDir()
	r := openStream(t, client, dir, "g1", 3)
	put(t, r, 1)
	put(t, r, 2)
	promise(t, r, 2)
	o := anOrder(3)
	if err := r.Put(ctx, &o); !errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	promise(t, r, 4) // a promise is never refused for room
	r.Done(idOf(1))
	eventually(t, "the done entry is deleted", func() bool { return client.XLen(ctx, streamKey("g1")).Val() == 3 })
	_ = r.Close()

	r = openStream(t, client, dir, "g1", 3)
	left, err := r.Left(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(left.Orders) != 1 || left.Orders[0].Request.ID() != idOf(2) {
		t.Fatalf("%d orders", len(left.Orders))
	}
	ids := map[ledger.ID]bool{}
	for _, p := range left.Promises {
		ids[p.ID] = true
	}
	if len(ids) != 2 {
		t.Fatalf("%d promises", len(ids))
	}
	r.Done(idOf(2))
	r.Done(idOf(4))
	eventually(t, "the stream is empty", func() bool { return client.XLen(ctx, streamKey("g1")).Val() == 0 })
	if o, p := leftIn(t, r.file); o+p != 0 {
		t.Fatal("the file still holds something")
	}
}

func TestDeadGatewayIsClaimedAfterItsLease(t *testing.T) {
	client, _ := redistest.Start(t)
	ctx := context.Background()
	dead := openStream(t, client, t.TempDir(), "g1", 10)
	put(t, dead, 1)
	put(t, dead, 2)
	promise(t, dead, 2)
	heir, other := openStream(t, client, t.TempDir(), "g2", 10), openStream(t, client, t.TempDir(), "g3", 10)
	eventually(t, "the gateways are known", func() bool { return client.SCard(ctx, registryKey).Val() == 3 })
	if left, err := heir.Claim(ctx); err != nil || len(left.Orders) != 0 {
		t.Fatal("claimed a gateway that lives", left, err)
	}
	dead.cancel() // it dies: nobody renews its lease
	dead.work.Wait()
	client.Del(ctx, leaseKey("g1"))
	left, err := heir.Claim(ctx)
	if err != nil || len(left.Orders) != 2 || len(left.Promises) != 1 {
		t.Fatal(left, err)
	}
	if left, err := other.Claim(ctx); err != nil || len(left.Orders)+len(left.Promises) != 0 {
		t.Fatal("claimed twice", left, err)
	}
	if n := client.XLen(ctx, streamKey("g1")).Val(); n != 0 {
		t.Fatalf("%d entries stayed with the dead", n)
	}
	if _, p := leftIn(t, heir.file); p != 1 {
		t.Fatal("the claimed promise is not in the heir's own file")
	}
	heir.Done(idOf(1))
	heir.Done(idOf(2))
	eventually(t, "the heir's stream is empty", func() bool { return client.XLen(ctx, streamKey("g2")).Val() == 0 })
}

func TestPromiseWithoutRedisStandsInTheFile(t *testing.T) {
	client, cmd := redistest.Start(t)
	dir := t.TempDir()
	r := openStream(t, client, dir, "g1", 10)
	put(t, r, 1)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	promise(t, r, 1)
	o := anOrder(2)
	err := r.Put(context.Background(), &o)
	if err == nil || errors.Is(err, ErrFull) {
		t.Fatal(err)
	}
	if _, p := leftIn(t, r.file); p != 1 {
		t.Fatal("the promise is nowhere")
	}
	_ = r.Close()
	r = openStream(t, client, dir, "g1", 10)
	left, err := r.Left(context.Background())
	if err == nil || len(left.Promises) != 1 {
		t.Fatal("the file is worked off even if Redis is gone", left, err)
	}
	if left, err = r.Left(context.Background()); err == nil || len(left.Promises) != 0 {
		t.Fatal("a payer was told again at every look for Redis", left, err)
	}
}

func TestStreamLeavesNothingRunning(t *testing.T) {
	client, _ := redistest.Start(t)
	before := goleak.IgnoreCurrent()
	r, err := NewRedis(client, t.TempDir(), Config{Gateway: "g1"})
	if err != nil {
		t.Fatal(err)
	}
	put(t, r, 1)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if client.Exists(context.Background(), leaseKey("g1")).Val() != 0 {
		t.Fatal("the lease was not given back")
	}
	goleak.VerifyNone(t, before)
}

func BenchmarkStreamPut(b *testing.B) {
	client, _ := redistest.Start(b)
	r := openStream(b, client, b.TempDir(), "g1", 1<<30)
	b.ReportAllocs()
	b.SetParallelism(32)
	o := anOrder(1)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := r.Put(context.Background(), &o); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
