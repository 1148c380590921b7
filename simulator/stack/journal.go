package stack

import (
	"context"
	"encoding/json"
	"fmt"
)

// LastEntry is the index of the journal's last durable entry.
func (s *Stack) LastEntry(ctx context.Context) (uint64, error) {
	sheet, err := s.ledger.Status(ctx)
	if err != nil {
		return 0, fmt.Errorf("stack: status: %w", err)
	}
	var stands struct {
		Journal struct {
			Index uint64 `json:"index"`
		} `json:"journal"`
	}
	if err := json.Unmarshal(sheet, &stands); err != nil {
		return 0, fmt.Errorf("stack: status: %w", err)
	}
	return stands.Journal.Index, nil
}
