package main

import (
	"net/url"
	"strings"
	"unicode"
)

// harmless is a text of others as a terminal may show it: what would steer it – colours,
// titles, a line that overwrites another – is shown as a dot. Lines may break.
func harmless(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsGraphic(r) {
			return r
		}
		return '·'
	}, text)
}

// word is harmless of what stands in one line.
func word(text string) string { return strings.ReplaceAll(harmless(text), "\n", "·") }

// unsecret is a URL as it may be read by everybody: without its password. What is no URL
// but may hold one is not shown at all.
func unsecret(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil && strings.Contains(text, "@"):
		return "***"
	case err != nil || u.User == nil:
		return text
	}
	return u.Redacted()
}
