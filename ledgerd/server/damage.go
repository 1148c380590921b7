package server

import (
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/journal"
)

// failed words an error of ours for a caller. What shows that something on the disk
// is not as it was written is everybody's to know: the log says it loudly, and
// /readyz until the node was started again.
func (s *Server) failed(what string, err error) error {
	if errors.Is(err, journal.ErrDamaged) || errors.Is(err, journal.ErrMissing) {
		why := err.Error()
		if was := s.damage.Swap(&why); was == nil || *was != why {
			s.log.Error("the journal is damaged; what is in memory goes on: see OPERATING.md, On call", "while", what, "error", err)
		}
	}
	return status.Error(codes.Internal, err.Error())
}

// Degraded names what keeps the node from its work although it runs.
func (s *Server) Degraded() (list []string) {
	if s.Full() {
		list = append(list, "disk: too little room, nothing is accepted")
	}
	if why := s.damage.Load(); why != nil {
		list = append(list, *why)
	}
	return list
}

// Full tells that there is no room on the disk: nothing is accepted.
func (s *Server) Full() bool { return s.low.Load() }
