package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"
)

// Memory keeps sessions in this process: they end with it. It holds at most so
// many, and forgets each when its time is over.
type Memory struct {
	shelf  *shelf
	newest *shelf // the operator's key of each subscriber's newest dialogue there
}

// NewMemory makes a store of at most limit sessions. now is its clock; nil is the
// machine's.
func NewMemory(limit int, now func() time.Time) *Memory {
	m := &Memory{shelf: newShelf(limit, now), newest: newShelf(limit, now)}
	m.newest.evict = true
	return m
}

// Load returns the session, or ErrNone.
func (m *Memory) Load(_ context.Context, key Key) (*Session, error) {
	b := m.shelf.get(key)
	if b == nil {
		return nil, ErrNone
	}
	return Decode(b)
}

// Reload is Load: there is no copy to be behind.
func (m *Memory) Reload(ctx context.Context, key Key) (*Session, error) { return m.Load(ctx, key) }

// Save puts s if the stored hop is expect; see Store.
func (m *Memory) Save(_ context.Context, key Key, expect uint64, fresh bool, s *Session, ttl time.Duration) (*Session, error) {
	b, err := Encode(s)
	if err != nil {
		return nil, err
	}
	stored, err := m.shelf.swap(key, b, ttl, func(old []byte) error { return compare(old, b, expect, fresh) })
	if err != ErrConflict {
		return nil, err
	}
	other, err := Decode(stored)
	if err != nil {
		return nil, err
	}
	return other, ErrConflict
}

// Begin is Save of a dial's first screen; see Store.
func (m *Memory) Begin(ctx context.Context, key Key, s *Session, ttl time.Duration) (*Session, *Before, error) {
	if stored, err := m.Save(ctx, key, 0, false, s, ttl); err != nil {
		return stored, nil, err
	}
	who := Key{Operator: key.Operator, MSISDN: key.MSISDN}
	last := string(m.newest.get(who))
	m.newest.put(who, []byte(key.Session), Resumable)
	if last == "" || last == key.Session {
		return nil, nil, nil
	}
	before, err := m.Load(ctx, Key{Operator: key.Operator, MSISDN: key.MSISDN, Session: last})
	if err != nil {
		return nil, nil, nil // it is forgotten, or of another form
	}
	return nil, &Before{Key: last, Session: before}, nil
}

// Drop forgets a session.
func (m *Memory) Drop(_ context.Context, key Key) error {
	m.shelf.drop(key)
	return nil
}

// Len is how many sessions are held, those included whose time has just ended.
func (m *Memory) Len() int { return int(m.shelf.count.Load()) }

// Close has nothing to do.
func (m *Memory) Close() error { return nil }

// compare says whether bytes may take the place of old.
func compare(old, b []byte, expect uint64, fresh bool) error {
	switch {
	case fresh, old == nil && expect == 0, bytes.Equal(old, b):
		return nil
	case old == nil:
		return ErrNone
	case expect != 0 && binary.BigEndian.Uint64(old[hopAt:hopEnd]) == expect:
		return nil
	}
	return ErrConflict
}
