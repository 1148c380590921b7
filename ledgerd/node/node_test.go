package node

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"go.etcd.io/raft/v3/raftpb"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// paper is a journal in memory.
type paper struct {
	entries []Entry
	state   State
}

func (p *paper) First() uint64 { return 1 }
func (p *paper) Last() uint64  { return uint64(len(p.entries)) }

func (p *paper) Term(index uint64) (uint64, error) {
	if index == 0 {
		return 0, nil
	}
	return p.entries[index-1].Term, nil
}

func (p *paper) Entries(lo, hi, _ uint64) ([]Entry, error) { return p.entries[lo-1 : hi-1], nil }

// write does what a disk does with a group.
func (p *paper) write(t *testing.T, w *Write) {
	t.Helper()
	if w.State != nil {
		p.state = *w.State
	}
	for _, e := range w.Entries {
		if e.Index != p.Last()+1 {
			t.Fatalf("entry %d was to follow %d", e.Index, p.Last())
		}
		p.entries = append(p.entries, Entry{e.Index, e.Term, e.At, slices.Clone(e.Payload)})
	}
}

// tally are books that note what they are told, and judge by themselves.
type tally struct {
	booked []string
	moved  map[ledger.Account]int // how often a PIN's epoch has yet to move
	due    int64                  // when a tick has something to do; zero: never
	judged int
}

func (b *tally) Request(r *ledger.Request, _ int64) ledger.Command {
	b.judged++
	return &ledger.Answer{Check: *r.Check}
}

func (b *tally) Warm([]ledger.Command) {}

func (b *tally) Apply(cmd ledger.Command, at ledger.Place, now int64) (ledger.Result, bool) {
	if a, ok := cmd.(*ledger.Answer); ok && b.moved[a.Account] > 0 {
		b.moved[a.Account]--
		return ledger.Result{Reject: ledger.Busy}, true
	}
	b.booked = append(b.booked, fmt.Sprintf("%d.%d at %d: %s", at.Index, at.Offset, now, nameOf(cmd)))
	return ledger.Result{Place: at, At: now}, false
}

func (b *tally) Due() (int64, bool) { return b.due, b.due > 0 }

func nameOf(cmd ledger.Command) string {
	switch c := cmd.(type) {
	case *ledger.Answer:
		return fmt.Sprintf("check %d", c.Account)
	case ledger.Freeze:
		return fmt.Sprintf("freeze %d", c.Account)
	}
	return fmt.Sprintf("%T", cmd)
}

// voter is a core with its paper and its books.
type voter struct {
	t     *testing.T
	core  *Core[int]
	paper *paper
	books *tally
	heard []string
}

func begin(t *testing.T, p *paper, b *tally, applied uint64) *voter {
	t.Helper()
	core, err := New[int](Config{ID: 1, Voters: []uint64{1}, State: p.state, Commit: p.Last(), Applied: applied, Journal: p, Judge: b, Books: b})
	if err != nil {
		t.Fatal(err)
	}
	return &voter{t: t, core: core, paper: p, books: b}
}

func (v *voter) tell(caller int, _ ledger.Command, res ledger.Result) {
	v.heard = append(v.heard, fmt.Sprintf("%d: %s", caller, res.Reject))
}

func (v *voter) apply() {
	v.t.Helper()
	if err := v.core.Apply(v.tell); err != nil {
		v.t.Fatal(err)
	}
}

// settle writes and applies until there is nothing left to do.
func (v *voter) settle(now int64) {
	v.t.Helper()
	for w := v.core.Ready(now).Write; w != nil; w = v.core.Ready(now).Write {
		v.paper.write(v.t, w)
		v.core.Persisted()
		v.apply()
	}
}

func freeze(n int) Item[int] {
	return Item[int]{Command: ledger.Freeze{Account: ledger.Account(n)}, Caller: n}
}

func check(n int) Item[int] {
	return Item[int]{Request: &ledger.Request{Check: &ledger.Check{Account: ledger.Account(n)}}, Caller: n}
}

func (v *voter) expect(what string, got []string, want ...string) {
	v.t.Helper()
	if !slices.Equal(got, want) {
		v.t.Fatalf("%s: %q, want %q", what, got, want)
	}
}

// TestOneVoter: an election, a first entry without payload, then what is offered:
// durable before it is applied, applied before it is told.
func TestOneVoter(t *testing.T) {
	v := begin(t, &paper{}, &tally{}, 0)
	if v.core.Room() != 0 {
		t.Fatal("there is room before the election")
	}
	v.settle(1000)
	if !v.core.Leads() || v.paper.state != (State{Term: 1, Vote: 1}) || v.paper.Last() != 1 || len(v.paper.entries[0].Payload) != 0 {
		t.Fatalf("after the election: %+v", v.paper)
	}
	for _, it := range []Item[int]{freeze(1), check(2)} {
		if why := v.core.Offer(it); why != ledger.OK {
			t.Fatal(why)
		}
	}
	w := v.core.Ready(1010).Write
	v.apply()
	v.expect("applied before it was durable", v.books.booked)
	v.paper.write(t, w)
	v.core.Persisted()
	v.expect("told before it was applied", v.heard)
	v.apply()
	v.expect("booked", v.books.booked, "2.0 at 1010: freeze 1", "2.1 at 1010: check 2")
	v.expect("told", v.heard, "1: ok", "2: ok")
	if e := v.paper.entries[1]; e.At != 1010 || !v.core.Idle() || v.core.Applied() != 2 {
		t.Fatalf("entry %+v, applied %d", e, v.core.Applied())
	}
}

// TestBatchFormsWhileTheDiskWorks: what comes during a write is judged at once,
// and is one entry as soon as the write is done.
func TestBatchFormsWhileTheDiskWorks(t *testing.T) {
	v := begin(t, &paper{}, &tally{}, 0)
	v.settle(1)
	v.core.Offer(check(1))
	first := v.core.Ready(2).Write
	for n := 2; n <= 4; n++ {
		v.core.Offer(check(n))
		if rd := v.core.Ready(3); rd.Write != nil {
			t.Fatal("a second write beside the first")
		}
	}
	if v.books.judged != 4 || v.core.InFlight() != 1 {
		t.Fatalf("%d judged, %d in flight", v.books.judged, v.core.InFlight())
	}
	v.paper.write(t, first)
	v.core.Persisted()
	second := v.core.Ready(4).Write
	if second == nil || len(second.Entries) != 1 {
		t.Fatalf("the second group is %+v", second)
	}
	v.apply() // of the first, while the second is under way
	v.expect("told", v.heard, "1: ok")
	v.paper.write(t, second)
	v.core.Persisted()
	v.apply()
	v.expect("booked", v.books.booked, "2.0 at 2: check 1", "3.0 at 4: check 2", "3.1 at 4: check 3", "3.2 at 4: check 4")
}

// TestJudgedAgain: while a PIN's epoch moves a request is judged once more, at
// most three times in all.
func TestJudgedAgain(t *testing.T) {
	v := begin(t, &paper{}, &tally{moved: map[ledger.Account]int{1: 2, 2: 3}}, 0)
	v.settle(1)
	v.core.Offer(check(1))
	v.core.Offer(check(2))
	v.settle(2)
	v.expect("told", v.heard, "1: ok", "2: busy")
	if v.books.judged != 6 || !v.core.Idle() {
		t.Fatalf("judged %d times", v.books.judged)
	}
}

// TestACommandIsNotJudgedAgain: nobody can judge what is no request, so the journal
// would fill with it for ever.
func TestACommandIsNotJudgedAgain(t *testing.T) {
	v := begin(t, &paper{}, &tally{moved: map[ledger.Account]int{1: 1 << 30}}, 0)
	v.settle(1)
	v.core.Offer(Item[int]{Command: &ledger.Answer{Check: ledger.Check{Account: 1}}, Caller: 1})
	v.settle(2)
	v.expect("told", v.heard, "1: busy")
	if !v.core.Idle() || v.paper.Last() != 2 {
		t.Fatalf("%d entries", v.paper.Last())
	}
}

// TestTimeNeverGoesBack: an entry is never before the one before it.
func TestTimeNeverGoesBack(t *testing.T) {
	v := begin(t, &paper{}, &tally{}, 0)
	v.settle(5000)
	v.core.Offer(freeze(1))
	v.settle(4000)
	if e := v.paper.entries[1]; e.At != 5000 {
		t.Fatalf("entry at %d", e.At)
	}
}

func TestTickWhenDue(t *testing.T) {
	b := &tally{}
	v := begin(t, &paper{}, b, 0)
	v.settle(10_000)
	for _, row := range []struct {
		now, due int64
		want     int
	}{{10_100, 0, 0}, {10_200, 10_200, 0}, {10_200, 10_199, 1}, {10_300, 10_250, 1}, {11_199, 10_250, 1}, {11_200, 10_250, 2},
		{11_300, 11_199, 3}, {11_400, 11_199, 4}, {11_500, 11_450, 4}, {12_500, 0, 4}} { // one tick was not enough: the next does not wait
		b.due = row.due
		v.core.Beat(row.now)
		v.settle(row.now)
		if len(b.booked) != row.want {
			t.Fatalf("at %d: %q", row.now, b.booked)
		}
	}
}

// TestRestart: a new core on the same paper leads in a new term and books what
// was durable and not applied.
func TestRestart(t *testing.T) {
	v := begin(t, &paper{}, &tally{}, 0)
	v.settle(1)
	v.core.Offer(freeze(1))
	v.settle(2)
	v.core.Offer(freeze(2))
	v.paper.write(t, v.core.Ready(3).Write) // and the process ends here

	for _, applied := range []uint64{3, 1, 0} {
		again := begin(t, v.paper, &tally{}, applied)
		if applied < 3 {
			again.apply()
		}
		again.settle(4)
		all := []string{"2.0 at 2: freeze 1", "3.0 at 3: freeze 2"}
		if applied == 3 {
			all = nil
		}
		again.expect("booked", again.books.booked, all...)
		again.core.Offer(freeze(9))
		again.settle(5)
		again.expect("told", again.heard, "9: ok")
		v.paper.entries = v.paper.entries[:3]
	}
}

// TestRoomIsBounded: in commands and in bytes.
func TestRoomIsBounded(t *testing.T) {
	v := begin(t, &paper{}, &tally{}, 0)
	v.settle(1)
	n := 0
	for ; v.core.Room() > 0; n++ {
		v.core.Offer(freeze(n))
	}
	if n != MaxBatch {
		t.Fatalf("%d commands", n)
	}
	v.settle(2)
	long := Item[int]{Command: ledger.Ack{Consumer: "sms", Except: make([]uint64, ledger.MaxExceptions)}}
	for n = 0; v.core.Room() > 0; n++ {
		if why := v.core.Offer(long); why != ledger.OK {
			t.Fatal(why)
		}
	}
	if bytes := len(v.core.open.payload); bytes < MaxBatchBytes || bytes > MaxBatchBytes+1<<16 {
		t.Fatalf("%d bytes in %d commands", bytes, n)
	}
}

// TestWithdraw: what was not proposed is nobody's; what was stays.
func TestWithdraw(t *testing.T) {
	v := begin(t, &paper{}, &tally{}, 0)
	v.settle(1)
	v.core.Offer(freeze(1))
	w := v.core.Ready(2).Write
	v.core.Offer(freeze(2))
	var back []int
	v.core.Withdraw(func(it Item[int]) { back = append(back, it.Caller) })
	v.paper.write(t, w)
	v.core.Persisted()
	v.apply()
	v.settle(3)
	v.expect("told", v.heard, "1: ok")
	if !slices.Equal(back, []int{2}) || v.paper.Last() != 2 {
		t.Fatalf("withdrawn %v, %d entries", back, v.paper.Last())
	}
}

func TestWhatCannotBeEncodedIsRefused(t *testing.T) {
	v := begin(t, &paper{}, &tally{}, 0)
	v.settle(1)
	if why := v.core.Offer(Item[int]{}); why != ledger.CommandForbidden || !v.core.Idle() {
		t.Fatal(why)
	}
}

// TestReplaced: a batch of a leader that was cut off is replaced by the next
// leader's entry; those who asked hear that nothing was taken.
func TestReplaced(t *testing.T) {
	p, b := &paper{}, &tally{}
	core, err := New[int](Config{ID: 1, Voters: []uint64{1, 2, 3}, Journal: p, Judge: b, Books: b})
	if err != nil {
		t.Fatal(err)
	}
	v := &voter{t: t, core: core, paper: p, books: b}
	for beats := 0; !core.Leads() && beats < 4*electionBeats; beats++ { // as leader it would step down: nobody hears it
		core.Beat(1)
		v.poll()
		v.acknowledge()
	}
	if !core.Leads() {
		t.Fatalf("not elected: %+v", p)
	}
	core.Offer(freeze(1))
	v.paper.write(t, core.Ready(2).Write)
	core.Persisted()
	core.Offer(freeze(2)) // never proposed
	term, payload := core.Term()+1, v.entry(7)
	last, before := uint64(1), uint64(1)
	if err := core.Step(&raftpb.Message{Type: raftpb.MsgApp.Enum(), From: new(uint64(2)), To: new(uint64(1)), Term: &term,
		Index: &last, LogTerm: &before, Commit: new(uint64(2)), Entries: []*raftpb.Entry{{Index: new(uint64(2)), Term: &term, Data: payload}}}); err != nil {
		t.Fatal(err)
	}
	w := core.Ready(3).Write
	p.entries = p.entries[:w.Entries[0].Index-1]
	v.paper.write(t, w)
	core.Persisted()
	v.apply()
	v.expect("told", v.heard, "1: busy", "2: busy")
	v.expect("booked", b.booked, "2.0 at 77: freeze 7")
	if core.Leads() || core.Room() != 0 || p.state.Term != term {
		t.Fatalf("leads on: %+v", p.state)
	}
}

// poll writes what is to be written and lets voter 2 vote for voter 1.
func (v *voter) poll() {
	yes := map[raftpb.MessageType]raftpb.MessageType{raftpb.MsgPreVote: raftpb.MsgPreVoteResp, raftpb.MsgVote: raftpb.MsgVoteResp}
	for rd := v.core.Ready(1); rd.Write != nil || len(rd.Send) > 0; rd = v.core.Ready(1) {
		if rd.Write != nil {
			v.paper.write(v.t, rd.Write)
			v.core.Persisted()
		}
		for _, m := range rd.Send {
			if answer, asked := yes[m.GetType()]; asked && m.GetTo() == 2 {
				_ = v.core.Step(&raftpb.Message{Type: answer.Enum(), From: m.To, To: m.From, Term: m.Term})
			}
		}
	}
	v.apply()
}

// acknowledge lets voter 2 have all that voter 1 has.
func (v *voter) acknowledge() {
	_ = v.core.Step(&raftpb.Message{Type: raftpb.MsgAppResp.Enum(), From: new(uint64(2)), To: new(uint64(1)),
		Term: new(v.core.Term()), Index: new(v.paper.Last())})
	v.core.Ready(1)
	v.apply()
}

// entry is another leader's.
func (v *voter) entry(account int) []byte {
	payload, err := wire.AppendCommand(wire.BeginEntry(nil, 77), 0, ledger.Freeze{Account: ledger.Account(account)})
	if err != nil {
		v.t.Fatal(err)
	}
	wire.EndEntry(payload, 1)
	return payload
}

func TestNotAVoter(t *testing.T) {
	if _, err := New[int](Config{ID: 4, Voters: []uint64{1}, Journal: &paper{}}); !errors.Is(err, ErrVoter) {
		t.Fatal(err)
	}
}
