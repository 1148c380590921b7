// Package redistest starts a real redis-server for the tests of the rooms that speak to
// one. Only tests import it.
package redistest

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// How long a server may take to answer for the first time.
const (
	tries = 400
	pause = 20 * time.Millisecond
)

// Start runs a server without a memory beyond its process, on a free port of the loopback,
// and ends it with the test. Its client tries nothing twice and waits a second at most.
func Start(t testing.TB) (client *redis.Client, cmd *exec.Cmd) {
	t.Helper()
	addr := free(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	client = redis.NewClient(&redis.Options{Addr: addr, MaxRetries: -1, ReadTimeout: time.Second, DialTimeout: time.Second})
	t.Cleanup(func() {
		_ = client.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for range tries {
		if client.Ping(context.Background()).Err() == nil {
			return client, cmd
		}
		time.Sleep(pause)
	}
	t.Fatalf("redis-server on %s does not answer within %s", addr, tries*pause)
	return nil, nil
}

// free is an address of the loopback that nobody listens at.
func free(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(fmt.Errorf("a free port: %w", err))
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}
