package load

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"mlango/simulator/operator"
)

// Breaker breaks the programs and the network of a run. Every call returns when it
// has happened.
type Breaker interface {
	Kill(ctx context.Context, target string) error    // as a power cut would
	Restart(ctx context.Context, target string) error // and wait until it is ready
	Freeze(target string, on bool) error              // SIGSTOP, SIGCONT
	Flush(ctx context.Context) error                  // Redis forgets
	SetFaults(f operator.Faults)                      // the network's, from now on
	DropBinds()
}

// timeline lets faults happen.
type timeline struct {
	breaker Breaker
	begun   time.Time
	mu      sync.Mutex
	harms   []Harm
	merge   []func(f *operator.Faults)
	grips   map[string]*grip // by program
	going   sync.WaitGroup
}

// errNoBreaker says that nothing of the run may be broken.
var errNoBreaker = errors.New("load: faults need a stack of the run's own: say --stack")

func newTimeline(b Breaker, begun time.Time) *timeline {
	return &timeline{breaker: b, begun: begun, grips: map[string]*grip{}}
}

// play begins each fault at its instant, until ctx ends; what has begun ends then.
func (t *timeline) play(ctx context.Context, faults []Fault, span time.Duration) {
	sorted := slices.Clone(faults)
	for i := range sorted {
		if sorted[i].Part > 0 {
			sorted[i].At = time.Duration(sorted[i].Part * float64(span))
		}
		if sorted[i].ForPart > 0 {
			sorted[i].For = time.Duration(sorted[i].ForPart * float64(span))
		}
	}
	slices.SortStableFunc(sorted, func(a, b Fault) int { return int(a.At - b.At) })
	for i, f := range sorted {
		if !rest(ctx, time.Until(t.begun.Add(f.At))) {
			t.missed(sorted[i:])
			return
		}
		t.begin(ctx, f)
	}
}

// begin lets one fault happen, and end by itself.
func (t *timeline) begin(ctx context.Context, f Fault) {
	t.going.Go(func() { t.happen(ctx, f) })
}

// happen is a fault from its begin to its end.
func (t *timeline) happen(ctx context.Context, f Fault) {
	kind := tableFaults[f.Kind]
	h := Harm{Kind: f.Kind, Target: f.Target, N: f.N, MS: f.Delay.Milliseconds(), From: time.Now()}
	n := t.open(h)
	over := ctx
	if f.For > 0 {
		limited, end := context.WithTimeout(ctx, f.For)
		defer end()
		over = limited
	}
	var err error
	switch {
	case f.Kind == "drop_binds":
		t.breaker.DropBinds()
	case f.Kind == "flush":
		err = t.breaker.Flush(ctx)
	case kind.network != nil:
		t.network(n, func(nf *operator.Faults) { kind.network(nf, f.N, f.Delay) })
		<-over.Done()
		t.network(n, nil)
	case f.Kind == "kill":
		g := t.grip(f.Target)
		if err = g.fell(ctx); err == nil {
			<-over.Done()
			err = g.raise(context.WithoutCancel(ctx))
		}
	default:
		err = t.freeze(over, f)
	}
	t.close(n, err)
}

// freezePart is the time that a slow program's share is of.
const freezePart = 100 * time.Millisecond

// freeze stops a program, or lets it go on by fits and starts.
func (t *timeline) freeze(over context.Context, f Fault) error {
	still, g := freezePart*time.Duration(f.N)/100, t.grip(f.Target)
	for over.Err() == nil {
		if err := g.hold(); err != nil {
			return err
		}
		if f.Kind == "stop" {
			<-over.Done()
		} else {
			rest(over, still)
		}
		if err := g.let(); err != nil {
			return err
		}
		if f.Kind != "stop" {
			rest(over, freezePart-still)
		}
	}
	return nil
}

// network adds a fault to those of the network, or takes it back.
func (t *timeline) network(n int, set func(f *operator.Faults)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(t.merge) <= n {
		t.merge = append(t.merge, nil)
	}
	t.merge[n] = set
	var all operator.Faults
	for _, one := range t.merge {
		if one != nil {
			one(&all)
		}
	}
	t.breaker.SetFaults(all)
}

// errNever says that the run was over before a fault.
var errNever = errors.New("the dialling was over before its time")

// missed notes faults that never began.
func (t *timeline) missed(faults []Fault) {
	for _, f := range faults {
		t.close(t.open(Harm{Kind: f.Kind, Target: f.Target, N: f.N, MS: f.Delay.Milliseconds(), From: time.Now()}), errNever)
	}
}

func (t *timeline) open(h Harm) (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h.FromMS = h.From.Sub(t.begun).Milliseconds()
	t.harms = append(t.harms, h)
	return len(t.harms) - 1
}

func (t *timeline) close(n int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := &t.harms[n]
	h.To = time.Now()
	h.ToMS = h.To.Sub(t.begun).Milliseconds()
	if err != nil {
		h.Error = err.Error()
	}
}

// now are the faults that have begun and not ended, and all that were.
func (t *timeline) now() (open []Harm, all []Harm) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.harms {
		if h.To.IsZero() {
			open = append(open, h)
		}
	}
	return open, slices.Clone(t.harms)
}

// says is what is broken right now, behind a line of progress.
func (t *timeline) says() string {
	open, _ := t.now()
	said := ""
	for _, h := range open {
		said += ", " + h.Says()
	}
	return said
}
