package stack

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
)

// The partner of the demo world: a till that asks people to approve payments to it.
const (
	Partner     = "mama"
	PartnerTill = "500001"

	partnerFile = "partner.key" // what it signs its calls with, made at random
)

// PartnerKey is the file of the secret that the partner signs its calls with.
func (s *Stack) PartnerKey() string { return filepath.Join(s.data, partnerFile) }

// partnerKey makes that secret, once for a data folder.
func (s *Stack) partnerKey() error {
	if s.ports.Partners == "" {
		return nil
	}
	if _, err := os.Stat(s.PartnerKey()); err == nil {
		return nil
	}
	if err := os.WriteFile(s.PartnerKey(), []byte(rand.Text()+rand.Text()), 0o600); err != nil {
		return fmt.Errorf("stack: the partner's secret: %w", err)
	}
	return nil
}
