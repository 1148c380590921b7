package bundle

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits of a fleet's state.
const (
	MaxPublished = 64   // bundles that can be activated; the oldest go first, never those in use
	MaxWithdrawn = 4096 // hashes that never run again
	MaxOff       = 32   // subtrees switched off at once
	MaxListed    = 1000 // subscribers of a canary by list
	MaxChanges   = 100  // remembered
	MaxWhy       = 200  // bytes of a reason
	shown        = 12   // digits of a hash that people see
	leastOf      = 4    // digits by which a bundle may be named
)

// Why a change is refused.
var (
	ErrUnknown   = errors.New("bundle: no such bundle is published")
	ErrUnsigned  = errors.New("bundle: two approvers sign a bundle before it runs")
	ErrCannot    = errors.New("bundle: this gateway cannot run it")
	ErrWithdrawn = errors.New("bundle: it was withdrawn and never runs again")
	ErrInUse     = errors.New("bundle: it is the running bundle – roll back to another first")
	ErrRange     = errors.New("bundle: outside what is taken")
)

// Hash names a bundle by its content.
type Hash [32]byte

// String is the whole hash.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Short is the hash as people see it.
func (h Hash) Short() string {
	if h == (Hash{}) {
		return "none"
	}
	return h.String()[:shown]
}

// MarshalText writes it as hexadecimal digits; none is nothing.
func (h Hash) MarshalText() ([]byte, error) {
	if h == (Hash{}) {
		return nil, nil
	}
	return []byte(h.String()), nil
}

// UnmarshalText reads what MarshalText wrote.
func (h *Hash) UnmarshalText(text []byte) error {
	*h = Hash{}
	if len(text) == 0 {
		return nil
	}
	if len(text) != 2*len(h) {
		return fmt.Errorf("bundle: %d digits are no hash", len(text))
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Published is a bundle that the store has.
type Published struct {
	Hash       Hash        `json:"hash"`
	Name       string      `json:"name"` // the author's label
	At         time.Time   `json:"at"`
	Signatures []Signature `json:"signatures,omitempty"`
}

// Canary is a bundle on trial.
type Canary struct {
	Serial  uint64    `json:"serial"` // of the state that began it: its counts go by it
	Hash    Hash      `json:"hash"`
	Percent float64   `json:"percent,omitempty"` // of subscribers, by a hash of the MSISDN
	List    []Mark    `json:"list,omitempty"`    // or those
	Since   time.Time `json:"since"`
}

// Mark stands for a subscriber in a canary's list.
type Mark uint64

// MarkOf is a subscriber's mark. It is there for brevity, not to hide the number.
func MarkOf(msisdn string) Mark { return Mark(number64("list", msisdn)) }

func number64(salt, msisdn string) uint64 {
	sum := sha256.Sum256([]byte(salt + "\n" + msisdn))
	return binary.BigEndian.Uint64(sum[:])
}

// takes tells whether a subscriber is in the trial. Who is in it at 5 percent of a
// bundle is in it at 10.
func (c *Canary) takes(msisdn string) bool {
	if len(c.List) > 0 {
		return slices.Contains(c.List, MarkOf(msisdn))
	}
	return float64(number64(c.Hash.String(), msisdn)%10_000) < c.Percent*100
}

// Off is a subtree that is switched off, in every bundle that has its screen.
type Off struct {
	Screen string    `json:"screen"`
	Why    string    `json:"why,omitempty"`
	At     time.Time `json:"at"`
}

// Change is one thing that was done to the fleet.
type Change struct {
	Serial  uint64    `json:"serial"`
	At      time.Time `json:"at"`
	What    string    `json:"what"`
	Hash    Hash      `json:"hash"`
	Why     string    `json:"why,omitempty"`
	Verdict []Verdict `json:"verdict,omitempty"` // the numbers that decided
}

// State is what a fleet is asked to run. It changes whole, by one swap in the store:
// a crash leaves the one before or the one after.
type State struct {
	Serial    uint64      `json:"serial"` // rises with every change
	At        time.Time   `json:"at"`
	Active    Hash        `json:"active"`
	Canary    *Canary     `json:"canary,omitempty"`
	Published []Published `json:"published"` // the oldest first
	Withdrawn []Hash      `json:"withdrawn,omitempty"`
	Off       []Off       `json:"off,omitempty"`
	Changes   []Change    `json:"changes"` // the oldest first
}

// clone is a copy that can be changed.
func (s State) clone() State {
	s.Published = slices.Clone(s.Published)
	for i := range s.Published {
		s.Published[i].Signatures = slices.Clone(s.Published[i].Signatures)
	}
	s.Withdrawn, s.Off, s.Changes = slices.Clone(s.Withdrawn), slices.Clone(s.Off), slices.Clone(s.Changes)
	return s
}

// Find is a published bundle by its hash.
func (s *State) Find(h Hash) *Published {
	i := slices.IndexFunc(s.Published, func(p Published) bool { return p.Hash == h })
	if i < 0 {
		return nil
	}
	return &s.Published[i]
}

// Named finds a bundle by the first digits of its hash.
func (s *State) Named(digits string) (Hash, error) {
	var found []Hash
	for _, p := range s.Published {
		if len(digits) >= leastOf && strings.HasPrefix(p.Hash.String(), strings.ToLower(digits)) {
			found = append(found, p.Hash)
		}
	}
	if len(found) != 1 {
		return Hash{}, fmt.Errorf("%w under %.64q – name it by %d or more digits of its hash", ErrUnknown, digits, leastOf)
	}
	return found[0], nil
}

// Previous is the bundle that ran before the active one; none when there was none.
func (s *State) Previous() Hash {
	for _, c := range slices.Backward(s.Changes) {
		if (c.What == didRun || c.What == didRollback) && c.Hash != s.Active && s.Find(c.Hash) != nil && !s.IsWithdrawn(c.Hash) {
			return c.Hash
		}
	}
	return Hash{}
}

// IsWithdrawn tells whether a bundle never runs again.
func (s *State) IsWithdrawn(h Hash) bool { return slices.Contains(s.Withdrawn, h) }

// may tells why a bundle may not run; nil when it may.
func (s *State) may(h Hash, all Approvers) error {
	p := s.Find(h)
	switch {
	case p == nil:
		return fmt.Errorf("%w: %s", ErrUnknown, h.Short())
	case s.IsWithdrawn(h):
		return fmt.Errorf("%w: %s", ErrWithdrawn, h.Short())
	}
	if by := all.Signed(h, p.Signatures); len(by) < Approvals {
		return fmt.Errorf("%w: %s is signed by %s", ErrUnsigned, h.Short(), cmp.Or(strings.Join(by, ", "), "nobody"))
	}
	return nil
}
