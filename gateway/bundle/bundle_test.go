package bundle

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
  home: {text: {en: Hello}, options: [{label: {en: Bye}, end: {en: Bye}}, {label: {en: More}, go: more}, {label: {en: Airtime}, go: airtime}]}
  more: {text: {en: More}, options: [{label: {en: Bye}, end: {en: Bye}}]}
  airtime: {text: {en: Airtime}, options: [{label: {en: Mine}, go: mine}, {label: {en: More}, go: more}]}
  mine: {text: {en: Mine}, options: [{label: {en: Bye}, end: {en: Bye}}]}
sms:
  sent: {en: "{receipt} {amount} {to} {balance} {fee}"}
  received: {en: "{receipt} {amount} {balance}"}
  issued: {en: "{receipt} {amount} {balance}"}
  redeemed: {en: "{receipt} {amount} {balance}"}
  airtime_bought: {en: "{receipt} {amount} {balance} {fee}"}
  airtime_received: {en: "{receipt} {amount}"}
  withdrawn: {en: "{receipt} {amount} {name} {balance} {fee}"}
  gave_cash: {en: "{receipt} {amount} {name} {balance}"}
  deposited: {en: "{receipt} {amount} {name} {balance}"}
  took_cash: {en: "{receipt} {amount} {name} {balance}"}
  bill_paid: {en: "{receipt} {amount} {name} {account} {balance} {fee}"}
  bill_received: {en: "{receipt} {amount} {account} {balance}"}
  goods_paid: {en: "{receipt} {amount} {name} {balance} {fee}"}
  came_back: {en: "{receipt} {amount} {balance}"}
  taken_back: {en: "{receipt} {amount} {balance}"}
  not_reversed: {en: "{amount} {reason}"}
  held: {en: "{receipt} {amount} {to} {until.date} {available} {fee}"}
  held_part: {en: "{receipt} {amount} {released} {to} {balance} {fee}"}
  held_voided: {en: "{receipt} {released} {available}"}
  held_expired: {en: "{receipt} {released} {available}"}
  new_pin: {en: "{at.date}"}
  not_done: {en: "{amount} {reason}"}
  expired: {en: "{amount}"}
`

// saying is the menu with another first screen.
func saying(text string) string { return strings.Replace(tiny, "Hello", text, 1) }

// rig is a fleet on one folder, with a clock of its own.
type rig struct {
	t     *testing.T
	now   time.Time
	keys  []Key
	fleet *Fleet
	notes []string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, now: noon}
	store, err := OpenFile(filepath.Join(t.TempDir(), "store"), func() time.Time { return r.now })
	if err != nil {
		t.Fatal(err)
	}
	keys := t.TempDir()
	r.fleet = &Fleet{Store: store, Now: func() time.Time { return r.now }}
	for _, person := range []string{"amina", "baraka", "chebet"} {
		k, err := MakeKey(filepath.Join(keys, person), person)
		if err != nil {
			t.Fatal(err)
		}
		r.keys = append(r.keys, k)
		r.fleet.Approvers = append(r.fleet.Approvers, k.Approver)
	}
	return r
}

func (r *rig) live(name string) *Live {
	return Open(Config{Gateway: name, Fleet: r.fleet, Catalogue: menus.Catalogue{}, Note: func(text string, _ bool) { r.notes = append(r.notes, text) }})
}

func (r *rig) must(_ any, err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) look(all ...*Live) {
	r.t.Helper()
	for _, l := range all {
		if err := l.Look(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		if err := l.Tell(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
	}
}

// published puts a menu into the store, with the word of the first n approvers.
func (r *rig) published(text string, n int) Hash {
	r.t.Helper()
	rep, err := r.fleet.Publish(r.t.Context(), "menu.yaml", []byte(text), menus.Catalogue{})
	if err != nil {
		r.t.Fatal(err)
	}
	for _, k := range r.keys[:n] {
		r.must(r.fleet.Approve(r.t.Context(), rep.Hash, k.Sign(rep.Hash, r.now)))
	}
	return rep.Hash
}

func (r *rig) running(text string) Hash {
	r.t.Helper()
	h := r.published(text, 2)
	r.must(r.fleet.Canary(r.t.Context(), h, 100, nil))
	return h
}

func TestOnlyWhatTwoSignedRuns(t *testing.T) {
	r := newRig(t)
	ctx, l := t.Context(), r.live("gw1")
	h := r.published(tiny, 0)
	sign := func(sig Signature, want error) {
		t.Helper()
		if _, err := r.fleet.Approve(ctx, h, sig); !errors.Is(err, want) {
			t.Fatalf("%v, want %v", err, want)
		}
	}
	refused := func() {
		t.Helper()
		if _, err := r.fleet.Canary(ctx, h, 100, nil); !errors.Is(err, ErrUnsigned) {
			t.Fatal(err)
		}
	}
	refused()
	sign(r.keys[0].Sign(h, noon), nil)
	refused()
	sign(r.keys[0].Sign(h, noon), nil) // her word again
	refused()
	stranger, err := MakeKey(filepath.Join(t.TempDir(), "k"), "baraka")
	if err != nil {
		t.Fatal(err)
	}
	sign(stranger.Sign(h, noon), ErrNotHers)
	sign(r.keys[1].Sign(Hash{1}, noon), ErrNotHers) // another bundle's
	other := r.keys[1].Sign(h, noon)
	other.Person = "chebet"
	sign(other, ErrNotHers)
	refused()
	if err := l.Look(ctx); err != nil || l.Active() != nil {
		t.Fatalf("%v, %v", l.Active(), err)
	}
	sign(r.keys[1].Sign(h, noon), nil)
	r.must(r.fleet.Canary(ctx, h, 100, nil))
	r.look(l)
	if l.Active().Hash() != h {
		t.Fatal("it does not run")
	}
	// One person with two names has one word.
	twice := Approvers{r.keys[0].Approver, {"baraka", r.keys[0].Public}}
	both := []Signature{r.keys[0].Sign(h, noon), {Person: "baraka", Sig: Key{twice[1], r.keys[0].private}.Sign(h, noon).Sig}}
	if by := twice.Signed(h, both); len(by) != 1 {
		t.Fatal(by)
	}
}

func TestASessionFinishesOnItsBundle(t *testing.T) {
	r := newRig(t)
	ctx, l, other := t.Context(), r.live("gw1"), r.live("gw2")
	first := r.running(tiny)
	r.look(l)
	second := r.running(saying("Hi"))
	r.look(l)
	if l.Active().Hash() != second || l.Get(first) == nil {
		t.Fatal("a pinned session lost its bundle")
	}
	if other.Get(second) == nil {
		t.Fatal("a session that another gateway began is not known here")
	}
	r.now = r.now.Add(MinKeep + time.Second)
	r.running(saying("Hey"))
	r.look(l)
	if _, held := l.view.Load().all[first]; held || l.Get(first) == nil {
		t.Fatal("kept too long, or not to be had again")
	}
	r.must(r.fleet.Withdraw(ctx, first, "it lied"))
	r.look(l)
	if l.Get(first) != nil || l.Get(second) == nil || l.Get([32]byte{9}) != nil {
		t.Fatal("withdrawn, and still there; or not withdrawn, and gone")
	}
	r.now = r.now.Add(2 * missAgain)
	if _, err := r.fleet.Rollback(ctx, first, ""); !errors.Is(err, ErrWithdrawn) || l.Get(first) != nil {
		t.Fatal(err)
	}
	if _, err := r.fleet.Withdraw(ctx, Hash(l.Active().Hash()), ""); !errors.Is(err, ErrInUse) {
		t.Fatal(err)
	}
}

func TestRollbackIsWhole(t *testing.T) {
	r := newRig(t)
	ctx, l := t.Context(), r.live("gw1")
	first, second := r.running(tiny), r.running(saying("Hi"))
	third := r.published(saying("Hey"), 2)
	r.must(r.fleet.Canary(ctx, third, 10, nil))
	s, err := r.fleet.State(ctx)
	if err != nil || s.Previous() != first {
		t.Fatal(s.Previous(), err)
	}
	r.must(r.fleet.Rollback(ctx, first, "calls"))
	r.look(l)
	s, _ = l.State()
	if l.Active().Hash() != first || s.Canary != nil || s.Previous() != second || l.For("254722000001").Hash() != first {
		t.Fatalf("%+v", s)
	}
	if len(r.notes) == 0 {
		t.Fatal("nothing was said")
	}
}

func TestCanaryTakesItsShare(t *testing.T) {
	r := newRig(t)
	ctx, l, base := t.Context(), r.live("gw1"), r.running(tiny)
	next := r.published(saying("Hi"), 2)
	in := func(n int) bool { return l.For(fmt.Sprintf("2547%08d", n)).Hash() == next }
	was := map[int]bool{}
	for _, percent := range []float64{0.5, 5, 50} {
		r.must(r.fleet.Canary(ctx, next, percent, nil))
		r.look(l)
		count := 0
		for n := range 20_000 {
			if in(n) {
				count++
			} else if was[n] {
				t.Fatalf("%d was in it and is out at %g %%", n, percent)
			}
			was[n] = in(n)
		}
		if share := float64(count) / 200; share < percent*0.8-0.1 || share > percent*1.2+0.1 {
			t.Errorf("%g %% of all are %g %%", percent, share)
		}
	}
	r.must(r.fleet.Canary(ctx, next, 0, []Mark{MarkOf("254700000007")}))
	r.look(l)
	if !in(7) || in(8) {
		t.Error("the list does not decide")
	}
	r.must(r.fleet.Canary(ctx, next, 0, nil))
	r.look(l)
	if in(7) || l.Active().Hash() != base {
		t.Error("it goes on")
	}
	for _, c := range []struct {
		percent float64
		list    []Mark
	}{{-1, nil}, {101, nil}, {5, []Mark{1}}, {0, make([]Mark, MaxListed+1)}} {
		if _, err := r.fleet.Canary(ctx, next, c.percent, c.list); !errors.Is(err, ErrRange) {
			t.Errorf("%v: %v", c.percent, err)
		}
	}
}

// TestNumbersOfTwoGatewaysPutACanaryBack: the counts meet in the store, whoever looks
// first decides, and the numbers stay.
func TestNumbersOfTwoGatewaysPutACanaryBack(t *testing.T) {
	r := newRig(t)
	ctx, all := t.Context(), []*Live{r.live("gw1"), r.live("gw2")}
	base, next := r.running(tiny), r.published(saying("Hi"), 2)
	r.must(r.fleet.Canary(ctx, next, 50, nil))
	r.look(all...)
	r.now = r.now.Add(grace)
	visit := func(l *Live, h Hash, n int, good bool) {
		for range n {
			l.Visit(h, r.now, r.now, "airtime", false)
			l.Visit(h, noon, r.now, "airtime", false) // began before: counts for nothing
			if good {
				l.Visit(h, r.now, r.now, "airtime", true)
			}
		}
	}
	for _, l := range all {
		visit(l, base, 120, true)
		visit(l, next, 60, false)
	}
	r.look(all...)
	if st, err := r.fleet.Status(ctx); err != nil || st.Numbers[0].Canary.Visits != 0 {
		t.Fatal("what is not ripe counts", st.Numbers, err)
	}
	r.now = r.now.Add(ripe + 2*time.Second)
	r.look(all...)
	again := r.live("gw2") // it is started anew, and goes on from what it told
	r.look(again)
	r.now = r.now.Add(grace)
	visit(again, next, 60, false)
	r.now = r.now.Add(ripe + 2*time.Second)
	r.look(all[0], again)
	all[0].judge(ctx)
	if s, _ := all[0].State(); s.Canary == nil {
		t.Fatal("put back at 180 visits")
	}
	visit(all[0], next, 20, false)
	r.now = r.now.Add(ripe + 2*time.Second)
	r.look(all[0])
	again.judge(ctx)
	if s, _ := all[0].State(); s.Canary == nil {
		t.Fatal("put back by what only one gateway has told")
	}
	r.look(again)
	again.judge(ctx)
	r.look(all[0])
	s, _ := all[0].State()
	last := s.Changes[len(s.Changes)-1]
	if s.Canary != nil || last.What != didTrip || len(last.Verdict) != 1 || last.Verdict[0].Canary != (Count{200, 0}) || last.Verdict[0].Running != (Count{240, 240}) {
		t.Fatalf("%+v", last)
	}
	if all[0].For("254722000001").Hash() != base || all[0].Get(next) == nil {
		t.Fatal("new sessions begin with it, or old ones cannot finish")
	}
}

func TestCountsAreBounded(t *testing.T) {
	var c counts
	c.begin(1, noon)
	for i := range 2 * MaxSteps {
		c.add(1, noon.Add(grace), noon, stepOf(strings.Repeat("s", 300)+fmt.Sprint(i)), Arms{})
		c.add(1, noon.Add(grace), noon, fmt.Sprint(i), Arms{})
	}
	if n := len(c.ripen(noon)[0].Steps); n != MaxSteps {
		t.Fatal(n)
	}
}

func TestPublishAsksEveryGateway(t *testing.T) {
	r := newRig(t)
	ctx := t.Context()
	cat := menus.Catalogue{"greet": {Outcomes: []string{"ok"}}}
	text := strings.Replace(tiny, "go: more}, {label: {en: Airtime}", "go: hello}, {label: {en: Airtime}", 1) +
		"\n"
	text = strings.Replace(text, "sms:\n", "  hello: {call: greet, budget: 1s, then: {ok: more, timeout: more}}\nsms:\n", 1)
	old, fresh := r.live("old"), Open(Config{Gateway: "fresh", Fleet: r.fleet, Catalogue: cat})
	r.look(old, fresh)
	_, err := r.fleet.Publish(ctx, "menu.yaml", []byte(text), cat)
	if err == nil || !strings.Contains(err.Error(), `the gateway old cannot run it:`) || !strings.Contains(err.Error(), `menu.yaml:`) || strings.Contains(err.Error(), "fresh") {
		t.Fatal(err)
	}
	r.now = r.now.Add(Lease + time.Second) // it is gone
	r.look(fresh)
	rep, err := r.fleet.Publish(ctx, "menu.yaml", []byte(text), cat)
	if err != nil || !slices.Equal(rep.Gateways, []string{"fresh"}) {
		t.Fatalf("%+v, %v", rep, err)
	}
	for _, k := range r.keys[:2] {
		r.must(r.fleet.Approve(ctx, rep.Hash, k.Sign(rep.Hash, r.now)))
	}
	r.look(old) // and back
	if _, err := r.fleet.Canary(ctx, rep.Hash, 100, nil); err == nil || !strings.Contains(err.Error(), "the gateway old") {
		t.Fatal(err)
	}
}

func TestASubtreeIsSwitchedOffAlone(t *testing.T) {
	r := newRig(t)
	ctx, l, h := t.Context(), r.live("gw1"), r.running(tiny)
	r.must(r.fleet.Disable(ctx, "airtime", "the provider is down", false))
	r.look(l)
	for screen, off := range map[string]bool{"home": false, "more": false, "airtime": true, "mine": true, "none": false} {
		if l.Off(h, screen) != off {
			t.Errorf("%s: %v", screen, !off)
		}
	}
	h = r.running(saying("Hi")) // it stays off in the next bundle
	r.look(l)
	if !l.Off(h, "mine") {
		t.Error("on again")
	}
	r.must(r.fleet.Disable(ctx, "airtime", "", true))
	r.look(l)
	if l.Off(h, "airtime") {
		t.Error("still off")
	}
}

func TestReadersAndChangesRunTogether(t *testing.T) {
	r := newRig(t)
	l := r.live("gw1")
	r.running(tiny)
	r.look(l)
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for range 1000 {
				if b := l.For(fmt.Sprint(n)); l.Get(b.Hash()) == nil || l.Off(b.Hash(), "home") {
					t.Error("what runs is not on the shelf")
					return
				}
				l.Visit(l.Active().Hash(), noon, noon, "home", true)
			}
		})
	}
	for i := range 4 {
		h := r.published(saying(fmt.Sprint("Hi", i)), 2)
		r.must(r.fleet.Canary(t.Context(), h, 50, nil))
		r.look(l)
		r.must(r.fleet.Canary(t.Context(), h, 100, nil))
		r.look(l)
	}
	wg.Wait()
}

func TestDraft(t *testing.T) {
	r := newRig(t)
	keys, err := DemoKeys(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r.fleet.Approvers = Approvers{keys[0].Approver, keys[1].Approver}
	path := filepath.Join(t.TempDir(), "menu.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l := r.live("gw1")
	d := &Draft{Live: l, Keys: keys, Path: path}
	if _, err := d.Save(t.Context()); err == nil {
		t.Fatal("a missing file was saved")
	}
	save := func(text string, want bool) *menus.Bundle {
		t.Helper()
		write(text)
		if changed, err := d.Save(t.Context()); err != nil || changed != want {
			t.Fatal(changed, err)
		}
		return l.Active()
	}
	first := save(tiny, true)
	save(tiny, false)
	save("", false) // an editor is about to write
	for _, bad := range []string{"menu: [", strings.Replace(tiny, "[{go: home}]", "[{go: hose}]", 1)} {
		write(bad)
		if changed, err := d.Save(t.Context()); err == nil || changed || l.Active() != first {
			t.Fatalf("%.20q: %v, %v", bad, changed, err)
		}
	}
	d.last = nil
	if _, err := d.Save(t.Context()); err == nil || !strings.Contains(err.Error(), "menu.yaml:6:14: there is no screen \"hose\"") {
		t.Fatalf("the error has no place: %v", err)
	}
	if d.Refused() == "" || !strings.Contains(d.Refused(), "hose") {
		t.Fatalf("it is not said why: %q", d.Refused())
	}
	save(tiny, false)
	if d.Refused() != "" {
		t.Fatal("what was mended is still refused")
	}
	second := save(saying("Hi"), true)
	if l.Get(first.Hash()) != first || l.Active() != second {
		t.Fatal("a pinned session lost its bundle")
	}
	if back := save(tiny, true); back.Hash() != first.Hash() {
		t.Fatal("the first menu did not come back")
	}
	for i := range 2 * MaxPublished { // nothing grows without end
		save(saying(fmt.Sprint("Hi", i)), true)
	}
	s, _ := l.State()
	if len(s.Published) > MaxPublished || len(s.Changes) > MaxChanges || len(l.view.Load().all) > MaxOld {
		t.Fatal(len(s.Published), len(s.Changes), len(l.view.Load().all))
	}
}

func TestAGatewayThatStopsLeavesTheFleet(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.live("gw1").Run(ctx); err != nil {
		t.Fatal(err)
	}
	r.now = r.now.Add(time.Second)
	if all, err := r.fleet.Gateways(t.Context()); err != nil || len(all) != 0 {
		t.Fatal(all, err)
	}
}
