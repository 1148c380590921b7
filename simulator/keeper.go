package main

import (
	"context"
	"errors"
	"sync"

	"mlango/simulator/stack"
)

// errStarting says that there is nothing to kill yet.
var errStarting = errors.New("the demo is still starting")

// keeper lets the phone API kill and restart the demo's own children. The API
// serves before they run.
type keeper struct {
	mu    sync.Mutex
	stack *stack.Stack
}

func (k *keeper) set(s *stack.Stack) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stack = s
}

func (k *keeper) get() (*stack.Stack, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stack == nil {
		return nil, errStarting
	}
	return k.stack, nil
}

// Kill takes a program away as a power cut would.
func (k *keeper) Kill(ctx context.Context, target string) error {
	s, err := k.get()
	if err != nil {
		return err
	}
	return s.Kill(ctx, target)
}

// Restart starts a program again.
func (k *keeper) Restart(ctx context.Context, target string) error {
	s, err := k.get()
	if err != nil {
		return err
	}
	return s.Restart(ctx, target)
}
