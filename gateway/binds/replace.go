package binds

import (
	"context"
)

// Replace makes the pool hold these operators from now on. Those that keep names
// stay as they are, links, counters and all; every other one's links are unbound
// before its new ones bind, since operators count binds. On an error nothing
// changed.
func (p *Pool) Replace(operators []Operator, keep func(name string) bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.table.Load()
	next, err := p.build(operators, keep)
	if err != nil {
		return err
	}
	p.table.Store(next)
	for name, o := range old.operators {
		if next.operators[name] != o {
			o.end()
		}
	}
	if p.ctx == nil || p.ctx.Err() != nil {
		return nil
	}
	for name, o := range next.operators {
		if old.operators[name] != o {
			p.start(o)
		}
	}
	return nil
}

// Check tells what Replace would refuse, and changes nothing.
func (p *Pool) Check(operators []Operator, keep func(name string) bool) error {
	_, err := p.build(operators, keep)
	return err
}

// build makes the links of every operator that is not kept.
func (p *Pool) build(operators []Operator, keep func(name string) bool) (*table, error) {
	old, t := p.table.Load(), &table{operators: make(map[string]*operator)}
	for _, cfg := range operators {
		var o *operator
		var err error
		if old != nil && keep(cfg.Name) {
			o = old.operators[cfg.Name]
		}
		if o == nil {
			if o, err = p.make(cfg); err != nil {
				return nil, err
			}
		}
		t.operators[cfg.Name] = o
		t.links = append(t.links, o.links...)
	}
	return t, nil
}

// start runs an operator's links; p.mu is held.
func (p *Pool) start(o *operator) {
	ctx, stop := context.WithCancel(p.ctx)
	o.stop = stop
	for _, l := range o.links {
		o.runs.Add(1)
		p.links.Go(func() {
			defer o.runs.Done()
			l.run(ctx)
		})
	}
}

// end unbinds an operator's links, after the answers that are under way.
func (o *operator) end() {
	if o.stop != nil {
		o.stop()
		o.runs.Wait()
	}
}
