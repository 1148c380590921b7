package report

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// key is one of the few figures below the verdict.
type key struct{ Value, Says string }

// wish is what a run counts its rate in.
func (r *Report) wish() string {
	if r.booked() {
		return "payments"
	}
	return "sessions"
}

// keys are the figures that people ask for first.
func (r *Report) keys() []key {
	ended := key{percent(r.Sessions.Completed, r.Sessions.Offered), "of " + many(r.Sessions.Offered, "dial", "dials") + " came to their end"}
	screens := key{millis(Figure(r.Screens.P99MS)), "99 of 100 screens within; half within " + millis(Figure(r.Screens.P50MS))}
	if r.blind() {
		return []key{ended, screens, {whole(r.Sessions.Failed), "dials broken off"}, {whole(r.Sessions.Refused), "dials refused"}}
	}
	texts := key{millis(Figure(r.SMS.P99MS)), "99 of 100 SMS within, after the " + r.since() + "; half within " + millis(Figure(r.SMS.P50MS))}
	wrong := key{whole(r.Oracle.Anomalies), "anomalies in the audit"}
	if !r.booked() {
		return []key{ended, screens, texts, wrong}
	}
	paid := key{decimal(Figure(r.Payments.PerSecond)) + "/s", "payments committed, of " + decimal(Figure(r.Asked.Rate)) + "/s wished for"}
	return []key{paid, screens, texts, wrong}
}

// tries are how people tried again, and what became of it.
func (r *Report) tries() (list []key) {
	t := r.Retries
	if t == nil || *t == (Retries{}) {
		return nil
	}
	list = []key{
		{whole(t.Redials), "dials for a wish that was dialled for before"}, {whole(t.Looked), "looks at the account before that"},
		{whole(t.Prevented), "second payments prevented: asked for again after the first was made, and told to look repeated"}, {whole(t.Made), "second payments made" + r.meant()},
	}
	if t.LateKeys > 0 {
		list = append(list, key{whole(t.LateKeys), "keys pressed after the network ended the dialogue, " + whole(t.Strays) + " of them answered by a screen"})
	}
	return list
}

// meant says whether the second payments of a run were wished for.
func (r *Report) meant() string {
	switch {
	case r.Retries.Made == 0:
		return ""
	case r.Oracle.Anomalies == 0:
		return ", none of them against the person's word"
	}
	return "; the findings name those that nobody meant"
}

// wished says what the run offered.
func (r *Report) wished() string {
	s := fmt.Sprintf("People wished for %s %s a second, over %s; %s were open at the peak.", decimal(Figure(r.Asked.Rate)), r.wish(), lasting(r.Asked.DurationMS), many(r.Sessions.AliveAtPeak, "dialogue", "dialogues"))
	for i, t := range r.Turned {
		if i == maxTurns {
			return s + fmt.Sprintf(" And so on, %d times in all.", len(r.Turned))
		}
		s += fmt.Sprintf(" At %s the rate was turned by hand to %s %% of that.", clock(t.AtMS), trim(t.Percent, 0))
	}
	return s
}

// maxTurns bounds the turns of the rate that are told in words.
const maxTurns = 8

// besides is what the bars do not show.
func (r *Report) besides() string {
	var says []string
	if n := r.Payments.Refused; n > 0 && r.booked() {
		says = append(says, many(n, "payment more was", "payments more were")+" refused on the screen after the last key.")
	}
	if n := r.SMS.Duplicate; n > 0 {
		says = append(says, whole(n)+" SMS came again, word for word.")
	}
	if n := r.SMS.Contradicting; n > 0 {
		against := "ledger"
		if !r.booked() {
			against = "screens"
		}
		says = append(says, whole(n)+" SMS contradict the "+against+".")
	}
	if n := r.Oracle.Unread; n > 0 {
		says = append(says, whole(n)+" SMS say nothing that the audit can read.")
	}
	if n := r.Sessions.Unexpected; n > 0 {
		says = append(says, many(n, "session", "sessions")+" ended by a screen that the file of keys does not expect.")
	}
	if len(r.Asked.Left) > 0 {
		says = append(says, "The menu does not offer what the profile's people also wish for: "+clip(strings.Join(r.Asked.Left, ", "), maxScreen)+".")
	}
	return strings.Join(says, " ")
}

// bar is a whole with its parts.
type bar struct {
	Name, Total string
	Parts       []part
}

// part is a share of a bar.
type part struct {
	Says, Count, Share, Class string
	Wide                      string // in percent
}

// share is a part of a bar and how many it has.
type share struct {
	part
	n int
}

// bars are what was offered and what happened.
func (r *Report) bars() []bar {
	s, p, m := &r.Sessions, &r.Payments, &r.SMS
	list := []bar{newBar("Dials", s.Offered,
		share{part{Says: "came to their end", Class: "good"}, s.Completed}, share{part{Says: "walked away from", Class: "mute"}, s.Abandoned},
		share{part{Says: "refused at the dial", Class: "warn"}, s.Refused}, share{part{Says: "broken off", Class: "bad"}, s.Failed},
		share{part{Says: "skipped: nobody was free", Class: "bad"}, r.Generator.Skipped})}
	if r.booked() {
		list = append(list, newBar("Payments placed", p.Placed,
			share{part{Says: "committed", Class: "good"}, p.Committed}, share{part{Says: "rejected by the ledger", Class: "mute"}, p.Rejected},
			share{part{Says: "not made", Class: "warn"}, p.NotMade}, share{part{Says: "unresolved", Class: "bad"}, p.Unresolved}))
	}
	if no, seen := p.noes(); seen {
		list = append(list, no)
	}
	if r.Approvals != nil && r.Approvals.Asked > 0 {
		list = append(list, r.Approvals.bar())
	}
	if r.blind() {
		return list
	}
	return append(list, newBar("SMS owed", m.Expected,
		share{part{Says: "received", Class: "good"}, m.Expected - m.Missing}, share{part{Says: "missing", Class: "bad"}, m.Missing}))
}

func newBar(name string, total int, shares ...share) bar {
	b := bar{Name: name, Total: whole(total)}
	for _, one := range shares {
		if one.n <= 0 {
			continue
		}
		one.Count, one.Share, one.Wide = whole(one.n), percent(one.n, total), at(float64(one.n)/float64(max(total, 1)))
		b.Parts = append(b.Parts, one.part)
	}
	return b
}

// named is a screen with the waits for it, and where they stand on a scale by tens.
type named struct {
	Name           []string // in parts, between which a line may break
	Shown          string
	Times          [5]string // p50, p90, p99, p99.9, max
	From, Wide, To string    // in percent: from p50 to p99, and the longest
}

// named are the screens, the slowest first, and how many are left out.
func (r *Report) named() (list []named, more int) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, s := range r.ByScreen {
		low, high = min(low, max(float64(s.P50MS), leastLog)), max(high, float64(s.MaxMS))
	}
	place := func(f Figure) float64 {
		if high <= low {
			return 0
		}
		return min(max(math.Log(max(float64(f), low)/low)/math.Log(high/low), 0), 1)
	}
	for _, s := range r.ByScreen[:min(len(r.ByScreen), maxNames)] {
		n := named{Name: breakable(s.Screen), Shown: whole(s.Count), Times: [5]string{millis(s.P50MS), millis(s.P90MS), millis(s.P99MS), millis(s.P999MS), millis(s.MaxMS)}}
		n.From, n.Wide, n.To = at(place(s.P50MS)), at(max(place(s.P99MS)-place(s.P50MS), 0.004)), at(place(s.MaxMS))
		list = append(list, n)
	}
	return list, len(r.ByScreen) - len(list)
}

// way is a funnel.
type way struct {
	Wish, Dialled string
	Steps         []wayStep
	More          int
}

// wayStep is one screen of it.
type wayStep struct {
	Name                 []string
	Reached, Share, Lost string
	Wide, LostWide       string // in percent of who dialled
}

// dialled says how people began who wanted one thing.
func dialled(f *Funnel) string {
	s := many(f.Dialled, "dial", "dials")
	if f.Whole > 0 {
		s += ", " + whole(f.Whole) + " of them a whole string of answers"
	}
	if f.Unseen > 0 {
		s += ", " + whole(f.Unseen) + " without any screen"
	}
	return s
}

// ways are the funnels, the most used first.
func (r *Report) ways() (list []way) {
	for _, f := range r.Funnels[:min(len(r.Funnels), maxWishes)] {
		w := way{Wish: spoken(f.Wish), Dialled: dialled(&f), More: max(len(f.Steps)-maxSteps, 0)}
		whole100 := float64(max(f.Dialled, 1))
		for _, s := range f.Steps[:min(len(f.Steps), maxSteps)] {
			lost := s.Left + s.Broken
			one := wayStep{Name: breakable(s.Screen), Reached: whole(s.Reached), Share: percent(s.Reached, f.Dialled),
				Wide: at(min(float64(s.Reached-lost)/whole100, 1)), LostWide: at(min(float64(lost)/whole100, 1))}
			var says []string
			if s.Left > 0 {
				says = append(says, whole(s.Left)+" left")
			}
			if s.Broken > 0 {
				says = append(says, whole(s.Broken)+" in silence")
			}
			one.Lost = strings.Join(says, ", ")
			w.Steps = append(w.Steps, one)
		}
		list = append(list, w)
	}
	return list
}

// found is a finding, with the line that dials its session again.
type found struct{ Text, Again string }

// again is the line that dials a session of somebody again; empty without a session.
func (r *Report) again(session, number string) string {
	if session == "" {
		return ""
	}
	line := "simulator replay"
	if r.Folder != "" {
		line += " --run " + Quote(r.Folder)
	}
	line += " --session " + Quote(session)
	if number != "" {
		line += " --of " + Quote(number)
	}
	return line
}

// tablePlain is what a shell leaves as it is.
var tablePlain = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// Quote is a word as a shell takes it for one.
func Quote(word string) string {
	if tablePlain.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// found are the findings.
func (r *Report) found() (list []found) {
	for _, text := range r.Oracle.Findings {
		session, number := SessionOf(text)
		list = append(list, found{clip(text, maxFinding), r.again(session, number)})
	}
	return list
}

// tableSession is how a finding about a session begins.
var tableSession = regexp.MustCompile(`^session ([^\s:]+) of ([0-9*]+): `)

// SessionOf is the session that a finding is about and the masked number of whose it
// is; empty when it is about none.
func SessionOf(finding string) (session, number string) {
	parts := tableSession.FindStringSubmatch(finding)
	if parts == nil {
		return "", ""
	}
	return parts[1], parts[2]
}

// held is a gate with what its figure was.
type held struct {
	Gate
	Value string
}

func (r *Report) held() (list []held) {
	for _, g := range r.Gates[:min(len(r.Gates), maxGates)] {
		list = append(list, held{g, r.value(g)})
	}
	return list
}

// story is a session worth reading.
type story struct {
	Transcript
	Again   string
	Longest string // wait; or that a screen did not come
	Hops    []storyHop
}

// storyHop is one input with its screen.
type storyHop struct {
	At, Input, Wait, Name, Screen string
	Slow, Lost                    bool
}

// slowScreen is the wait, in ms, from which the page marks one.
const slowScreen = 1000

func (r *Report) stories(most int) (list []story) {
	for _, t := range r.Worst[:min(len(r.Worst), most)] {
		s := story{Transcript: t, Again: r.again(clip(t.Session, maxScreen), clip(t.MSISDN, maxScreen))}
		s.Why, s.Wish = clip(t.Why, maxFinding), spoken(t.Wish)
		top, silent := Unknown(), false
		for _, h := range t.Hops[:min(len(t.Hops), maxTold)] {
			one := storyHop{At: clock(h.AtMS), Input: clip(h.Input, maxScreen), Wait: millis(h.WaitMS), Name: clip(h.Name, maxScreen), Screen: clip(h.Screen, maxScreen),
				Slow: h.WaitMS.Known() && h.WaitMS >= slowScreen, Lost: h.Lost}
			if h.WaitMS.Known() && (!top.Known() || h.WaitMS > top) {
				top = h.WaitMS
			}
			if h.Screen == "" && !h.Lost {
				silent, one.Wait = true, "after\u00a0"+one.Wait
			}
			s.Hops = append(s.Hops, one)
		}
		s.More += max(len(t.Hops)-maxTold, 0)
		if s.Longest = millis(top); silent && top < slowScreen {
			s.Longest = "no screen"
		}
		list = append(list, s)
	}
	return list
}

// stairs are the steps to capacity.
type stairs struct {
	Says  string
	Rule  string
	Steps []stair
	Chart []*chart // of the curve
}

// stair is one of them; Good of what was offered was committed.
type stair struct {
	CapacityStep
	OfferedSays, CommittedSays, Fails, P99 string
	Wide, Made                             string // in percent of the highest
}

func (r *Report) stairs() *stairs {
	c := r.Capacity
	if c == nil || len(c.Steps) == 0 {
		return nil
	}
	out := &stairs{Rule: clip(c.Rule, maxScreen), Says: c.says()}
	most := 0.0
	for _, s := range c.Steps {
		most = max(most, s.Offered, s.Committed)
	}
	for _, s := range c.Steps[:min(len(c.Steps), maxStairs)] {
		out.Steps = append(out.Steps, stair{CapacityStep: s, OfferedSays: decimal(Figure(s.Offered)) + "/s", CommittedSays: decimal(Figure(s.Committed)) + "/s",
			Fails: decimal(Figure(100*s.FailShare)) + "\u00a0%", P99: millis(s.P99MS), Wide: at(s.Offered / max(most, 1e-9)), Made: at(s.Committed / max(most, 1e-9))})
	}
	out.Chart = c.curve()
	return out
}

// says is how far the system came, in a sentence.
func (c *Capacity) says() string {
	switch n := len(c.Steps); {
	case !c.LastGood.Known():
		return "No step was good."
	case n > 0 && c.Steps[n-1].Good:
		return fmt.Sprintf("Every step was good, up to %s payments a second: the capacity lies beyond.", decimal(c.LastGood))
	}
	return fmt.Sprintf("The last good step offered %s payments a second.", decimal(c.LastGood))
}

// curve is what came of what was offered, step by step.
func (c *Capacity) curve() (list []*chart) {
	var names []string
	var offered, committed, p99 []Figure
	for _, s := range c.Steps[:min(len(c.Steps), maxStairs)] {
		names = append(names, decimal(Figure(s.Offered))+"/s")
		offered, committed, p99 = append(offered, Figure(s.Offered)), append(committed, Figure(s.Committed)), append(p99, s.P99MS)
	}
	offered, committed, p99 = fit(offered, len(names)), fit(committed, len(names)), fit(p99, len(names))
	for _, one := range []chart{
		{ID: "curve", Title: "Committed of what was offered", Note: "payments a second", Unit: unitRate, Lines: []line{{Name: lineOffered, Class: "quiet", values: offered}, {Name: "committed", Class: "main", Area: "yes", values: committed}}},
		{ID: "curve-p99", Title: "Waiting for a screen, by what was offered", Note: "p99, log scale", Unit: unitMS, log: true, Lines: []line{{Name: "p99", Class: "main", values: p99}}},
	} {
		one.names = names
		if laid, seen := one.lay(); seen && len(names) > 1 {
			list = append(list, laid)
		}
	}
	return list
}

// about says on what the run was made.
func (r *Report) about() [][2]string {
	e, a := &r.Environment, &r.Asked
	list := [][2]string{
		{"profile", r.Profile}, {"seed", strconv.FormatUint(r.Seed, 10)}, {"people", whole(a.Users)},
		{"wished for", decimal(Figure(a.Rate)) + " " + r.wish() + "/s for " + lasting(a.DurationMS) + ", speed " + decimal(Figure(a.Speed))},
		{"began", r.StartedAt.Format("2 January 2006, 15:04:05 -07:00")}, {"over after", lasting(r.DurationMS)},
		{"generator", fmt.Sprintf("late p99 %s, %s of a core, %s skipped", millis(Figure(r.Generator.LateP99MS)), decimal(Figure(100*r.Generator.CPUShare))+"\u00a0%", many(r.Generator.Skipped, "dial", "dials"))},
		{"uncorrected p99", millis(Figure(r.Screens.UncorrectedP99MS)) + ", counted from the instant a key really left"},
		{"machine", many(e.Cores, "core", "cores") + ", " + decimal(Figure(e.FdataSync)) + " durable writes/s"},
		{"Redis", cmp.Or(e.Redis, "none: memory and a file")}, {"built with", strings.TrimSpace(e.Go + " " + clip(e.Commit, 13))}, {"menu bundle", clip(e.Bundle, 17)},
	}
	return slices.DeleteFunc(list, func(row [2]string) bool { return row[1] == "" })
}
