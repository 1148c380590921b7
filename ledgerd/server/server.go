// Package server is the loops around a node – the disk's, the clock's, the
// network's – and the calls of the wire: what waits is judged while the disk works,
// journaled with one sync, applied, answered, and fed to those who listen.
package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/judge"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/node"
	"mlango/ledgerd/vault"
)

// Limits of a node. What is above a limit is refused in words and leaves no trace.
const (
	maxBacklog     = 1 << 16                // items that wait for the writer
	maxTurn        = 128                    // of them judged at a time: what became durable meanwhile is answered in between
	maxBacklogAge  = 250 * time.Millisecond // a request that waited longer is refused
	maxInFlight    = 1 << 15                // requests of one stream not yet answered
	maxStreams     = 1 << 10                // of one connection
	maxLooks       = 2                      // readings of the journal for Show at a time: each takes the memory of two segments
	maxAdmin       = 1000                   // records of one Admin call
	maxAcks        = 1 << 16                // lanes whose acknowledgement waits
	maxPeople      = 1 << 18                // opened names and numbers that are remembered
	maxNotices     = 512                    // in one frame of a feed
	noticesHeld    = 64                     // read while the writer waits
	maxUnsent      = 16 << 20               // bytes of answers that a stream's other end does not read
	ackEvery       = 100 * time.Millisecond
	noticesPause   = 2 * time.Millisecond // what is committed within it leaves in one frame
	beatEvery      = 100 * time.Millisecond
	rotateEvery    = time.Minute     // how often seal keys are looked at
	soonShare      = 8               // of the commands between two snapshots, with small books,
	soonLeast      = 1 << 15         // but no fewer than these
	snapshotRest   = 4               // times as long as a snapshot took, before the next: a fifth of a core and of the disk at most
	commandBytes   = 256             // of the journal that count as a command: a long one has many transfers in it
	drainTimeout   = 2 * time.Second // for streams at an orderly stop
	windowBytes    = 4 << 20
	bufferBytes    = 256 << 10
	quietPing      = 30 * time.Second // of silence before a stream's other end is asked
	quietTimeout   = 10 * time.Second
	leastPing      = 5 * time.Second // a client may ask so often
	connectTimeout = 5 * time.Second
)

// SnapshotEvery is how many commands, or how many times commandBytes of them, stand
// between two snapshots at most, unless configured; with small books it is an eighth of
// them. A start after a kill at the worst moment reads the newest snapshot, so many
// commands, and those that came while the next one was being written. Fewer would have a
// snapshot of a few hundred megabytes written all the time; BENCHMARKS.md has what a
// million costs.
const SnapshotEvery = 2 << 20

// The folders inside a data folder.
const (
	JournalDir = "journal"
	VaultDir   = "vault"
	PagesDir   = "pages" // pages that left memory; made anew if lost
)

// Config says what a node is.
type Config struct {
	Data        string // folder of journal and vault
	Cluster     string // its journal refuses another's; empty takes what the folder says
	Node        uint64
	ZoneMinutes int         // the operator's clock, minutes east of UTC
	MinFree     uint64      // bytes of disk below which nothing is accepted
	Accept      bool        // start although the last run ended on a failed write
	TLS         *tls.Config // nil on loopback only
	Log         *slog.Logger
	Access      Access   // who may say what, and what needs two people
	Snapshot    uint64   // commands between two snapshots; zero: what fits most
	Horizon     int64    // ms that ids stay in memory; zero: ledger.Horizon
	Keep        int      // pages of records, and of lines, that stay in memory; zero: ledger.KeepPages
	Consumers   []string // that read the outbox beside sms, from the first start that names them

	// Issues lets the stream carry issues of money, which are an administrator's
	// to say otherwise. The bench sets it, in its own process.
	Issues bool

	Wall     func() time.Time // replaces the clock in tests
	Disk     journal.FS       // replaces the journal's disk in tests
	Segment  int64            // bytes of a journal's file, in tests
	SlowSync time.Duration    // how much longer every sync takes: the bench asks what a slow disk leaves
}

// Server is one node.
type Server struct {
	cfg     Config
	log     *slog.Logger
	vault   *vault.Vault
	journal *journal.Journal
	pages   *Pages
	judge   *judge.Judge
	core    *node.Core[asker]
	disk    *disk
	room    func() error // tells with journal.ErrLowDisk that there is too little
	clock   clock
	inbox   inbox
	acks    acks
	feeds   feeds
	origins origins
	looks   chan struct{} // each in it reads the journal for a Show
	plans   atomic.Int32  // that are being made
	bell    bell          // rings after every applied entry
	people  *judge.Memo[ledger.Account, opened]
	stats   stats
	door    guard                  // who may say what
	desk    desk                   // what waits for a second person
	damage  atomic.Pointer[string] // of the journal, as somebody who read it found
	low     atomic.Bool            // the disk has no room: everything is refused
	stop    context.Context        // ends when streams must
	end     context.CancelFunc

	// The writer's own.
	writing *node.Write // what the disk was given last
	since   time.Time   // when
	stuck   bool        // there was no room for it
	taken   []item
	replies []reply
	erased  []ledger.Account // whose keys are to be destroyed
	snaps   snapshots

	mu   sync.RWMutex // held for writing while entries are applied
	book *ledger.Book
	upto uint64 // index of the last applied entry
}

// Open opens the data folder and replays the journal. Nothing is served yet.
func Open(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, log: cfg.Log, people: judge.NewMemo[ledger.Account, opened](maxPeople), looks: make(chan struct{}, maxLooks)}
	s.stop, s.end = context.WithCancel(context.Background())
	s.inbox.init()
	s.acks.init()
	s.feeds.rooms.New = func() any { return &feedRoom{list: make([]ledger.Notice, 0, maxNotices)} }
	s.feeds.patience = stalledAfter
	if err := s.openData(); err != nil {
		return nil, err
	}
	err := s.begin()
	if err == nil {
		err = s.rotate() // before anyone can ask for keys
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin makes the node of what vault, journal and books hold.
func (s *Server) begin() (err error) {
	s.judge = judge.New(s.vault)
	s.room = s.journal.Room
	s.disk = newDisk(s.journal, s.cfg.SlowSync)
	s.snaps.freeze = func() frozen { return s.book.Freeze() }
	s.snaps.beside = func(f func()) { go f() }
	s.snaps.every, s.snaps.rest, s.snaps.done = cmp.Or(s.cfg.Snapshot, SnapshotEvery), snapshotRest, make(chan error, 1)
	term, vote, _ := s.journal.State()
	s.core, err = node.New[asker](node.Config{
		ID: s.journal.Node(), Voters: []uint64{s.journal.Node()}, State: node.State{Term: term, Vote: vote},
		Commit:  s.upto, // what is durable at the only voter is committed
		Applied: s.upto, At: s.clock.last, Journal: history{s.journal},
		Judge: court{s.judge, s.book}, Books: s.book, Log: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)})
	if err != nil {
		return fmt.Errorf("server: %w", err)
	}
	return nil
}

// openData opens vault and journal, and books what the journal holds. Both are
// made for new books only: a folder whose books were begun and that lost one of
// them is not served.
func (s *Server) openData() error {
	old, err := begun(s.cfg.Data, s.cfg.ZoneMinutes)
	if err != nil {
		return err
	}
	openVault := vault.Open
	if old {
		openVault = vault.Reopen
	}
	if s.vault, err = openVault(filepath.Join(s.cfg.Data, VaultDir)); err != nil {
		return fmt.Errorf("server: %w", err)
	}
	if old {
		if err := OwnVault(s.cfg.Data, s.vault); err != nil {
			return errors.Join(err, s.vault.Close())
		}
	}
	if err := s.recover(old); err != nil {
		return errors.Join(fmt.Errorf("server: %w", err), s.vault.Close())
	}
	if !old {
		if err := begin(s.cfg.Data, s.cfg.ZoneMinutes, s.vault); err != nil {
			return errors.Join(err, s.journal.Close(), s.pages.Close(), s.vault.Close())
		}
	}
	return nil
}

// Close gives the data folder back. Run must have returned.
func (s *Server) Close() error {
	s.end()
	if err := errors.Join(s.journal.Close(), s.pages.Close(), s.vault.Close()); err != nil {
		return fmt.Errorf("server: close: %w", err)
	}
	return nil
}

// Run serves until ctx ends, then finishes what it took. An error means that
// the node must not go on: above all a journal that could not be written.
func (s *Server) Run(ctx context.Context, ln net.Listener) error {
	g := s.grpcServer()
	wrote := make(chan error, 1)
	go func() { wrote <- s.write() }()
	served := make(chan error, 1)
	go func() { served <- g.Serve(ln) }()
	go s.flushAcks()
	var err error
	select {
	case <-ctx.Done():
		s.putAcks()
		s.inbox.close()
		err = <-wrote
	case err = <-wrote:
		s.inbox.close()
	case err = <-served:
		s.inbox.close()
		err = errors.Join(fmt.Errorf("server: listen: %w", err), <-wrote)
	}
	s.end()
	quit := time.AfterFunc(drainTimeout, g.Stop)
	defer quit.Stop()
	if err != nil {
		g.Stop() // nobody may hear more from a node that failed
		return err
	}
	g.GracefulStop()
	return nil
}
