package dialog

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"mlango/ledgerd/ledger"
	"mlango/menus"
)

// shelf is a gateway's bundles of which one can be withdrawn.
type shelf struct {
	mu        sync.Mutex
	all       map[[32]byte]*menus.Bundle
	withdrawn map[[32]byte]bool
	now       *menus.Bundle
}

func newShelf(all ...*menus.Bundle) *shelf {
	s := &shelf{all: map[[32]byte]*menus.Bundle{}, withdrawn: map[[32]byte]bool{}, now: all[0]}
	for _, b := range all {
		s.all[b.Hash()] = b
	}
	return s
}

func (s *shelf) For(string) *menus.Bundle { s.mu.Lock(); defer s.mu.Unlock(); return s.now }

func (s *shelf) Off([32]byte, string) bool { return false }

func (s *shelf) Get(hash [32]byte) *menus.Bundle {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.withdrawn[hash] {
		return nil
	}
	return s.all[hash]
}

// withdraw has a bundle never run again, and another one run.
func (s *shelf) withdraw(b, next *menus.Bundle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.withdrawn[b.Hash()], s.now = true, next
}

// another is the wallet with one text changed.
func another(t testing.TB) *menus.Bundle {
	t.Helper()
	src := strings.Replace(string(menus.Wallet()), "Send money to which number?", "Who gets the money?", 1)
	b, err := menus.Parse("another", []byte(src), Catalogue())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestAWithdrawnBundleEndsPolitely: at the next hop, in the session's language, without
// an order; the next dial is of the bundle that runs.
func TestAWithdrawnBundleEndsPolitely(t *testing.T) {
	for _, lang := range []string{"en", "sw", "am"} {
		w := newWorld(t)
		bad, good := wallet(t), another(t)
		all := newShelf(bad, good)
		w.cfg.Bundles, w.ledger.language = all, lang
		p := w.phone("s1").toPIN()
		all.withdraw(bad, good)
		r := p.press(thePI)
		if !r.End || r.Refused != RefusedDead || r.Text != plain(RefusedDead, lang) || r.Secret {
			t.Errorf("%s: %+v", lang, r)
		}
		if w.commits() != 0 || w.orders.Depth() != 0 || len(w.told.all()) != 0 {
			t.Errorf("%s: something was done", lang)
		}
		if again := p.again(thePI); again != r {
			t.Errorf("%s: the hop again: %+v, first %+v", lang, again, r)
		}
		next := w.phone("s2")
		next.dial("*334#")
		if r := next.press("1"); lang == "en" && !strings.Contains(r.Text, "Who gets the money?") || r.End {
			t.Errorf("%s: the next dial: %+v", lang, r)
		}
	}
}

// TestMoneyUnderWayOutlivesItsBundle: an order is placed, its bundle is withdrawn. Who
// waits is told that it goes on and that an SMS follows, and so is who asks meanwhile:
// never that it ended, or that nothing was taken. Of a payment the ledger's own notice
// tells, of a reject the promise.
func TestMoneyUnderWayOutlivesItsBundle(t *testing.T) {
	for _, c := range []struct {
		reject ledger.Reject
		told   int
	}{{ledger.OK, 0}, {ledger.NotEnoughFunds, 1}} {
		synctest.Test(t, func(t *testing.T) { underWay(t, c.reject, c.told) })
	}
}

func underWay(t *testing.T, reject ledger.Reject, told int) {
	w := newWorld(t)
	bad, good := wallet(t), another(t)
	all := newShelf(bad, good)
	w.cfg.Bundles = all
	w.ledger.set(func(f *fakeLedger) { f.delay, f.reject = 8*time.Second, reject })
	p := w.phone("s1").toPIN()
	var first Reply
	done := make(chan struct{})
	go func() {
		defer close(done)
		first = p.press(thePI)
	}()
	time.Sleep(time.Second)
	all.withdraw(bad, good)
	other := *p
	meanwhile := other.again(thePI)
	<-done
	for who, r := range map[string]Reply{"who waits": first, "who asks meanwhile": meanwhile} {
		if !r.End || r.Refused != "" || !strings.Contains(r.Text, "SMS follows") {
			t.Errorf("%s: %+v", who, r)
		}
	}
	time.Sleep(5 * time.Minute)
	if n := w.commits(); n != 1-told {
		t.Errorf("%s: %d commits", reject, n)
	}
	if list := w.told.all(); len(list) != told || told > 0 && list[0] != reject {
		t.Errorf("%s: the payer was told %v", reject, list)
	}
	_ = w.orders.Close()
}

// TestPlainScreensFit wherever they are shown, in every language of the wallet.
func TestPlainScreensFit(t *testing.T) {
	for name, texts := range tableTexts {
		for _, lang := range []string{"en", "sw", "am"} {
			limit := 160
			if lang == "am" {
				limit = 80
			}
			if n := len(utf16.Encode([]rune(texts[lang]))); n == 0 || n > limit {
				t.Errorf("%s %s: %d of %d units", name, lang, n, limit)
			}
		}
	}
}
