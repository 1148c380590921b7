package bundle

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/menus"
)

const tiny = `menu: tiny@1
languages: {en: gsm7}
keys: {back: {key: "0", label: {en: Back}}, home: {key: "00", label: {en: Home}}}
says: {choice: {en: x}, number: {en: x}, amount: {en: x}, digits: {en: x}, text: {en: x}, secret: {en: x}, dial: {en: x}, tries: {en: x}}
start: home
begin: [{go: home}]
screens:
  home: {text: {en: Hello}, options: [{label: {en: Bye}, end: {en: Bye}}]}
sms:
  sent: {en: "{receipt} {amount} {to} {balance} {fee}"}
  received: {en: "{receipt} {amount} {balance}"}
  issued: {en: "{receipt} {amount} {balance}"}
  redeemed: {en: "{receipt} {amount} {balance}"}
  airtime_bought: {en: "{receipt} {amount} {balance} {fee}"}
  airtime_received: {en: "{receipt} {amount}"}
  held: {en: "{receipt} {amount} {to} {until.date} {available} {fee}"}
  held_part: {en: "{receipt} {amount} {released} {to} {balance} {fee}"}
  held_voided: {en: "{receipt} {released} {available}"}
  held_expired: {en: "{receipt} {released} {available}"}
  not_done: {en: "{amount} {reason}"}
  expired: {en: "{amount}"}
`

func open(t *testing.T) (s *Store, write func(text string), clock *time.Time) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "menu.yaml")
	write = func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(tiny)
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	s, err := Open(Config{Path: path, Catalogue: menus.Catalogue{}, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	return s, write, &now
}

func reload(t *testing.T, s *Store, want bool) *menus.Bundle {
	t.Helper()
	changed, err := s.Reload()
	if err != nil || changed != want {
		t.Fatalf("changed %v, %v; want %v", changed, err, want)
	}
	return s.Active()
}

func TestABadMenuKeepsTheOldOne(t *testing.T) {
	s, write, _ := open(t)
	old := s.Active()
	for _, bad := range []string{"", "menu: [", strings.Replace(tiny, "go: home", "go: hose", 1)} {
		write(bad)
		if changed, err := s.Reload(); err == nil || changed || s.Active() != old || s.Get(old.Hash()) != old {
			t.Fatalf("%q: changed %v, %v", bad, changed, err)
		}
	}
	_, err := s.Reload()
	if err == nil || !strings.Contains(err.Error(), "menu.yaml:6:14: there is no screen \"hose\"") {
		t.Fatalf("the error has no place: %v", err)
	}
}

func TestReplacedBundlesStayForTheirSessions(t *testing.T) {
	s, write, now := open(t)
	first := s.Active()
	reload(t, s, false)
	write(strings.Replace(tiny, "Hello", "Hi", 1))
	second := reload(t, s, true)
	if first == second || s.Get(first.Hash()) != first || s.Get(second.Hash()) != second {
		t.Fatal("a pinned session lost its bundle")
	}
	*now = now.Add(MinKeep - time.Second)
	write(strings.Replace(tiny, "Hello", "Hey", 1))
	reload(t, s, true)
	if s.Get(first.Hash()) != first {
		t.Fatal("dropped too early")
	}
	*now = now.Add(2 * time.Second)
	write(tiny)
	if back := reload(t, s, true); back.Hash() != first.Hash() || s.Get(second.Hash()) == nil {
		t.Fatal("the first menu did not come back")
	}
	*now = now.Add(2 * MinKeep)
	write(strings.Replace(tiny, "Hello", "Yo", 1))
	reload(t, s, true)
	if s.Get(second.Hash()) != nil || s.Get(first.Hash()) == nil {
		t.Fatal("kept too long, or dropped what was active a moment ago")
	}
	if s.Get([32]byte{}) != nil {
		t.Fatal("a bundle nobody has")
	}
}

func TestTooManyChangesAreRefused(t *testing.T) {
	s, write, _ := open(t)
	for i := range 2 * MaxOld {
		write(tiny + "#" + strings.Repeat("x", i) + "\n")
		if _, err := s.Reload(); err != nil {
			if i < MaxOld-1 {
				t.Fatalf("change %d: %v", i, err)
			}
			return
		}
	}
	t.Fatal("the shelf has no end")
}

func TestBuiltInWalletNeedsItsCatalogue(t *testing.T) {
	if _, err := Open(Config{Catalogue: menus.Catalogue{}}); err == nil || !strings.Contains(err.Error(), menus.WalletName) {
		t.Fatalf("without a catalogue: %v", err)
	}
	if _, err := Open(Config{Path: filepath.Join(t.TempDir(), "none")}); err == nil {
		t.Fatal("a missing file opened")
	}
	if !bytes.Contains(menus.Wallet(), []byte("menu: wallet@")) {
		t.Fatal("the wallet is not built in")
	}
}

func TestReadersAndReloadsRunTogether(t *testing.T) {
	s, write, _ := open(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 1000 {
				if b := s.Active(); s.Get(b.Hash()) != b {
					t.Error("the active bundle is not on the shelf")
					return
				}
			}
		})
	}
	for i := range 8 {
		write(tiny + "#" + strings.Repeat("y", i) + "\n")
		reload(t, s, true)
	}
	wg.Wait()
}
