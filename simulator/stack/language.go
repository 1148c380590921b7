package stack

import (
	"context"
	"errors"
	"fmt"

	"mlango/ledgerd/ledger"
)

// errNobody says that a number has no account, or that a language is none.
var errNobody = errors.New("stack: nobody has this number, or nobody reads that")

// Language is what the holder of a number reads, by two letters.
func (s *Stack) Language(ctx context.Context, number string) (string, error) {
	p, err := s.ledger.Profile(ctx, number)
	if err != nil {
		return "", fmt.Errorf("stack: language: %w", err)
	}
	return p.Language.String(), nil
}

// SetLanguage changes it, as the menu does.
func (s *Stack) SetLanguage(ctx context.Context, number, language string) error {
	p, err := s.ledger.Profile(ctx, number)
	if err != nil {
		return fmt.Errorf("stack: language: %w", err)
	}
	if !p.Known || len(language) != len(ledger.Language{}) {
		return errNobody
	}
	if err := s.ledger.SetLanguage(ctx, p.Account, ledger.Language{language[0], language[1]}); err != nil {
		return fmt.Errorf("stack: language: %w", err)
	}
	return nil
}
