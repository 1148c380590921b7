package server

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire/pb"
)

// audit feeds the notices of all lanes after an entry of the journal, then what comes, in
// the order in which they were made: those too that everybody acknowledged long ago. Who
// reads them owns nothing, and the ledger remembers nothing of it.
func (g *service) audit(req *pb.TailRequest, stream grpc.ServerStreamingServer[pb.Frame]) error {
	if req.Lane != 0 || req.Epoch != 0 {
		return status.Errorf(codes.InvalidArgument, "%s reads all lanes under no epoch: after an entry of the journal", ledger.ConsumerAudit)
	}
	g.s.mu.RLock()
	record := g.s.book.AuditAfter(req.From)
	g.s.mu.RUnlock()
	for {
		bell := g.s.bell.wait()
		for {
			next, err := g.feedAudit(record, stream)
			if err != nil {
				return err
			}
			if next == record {
				break
			}
			record = next
		}
		select {
		case <-bell:
		case <-stream.Context().Done():
			return stream.Context().Err()
		case <-g.s.stop.Done():
			return stopping()
		}
	}
}

// feedAudit sends the notices of some records, and tells where to go on.
func (g *service) feedAudit(record uint64, stream grpc.ServerStreamingServer[pb.Frame]) (next uint64, err error) {
	g.s.mu.RLock()
	list, next := g.s.book.Audit(record, maxNotices)
	g.s.mu.RUnlock()
	if bad := g.s.sound(); bad != nil {
		return next, bad
	}
	records, err := g.s.encodeNotices(nil, list, false) // names and numbers stay with those who tell people
	if err != nil {
		return next, status.Error(codes.Internal, err.Error())
	}
	if len(records) == 0 {
		return next, nil
	}
	return next, stream.Send(&pb.Frame{Records: records})
}
