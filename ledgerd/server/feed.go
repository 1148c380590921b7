package server

import (
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// feed is one owner's view of its lanes.
type feed struct {
	s        *Server
	consumer string
	owner    string // who asked; a Tail has none
	names    bool   // are told too
	from, to ledger.Lane
	answered chan ledger.Result // of the grant
	wake     chan struct{}
	over     chan struct{} // closed at its end

	mu    sync.Mutex
	epoch uint64 // zero until granted
	lost  bool   // another was granted one of the lanes, or the consumer was retired
	fresh map[ledger.Lane]bool

	sent map[ledger.Lane]uint64 // the last notice that was fed; only the feed's goroutine looks
}

// feeds are all open ones.
type feeds struct {
	rooms sync.Pool // of *feedRoom

	patience time.Duration // stalledAfter, but in tests

	mu   sync.Mutex
	list []*feed
	room []ledger.Lane
}

// feedRoom is what one frame is made in; feeds that wait need none.
type feedRoom struct {
	list    []ledger.Notice
	records []byte
}

func (f *feeds) add(one *feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, one)
}

func (f *feeds) remove(one *feed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(one.over)
	f.list = slices.DeleteFunc(f.list, func(other *feed) bool { return other == one })
}

// freshLanes tells the feeds which lanes got something. The writer calls it.
func (f *feeds) freshLanes(book *ledger.Book) {
	f.room = book.FreshLanes(f.room[:0])
	if len(f.room) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.list {
		one.mark(f.room)
	}
}

// granted notes a grant's epoch, and who lost lanes by it. The writer calls it.
func (s *Server) granted(g ledger.Grant, to answerer) uint64 {
	cursor, _ := s.book.Cursor(g.Consumer, g.From)
	s.feeds.mu.Lock()
	defer s.feeds.mu.Unlock()
	for _, one := range s.feeds.list {
		one.mu.Lock()
		if answerer(one) == to {
			one.epoch = cursor.Epoch
		} else if one.epoch != 0 && one.consumer == g.Consumer && one.from <= g.To && g.From <= one.to {
			one.lost = true
			one.ring()
		}
		one.mu.Unlock()
	}
	return cursor.Epoch
}

// Notices grants lanes, once no other owner works them off, and feeds them until another
// owner takes one.
func (g *service) Notices(req *pb.NoticesRequest, stream grpc.ServerStreamingServer[pb.Frame]) error {
	if err := g.s.door.mayOwn(callerOf(stream.Context()), req.Consumer); err != nil {
		return err
	}
	if err := g.s.reads(req.Consumer); err != nil {
		return err
	}
	f := newFeed(g.s, req.Consumer, ledger.Lane(req.FromLane), ledger.Lane(req.ToLane))
	f.owner = req.Owner
	g.s.feeds.add(f)
	defer g.s.feeds.remove(f)
	if err := f.queue(stream.Context()); err != nil {
		return err
	}
	if err := f.grant(stream, req.Owner); err != nil {
		return err
	}
	f.s.mu.RLock()
	f.mark(f.s.book.OpenLanes(f.consumer, f.from, f.to))
	f.s.mu.RUnlock()
	return f.run(stream)
}

func newFeed(s *Server, consumer string, from, to ledger.Lane) *feed {
	return &feed{s: s, consumer: consumer, names: tableConsumers[consumer].names, from: from, to: to, answered: make(chan ledger.Result, 1),
		wake: make(chan struct{}, 1), over: make(chan struct{}), fresh: map[ledger.Lane]bool{}, sent: map[ledger.Lane]uint64{}}
}

// run feeds what there is and what comes, until the lanes are lost or either side
// ends.
func (f *feed) run(stream grpc.ServerStreamingServer[pb.Frame]) error {
	for {
		if err := f.wait(stream); err != nil {
			return err
		}
		if err := f.send(stream); err != nil {
			return err
		}
	}
}

// grant journals who owns the lanes from now on, and tells the epoch.
func (f *feed) grant(stream grpc.ServerStreamingServer[pb.Frame], owner string) error {
	f.s.putAcks() // what the last owner said still counts
	it := item{cmd: ledger.Grant{Consumer: f.consumer, Owner: owner, From: f.from, To: f.to}, arrived: time.Now(), to: f}
	if !f.s.inbox.put(it) {
		return status.Error(codes.ResourceExhausted, "the ledger is overloaded")
	}
	select {
	case res := <-f.answered:
		if res.Reject != ledger.OK {
			return status.Errorf(codes.InvalidArgument, "the grant was refused: %s", res.Reject)
		}
	case <-stream.Context().Done():
		return stream.Context().Err()
	case <-f.s.stop.Done():
		return stopping()
	}
	f.mu.Lock()
	epoch := f.epoch
	f.mu.Unlock()
	records, err := wire.AppendGranted(nil, epoch)
	if err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return stream.Send(&pb.Frame{Records: records})
}

// stopping ends every stream at an orderly stop.
func stopping() error { return status.Error(codes.Unavailable, "the ledger is stopping") }

// answer is called by the writer.
func (f *feed) answer(_ uint64, res ledger.Result, _ uint64) { f.answered <- res }

func (f *feed) mark(lanes []ledger.Lane) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, at := range lanes {
		if f.from <= at && at <= f.to {
			f.fresh[at] = true
		}
	}
	if len(f.fresh) > 0 {
		f.ring()
	}
}

func (f *feed) ring() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// wait returns when there is something to feed, a moment later: what commits
// meanwhile leaves in the same frame.
func (f *feed) wait(stream grpc.ServerStreamingServer[pb.Frame]) error {
	select {
	case <-f.wake:
		time.Sleep(noticesPause)
		return nil
	case <-stream.Context().Done():
		return stream.Context().Err()
	case <-f.s.stop.Done():
		return stopping()
	}
}

// send feeds what the fresh lanes hold.
func (f *feed) send(stream grpc.ServerStreamingServer[pb.Frame]) error {
	room := f.s.feeds.rooms.Get().(*feedRoom)
	defer f.s.feeds.rooms.Put(room)
	for {
		lanes, lost := f.take()
		if lost {
			return taken()
		}
		if len(lanes) == 0 {
			return nil
		}
		room.list = f.read(room.list[:0], lanes)
		records, err := f.s.encodeNotices(room.records[:0], room.list, f.names)
		if err != nil {
			return status.Error(codes.Internal, err.Error())
		}
		if bad := f.s.sound(); bad != nil {
			return bad
		}
		clear(room.list)
		room.records = records // gRPC has encoded them when Send returns
		if len(records) == 0 {
			continue
		}
		if err := stream.Send(&pb.Frame{Records: records}); err != nil {
			return err
		}
	}
}

// take empties the set of fresh lanes.
func (f *feed) take() (lanes []ledger.Lane, lost bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for at := range f.fresh {
		lanes = append(lanes, at)
	}
	clear(f.fresh)
	slices.Sort(lanes)
	return lanes, f.lost
}

// read takes notices of the lanes, in order; lanes that hold more than fits in a
// frame are marked again. The writer waits for a few of them at most.
func (f *feed) read(list []ledger.Notice, lanes []ledger.Lane) []ledger.Notice {
	f.s.mu.RLock()
	defer func() { f.s.mu.RUnlock() }()
	for held := 0; len(lanes) > 0; {
		at, before := lanes[0], len(list)
		if before == maxNotices {
			f.mark(lanes)
			break
		}
		if held >= noticesHeld {
			f.s.mu.RUnlock()
			f.s.mu.RLock()
			held = 0
		}
		list = f.s.book.AppendNotices(list, f.consumer, at, f.sent[at], min(maxNotices-before, noticesHeld-held))
		if len(list) > before {
			f.sent[at] = list[len(list)-1].Seq
		}
		if held += len(list) - before; held < noticesHeld {
			lanes = lanes[1:]
		}
	}
	return list
}

// encodeNotices writes notices, with names and numbers where they are told: they are
// opened on the way out, outside the books' lock.
func (s *Server) encodeNotices(records []byte, list []ledger.Notice, names bool) (_ []byte, err error) {
	for i := range list {
		n := &list[i]
		if names {
			_, n.Addr = s.somebody(n.Account)
			if name, number := s.somebody(n.Other); n.Act == ledger.ActAsk { // the number on the sign is in the request
				n.OtherName = name
			} else {
				n.OtherName, n.OtherAddr = name, number
			}
			n.Ref = s.ref(n.ID, n.Kind)
		}
		if records, err = wire.AppendNotice(records, n); err != nil {
			return nil, err
		}
	}
	return records, nil
}
