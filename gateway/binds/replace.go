package binds

import (
	"context"
)

// Replace makes the pool hold these operators from now on. Those that keep names
// stay as they are, links, counters and all; every other one's links are unbound
// before its new ones bind, since operators count binds. On an error nothing
// changed.
func (p *Pool) Replace(operators []Operator, keep func(name string) bool) error {
	bring, err := p.Prepare(operators, keep)
	if err != nil {
		return err
	}
	bring()
	return nil
}

// Prepare is the part of Replace that can fail, and changes nothing; bring is the rest.
// Nothing else is replaced in between.
func (p *Pool) Prepare(operators []Operator, keep func(name string) bool) (bring func(), err error) {
	next, err := p.build(operators, keep)
	if err != nil {
		return nil, err
	}
	return func() { p.change(next) }, nil
}

func (p *Pool) change(next *table) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old := p.table.Load()
	p.table.Store(next)
	var going []*operator
	for name, o := range old.operators {
		if next.operators[name] != o && o.stop != nil {
			o.stop()
			going = append(going, o)
		}
	}
	for _, o := range going { // all of them unbind beside one another
		o.runs.Wait()
	}
	if p.ctx == nil || p.ctx.Err() != nil {
		return
	}
	for name, o := range next.operators {
		if old.operators[name] != o {
			p.start(o)
		}
	}
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
