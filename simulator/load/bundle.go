package load

import (
	"fmt"

	"mlango/menus"
)

// Words reads a menu's source for the texts the audit expects; the gateway has
// proved it.
func Words(name, source string) (*menus.Bundle, error) {
	b, err := menus.ParseTexts(name, []byte(source))
	if err != nil {
		return nil, fmt.Errorf("load: the gateway's menu: %w", err)
	}
	return b, nil
}
