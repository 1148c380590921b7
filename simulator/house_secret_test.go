//go:build house

package main

import (
	"bytes"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"mlango/simulator/stack"
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

// sealedWord is anything long enough to be a sealed PIN as text.
var sealedWord = regexp.MustCompile(`[0-9A-Za-z+_-]{44,}`)

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

// TestHouseKeepsSecrets has people type PINs, right and wrong ones, by both doors,
// while programs are killed, and then reads all that was written: no file holds a
// PIN, no log a whole number, however much is logged, the ledger's folder and Redis no
// person.
func TestHouseKeepsSecrets(t *testing.T) {
	t.Parallel()
	r := newRig(t, parts{redis: true, sandbox: true, loud: true}).demoWorld()
	const mistyped = "483926"
	for i, name := range []string{stack.Ledgerd, stack.Gateway, ""} {
		amount := strconv.Itoa(200 + i) // another each time: an equal one would be asked about
		r.last(1, append(pays(2, amount), mistyped, stack.PIN)...)
		session := "ATUid_" + amount
		for _, text := range []string{"", "3", "3*1", "3*1*" + mistyped, "3*1*" + mistyped + "*" + stack.PIN} {
			doorScreen(t, r, session, person(4).MSISDN, text)
		}
		notHops(t, r, mistyped)
		if name != "" {
			r.kill(name)
			r.restart(name)
			until(t, "a payment can be dialled", func() bool { return r.last(1).Open })
		}
	}
	r.settled()
	if ok := r.redis.say("SAVE"); ok != "+OK" {
		t.Fatalf("redis: %s", ok)
	}
	r.stop()
	for _, dir := range []string{r.data, r.redis.dir} {
		eachFile(t, dir, func(path string, b []byte) { holdsNobody(t, r, path, b, mistyped) })
	}
}

// notHops sends what the doors refuse, a PIN in it: refusals are logged.
func notHops(t *testing.T, r *rig, secret string) {
	t.Helper()
	f := form("ATUid_x", person(1).MSISDN, "1*0722000002*500*"+secret)
	for name, value := range map[string]string{"phoneNumber": "0722-" + secret, "sessionId": "", "serviceCode": secret, "status": "Failed"} {
		bad := maps.Clone(f)
		bad.Set(name, value)
		bad.Set("durationInMillis", "1")
		resp, err := http.PostForm(r.door(), bad)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
}

// holdsNobody looks for what must not stand in a file.
func holdsNobody(t *testing.T, r *rig, path string, b []byte, mistyped string) {
	t.Helper()
	for _, pin := range []string{stack.PIN, mistyped} {
		for at := 0; ; at++ {
			i := bytes.Index(b[at:], []byte(pin))
			if i < 0 {
				break
			}
			if at += i; !amidDigits(b, at, len(pin)) {
				t.Errorf("%s holds a PIN: …%q…", path, b[max(0, at-20):min(len(b), at+24)])
			}
		}
	}
	switch {
	case filepath.Dir(path) == r.data && filepath.Ext(path) == ".log":
		noNumbers(t, path, b)
		if word := sealedWord.Find(b); word != nil {
			t.Errorf("%s holds what may be a sealed PIN: %s", path, word)
		}
	case strings.HasPrefix(path, filepath.Join(r.data, stack.Ledgerd)+"/"):
		noNumbers(t, path, b)
		for _, u := range stack.People() {
			if bytes.Contains(b, []byte(u.Name)) {
				t.Errorf("%s holds the name %s", path, u.Name)
			}
		}
	}
}
