//go:build house

package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// keepsSecrets looks through everything the programs wrote: no PIN in clear in any
// file, no PIN and no whole number in any log.
func (c *crowd) keepsSecrets() {
	c.t.Helper()
	pins := map[string]bool{}
	for _, p := range c.cfg.People {
		pins[p.PIN] = true
	}
	eachFile(c.t, c.data, func(path string, b []byte) {
		for i := 0; i+6 <= len(b); i++ {
			if b[i] >= '0' && b[i] <= '9' && pins[string(b[i:i+6])] && !amidDigits(b, i, 6) {
				c.t.Errorf("%s holds a PIN: …%q…", path, b[max(0, i-20):min(len(b), i+26)])
			}
		}
		if filepath.Ext(path) == ".log" && filepath.Dir(path) == c.data {
			noNumbers(c.t, path, b)
		}
	})
}

// amidDigits tells whether b[at:at+n] is a part of a longer number or word.
func amidDigits(b []byte, at, n int) bool {
	word := func(i int) bool {
		return i >= 0 && i < len(b) && regexp.MustCompile(`[0-9A-Za-z.]`).Match(b[i:i+1])
	}
	return word(at-1) || word(at+n)
}

// wholeNumber is an MSISDN of the country as anybody writes it.
var wholeNumber = regexp.MustCompile(`(254|\b0)7\d{8}`)

func noNumbers(t testing.TB, path string, b []byte) {
	t.Helper()
	if m := wholeNumber.Find(b); m != nil {
		t.Errorf("%s holds the number %s", path, m)
	}
}

// eachFile reads every file below a folder.
func eachFile(t testing.TB, dir string, fn func(path string, b []byte)) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil {
			fn(path, b)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
