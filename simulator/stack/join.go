package stack

import (
	"context"
	"errors"
	"fmt"
	"os"

	"mlango/ledgerclient"
)

// Join talks to a ledgerd and a gateway that run already: nothing of theirs is started,
// killed, stopped or removed. Both must answer, else the error is ErrUnreachable.
func Join(ctx context.Context, ports Ports) (_ *Stack, err error) {
	s := &Stack{ports: ports, data: os.TempDir(), children: map[string]*child{}, ended: make(chan string, 1)}
	if s.ledger, err = ledgerclient.Dial(ledgerclient.Config{Node: ports.Ledger, Gateway: "simulator"}); err != nil {
		return nil, fmt.Errorf("stack: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, observePatience)
	defer cancel()
	if _, err := s.LastEntry(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: ledgerd at %s: %w", ErrUnreachable, ports.Ledger, err), s.ledger.Close())
	}
	if _, err := s.Bundle(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: the gateway's admin address %s: %w", ErrUnreachable, ports.GatewayAdmin, err), s.ledger.Close())
	}
	return s, nil
}

// errOthers says that a ledger holds people of an earlier run, and others than these.
var errOthers = fmt.Errorf("%w: that ledger holds the people of a run with another number of --users: repeat that number, or start it with an empty folder", ErrConfig)

// Opened is what an earlier run has opened in a running ledger.
type Opened struct {
	House bool // the house's accounts and rules
	Crowd bool // everybody of a crowd
}

// looked is how many people of a crowd are asked for.
const looked = 32

// Look asks a running ledger what of a crowd of so many it holds already. People are told
// apart by what they read: their names are sealed.
func (s *Stack) Look(ctx context.Context, people int, user func(i int) User) (o Opened, err error) {
	if _, o.House, err = s.ledger.Account(ctx, AccountTrust); err != nil {
		return o, fmt.Errorf("stack: look for the house: %w", err)
	}
	n := min(people, looked)
	known, alike := 0, 0
	for i := range n {
		u := user(i * (people - 1) / max(n-1, 1)) // the first and the last among them
		p, err := s.ledger.Profile(ctx, u.MSISDN)
		if err != nil {
			return o, fmt.Errorf("stack: look for people: %w", err)
		}
		if p.Known {
			known++
		}
		if p.Account == u.Account && p.Language.String() == u.Language {
			alike++
		}
	}
	next, err := s.ledger.Profile(ctx, user(people).MSISDN) // counters depend on how many there are
	switch {
	case err != nil:
		return o, fmt.Errorf("stack: look for people: %w", err)
	case known == 0:
		return o, nil
	case known < n || next.Known || alike < n-n/8: // somebody may have changed the language meanwhile
		return o, errOthers
	}
	o.Crowd = true
	return o, nil
}

// Has tells whether a running ledger has somebody's account.
func (s *Stack) Has(ctx context.Context, u User) (bool, error) {
	_, known, err := s.ledger.Account(ctx, u.Account)
	if err != nil {
		return false, fmt.Errorf("stack: look for an account: %w", err)
	}
	return known, nil
}
