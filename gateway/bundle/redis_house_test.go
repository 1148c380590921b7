//go:build house

package bundle

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"mlango/menus"
)

// startRedis runs a real redis-server of our own on a free port.
func startRedis(t *testing.T) (client *redis.Client, cmd *exec.Cmd) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := ln.Addr().(*net.TCPAddr).Port
	_ = ln.Close()
	cmd = exec.Command("redis-server", "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	client = redis.NewClient(&redis.Options{Addr: fmt.Sprintf("127.0.0.1:%d", port), MaxRetries: -1, ReadTimeout: time.Second, DialTimeout: time.Second})
	t.Cleanup(func() {
		_ = client.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range 400 {
		if client.Ping(context.Background()).Err() == nil {
			return client, cmd
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("redis-server does not answer")
	return nil, nil
}

func TestRedis(t *testing.T) {
	client, _ := startRedis(t)
	suite(t, func(t *testing.T) (a, b Store, pass func(time.Duration)) {
		client.FlushAll(context.Background())
		return NewRedis(client, ""), NewRedis(client, ""), time.Sleep
	})
}

// TestAFleetOnRedis: two gateways follow one store, and keep what they run while Redis
// is away.
func TestAFleetOnRedis(t *testing.T) {
	client, cmd := startRedis(t)
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
