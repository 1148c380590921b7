package bundle

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mlango/menus"
)

// left is a store as a crash, or a hand, can leave it.
type left struct {
	*rig
	first, second Hash // published, signed by two; the first runs
}

func (l *left) set(key string, value []byte) {
	was, err := l.fleet.Store.Get(l.t.Context(), key)
	if err != nil {
		was = nil
	}
	l.must(nil, l.fleet.Store.Swap(l.t.Context(), key, was, value))
}

// state changes what the fleet is asked to run behind everybody's back.
func (l *left) state(do func(s *State)) {
	s, _, err := l.fleet.read(l.t.Context())
	l.must(nil, err)
	do(&s)
	s.Serial++
	raw, err := json.Marshal(s)
	l.must(nil, err)
	l.set(keyState, raw)
}

func (l *left) announce(key, value string) {
	l.must(nil, l.fleet.Store.Announce(l.t.Context(), key, []byte(value), time.Hour))
}

// What runs, in the rows below.
const (
	old  = "first"
	none = ""
)

// tableLeft are states of the store, what a gateway that ran the first bundle runs then,
// what one that starts runs, what both say, and whether the second bundle can be made to
// run by the usual commands.
var tableLeft = []struct {
	name    string
	leave   func(l *left)
	runs    string // by a gateway that was up
	starts  string // by one that starts
	trouble string
	goesOn  bool
}{
	{"nothing is wrong", func(*left) {}, old, old, "", true},
	{"a text without its entry: killed within publish", func(l *left) { l.set(keyBundle(Hash{1}), []byte("menu: x@1")) }, old, old, "", true},
	{"an entry without its text", func(l *left) { l.set(keyBundle(l.second), nil) }, old, old, "", false},
	{"an entry without signatures: killed before approve", func(l *left) { l.state(func(s *State) { s.Find(l.second).Signatures = nil }) }, old, old, "", false},
	{"one signature", func(l *left) {
		l.state(func(s *State) { p := s.Find(l.second); p.Signatures = p.Signatures[:1] })
	}, old, old, "", false},
	{"a signature is damaged", func(l *left) { l.state(func(s *State) { s.Find(l.second).Signatures[0].Sig[3] ^= 1 }) }, old, old, "", false},
	{"one person's signature twice", func(l *left) {
		l.state(func(s *State) { p := s.Find(l.second); p.Signatures[1] = p.Signatures[0] })
	}, old, old, "", false},
	{"the running one is asked for unsigned", func(l *left) {
		l.state(func(s *State) { s.Find(l.second).Signatures = nil; s.Active = l.second })
	}, old, none, "two approvers sign", false},
	{"the running one is asked for and unknown", func(l *left) { l.state(func(s *State) { s.Active = Hash{7} }) }, old, none, "no such bundle is published", true},
	{"its text is gone", func(l *left) {
		l.state(func(s *State) { s.Active = l.second })
		l.set(keyBundle(l.second), nil)
	}, old, none, "publish it again", false},
	{"its text is another's", func(l *left) {
		l.state(func(s *State) { s.Active = l.second })
		l.set(keyBundle(l.second), []byte(saying("Pay twice")))
	}, old, none, "not what its hash says", false},
	{"its text is no menu", func(l *left) {
		l.state(func(s *State) { s.Active = l.second })
		l.set(keyBundle(l.second), []byte("menu: ["))
	}, old, none, "cannot run", false},
	{"the state is torn", func(l *left) { l.set(keyState, []byte(`{"serial":9,"act`)) }, old, none, "damaged", false},
	{"the state is gone", func(l *left) { l.set(keyState, nil) }, old, none, "", false},
	{"a trial without its text", func(l *left) {
		l.state(func(s *State) { s.Canary = &Canary{Serial: 9, Hash: l.second, Percent: 100} })
		l.set(keyBundle(l.second), nil)
	}, old, old, "publish it again", false},
	{"a trial of the unsigned", func(l *left) {
		l.state(func(s *State) {
			s.Canary = &Canary{Serial: 9, Hash: l.second, Percent: 100}
			s.Find(l.second).Signatures = nil
		})
	}, old, old, "two approvers sign", false},
	{"a trial of the withdrawn", func(l *left) {
		l.state(func(s *State) {
			s.Canary, s.Withdrawn = &Canary{Serial: 9, Hash: l.second, Percent: 100}, []Hash{l.second}
		})
	}, old, old, "withdrawn", false},
	{"a trial of what runs", func(l *left) {
		l.state(func(s *State) { s.Canary = &Canary{Serial: 9, Hash: l.first, Percent: 50} })
	}, old, old, "", true},
	{"the running one was withdrawn", func(l *left) { l.state(func(s *State) { s.Withdrawn = []Hash{l.first} }) }, none, none, "withdrawn", true},
	{"counts of a trial that is over", func(l *left) { l.announce("counts/3/gw9", `{"home":{"canary":{"visits":9}}}`) }, old, old, "", true},
	{"counts that are no counts", func(l *left) {
		l.state(func(s *State) { s.Canary = &Canary{Serial: 9, Hash: l.first, Percent: 1} })
		l.announce("counts/9/gw9", `{"home":`)
	}, old, old, "", true},
	{"a screen is off that no bundle has", func(l *left) { l.state(func(s *State) { s.Off = []Off{{Screen: "gone"}} }) }, old, old, "", true},
}

// TestWhatACrashLeavesInTheStore goes through tableLeft.
func TestWhatACrashLeavesInTheStore(t *testing.T) {
	for _, c := range tableLeft {
		t.Run(c.name, func(t *testing.T) {
			l := &left{rig: newRig(t)}
			l.first = l.running(tiny)
			l.second = l.published(saying("Hi"), 2)
			up := l.live("up")
			l.look(up)
			c.leave(l)
			l.holds("up", up, c.runs, c.trouble)
			l.holds("starts", l.live("starts"), c.starts, c.trouble)
			_, err := l.fleet.Canary(t.Context(), l.second, 100, nil)
			if (err == nil) != c.goesOn {
				t.Fatalf("it goes on: %v", err)
			}
			if c.goesOn {
				l.holds("goes on", up, "second", "")
				return
			}
			if strings.Contains(c.name, "torn") || strings.Contains(c.name, "withdrawn") || strings.Contains(c.name, "another's") || strings.Contains(c.name, "no menu") {
				return // somebody looks first
			}
			l.mended(up)
		})
	}
}

// holds looks and compares what runs, and what is said.
func (l *left) holds(who string, live *Live, want, trouble string) {
	l.t.Helper()
	_ = live.Look(l.t.Context())
	name := map[Hash]string{l.first: "first", l.second: "second"}
	runs := ""
	if b := live.Active(); b != nil {
		runs = name[b.Hash()]
	}
	_, says := live.State()
	if runs != want || !strings.Contains(says, trouble) || trouble == "" && says != "" {
		l.t.Fatalf("%s: runs %q and says %q; want %q, %q", who, runs, says, want, trouble)
	}
	if b := live.For("254722000001"); b != nil && b.Hash() == l.second && want != "second" {
		l.t.Fatalf("%s: a new session begins with what may not run", who)
	}
}

// mended: publishing and approving again brings the second to run.
func (l *left) mended(up *Live) {
	l.t.Helper()
	ctx := l.t.Context()
	rep, err := l.fleet.Publish(ctx, "menu.yaml", []byte(saying("Hi")), menus.Catalogue{})
	l.must(nil, err)
	for _, k := range l.keys[:2] {
		l.must(l.fleet.Approve(ctx, rep.Hash, k.Sign(rep.Hash, l.now)))
	}
	l.state(func(s *State) {})
	if s, _ := l.fleet.State(ctx); s.Active != l.second {
		l.must(l.fleet.Canary(ctx, l.second, 100, nil))
	}
	l.holds("mended", up, "second", "")
}
