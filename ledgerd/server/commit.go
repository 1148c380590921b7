package server

import (
	"errors"
	"fmt"

	"mlango/ledgerd/journal"
)

// committer makes payloads durable in one order that never changes. Today it is
// one node's journal; a group of voters will stand behind the same three calls.
type committer interface {
	// propose hands an entry's payload over. It is nobody's until it is committed.
	// errNoRoom refuses it and leaves no trace; any other error ends the node.
	propose(payload []byte, at int64) error
	// committed waits until what was proposed is durable and returns its entries
	// in order. An error ends the node.
	committed() ([]place, error)
}

// place is where an entry stands.
type place struct {
	index, term uint64
}

// errNoRoom says that the disk is nearly full: nothing was written.
var errNoRoom = errors.New("server: too little room on the disk")

// solo is a group of one voter: its journal alone decides.
type solo struct {
	journal  *journal.Journal
	term     uint64
	proposed []place
}

// newSolo begins a new term, as every start of a leader does.
func newSolo(j *journal.Journal) *solo {
	_, _, term := j.Head()
	return &solo{journal: j, term: term + 1}
}

func (s *solo) propose(payload []byte, at int64) error {
	index, err := s.journal.Append(payload, s.term, at)
	if errors.Is(err, journal.ErrLowDisk) {
		return fmt.Errorf("%w: %w", errNoRoom, err)
	}
	if err != nil {
		return fmt.Errorf("server: append: %w", err)
	}
	s.proposed = append(s.proposed, place{index: index, term: s.term})
	return nil
}

func (s *solo) committed() ([]place, error) {
	if err := s.journal.Sync(); err != nil {
		return nil, fmt.Errorf("server: sync: %w", err)
	}
	done := s.proposed
	s.proposed = s.proposed[len(s.proposed):]
	return done, nil
}
