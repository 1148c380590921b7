package session

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/sony/gobreaker/v2"
)

// Limits of the pipes to Redis.
const (
	pipeCount    = 4    // pipelines under way at once
	pipeDepth    = 64   // commands in one
	pipeQueue    = 4096 // commands that wait for one
	tripAfter    = 5    // failed pipelines in a row open the breaker
	openLeast    = time.Second
	openSpread   = 4 * time.Second // the breaker's open time is drawn once from 1–5 s
	breakerLabel = "session-redis"
)

// saveScript is the compare-and-set. An expectation is empty (whatever is
// stored), eight zero bytes (nothing is stored), or the hop that must be stored.
// Bytes 2 to 9 of a session are its hop. It answers 1, the stored session, or nil
// when there is none.
var saveScript = redis.NewScript(`
local stored = redis.call('GET', KEYS[1])
local expect = ARGV[1]
if expect == '' or stored == ARGV[2]
	or (not stored and expect == string.rep('\0', 8))
	or (stored and expect ~= string.rep('\0', 8) and string.sub(stored, 2, 9) == expect) then
	redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
	return 1
end
return stored`)

// beginScript is the compare-and-set of a dial. It also notes the dial as the newest of
// its subscriber, and answers the operator's key and the session of the one before, when
// that is stored: all keys of a subscriber stand in one slot.
var beginScript = redis.NewScript(`
local stored = redis.call('GET', KEYS[1])
if stored and stored ~= ARGV[2] then return stored end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
local last = redis.call('GET', KEYS[2])
redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5])
if not last or last == ARGV[4] then return 1 end
local before = redis.call('GET', string.sub(KEYS[1], 1, #KEYS[1] - #ARGV[4]) .. last)
if not before then return 1 end
return {last, before}`)

type jobKind uint8

const (
	jobGet jobKind = iota
	jobSave
	jobDrop
	jobBegin
)

// job is one command on its way.
type job struct {
	kind   jobKind
	key    string
	expect []byte
	b      []byte
	ttl    time.Duration

	session, newest string // of a dial: the operator's key, and where that is noted
	before          struct {
		key string
		b   []byte
	}

	ctx  context.Context
	cmd  redis.Cmder
	out  []byte
	err  error
	done chan struct{}
}

// pipes send the commands that wait together as one pipeline.
type pipes struct {
	client  redis.UniversalClient
	timeout time.Duration
	breaker *gobreaker.CircuitBreaker[struct{}]
	jobs    chan *job
	end     chan struct{}
	once    sync.Once
	work    sync.WaitGroup
}

func newPipes(client redis.UniversalClient, timeout time.Duration) *pipes {
	p := &pipes{client: client, timeout: timeout, jobs: make(chan *job, pipeQueue), end: make(chan struct{})}
	p.breaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Name:         breakerLabel,
		Timeout:      openLeast + rand.N(openSpread),
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		IsSuccessful: func(err error) bool { return err == nil },
	})
	for range pipeCount {
		p.work.Go(p.run)
	}
	return p
}

func (p *pipes) open() bool { return p.breaker.State() == gobreaker.StateOpen }

func (p *pipes) close() {
	p.once.Do(func() { close(p.end) })
	p.work.Wait()
}

// do sends one command and waits for its answer. Whatever went wrong besides a
// conflict or an absence is ErrDown: the command may have arrived.
func (p *pipes) do(ctx context.Context, j *job) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, p.timeout)
	defer cancel()
	j.ctx, j.done = ctx, make(chan struct{})
	select {
	case p.jobs <- j:
	case <-ctx.Done():
		return nil, errors.Join(ErrDown, ctx.Err())
	case <-p.end:
		return nil, ErrDown
	}
	select {
	case <-j.done:
		return j.out, j.err
	case <-ctx.Done():
		return nil, errors.Join(ErrDown, ctx.Err())
	case <-p.end:
		return nil, ErrDown
	}
}

func (p *pipes) run() {
	batch := make([]*job, 0, pipeDepth)
	for {
		select {
		case <-p.end:
			return
		case j := <-p.jobs:
			batch = p.gather(append(batch[:0], j))
		}
		p.send(batch)
	}
}

// gather takes what waits behind the first command, without waiting for more.
func (p *pipes) gather(batch []*job) []*job {
	for len(batch) < pipeDepth {
		select {
		case j := <-p.jobs:
			batch = append(batch, j)
		default:
			return batch
		}
	}
	return batch
}

// send runs one pipeline through the breaker and gives everyone their answer. A
// command whose caller left is not sent: a late claim would bind nobody.
func (p *pipes) send(batch []*job) {
	live := batch[:0]
	for _, j := range batch {
		if j.ctx.Err() == nil {
			live = append(live, j)
		}
	}
	if len(live) == 0 {
		return
	}
	_, err := p.breaker.Execute(func() (struct{}, error) { return struct{}{}, p.exec(live) })
	for _, j := range live {
		if j.cmd == nil {
			j.err = errors.Join(ErrDown, err)
		}
		close(j.done)
	}
}

// exec sends the batch. It returns an error only when Redis did not answer.
func (p *pipes) exec(batch []*job) (silent error) {
	ctx, cancel := context.WithTimeout(context.Background(), p.timeout)
	defer cancel()
	pipe := p.client.Pipeline()
	for _, j := range batch {
		j.cmd = j.queue(ctx, pipe)
	}
	_, _ = pipe.Exec(ctx) // each command carries its own error
	for _, j := range batch {
		if err := j.cmd.Err(); err != nil && redis.HasErrorPrefix(err, "NOSCRIPT") {
			j.cmd = j.script().Eval(ctx, p.client, j.keys(), j.args()...)
		}
		if err := j.settle(); err != nil {
			silent = err
		}
	}
	return silent
}

func (j *job) script() *redis.Script {
	if j.kind == jobBegin {
		return beginScript
	}
	return saveScript
}

func (j *job) keys() []string {
	if j.kind == jobBegin {
		return []string{j.key, j.newest}
	}
	return []string{j.key}
}

func (j *job) args() []any {
	args := []any{j.expect, j.b, j.ttl.Milliseconds()}
	if j.kind == jobBegin {
		args = append(args, j.session, Resumable.Milliseconds())
	}
	return args
}

func (j *job) queue(ctx context.Context, pipe redis.Pipeliner) redis.Cmder {
	switch j.kind {
	case jobGet:
		return pipe.Get(ctx, j.key)
	case jobDrop:
		return pipe.Del(ctx, j.key)
	}
	return j.script().EvalSha(ctx, pipe, j.keys(), j.args()...)
}

// settle reads the answer. It returns an error only when there was none.
func (j *job) settle() error {
	err := j.cmd.Err()
	var said redis.Error
	switch {
	case errors.Is(err, redis.Nil) && j.kind == jobSave:
		j.err = ErrNone
	case errors.Is(err, redis.Nil):
	case errors.As(err, &said): // Redis answers and refuses: full, read-only, loading
		j.err = errors.Join(ErrDown, err)
	case err != nil:
		j.err = errors.Join(ErrDown, err)
		return err
	default:
		j.read()
	}
	return nil
}

func (j *job) read() {
	switch cmd := j.cmd.(type) {
	case *redis.StringCmd:
		j.out, _ = cmd.Bytes()
	case *redis.Cmd:
		switch said := cmd.Val().(type) {
		case string:
			j.out, j.err = []byte(said), ErrConflict
		case []any:
			key, _ := said[0].(string)
			b, _ := said[1].(string)
			j.before.key, j.before.b = key, []byte(b)
		}
	}
}
