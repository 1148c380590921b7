// Package node is one voter of the ledger as a pure machine around raft. It is
// fed with items, with the time and with the word that a write is durable; it
// says what to write, what to send and, once an entry is applied, what to answer.
// It has no goroutine, clock, disk or socket: the loops around it own those, and
// a test runs a whole node from a seed.
package node

import (
	"errors"
	"fmt"
	"io"
	"log"
	"slices"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"mlango/ledgerd/ledger"
)

// Limits of a node.
const (
	MaxBatch      = 4096    // commands of one entry
	MaxBatchBytes = 2 << 20 // of one entry, from which on it takes nothing more
	MaxJudged     = 3       // times a request is judged while its PIN's epoch moves

	tickEvery      = 1000    // ms between two tick entries
	electionBeats  = 10      // beats without a leader before an election
	heartbeatBeats = 1       // beats between two signs of life
	maxMessage     = 1 << 20 // bytes of entries in one message
	maxApplying    = 64 << 20
	maxMessages    = 256 // to one peer, not yet acknowledged
)

// Errors of a node. Each ends it.
var (
	// ErrEntry says that a committed entry is not one this node can apply.
	ErrEntry = errors.New("node: an entry that cannot be applied")
	// ErrVoter says that the node is not among the voters it was given.
	ErrVoter = errors.New("node: not one of the voters")
)

// Judge makes a command of a request, looking at the books as they are.
type Judge interface {
	Request(r *ledger.Request, now int64) ledger.Command
}

// Books are what entries are applied to.
type Books interface {
	// Warm brings near in memory what the first WarmAtOnce of a list will touch. It
	// changes nothing.
	Warm(list []ledger.Command)
	// Apply books one command; again says that its PIN's epoch moved.
	Apply(cmd ledger.Command, at ledger.Place, now int64) (res ledger.Result, again bool)
	// Due is the earliest instant after which a tick has something to do, if there
	// is any.
	Due() (at int64, any bool)
}

// Entry is an entry on its way to or from the journal. One without a payload is
// raft's own, at the begin of a term; it has no time.
type Entry struct {
	Index, Term uint64
	At          int64 // leader time, ms
	Payload     []byte
}

// Journal is what was made durable. It is asked for what is not in memory.
type Journal interface {
	// First is the oldest entry that Entries would find, or the next one.
	First() uint64
	// Last is the last durable entry.
	Last() uint64
	// Term is an entry's, from First()-1 to Last().
	Term(index uint64) (uint64, error)
	// Entries are those from lo up to but not hi: as many as fit into maxBytes, and
	// at least one.
	Entries(lo, hi, maxBytes uint64) ([]Entry, error)
}

// State is what a voter must remember of elections.
type State struct {
	Term uint64 // the newest it has seen
	Vote uint64 // for whom, in that term; zero for nobody
}

// Config says what a node begins with.
type Config struct {
	ID      uint64
	Voters  []uint64
	State   State
	Commit  uint64 // known to be committed
	Applied uint64 // the books hold everything up to here
	At      int64  // leader time of the last entry they hold
	Journal Journal
	Judge   Judge
	Books   Books
	Log     *log.Logger // what raft has to say
}

// Core is one voter. C is whoever waits for an answer; the core hands it back.
// Its methods are called from one goroutine.
type Core[C any] struct {
	id    uint64
	raft  *raft.RawNode
	tail  *tail
	judge Judge
	books Books

	now     int64  // leader time; never goes back
	ticked  int64  // when the last tick entry was made
	ticking bool   // it is not applied yet
	applied uint64 // index of the last applied entry
	term    uint64 // the newest we have seen
	leads   bool
	settled bool // everything before our term is applied: we may judge

	open   *batch[C]   // the entry in the making
	flight []*batch[C] // proposed and not yet applied, in order
	spare  []*batch[C]
	again  []Item[C] // to be judged once more

	last    Entry             // the last one raft took; without its payload
	stirred bool              // raft may have something new to say
	saved   State             // as it is durable
	waiting []*raftpb.Message // to be made durable with the next write
	writing []*raftpb.Message // in the write that is under way
	commits []*raftpb.Message // to be applied
	send    []*raftpb.Message
}

// New makes a node of what its journal and its books hold. The only voter of a
// group calls an election at once.
func New[C any](cfg Config) (*Core[C], error) {
	if !slices.Contains(cfg.Voters, cfg.ID) {
		return nil, fmt.Errorf("%w: %d of %d", ErrVoter, cfg.ID, cfg.Voters)
	}
	c := &Core[C]{id: cfg.ID, judge: cfg.Judge, books: cfg.Books, now: cfg.At, ticked: cfg.At, applied: cfg.Applied,
		open: &batch[C]{}, saved: cfg.State, term: cfg.State.Term, stirred: true}
	c.tail = &tail{journal: cfg.Journal, voters: cfg.Voters, state: cfg.State, commit: cfg.Commit, last: cfg.Journal.Last()}
	var err error
	if c.tail.lastTerm, err = cfg.Journal.Term(c.tail.last); err != nil {
		return nil, fmt.Errorf("node: term of entry %d: %w", c.tail.last, err)
	}
	if c.raft, err = raft.NewRawNode(c.raftConfig(cfg)); err != nil {
		return nil, fmt.Errorf("node: %w", err)
	}
	if len(cfg.Voters) == 1 {
		if err := c.raft.Campaign(); err != nil {
			return nil, fmt.Errorf("node: election: %w", err)
		}
	}
	return c, nil
}

func (c *Core[C]) raftConfig(cfg Config) *raft.Config {
	if cfg.Log == nil {
		cfg.Log = log.New(io.Discard, "", 0)
	}
	return &raft.Config{
		ID: cfg.ID, Storage: c.tail, Applied: cfg.Applied,
		ElectionTick: electionBeats, HeartbeatTick: heartbeatBeats, PreVote: true, CheckQuorum: true,
		AsyncStorageWrites: true, DisableProposalForwarding: true,
		MaxSizePerMsg: maxMessage, MaxCommittedSizePerReady: maxApplying, MaxInflightMsgs: maxMessages,
		Logger: &raft.DefaultLogger{Logger: cfg.Log},
	}
}

// Beat is the node's pulse, ten times a second: elections and signs of life hang
// on it, and so do the books' own doings by the clock.
func (c *Core[C]) Beat(now int64) {
	c.now = max(c.now, now)
	c.raft.Tick()
	c.stirred = true
	at, any := c.books.Due()
	unfinished := !c.ticking && at < c.ticked // the last tick has been applied, and was not enough
	if any && at < c.now && (unfinished || c.now-c.ticked >= tickEvery) && c.Room() > 0 {
		c.ticked, c.ticking = c.now, true
		c.Offer(Item[C]{Command: ledger.Tick{}})
	}
}

// Step takes a message from another voter.
func (c *Core[C]) Step(m *raftpb.Message) error {
	c.stirred = true
	if err := c.raft.Step(m); err != nil {
		return fmt.Errorf("node: message from %d: %w", m.GetFrom(), err)
	}
	return nil
}

// Leads tells whether this node judges: it was elected, and has applied all that
// was entered before.
func (c *Core[C]) Leads() bool { return c.leads && c.settled }

// Applied is the index of the last applied entry.
func (c *Core[C]) Applied() uint64 { return c.applied }

// Term is the newest term the node has seen.
func (c *Core[C]) Term() uint64 { return c.term }

// Busy tells whether a write is under way.
func (c *Core[C]) Busy() bool { return len(c.writing) > 0 }

// Idle tells whether nobody waits for an answer.
func (c *Core[C]) Idle() bool {
	return len(c.open.items) == 0 && len(c.flight) == 0 && len(c.again) == 0
}

// InFlight is how many entries are proposed and not yet applied.
func (c *Core[C]) InFlight() int { return len(c.flight) }
