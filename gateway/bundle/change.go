package bundle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What is done to a fleet, as its record says it.
const (
	didPublish  = "published"
	didApprove  = "approved"
	didCanary   = "canary"
	didStop     = "canary stopped"
	didTrip     = "canary put back by its numbers"
	didRun      = "running"
	didRollback = "rolled back"
	didWithdraw = "withdrawn"
	didOff      = "switched off"
	didOn       = "switched on"
)

// The functions below change a copy of a state and know nothing but it and the
// instant. did takes down each.
func (s *State) did(at time.Time, what string, h Hash, why string, numbers ...Verdict) {
	s.Serial++
	s.At = at
	s.Changes = append(s.Changes, Change{Serial: s.Serial, At: at, What: what, Hash: h, Why: short(why), Verdict: numbers})
	if n := len(s.Changes) - MaxChanges; n > 0 {
		s.Changes = slices.Delete(s.Changes, 0, n)
	}
}

// short is a text that people gave, no longer than MaxWhy.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), MaxWhy)], "") }

// publish adds a bundle; gone are those that made room for it.
func (s *State) publish(h Hash, name string, at time.Time) (gone []Hash, err error) {
	if s.IsWithdrawn(h) {
		return nil, fmt.Errorf("%w: %s", ErrWithdrawn, h.Short())
	}
	if s.Find(h) != nil {
		return nil, nil
	}
	s.Published = append(s.Published, Published{Hash: h, Name: short(name), At: at})
	for i := 0; len(s.Published) > MaxPublished; {
		if old := s.Published[i].Hash; old != s.Active && (s.Canary == nil || old != s.Canary.Hash) {
			gone = append(gone, old)
			s.Published = slices.Delete(s.Published, i, i+1)
			continue
		}
		i++
	}
	s.did(at, didPublish, h, name)
	return gone, nil
}

// approve adds a person's word, once.
func (s *State) approve(h Hash, sig Signature, all Approvers, at time.Time) error {
	p := s.Find(h)
	if p == nil {
		return fmt.Errorf("%w: %s", ErrUnknown, h.Short())
	}
	if !all.Holds(h, sig) {
		return fmt.Errorf("%w: %.32q", ErrNotHers, sig.Person)
	}
	// What does not hold is no word, and must not stand in the way of one that does.
	p.Signatures = slices.DeleteFunc(p.Signatures, func(old Signature) bool { return !all.Holds(h, old) })
	if slices.ContainsFunc(p.Signatures, func(old Signature) bool { return old.Person == sig.Person }) {
		return nil
	}
	p.Signatures = append(p.Signatures, sig)
	s.did(at, didApprove, h, sig.Person)
	return nil
}

// canary puts a bundle on trial, for all at 100 percent: then it is the running one.
// 0 percent without a list ends the trial.
func (s *State) canary(h Hash, percent float64, list []Mark, all Approvers, at time.Time) error {
	if err := s.may(h, all); err != nil {
		return err
	}
	switch {
	case percent < 0 || percent > 100 || len(list) > MaxListed || len(list) > 0 && percent != 0:
		return fmt.Errorf("%w: 0 to 100 percent, or a list of at most %d", ErrRange, MaxListed)
	case percent == 0 && len(list) == 0:
		if s.Canary != nil && s.Canary.Hash == h {
			s.Canary = nil
			s.did(at, didStop, h, "")
		}
		return nil
	case s.Active == h:
		return fmt.Errorf("%w: %s runs already", ErrRange, h.Short())
	case percent == 100:
		s.Active, s.Canary = h, nil
		s.did(at, didRun, h, "")
		return nil
	case s.Active == Hash{}:
		return fmt.Errorf("%w: nothing runs yet beside which it could be tried – begin with --percent 100", ErrRange)
	}
	words := fmt.Sprintf("%g %% of subscribers", percent)
	if len(list) > 0 {
		words = fmt.Sprintf("%d subscribers by list", len(list))
	}
	s.did(at, didCanary, h, words)
	s.Canary = &Canary{Serial: s.Serial, Hash: h, Percent: percent, List: list, Since: at}
	return nil
}

// trip ends a trial by its numbers; false when it is not the trial they are of.
func (s *State) trip(serial uint64, numbers []Verdict, at time.Time) bool {
	if s.Canary == nil || s.Canary.Serial != serial || len(numbers) == 0 {
		return false
	}
	h := s.Canary.Hash
	s.Canary = nil
	s.did(at, didTrip, h, numbers[0].String(), numbers...)
	return true
}

// rollback makes another bundle the running one, whole, and ends every trial.
func (s *State) rollback(h Hash, all Approvers, why string, at time.Time) error {
	if err := s.may(h, all); err != nil {
		return err
	}
	if s.Active == h && s.Canary == nil {
		return nil
	}
	s.Active, s.Canary = h, nil
	s.did(at, didRollback, h, why)
	return nil
}

// withdraw has a bundle never run again: its sessions end at their next hop.
func (s *State) withdraw(h Hash, why string, at time.Time) error {
	switch {
	case s.Find(h) == nil && !s.IsWithdrawn(h):
		return fmt.Errorf("%w: %s", ErrUnknown, h.Short())
	case s.Active == h:
		return fmt.Errorf("%w: %s", ErrInUse, h.Short())
	case s.IsWithdrawn(h):
		return nil
	case len(s.Withdrawn) >= MaxWithdrawn:
		return fmt.Errorf("%w: %d are withdrawn", ErrRange, len(s.Withdrawn))
	}
	if s.Canary != nil && s.Canary.Hash == h {
		s.Canary = nil
	}
	s.Withdrawn = append(s.Withdrawn, h)
	s.did(at, didWithdraw, h, why)
	return nil
}

// disable switches a screen and what lies behind it off, or on again.
func (s *State) disable(screen, why string, on bool, at time.Time) error {
	i := slices.IndexFunc(s.Off, func(o Off) bool { return o.Screen == screen })
	switch {
	case on && i < 0, !on && i >= 0:
		return nil
	case on:
		h := s.Active
		s.Off = slices.Delete(s.Off, i, i+1)
		s.did(at, didOn, h, screen)
		return nil
	case len(s.Off) >= MaxOff:
		return fmt.Errorf("%w: %d subtrees are off – roll back instead", ErrRange, len(s.Off))
	}
	s.Off = append(s.Off, Off{screen, short(why), at})
	words := screen
	if why != "" {
		words += ": " + why
	}
	s.did(at, didOff, s.Active, words)
	return nil
}
