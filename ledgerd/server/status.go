package server

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"google.golang.org/grpc/credentials"
	conn "google.golang.org/grpc/peer"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire/pb"
)

// StatusSheet is how a node stands, as tools print it.
type StatusSheet struct {
	At        string           `json:"at"`
	Node      uint64           `json:"node"`
	Cluster   string           `json:"cluster"`
	Data      string           `json:"data"`
	Role      string           `json:"role"` // leads, follows
	Term      uint64           `json:"term"`
	Journal   StatusJournal    `json:"journal"`
	Disk      StatusDisk       `json:"disk"`
	IDs       StatusIDs        `json:"ids"`
	Backlog   StatusBacklog    `json:"backlog"`
	Consumers []StatusConsumer `json:"consumers"`
	Vault     StatusVault      `json:"vault"`
	TLS       *StatusTLS       `json:"certificate,omitempty"` // none on this machine only
	Attention []StatusDo       `json:"attention"`             // what needs a person
}

// StatusDo is something that needs a person, and what to do.
type StatusDo struct {
	What string `json:"what"`
	Do   string `json:"do"`
}

// StatusJournal is where the journal and the books stand.
type StatusJournal struct {
	Index         uint64 `json:"index"` // of the last durable entry
	Head          string `json:"head"`  // its hash
	Applied       uint64 `json:"applied"`
	First         uint64 `json:"first"` // outside the archive
	Segments      int    `json:"segments"`
	Archives      int    `json:"archives"`
	ArchivedFirst uint64 `json:"archived_first,omitempty"`
	ArchivedLast  uint64 `json:"archived_last,omitempty"`
	Snapshot      uint64 `json:"snapshot,omitempty"` // entry of the newest; none yet when left out
	SnapshotAt    string `json:"snapshot_at,omitempty"`
	Since         uint64 `json:"commands_since"` // it, which a start reads again
	Every         uint64 `json:"snapshot_every"` // commands
	Unkept        uint64 `json:"snapshots_failed"`
	Accounts      int    `json:"accounts"`
	Transfers     int    `json:"transfers"`
}

// StatusDisk is the room on the journal's disk.
type StatusDisk struct {
	FreeMB uint64 `json:"free_mb"`
	MarkMB uint64 `json:"mark_mb"` // below it nothing is accepted
}

// StatusIDs is how far back ids are remembered: for ever, but not all in memory.
type StatusIDs struct {
	InMemory     int    `json:"in_memory"`
	OldestMemory string `json:"oldest_in_memory,omitempty"`
	OldestDisk   string `json:"oldest_on_disk,omitempty"`
}

// StatusBacklog is what waits.
type StatusBacklog struct {
	Waiting  int    `json:"waiting"`   // commands, for the writer
	InFlight int    `json:"in_flight"` // entries, on their way through the journal
	Refused  uint64 `json:"refused"`   // without a trace, since the start
	Second   int    `json:"second_person"`
}

// StatusConsumer is how far one consumer of the outbox is behind.
type StatusConsumer struct {
	Name     string        `json:"name"`
	Notices  int           `json:"notices"` // not acknowledged
	Lanes    int           `json:"lanes"`   // that hold them
	Oldest   string        `json:"oldest,omitempty"`
	AgeS     int64         `json:"oldest_age_s"`
	Feeds    int           `json:"feeds"` // that are open now
	Owners   []StatusOwner `json:"owners"`
	Missed   uint64        `json:"missed"`                    // given up because it was too far behind
	Farthest []StatusLane  `json:"farthest_behind,omitempty"` // lanes, at most maxFarthest
}

// StatusOwner is who owns which lanes.
type StatusOwner struct {
	Owner string `json:"owner"`
	From  uint32 `json:"from_lane"`
	To    uint32 `json:"to_lane"`
	Epoch uint64 `json:"epoch"`
}

// StatusLane is one lane that is behind.
type StatusLane struct {
	Lane    uint32 `json:"lane"`
	Owner   string `json:"owner,omitempty"`
	Notices int    `json:"notices"`
	Oldest  string `json:"oldest"`
	AgeS    int64  `json:"oldest_age_s"`
	since   int64
}

// StatusVault is how old the keys are.
type StatusVault struct {
	Made      string `json:"made,omitempty"`     // the keys that are never changed
	Grown     string `json:"people,omitempty"`   // a person's key was made or destroyed last
	Seal      uint32 `json:"seal_key,omitempty"` // in use; none when left out
	SealFrom  string `json:"seal_from,omitempty"`
	SealUntil string `json:"seal_until,omitempty"` // then the next is in use
	NextUntil string `json:"next_until,omitempty"`
}

// StatusTLS is until when certificates hold.
type StatusTLS struct {
	Name      string `json:"name"` // the node's
	Until     string `json:"until"`
	Authority string `json:"authority_until,omitempty"`
	Yours     string `json:"yours_until,omitempty"` // the caller's

	until, authority, yours time.Time
}

// Status tells how the node stands, and what of it needs a person.
func (g *service) Status(ctx context.Context, _ *pb.StatusRequest) (*pb.StatusAnswer, error) {
	sheet, err := g.s.status(ctx)
	var b []byte
	if err == nil {
		b, err = json.Marshal(sheet)
	}
	if err != nil {
		return nil, g.s.failed("status", err)
	}
	return &pb.StatusAnswer{Json: b}, nil
}

func (s *Server) status(ctx context.Context) (*StatusSheet, error) {
	now, stats := s.clock.look(), s.Stats()
	v := &StatusSheet{At: s.instant(now), Node: s.journal.Node(), Cluster: s.cfg.Cluster, Data: folderName(s.cfg.Data), Role: "follows", Term: stats.Term,
		Backlog: StatusBacklog{stats.Waiting, stats.InFlight, stats.Refused, len(s.desk.list(now))}}
	if stats.Leads {
		v.Role = "leads"
	}
	if err := s.statusJournal(v, stats); err != nil {
		return nil, err
	}
	s.mu.RLock()
	memory, disk := s.book.OldestID()
	consumers := s.book.Consumers()
	s.mu.RUnlock()
	v.IDs = StatusIDs{stats.IDs, s.instant(memory), s.instant(disk)}
	for _, c := range consumers {
		if c.On {
			v.Consumers = append(v.Consumers, s.statusConsumer(c, now))
		}
	}
	s.statusVault(v, now)
	v.TLS = s.statusTLS(ctx)
	v.Attention = s.attention(v, time.UnixMilli(now))
	return v, nil
}

// folderName is a folder from the root, as somebody who sits elsewhere must name it.
func folderName(path string) string {
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

// instant is a time by the operator's clock; zero is none.
func (s *Server) instant(ms int64) string {
	if ms == 0 {
		return ""
	}
	return Instant(ms, s.cfg.ZoneMinutes)
}

// fileTime is when a file was written last; empty when it is not known.
func (s *Server) fileTime(path ...string) string {
	info, err := os.Stat(filepath.Join(append([]string{s.cfg.Data}, path...)...))
	if err != nil {
		return ""
	}
	return s.instant(info.ModTime().UnixMilli())
}

func (s *Server) statusJournal(v *StatusSheet, stats Stats) error {
	at, err := s.journal.Stands()
	if err != nil {
		return err
	}
	index, head, _ := s.journal.Head()
	v.Journal = StatusJournal{Index: index, Head: hexOf(head[:]), Applied: stats.Index, First: at.First, Segments: at.Segments, Archives: at.Archives,
		ArchivedFirst: at.ArchivedFirst, ArchivedLast: at.ArchivedLast, Since: stats.Since, Every: s.snaps.every,
		Unkept: stats.Unkept, Accounts: stats.Accounts, Transfers: stats.Transfers}
	if len(at.Snapshots) > 0 {
		v.Journal.Snapshot = at.Snapshots[0].Index
		v.Journal.SnapshotAt = s.fileTime(JournalDir, at.Snapshots[0].File())
	}
	v.Disk = StatusDisk{at.Free >> 20, at.MinFree >> 20}
	return nil
}

// maxFarthest bounds the lanes that are told one by one.
const maxFarthest = 5

func (s *Server) statusConsumer(of ledger.Consumer, now int64) StatusConsumer {
	name := of.Name
	c := StatusConsumer{Name: name, Owners: []StatusOwner{}, Feeds: s.feeds.open(name), Missed: of.Missed}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, g := range s.book.Grants(name) {
		c.Owners = append(c.Owners, StatusOwner{g.Owner, uint32(g.From), uint32(g.To), g.Epoch})
	}
	oldest := int64(0)
	for _, at := range s.book.OpenLanes(name, 0, maxLane) {
		cursor, _ := s.book.Cursor(name, at)
		lane := StatusLane{Lane: uint32(at), Owner: cursor.Owner, Notices: cursor.Open}
		for _, n := range s.book.Notices(name, at, 0, 1) {
			lane.since = n.At
		}
		lane.Oldest, lane.AgeS = s.instant(lane.since), (now-lane.since)/1000
		c.Notices, c.Lanes = c.Notices+lane.Notices, c.Lanes+1
		if oldest == 0 || lane.since < oldest {
			oldest = lane.since
			c.Oldest, c.AgeS = lane.Oldest, lane.AgeS
		}
		c.farthest(lane)
	}
	return c
}

// farthest keeps the lanes that are farthest behind, the oldest first.
func (c *StatusConsumer) farthest(lane StatusLane) {
	at := len(c.Farthest)
	for at > 0 && lane.since < c.Farthest[at-1].since {
		at--
	}
	c.Farthest = append(c.Farthest[:at], append([]StatusLane{lane}, c.Farthest[at:]...)...)
	c.Farthest = c.Farthest[:min(len(c.Farthest), maxFarthest)]
}

// open is how many feeds of a consumer somebody reads.
func (f *feeds) open(consumer string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.list {
		if one.consumer == consumer {
			n++
		}
	}
	return n
}

func (s *Server) statusVault(v *StatusSheet, now int64) {
	if made, grown, err := s.vault.Written(); err == nil {
		v.Vault.Made, v.Vault.Grown = s.instant(made.UnixMilli()), s.instant(grown.UnixMilli())
	}
	current, next, err := s.vault.Seals(now)
	if err != nil {
		return
	}
	v.Vault.Seal, v.Vault.SealFrom, v.Vault.SealUntil = current.ID, s.instant(current.From), s.instant(current.Until)
	v.Vault.NextUntil = s.instant(next.Until)
}

// statusTLS is until when the node's certificate holds, and those the caller showed.
func (s *Server) statusTLS(ctx context.Context) *StatusTLS {
	if s.cfg.TLS == nil || len(s.cfg.TLS.Certificates) == 0 {
		return nil
	}
	v := &StatusTLS{}
	if own := s.cfg.TLS.Certificates[0].Leaf; own != nil {
		v.Name, v.until = own.Subject.CommonName, own.NotAfter
		v.Until = s.instant(own.NotAfter.UnixMilli())
	}
	p, _ := conn.FromContext(ctx)
	if p == nil {
		return v
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if ok && len(info.State.VerifiedChains) > 0 {
		chain := info.State.VerifiedChains[0]
		v.yours, v.authority = chain[0].NotAfter, chain[len(chain)-1].NotAfter
		v.Yours, v.Authority = s.instant(v.yours.UnixMilli()), s.instant(v.authority.UnixMilli())
	}
	return v
}
