package main

import (
	"context"
	"errors"
	"sync"

	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// errStarting says that there is nothing to kill yet.
var errStarting = errors.New("the demo is still starting")

// keeper lets the phone page kill and restart the demo's own children, and look into
// its ledger. The page is served before they run.
type keeper struct {
	mu    sync.Mutex
	stack *stack.Stack
	op    *operator.Operator
}

func (k *keeper) set(s *stack.Stack, op *operator.Operator) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stack, k.op = s, op
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

// Restart starts a program again and returns once the gateway can be dialled.
func (k *keeper) Restart(ctx context.Context, target string) error {
	s, err := k.get()
	if err != nil {
		return err
	}
	if err := s.Restart(ctx, target); err != nil {
		return err
	}
	if target != stack.Gateway {
		return nil
	}
	return k.op.WaitBound(ctx)
}

// Language is what the holder of a number reads.
func (k *keeper) Language(ctx context.Context, number string) (string, error) {
	s, err := k.get()
	if err != nil {
		return "", err
	}
	return s.Language(ctx, number)
}

// SetLanguage changes it.
func (k *keeper) SetLanguage(ctx context.Context, number, language string) error {
	s, err := k.get()
	if err != nil {
		return err
	}
	return s.SetLanguage(ctx, number, language)
}

// Show is what the ledger wrote about an order.
func (k *keeper) Show(ctx context.Context, of string) (json []byte, known bool, err error) {
	s, err := k.get()
	if err != nil {
		return nil, false, err
	}
	return s.Ledger().Show(ctx, of)
}
