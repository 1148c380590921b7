// Package server is the single writer: it takes what waits as one batch, judges
// it, journals it with one sync, applies it, answers, and feeds those who listen.
package server

import (
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
	"mlango/ledgerd/vault"
)

// Limits of a node. What is above a limit is refused in words and leaves no trace.
const (
	maxBatch       = 4096                   // commands of one entry
	maxBatchBytes  = journal.MaxPayload / 2 // of one entry; a command is far shorter than the rest
	maxBacklog     = 1 << 16                // items that wait for the writer
	maxBacklogAge  = 250 * time.Millisecond // a request that waited longer is refused
	maxInFlight    = 1 << 15                // requests of one stream not yet answered
	maxStreams     = 1 << 10                // of one connection
	maxJudged      = 3                      // times a request is judged while its PIN's epoch moves
	maxAdmin       = 1000                   // records of one Admin call
	maxAcks        = 1 << 16                // lanes whose acknowledgement waits
	maxPeople      = 1 << 16                // opened names and numbers that are remembered
	maxNotices     = 512                    // in one frame of a feed
	maxUnsent      = 16 << 20               // bytes of answers that a stream's other end does not read
	ackEvery       = 100 * time.Millisecond
	noticesPause   = 2 * time.Millisecond // what is committed within it leaves in one frame
	rotateEvery    = time.Minute          // how often seal keys are looked at
	drainTimeout   = 2 * time.Second      // for streams at an orderly stop
	windowBytes    = 4 << 20
	bufferBytes    = 256 << 10
	quietPing      = 30 * time.Second // of silence before a stream's other end is asked
	quietTimeout   = 10 * time.Second
	leastPing      = 5 * time.Second // a client may ask so often
	connectTimeout = 5 * time.Second
)

// The folders inside a data folder.
const (
	JournalDir = "journal"
	VaultDir   = "vault"
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
	Access      Access // who may say what, and what needs two people

	// Issues lets the stream carry issues of money, which are an administrator's
	// to say otherwise. The bench sets it, in its own process.
	Issues bool

	Wall func() time.Time // replaces the clock in tests
}

// Server is one node.
type Server struct {
	cfg     Config
	log     *slog.Logger
	vault   *vault.Vault
	journal *journal.Journal
	judge   *judge.Judge
	commit  committer
	clock   clock
	inbox   inbox
	acks    acks
	feeds   feeds
	bell    bell // rings after every applied entry
	people  *judge.Memo[sealedPerson, opened]
	stats   stats
	door    guard           // who may say what
	desk    desk            // what waits for a second person
	low     atomic.Bool     // the disk has no room: everything is refused
	stop    context.Context // ends when streams must
	end     context.CancelFunc

	mu   sync.RWMutex // held for writing while entries are applied
	book *ledger.Book
	upto uint64 // index of the last applied entry
}

// Open opens the data folder and replays the journal. Nothing is served yet.
func Open(cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	v, j, err := openData(cfg)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: cfg.Log, vault: v, journal: j, judge: judge.New(v),
		people: judge.NewMemo[sealedPerson, opened](maxPeople)}
	s.stop, s.end = context.WithCancel(context.Background())
	s.book = ledger.New(ledger.Options{ReceiptKey: v.ReceiptKey(), ZoneMinutes: cfg.ZoneMinutes})
	s.commit = newSolo(j)
	s.inbox.init()
	s.acks.init()
	err = s.recover()
	if err == nil {
		err = s.rotate() // before anyone can ask for keys
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openData opens vault and journal. Both are made for new books only: a folder
// whose books were begun and that lost one of them is not served.
func openData(cfg Config) (*vault.Vault, *journal.Journal, error) {
	old, err := begun(cfg.Data, cfg.ZoneMinutes)
	if err != nil {
		return nil, nil, err
	}
	openVault := vault.Open
	if old {
		openVault = vault.Reopen
	}
	v, err := openVault(filepath.Join(cfg.Data, VaultDir))
	if err != nil {
		return nil, nil, fmt.Errorf("server: %w", err)
	}
	j, err := journal.Open(filepath.Join(cfg.Data, JournalDir), journal.Options{
		Cluster: ClusterID(cfg.Cluster), Node: cfg.Node, MinFree: cfg.MinFree, AcceptFailed: cfg.Accept, Existing: old})
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("server: %w", err), v.Close())
	}
	if !old {
		if err := begin(cfg.Data, cfg.ZoneMinutes); err != nil {
			return nil, nil, errors.Join(err, j.Close(), v.Close())
		}
	}
	return v, j, nil
}

// Close gives the data folder back. Run must have returned.
func (s *Server) Close() error {
	s.end()
	if err := errors.Join(s.journal.Close(), s.vault.Close()); err != nil {
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
