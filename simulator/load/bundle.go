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

// Reads gives a run the menu that the gateway runs: the words of its SMS, and the way to
// what people dial for.
func (c *Config) Reads(name, source string) (err error) {
	if c.Bundle, err = Words(name, source); err != nil {
		return err
	}
	if c.Chart, err = menus.ReadChart(name, []byte(source)); err != nil {
		return fmt.Errorf("load: the gateway's menu: %w", err)
	}
	return nil
}
