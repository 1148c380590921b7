//go:build house

package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"mlango/internal/redistest"
)

func openRedis(t testing.TB, client *redis.Client, cfg RedisConfig) *Redis {
	t.Helper()
	s, err := NewRedis(client, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func TestRedis(t *testing.T) {
	client, _ := redistest.Start(t)
	for _, cache := range []int{-1, 0} {
		t.Run(fmt.Sprint("cache ", cache), func(t *testing.T) {
			suite(t, func(t *testing.T) (Store, func(time.Duration)) {
				client.FlushAll(context.Background())
				return openRedis(t, client, RedisConfig{Cache: cache}), time.Sleep
			})
		})
	}
}

func TestRedisTwoGateways(t *testing.T) {
	client, _ := redistest.Start(t)
	ctx := context.Background()
	a, b := openRedis(t, client, RedisConfig{}), openRedis(t, client, RedisConfig{})
	if _, err := a.Save(ctx, aKey, 0, false, aSession(1), TTL); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Load(ctx, aKey); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Save(ctx, aKey, 1, false, aSession(2), TTL); err != nil {
		t.Fatal(err)
	}
	behind, err := a.Load(ctx, aKey) // a's copy
	if err != nil || behind.Hop != 1 {
		t.Fatal(behind, err)
	}
	mine := aSession(2)
	mine.Screen = "mine"
	stored, err := a.Save(ctx, aKey, 1, false, mine, TTL)
	if !errors.Is(err, ErrConflict) || stored.Hop != 2 {
		t.Fatal(stored, err)
	}
	if now, err := a.Load(ctx, aKey); err != nil || now.Hop != 2 {
		t.Fatal("the copy is still behind", now, err)
	}
	if ttl := client.PTTL(ctx, a.name(aKey)).Val(); ttl <= TTL-time.Minute || ttl > TTL {
		t.Fatalf("time to live %v", ttl)
	}
	client.FlushAll(ctx)
	if _, err := a.Save(ctx, aKey, 2, false, aSession(3), TTL); !errors.Is(err, ErrNone) {
		t.Fatal(err)
	}
	client.ScriptFlush(ctx)
	if _, err := a.Save(ctx, aKey, 0, false, aSession(1), TTL); err != nil {
		t.Fatal("after a lost script:", err)
	}
}

func TestRedisLinearOverTwoGateways(t *testing.T) {
	client, _ := redistest.Start(t)
	a, b := openRedis(t, client, RedisConfig{}), openRedis(t, client, RedisConfig{Cache: -1})
	linear(t, &both{a, b, sync.Mutex{}, 0})
}

// both sends every other call to another gateway.
type both struct {
	*Redis
	other *Redis
	mu    sync.Mutex
	n     int
}

func (x *both) Save(ctx context.Context, k Key, expect uint64, fresh bool, s *Session, ttl time.Duration) (*Session, error) {
	x.mu.Lock()
	x.n++
	n := x.n
	x.mu.Unlock()
	if n%2 == 0 {
		return x.other.Save(ctx, k, expect, fresh, s, ttl)
	}
	return x.Redis.Save(ctx, k, expect, fresh, s, ttl)
}

func TestRedisDies(t *testing.T) {
	client, cmd := redistest.Start(t)
	s := openRedis(t, client, RedisConfig{Timeout: 200 * time.Millisecond})
	ctx := context.Background()
	if _, err := s.Save(ctx, aKey, 0, false, aSession(1), TTL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	for n := range 50 {
		if _, err := s.Save(ctx, aKey, 1, false, aSession(2), TTL); !errors.Is(err, ErrDown) {
			t.Fatalf("save %d: %v", n, err)
		}
		if _, err := s.Reload(ctx, aKey); !errors.Is(err, ErrDown) {
			t.Fatalf("reload %d: %v", n, err)
		}
	}
	if !s.Open() {
		t.Fatal("the breaker is not open")
	}
}

func TestRedisFull(t *testing.T) {
	client, _ := redistest.Start(t)
	s := openRedis(t, client, RedisConfig{})
	ctx := context.Background()
	if err := client.ConfigSet(ctx, "maxmemory", "1").Err(); err != nil {
		t.Fatal(err)
	}
	for range 2 * tripAfter {
		if _, err := s.Save(ctx, aKey, 0, false, aSession(1), TTL); !errors.Is(err, ErrDown) {
			t.Fatal(err)
		}
	}
	if s.Open() {
		t.Fatal("Redis answers, and the breaker opened")
	}
}

func TestRetriesMustBeOff(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	if _, err := NewRedis(client, RedisConfig{}); !errors.Is(err, ErrRetries) {
		t.Fatal(err)
	}
}

func TestRedisLeavesNothingBehind(t *testing.T) {
	client, _ := redistest.Start(t)
	before := goleak.IgnoreCurrent()
	s, err := NewRedis(client, RedisConfig{})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = s.Load(context.Background(), aKey)
	_ = s.Close()
	_ = s.Close()
	if _, err := s.Reload(context.Background(), aKey); !errors.Is(err, ErrDown) {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
}

func BenchmarkRedisHop(b *testing.B) {
	client, _ := redistest.Start(b)
	s := openRedis(b, client, RedisConfig{})
	ctx := context.Background()
	b.ReportAllocs()
	b.SetParallelism(32)
	var mu sync.Mutex
	n := 0
	b.RunParallel(func(pb *testing.PB) {
		mu.Lock()
		n++
		key := aKey
		key.Session = fmt.Sprint(n)
		mu.Unlock()
		hop := uint64(0)
		for pb.Next() {
			if _, err := s.Load(ctx, key); err != nil && hop > 0 {
				b.Error(err)
				return
			}
			if _, err := s.Save(ctx, key, hop, hop == 0, aSession(hop+1), TTL); err != nil {
				b.Error(err)
				return
			}
			hop++
		}
	})
}
