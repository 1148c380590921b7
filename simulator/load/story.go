package load

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/simulator/report"
)

// hop is one input of a session with its answer.
type hop struct {
	due, came    time.Time
	input        string
	name, screen string
	silent       bool // no screen came
	lost         bool // and none could: the handset had no signal
}

// story is a session as it goes on. One goroutine writes it; nobody else reads it
// before it ended. A nil story keeps nothing.
type story struct {
	rec     *recorder
	wish    string
	person  *Person
	due     time.Time
	hops    []hop
	more    int // hops left out
	worst   time.Duration
	lost    bool // the handset lost the network
	session string
	ending  Ending
}

// story begins the story of a session.
func (r *recorder) story(p *Person, wish string, due time.Time) *story {
	if r == nil {
		return nil
	}
	return &story{rec: r, wish: wish, person: p, due: due}
}

// hidden stands for a PIN.
const hidden = "****"

// came notes the screen of an input that was due.
func (s *story) came(input string, secret bool, due, now time.Time, name, screen string) {
	s.hop(hop{due: due, came: now, input: input, name: name, screen: screen}, secret)
}

// silent notes that none came.
func (s *story) silent(input string, secret bool, due, now time.Time) {
	s.hop(hop{due: due, came: now, input: input, silent: true}, secret)
}

// noSignal notes that the handset lost the network: no wait of the system's.
func (s *story) noSignal(input string, secret bool, due, now time.Time) {
	s.hop(hop{due: due, came: now, input: input, silent: true, lost: true}, secret)
}

func (s *story) hop(h hop, secret bool) {
	if s == nil {
		return
	}
	if secret {
		h.input = hidden
	}
	if h.name == "" { // nobody knows the menu
		h.name = "screen " + strconv.Itoa(len(s.hops)+s.more+1)
	}
	if wait := h.came.Sub(h.due); h.lost {
		s.lost = true
	} else {
		s.worst = max(s.worst, wait)
		s.rec.waited(h.name, h.due, wait, !h.silent)
	}
	if len(s.hops) == maxHops {
		s.more++
		return
	}
	s.hops = append(s.hops, h)
}

// ended files a session that is over.
func (r *recorder) ended(s *story, session string, ending Ending) {
	if s == nil {
		return
	}
	s.session, s.ending = session, ending
	began := ending != EndNotBegun
	bad := (ending == EndSilent || ending == EndFailed) && !s.lost
	r.at(s.due, func(at *slice) {
		if began {
			at.started++
		}
		if bad {
			at.broken++
		}
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pour(s)
	if r.next = (r.next + 1) % maxLatest; len(r.latest) < maxLatest {
		r.latest = append(r.latest, s)
	} else {
		r.latest[r.next] = s
	}
	if bad && len(r.broken) < maxBroken {
		r.broken = append(r.broken, s)
		return
	}
	i, _ := slices.BinarySearchFunc(r.slow, s, func(a, b *story) int { return cmp.Compare(b.worst, a.worst) })
	if i < maxSlow {
		r.slow = slices.Insert(r.slow, i, s)
		r.slow = r.slow[:min(len(r.slow), maxSlow)]
	}
}

// worst are the sessions worth reading: what the audit found something about, what
// ended in silence, what waited longest.
func (r *recorder) worst(groups []*group) (list []report.Transcript) {
	r.mu.Lock()
	defer r.mu.Unlock()
	told := map[*story]bool{}
	tell := func(s *story, why string) {
		if !told[s] {
			told[s] = true
			list = append(list, s.tell(why))
		}
	}
	for _, g := range groups {
		if s := r.find(g.payer, g.session); s != nil && len(list) < maxAudited {
			tell(s, "the audit: "+g.String())
		}
	}
	for _, s := range r.broken {
		tell(s, "it ended without a screen")
	}
	for _, s := range r.slow {
		tell(s, "it waited longest")
	}
	return list
}

// find is the story of a session, if it is still known.
func (r *recorder) find(payer ledger.Account, session string) *story {
	if session == "" {
		return nil
	}
	for _, list := range [][]*story{r.latest, r.broken, r.slow} {
		for _, s := range list {
			if s.session == session && s.person.Account == payer {
				return s
			}
		}
	}
	return nil
}

// tableEndings are the endings in words.
var tableEndings = map[Ending]string{
	EndAnswered: "answered", EndDone: "done", EndPromised: "an SMS was promised", EndRefused: "refused", EndSilent: "no screen came after the last key",
	EndAbandoned: "the person left", EndFailed: "the network failed", EndNotBegun: "the dial was refused",
}

// tell is the story as it may be read by anybody.
func (s *story) tell(why string) report.Transcript {
	t := report.Transcript{Session: s.session, MSISDN: msisdn.Mask(s.person.MSISDN), Wish: s.wish, Why: s.clean(why), At: s.due, More: s.more, Ending: tableEndings[s.ending]}
	for _, h := range s.hops {
		one := report.Hop{Lost: h.lost, AtMS: h.due.Sub(s.due).Milliseconds(), Input: s.clean(h.input), WaitMS: Figure(float64(h.came.Sub(h.due).Microseconds()) / 1000), Name: h.name}
		if !h.silent {
			one.Screen = s.clean(h.screen)
		}
		t.Hops = append(t.Hops, one)
	}
	return t
}

// tableMasked finds subscriber numbers in what people type and read, and digits that
// stand alone and may be a PIN.
var (
	tableMasked = regexp.MustCompile(`\b(?:0|\+?254)[17]\d{8}\b`)
	tableAlone  = regexp.MustCompile(`\b\d{4,6}\b`)
)

// clean is a text without numbers that anybody could ring, and without the person's PIN.
func (s *story) clean(text string) string {
	text = tableMasked.ReplaceAllStringFunc(text, func(n string) string { return n[:4] + "*****" + n[len(n)-3:] })
	if s.person.PIN == "" || !strings.Contains(text, s.person.PIN) {
		return text
	}
	return tableAlone.ReplaceAllStringFunc(text, func(n string) string {
		if n == s.person.PIN {
			return hidden
		}
		return n
	})
}
