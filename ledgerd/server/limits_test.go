package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"mlango/ledgerclient"
	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/node"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// heard is an answerer that keeps what it hears.
type heard struct{ results []ledger.Result }

func (h *heard) answer(_ uint64, res ledger.Result, _ uint64) { h.results = append(h.results, res) }

// idle is a node whose writer does not run: the test is the writer.
func idle(t *testing.T) *Server {
	t.Helper()
	s, err := Open(Config{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// drive is the writer and the disk in one: it ends when there is nothing to do.
func drive(t *testing.T, s *Server) {
	t.Helper()
	for {
		if _, err := s.turn(); err != nil {
			t.Fatal(err)
		}
		select {
		case w := <-s.disk.in:
			if err := s.wrote(s.disk.write(w)); err != nil {
				t.Fatal(err)
			}
		default:
			return
		}
	}
}

func TestOldRequestsAreRefusedWithoutATrace(t *testing.T) {
	s := idle(t)
	var h heard
	old := item{req: &ledger.Request{Check: &ledger.Check{ID: newID()}}, arrived: time.Now().Add(-2 * maxBacklogAge), to: &h}
	if !s.inbox.put(old, old) {
		t.Fatal("refused at the door")
	}
	drive(t, s)
	if s.upto != 1 || len(h.results) != 2 || h.results[0].Reject != ledger.Overloaded {
		t.Fatalf("%d entries, answers %+v", s.upto, h.results)
	}
	s.core.Offer(node.Item[asker]{Command: ledger.Tick{}}) // the disk is at work
	s.enter(s.core.Ready(s.clock.now()))
	if !s.inbox.put(old, item{cmd: ledger.Tick{}, to: &h, arrived: old.arrived}) {
		t.Fatal("refused at the door")
	}
	s.beat()
	if len(h.results) != 3 || s.inbox.waits() != 1 {
		t.Fatalf("%d answers, %d wait: only a request grows too old", len(h.results), s.inbox.waits())
	}
}

func TestBacklogIsBounded(t *testing.T) {
	s := idle(t)
	if !s.inbox.put(make([]item, maxBacklog)...) || s.inbox.put(item{}) {
		t.Fatal("the backlog is not bounded by its limit")
	}
	p := &peer{s: s, wake: make(chan struct{}, 1)}
	p.queue([]item{{req: &ledger.Request{Check: &ledger.Check{ID: newID()}}, id: 7, to: p}})
	answers := decode(t, p.out)
	if len(answers) != 1 || answers[0].Reject != ledger.Overloaded || p.waiting != 0 {
		t.Fatalf("answers %+v, %d waiting", answers, p.waiting)
	}
}

func TestInFlightIsBounded(t *testing.T) {
	s := idle(t)
	p := &peer{s: s, wake: make(chan struct{}, 1), waiting: maxInFlight - 1}
	it := item{req: &ledger.Request{Check: &ledger.Check{ID: newID()}}, arrived: time.Now(), to: p}
	p.queue([]item{it, it, it})
	if answers := decode(t, p.out); len(answers) != 2 || s.inbox.waits() != 1 {
		t.Fatalf("%d refused, %d taken, want 2 and 1", len(answers), s.inbox.waits())
	}
}

// asking is a stream whose other end asks on and never reads.
type asking struct {
	grpc.BidiStreamingServer[pb.Frame, pb.Frame]
	frame *pb.Frame
	heard int
}

func (a *asking) RecvMsg(m any) error {
	if a.heard++; a.heard > 1000 {
		return io.EOF
	}
	m.(*pb.Frame).Records = a.frame.Records
	return nil
}

// TestUnreadAnswersAreBounded: a stream is heard no further before its answers
// fill the memory.
func TestUnreadAnswersAreBounded(t *testing.T) {
	s := idle(t)
	var frame []byte
	for range 1 << 12 {
		var err error
		if frame, err = wire.AppendWho(frame, 1, msisdn(1)); err != nil {
			t.Fatal(err)
		}
	}
	p := &peer{s: s, who: caller{role: everyRole}, stream: &asking{frame: &pb.Frame{Records: frame}}, wake: make(chan struct{}, 1)}
	if err := p.hear(); status.Code(err) != codes.ResourceExhausted {
		t.Fatalf("%d bytes of answers wait; the stream ended with %v", len(p.out), err)
	}
	if len(p.out) > 2*maxUnsent {
		t.Fatalf("%d bytes of answers wait", len(p.out))
	}
}

func decode(t *testing.T, frame []byte) (list []ledger.Result) {
	t.Helper()
	if err := wire.Each(frame, func(r wire.Record) error {
		res, err := r.Result()
		list = append(list, res)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestTurnsAreBounded: what is not of one turn waits for the next, and so for the next
// entry where the disk is fast.
func TestTurnsAreBounded(t *testing.T) {
	s := idle(t)
	drive(t, s) // the election
	var h heard
	for range node.MaxBatch + 10 {
		s.inbox.put(item{cmd: ledger.Tick{}, to: &h})
	}
	drive(t, s)
	if entries := uint64(1 + (node.MaxBatch+10+maxTurn-1)/maxTurn); len(h.results) != node.MaxBatch+10 || s.upto != entries {
		t.Fatalf("%d answers, %d entries, want %d", len(h.results), s.upto, entries)
	}
}

func TestHostileFrames(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	good, err := wire.AppendRequest(nil, 1, n.send(1, 2, 100, 0, rightPIN))
	if err != nil {
		t.Fatal(err)
	}
	for name, frame := range map[string][]byte{
		"garbage":       bytes.Repeat([]byte{0xff}, 300),
		"HTTP":          []byte("GET / HTTP/1.1\r\nHost: ledger\r\n\r\n"),
		"cut":           good[:len(good)-3],
		"version":       append([]byte{1, 9}, good[2:]...),
		"a result":      mustResult(t),
		"long":          append(append([]byte{}, good[:2]...), append([]byte{0xff, 0xff}, good[4:]...)...),
		"good, garbage": append(bytes.Clone(good), 1, 2, 3),
	} {
		conn, stream := exchange(t, n.addr)
		if err := stream.Send(&pb.Frame{Records: frame}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := stream.Recv(); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: the stream ended with %v", name, err)
		}
		conn.Close()
	}
	n.do(n.send(1, 2, 200, 0, rightPIN), ledger.OK) // everyone else goes on
}

func mustResult(t *testing.T) []byte {
	b, err := wire.AppendResult(nil, 1, &ledger.Result{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func exchange(t *testing.T, addr string) (*grpc.ClientConn, pb.Ledger_ExchangeClient) {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	stream, err := pb.NewLedgerClient(conn).Exchange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return conn, stream
}

// failing is a journal whose disk fails once told to.
type failing struct {
	store
	fail atomic.Bool
}

// Sync fails for good, as the journal's does.
func (f *failing) Sync() error {
	if f.fail.Load() {
		return journal.ErrFailed
	}
	return f.store.Sync()
}

// TestFailedSyncEndsTheNode: a payment that met it was answered by nobody, and the
// node is gone.
func TestFailedSyncEndsTheNode(t *testing.T) {
	srv := idle(t)
	disk := &failing{store: srv.journal}
	srv.disk.store = disk
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan error, 1)
	go func() { end <- srv.Run(t.Context(), ln) }()
	c := client(t, ln.Addr().String())
	open := []ledger.Command{ledger.OpenAccount{Account: 1, Kind: ledger.AccountTrust, Currency: tableKES}}
	if _, err := c.Admin(t.Context(), open); err != nil {
		t.Fatal(err)
	}
	disk.fail.Store(true)
	if _, err := c.Admin(t.Context(), open); !errors.Is(err, ledgerclient.ErrUnknown) {
		t.Fatalf("the caller heard %v, want unknown", err)
	}
	if err := <-end; !errors.Is(err, journal.ErrFailed) {
		t.Fatalf("the node ended with %v", err)
	}
}

// full is a disk without room, once told so.
func full(s *Server, is *atomic.Bool) {
	s.room = func() error {
		if is.Load() {
			return journal.ErrLowDisk
		}
		return nil
	}
}

// TestFullDiskRefuses: nothing was taken, reads go on, and so does the node.
func TestFullDiskRefuses(t *testing.T) {
	var is atomic.Bool
	n := start(t, t.TempDir()).seed()
	n.stop()
	srv, err := Open(Config{Data: n.dir, ZoneMinutes: 180, Access: Access{OnePerson: true}})
	if err != nil {
		t.Fatal(err)
	}
	full(srv, &is)
	n = serve(t, n.dir, srv)
	digest := srv.Digest()
	is.Store(true)
	ctx, cancel := context.WithTimeout(n.ctx(), 50*time.Millisecond)
	defer cancel()
	res, err := n.c.Do(ctx, n.send(1, 2, 100, 0, rightPIN))
	if err == nil && res.Reject != ledger.Overloaded { // a busy machine may not even answer in that time
		t.Fatalf("%+v", res)
	}
	if p, err := client(t, n.addr).Profile(n.ctx(), msisdn(1)); err != nil || !p.Known {
		t.Fatalf("a read on a full disk: %+v, %v", p, err)
	}
	if srv.Digest() != digest {
		t.Fatal("a refused payment left a trace")
	}
	is.Store(false)
	for res.Reject = ledger.Busy; res.Reject.Transient(); {
		if res, err = n.c.Do(n.ctx(), n.send(1, 2, 100, 0, rightPIN)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFullDiskIsSaid: once in the log and for as long as it lasts where readiness
// is asked; what was acknowledged meanwhile is journaled when there is room again.
func TestFullDiskIsSaid(t *testing.T) {
	var said bytes.Buffer
	s, err := Open(Config{Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var is atomic.Bool
	full(s, &is)
	enter := func(cmd ledger.Command) {
		t.Helper()
		if !s.inbox.put(item{cmd: cmd}) {
			t.Fatal("refused at the door")
		}
		drive(t, s)
	}
	drive(t, s)
	enter(ledger.Grant{Consumer: ledger.ConsumerSMS, Owner: "gw"})
	is.Store(true)
	enter(ledger.Tick{})
	enter(ledger.Ack{Consumer: ledger.ConsumerSMS, Epoch: 1})
	if n := bytes.Count(said.Bytes(), []byte("until there is room")); n != 1 || len(s.Degraded()) != 1 {
		t.Fatalf("said %d times: %s; degraded %q", n, said.String(), s.Degraded())
	}
	if len(s.acks.waiting) != 1 {
		t.Fatal("an acknowledgement was lost")
	}
	is.Store(false)
	enter(ledger.Tick{})
	if len(s.Degraded()) != 0 || !bytes.Contains(said.Bytes(), []byte("room on the disk again")) {
		t.Fatalf("still degraded %q: %s", s.Degraded(), said.String())
	}
}

// brim is a journal that has no room for the entry after the next.
type brim struct {
	store
	left int
}

func (b *brim) AppendAt(index, term uint64, payload []byte, timeMS int64) error {
	if b.left--; b.left < 0 {
		return journal.ErrLowDisk
	}
	return b.store.AppendAt(index, term, payload, timeMS)
}

// TestNoRoomForWhatIsUnderWay: an entry that was proposed waits for room and is
// then made; whoever comes meanwhile is refused.
func TestNoRoomForWhatIsUnderWay(t *testing.T) {
	s := idle(t)
	drive(t, s)
	disk := &brim{store: s.journal}
	s.disk.store = disk
	var h heard
	s.inbox.put(item{cmd: ledger.Tick{}, to: &h})
	drive(t, s)
	if len(h.results) != 0 || len(s.Degraded()) != 1 {
		t.Fatalf("answers %+v, degraded %q", h.results, s.Degraded())
	}
	s.inbox.put(item{cmd: ledger.Tick{}, to: &h})
	drive(t, s)
	if len(h.results) != 1 || h.results[0].Reject != ledger.Overloaded {
		t.Fatalf("answers %+v", h.results)
	}
	disk.left = 10
	s.beat()
	drive(t, s)
	if len(h.results) != 2 || h.results[1].Reject != ledger.OK || len(s.Degraded()) != 0 || s.upto != 2 {
		t.Fatalf("answers %+v, degraded %q, %d entries", h.results, s.Degraded(), s.upto)
	}
}

// TestEntriesAreReplaced: what another leader entered takes the place of what was
// never committed; what was committed stays.
func TestEntriesAreReplaced(t *testing.T) {
	s := idle(t)
	drive(t, s) // entry 1 is committed
	entry := func(index, term uint64) node.Entry { return node.Entry{Index: index, Term: term} }
	for _, w := range []*node.Write{
		{Entries: []node.Entry{entry(2, 1), entry(3, 1), entry(4, 1)}},
		{State: &node.State{Term: 2}, Entries: []node.Entry{entry(3, 2)}},
	} {
		if err := s.disk.write(w); err != nil {
			t.Fatal(err)
		}
	}
	if term, err := s.journal.Term(3); s.journal.Last() != 3 || term != 2 || err != nil {
		t.Fatalf("entry %d, of term %d, %v", s.journal.Last(), term, err)
	}
	if err := s.disk.write(&node.Write{Entries: []node.Entry{entry(1, 2)}}); !errors.Is(err, journal.ErrCommitted) {
		t.Fatalf("a committed entry was taken back: %v", err)
	}
}
