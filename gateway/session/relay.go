package session

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Limits of what gateways pass on to each other.
const (
	relayWaiting = 1 << 14          // to be written; then Tell says no
	relayKept    = 1 << 16          // in Redis, about; the oldest goes first
	relayBatch   = 256              // written, or read, at once
	relayMost    = 1 << 10          // bytes of one
	relayBack    = 15 * time.Minute // a gateway that was away hears so much of it
	relayLasts   = time.Hour        // the stream, when nobody says anything
	relayBlock   = time.Second
	relayAgain   = time.Second // after Redis did not answer
	relayTimeout = 5 * time.Second
)

// Relay passes on what one gateway of a fleet cannot use and another may: each hears what
// the others tell, at least once, in the order in which it was told, for a quarter of an
// hour also what was told while it was away.
type Relay struct {
	client       redis.UniversalClient
	name         string
	stream, seen string
	out          chan []byte
	log          *slog.Logger
}

// NewRelay is a gateway's, by its name in the fleet. The client stays the caller's to
// close.
func NewRelay(client redis.UniversalClient, gateway string, log *slog.Logger) *Relay {
	return &Relay{client: client, name: gateway, stream: DefaultPrefix + "{relay}", seen: DefaultPrefix + "{relay}:" + gateway,
		out: make(chan []byte, relayWaiting), log: log}
}

// Tell passes something on; false when it is too long or too much waits. It does not wait.
func (r *Relay) Tell(b []byte) bool {
	if len(b) > relayMost {
		return false
	}
	select {
	case r.out <- b:
		return true
	default:
		return false
	}
}

// Run writes what Tell was given, and hands what the others told to hear, until ctx ends.
func (r *Relay) Run(ctx context.Context, hear func(b []byte)) error {
	written := make(chan struct{})
	go func() { defer close(written); r.write(ctx) }()
	last := r.begin(ctx)
	for ctx.Err() == nil {
		next, err := r.read(ctx, last, hear)
		if err != nil && ctx.Err() == nil {
			r.log.Warn("what other gateways pass on cannot be read", "err", err)
			r.rest(ctx)
		}
		last = next
	}
	<-written
	return nil
}

// begin is behind what this gateway heard before, or a quarter of an hour ago.
func (r *Relay) begin(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	if last, err := r.client.Get(ctx, r.seen).Result(); err == nil && strings.Contains(last, "-") {
		return last
	}
	return strconv.FormatInt(time.Now().Add(-relayBack).UnixMilli(), 10) + "-0"
}

// read hands on what stands behind last, and says how far it is read.
func (r *Relay) read(ctx context.Context, last string, hear func(b []byte)) (string, error) {
	got, err := r.client.XRead(ctx, &redis.XReadArgs{Streams: []string{r.stream, last}, Count: relayBatch, Block: relayBlock}).Result()
	switch {
	case errors.Is(err, redis.Nil):
		return last, nil
	case err != nil:
		return last, fmt.Errorf("session: relay: %w", err)
	}
	for _, stream := range got {
		for _, m := range stream.Messages {
			last = m.ID
			from, _ := m.Values["from"].(string)
			if what, ok := m.Values["what"].(string); ok && from != r.name && len(what) <= relayMost {
				hear([]byte(what))
			}
		}
	}
	if err := r.client.Set(ctx, r.seen, last, relayLasts).Err(); err != nil {
		return last, fmt.Errorf("session: relay: %w", err)
	}
	return last, nil
}

// write sends what waits, a batch at a time; one that Redis did not take is tried again.
func (r *Relay) write(ctx context.Context) {
	for {
		var batch [][]byte
		select {
		case b := <-r.out:
			batch = append(batch, b)
		case <-ctx.Done():
			return
		}
		for len(batch) < relayBatch && len(r.out) > 0 {
			batch = append(batch, <-r.out)
		}
		for ctx.Err() == nil {
			err := r.put(ctx, batch)
			if err == nil {
				break
			}
			r.log.Warn("what is for other gateways cannot be written", "err", err)
			r.rest(ctx)
		}
	}
}

func (r *Relay) put(ctx context.Context, batch [][]byte) error {
	ctx, cancel := context.WithTimeout(ctx, relayTimeout)
	defer cancel()
	_, err := r.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, b := range batch {
			p.XAdd(ctx, &redis.XAddArgs{Stream: r.stream, MaxLen: relayKept, Approx: true, Values: []any{"from", r.name, "what", b}})
		}
		p.Expire(ctx, r.stream, relayLasts)
		return nil
	})
	if err != nil {
		return fmt.Errorf("session: relay: %w", err)
	}
	return nil
}

func (r *Relay) rest(ctx context.Context) {
	select {
	case <-time.After(relayAgain):
	case <-ctx.Done():
	}
}
