package binds

import (
	"context"
	"time"

	"mlango/smpp"
)

// RoundTrip is how one bind answered an enquire_link.
type RoundTrip struct {
	Bind string
	Took time.Duration
	Err  error
}

// Enquire asks each bind of an operator that is up, one after the other, whether its peer
// answers.
func (p *Pool) Enquire(ctx context.Context, operator string) (all []RoundTrip) {
	o := p.table.Load().operators[operator]
	if o == nil {
		return nil
	}
	for _, l := range o.links {
		s, bound := l.current().(*smpp.Session)
		if !bound {
			continue
		}
		began := time.Now()
		err := s.Enquire(ctx)
		all = append(all, RoundTrip{Bind: l.name, Took: time.Since(began), Err: err})
	}
	return all
}
