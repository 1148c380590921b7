package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"mlango/simulator/load"
	"mlango/simulator/operator"
	"mlango/simulator/stack"
)

// breaker breaks what a run has started.
type breaker struct {
	*operator.Operator // SetFaults, DropBinds
	stack              *stack.Stack
	redis              *stack.Redis // nil: it is not ours to kill
}

const redisTarget = "redis"

// errRedisTheirs says that a Redis that runs for others is not killed.
var errRedisTheirs = errors.New("that Redis is not the run's own: say --redis start")

var _ load.Breaker = (*breaker)(nil)

// Kill takes a program away as a power cut would.
func (b *breaker) Kill(ctx context.Context, target string) error {
	if target != redisTarget {
		return b.stack.Kill(ctx, target)
	}
	if b.redis == nil {
		return errRedisTheirs
	}
	return b.redis.Kill()
}

// Restart starts it again.
func (b *breaker) Restart(ctx context.Context, target string) error {
	if target != redisTarget {
		return b.stack.Restart(ctx, target)
	}
	return b.redis.Start(ctx)
}

// Freeze stops it in its tracks, or lets it go on.
func (b *breaker) Freeze(target string, on bool) error {
	if target != redisTarget {
		return b.stack.Freeze(target, on)
	}
	if b.redis == nil {
		return errRedisTheirs
	}
	return b.redis.Freeze(on)
}

// Flush lets Redis forget everything of the run.
func (b *breaker) Flush(context.Context) error { return b.stack.FlushRedis() }

// ownRedis starts a Redis for the run.
func (l *loadRun) ownRedis(ctx context.Context) (err error) {
	if l.cmd.Redis != redisStart {
		return nil
	}
	if l.redisDir, err = os.MkdirTemp("", "mlango-redis-"); err != nil {
		return fmt.Errorf("a folder for Redis: %w", err)
	}
	if l.redis, err = stack.StartRedis(ctx, l.redisDir); err != nil {
		return err
	}
	l.cmd.Redis = l.redis.URL()
	return nil
}

// redisStart is the --redis that starts one.
const redisStart = "start"

// payroll pays wages out of the employer's account.
func payroll(s *stack.Stack) load.Payroll {
	return func(ctx context.Context, wages []load.Wage) error {
		all := make([]stack.Wage, len(wages))
		for i, w := range wages {
			all[i] = stack.Wage(w)
		}
		return s.PayWages(ctx, all)
	}
}
