package server

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire/pb"
)

// Tail feeds one lane under an epoch that its owner was granted before: after the
// notice it saw last, so that a broken connection costs neither a new grant nor
// everything once more.
func (g *service) Tail(req *pb.TailRequest, stream grpc.ServerStreamingServer[pb.Frame]) error {
	if err := g.s.door.mayRead(callerOf(stream.Context()), req.Consumer); err != nil {
		return err
	}
	if req.Consumer == ledger.ConsumerAudit {
		return g.audit(req, stream)
	}
	lane := ledger.Lane(req.Lane)
	f := newFeed(g.s, req.Consumer, lane, lane)
	f.epoch, f.sent[lane] = req.Epoch, req.From
	g.s.feeds.add(f)
	defer g.s.feeds.remove(f)
	g.s.mu.RLock()
	cursor, _ := g.s.book.Cursor(req.Consumer, lane) // after add: a grant from here on is heard
	f.mark(g.s.book.OpenLanes(req.Consumer, lane, lane))
	g.s.mu.RUnlock()
	switch {
	case req.Epoch == 0 || cursor.Epoch != req.Epoch:
		return taken()
	case req.From >= cursor.Next:
		return status.Errorf(codes.InvalidArgument, "lane %d has no notice %d yet: the next one is %d", lane, req.From, cursor.Next)
	}
	return f.run(stream)
}

// taken ends a feed whose lanes are another's by now, or nobody's.
func taken() error {
	return status.Error(codes.Aborted, "the lanes were granted to another owner, or their consumer was retired")
}

// Lag is how far a consumer is behind what was committed.
type Lag struct {
	Notices int   // not acknowledged
	Since   int64 // ms: when the oldest of them was committed; zero when there is none
}

// Lag looks how far a consumer is behind.
func (s *Server) Lag(consumer string) Lag {
	s.mu.RLock()
	defer s.mu.RUnlock()
	notices, since := s.book.Lag(consumer)
	return Lag{notices, since}
}

// maxLane is the last there can be.
const maxLane = ledger.MaxHomes*ledger.LanesPerOperator - 1
