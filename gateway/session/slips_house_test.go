//go:build house

package session

import (
	"errors"
	"testing"
	"time"

	"mlango/internal/redistest"
)

// slip is one of a version.
func slip(version byte, text string) []byte {
	return append([]byte{1, 0, 0, 0, 0, 0, 0, 0, version}, text...)
}

// TestSlips: one writer wins each version, on all gateways together, until the time of a
// slip is over.
func TestSlips(t *testing.T) {
	client, _ := redistest.Start(t)
	a, b := openRedis(t, client, RedisConfig{}).Slips(), openRedis(t, client, RedisConfig{}).Slips()
	ctx := t.Context()
	if _, err := a.Get(ctx, "x"); !errors.Is(err, ErrNone) {
		t.Fatal(err)
	}
	if _, err := a.Put(ctx, "x", 0, slip(1, "asked"), time.Minute); err != nil {
		t.Fatal(err)
	}
	if there, err := b.Put(ctx, "x", 0, slip(1, "asked too"), time.Minute); !errors.Is(err, ErrConflict) || string(there) != string(slip(1, "asked")) {
		t.Fatal(there, err)
	}
	if _, err := b.Put(ctx, "x", 1, slip(2, "done"), 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Get(ctx, "x"); err != nil || string(got) != string(slip(2, "done")) {
		t.Fatal(got, err)
	}
	for range 100 {
		if _, err := a.Get(ctx, "x"); errors.Is(err, ErrNone) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, err := a.Put(ctx, "x", 2, slip(3, "late"), time.Minute); !errors.Is(err, ErrNone) {
		t.Fatal(err)
	}
	if _, err := a.Put(ctx, "y", 0, make([]byte, MaxSlip+1), time.Minute); !errors.Is(err, ErrTooBig) {
		t.Fatal(err)
	}
}
