package node

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/cryptotest"

	"go.etcd.io/raft/v3/raftpb"
	"google.golang.org/protobuf/proto"

	"mlango/ledgerd/ledger"
)

// What a run of three voters does.
const (
	clusterSeeds = 30
	clusterSteps = 10_000
	clusterDrops = 10 // one message in so many is lost, one comes twice
)

// cluster is three voters in one goroutine: disks, clocks, the network and the
// callers take turns as a seed says.
type cluster struct {
	t      *testing.T
	rng    *rand.Rand
	voters [3]*member
	wire   []*raftpb.Message
	now    int64
	cut    uint64         // the voter that nobody reaches
	next   int            // the next wish
	told   map[int]string // what each caller heard: at most one thing
}

// member is one voter: what it has in memory goes with a crash, its paper stays.
type member struct {
	*voter
	work *Write
}

func newCluster(t *testing.T, seed uint64) *cluster {
	cryptotest.SetGlobalRandom(t, seed)
	c := &cluster{t: t, rng: rand.New(rand.NewPCG(seed, 2)), told: map[int]string{}}
	for i := range c.voters {
		c.start(i, &paper{})
	}
	return c
}

// start is a new process on a paper. What it knows to be committed it hears from
// the leader; until then it books nothing.
func (c *cluster) start(i int, p *paper) {
	c.t.Helper()
	b := &tally{}
	core, err := New[int](Config{ID: uint64(i) + 1, Voters: []uint64{1, 2, 3}, State: p.state, Journal: p, Judge: b, Books: b})
	if err != nil {
		c.t.Fatal(err)
	}
	c.voters[i] = &member{voter: &voter{t: c.t, core: core, paper: p, books: b}}
}

// tell notes what a caller heard.
func (c *cluster) tell(caller int, _ ledger.Command, res ledger.Result) {
	if was, twice := c.told[caller]; twice {
		c.t.Fatalf("wish %d was answered %s, then %s", caller, was, res.Reject)
	}
	c.told[caller] = res.Reject.String()
}

// turn is one voter's writer.
func (c *cluster) turn(m *member) {
	c.t.Helper()
	rd := m.core.Ready(c.now)
	if rd.Write != nil {
		m.work = rd.Write
	}
	c.wire = append(c.wire, rd.Send...)
	if err := m.core.Apply(c.tell); err != nil {
		c.t.Fatal(err)
	}
}

// works is one voter's disk.
func (c *cluster) works(m *member) {
	if m.work == nil {
		return
	}
	if n := len(m.work.Entries); n > 0 {
		m.paper.entries = m.paper.entries[:m.work.Entries[0].Index-1]
	}
	m.paper.write(c.t, m.work)
	m.work = nil
	m.core.Persisted()
}

// deliver takes one message off the wire, in any order, as the wire would carry
// it; some are lost and some come twice.
func (c *cluster) deliver() {
	if len(c.wire) == 0 {
		return
	}
	i := c.rng.IntN(len(c.wire))
	m := c.wire[i]
	if c.rng.IntN(clusterDrops) > 0 {
		c.wire = slices.Delete(c.wire, i, i+1)
	}
	if c.rng.IntN(clusterDrops) == 0 || m.GetTo() == c.cut || m.GetFrom() == c.cut {
		return
	}
	_ = c.voters[m.GetTo()-1].core.Step(proto.Clone(m).(*raftpb.Message)) // refusing is an answer too
}

func (c *cluster) step() {
	i := c.rng.IntN(len(c.voters))
	m := c.voters[i]
	switch n := c.rng.IntN(1000); {
	case n < 500:
		c.deliver()
	case n < 680:
		c.turn(m)
	case n < 860:
		c.works(m)
	case n < 900:
		c.now += int64(c.rng.IntN(50))
		m.core.Beat(c.now)
	case n < 999:
		if m.core.Room() > 0 {
			m.core.Offer(freeze(c.next))
			c.next++
		}
	case c.rng.IntN(2) == 0:
		c.cut = uint64(c.rng.IntN(len(c.voters) + 1))
	default:
		c.start(i, m.paper) // a crash: what was not written is gone
	}
}

// settle lets everything arrive until all voters hold the same.
func (c *cluster) settle() {
	c.t.Helper()
	c.cut = 0
	for range 400 {
		c.now += 10
		for _, m := range c.voters {
			m.core.Beat(c.now)
			c.turn(m)
			c.works(m)
			c.turn(m)
		}
		for _, m := range c.wire {
			_ = c.voters[m.GetTo()-1].core.Step(proto.Clone(m).(*raftpb.Message))
		}
		c.wire = nil
	}
}

// agree checks that all voters booked the same, that every wish that was answered
// ok is booked once, and that none that was answered busy ever is.
func (c *cluster) agree() {
	c.t.Helper()
	first := c.voters[0].books.booked
	for _, m := range c.voters[1:] {
		if !slices.Equal(first, m.books.booked) {
			c.t.Fatalf("other books:\n%q\n%q", first, m.books.booked)
		}
	}
	times := map[string]int{}
	for _, line := range first {
		var at, what string
		if _, err := fmt.Sscanf(line, "%s at %s freeze %s", &at, new(string), &what); err == nil {
			times[what]++
		}
	}
	for wish, answer := range c.told {
		switch n := times[fmt.Sprint(wish)]; {
		case answer == ledger.OK.String() && n != 1:
			c.t.Fatalf("wish %d was answered ok and is booked %d times", wish, n)
		case answer == ledger.Busy.String() && n != 0:
			c.t.Fatalf("wish %d was answered busy and is booked", wish)
		}
	}
}

// TestThreeVoters: the machine that runs alone today is one of several already.
// Whatever is lost, doubled, late, cut off or crashed, all books come out the same, and
// nobody was told what is not in them.
func TestThreeVoters(t *testing.T) {
	answers := map[string]int{}
	for seed := range uint64(clusterSeeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := newCluster(t, seed)
			for range clusterSteps {
				c.step()
			}
			c.settle()
			c.agree()
			for _, answer := range c.told {
				answers[answer]++
			}
		})
	}
	if answers[ledger.OK.String()] == 0 || answers[ledger.Busy.String()] == 0 {
		t.Fatalf("a run that shows little: %v", answers)
	}
	t.Logf("answers %v", answers)
}
