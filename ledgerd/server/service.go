package server

import (
	"context"
	"errors"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// service is the gRPC face of a server.
type service struct {
	pb.UnimplementedLedgerServer
	s *Server
}

func (s *Server) grpcServer() *grpc.Server {
	s.door.access, s.door.tls, s.door.log = s.cfg.Access, s.cfg.TLS != nil, s.log
	s.requireTwo()
	s.beginConsumers()
	options := []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(s.door.unary, s.honest),
		grpc.StreamInterceptor(s.door.stream),
		grpc.ForceServerCodecV2(pb.NewCodec()),
		grpc.MaxRecvMsgSize(wire.MaxFrame),
		grpc.MaxSendMsgSize(wire.MaxPayload),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.InitialWindowSize(windowBytes),
		grpc.InitialConnWindowSize(2 * windowBytes),
		grpc.ReadBufferSize(bufferBytes),
		grpc.WriteBufferSize(bufferBytes),
		grpc.ConnectionTimeout(connectTimeout),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: quietPing, Timeout: quietTimeout}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: leastPing, PermitWithoutStream: true}),
	}
	if s.cfg.TLS != nil {
		options = append(options, grpc.Creds(&handshakes{credentials.NewTLS(s.cfg.TLS), &s.door}))
	}
	g := grpc.NewServer(options...)
	pb.RegisterLedgerServer(g, &service{s: s})
	return g
}

// Keys hands out the seal keys in use and next, and the id key to a gateway; who
// seals a first PIN gets zeros for it.
func (g *service) Keys(ctx context.Context, _ *pb.KeysRequest) (*pb.KeysAnswer, error) {
	current, next, err := g.s.vault.Seals(g.s.clock.look())
	if err != nil {
		return nil, status.Error(codes.Unavailable, err.Error())
	}
	var id [32]byte
	if callerOf(ctx).role&RoleGateway != 0 {
		id = g.s.vault.IDKey()
	}
	answer := &pb.KeysAnswer{IdKey: id[:]}
	for _, k := range []struct {
		id            uint32
		secret        [32]byte
		from, expires int64
	}{{current.ID, current.Secret, current.From, current.Expires}, {next.ID, next.Secret, next.From, next.Expires}} {
		answer.Seal = append(answer.Seal, &pb.SealKey{Id: k.id, Secret: k.secret[:], FromMs: k.from, ExpiresMs: k.expires})
	}
	return answer, nil
}

// Lookup reads an id's answer.
func (g *service) Lookup(_ context.Context, req *pb.LookupRequest) (*pb.LookupAnswer, error) {
	if len(req.Id) != len(ledger.ID{}) {
		return nil, status.Error(codes.InvalidArgument, "an id is 16 bytes")
	}
	g.s.mu.RLock()
	res, known := g.s.book.Lookup(ledger.ID(req.Id))
	if known && len(res.Lines) > 0 {
		g.s.nameOther(&res)
	}
	g.s.mu.RUnlock()
	if !known {
		return &pb.LookupAnswer{}, nil
	}
	records, err := wire.AppendResult(nil, 0, &res)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &pb.LookupAnswer{Known: true, Records: records}, nil
}

// Entries feeds the journal from an index on, then what comes.
func (g *service) Entries(req *pb.EntriesRequest, stream grpc.ServerStreamingServer[pb.Entry]) error {
	next := max(req.From, 1)
	for {
		bell := g.s.bell.wait()
		if err := g.s.feedEntries(&next, stream); err != nil {
			return err
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

// feedEntries sends what is applied from *next on.
func (s *Server) feedEntries(next *uint64, stream grpc.ServerStreamingServer[pb.Entry]) error {
	s.mu.RLock()
	upto := s.upto
	s.mu.RUnlock()
	if *next > upto {
		return nil
	}
	err := s.journal.Read(*next, func(h journal.Header, payload []byte) error {
		if h.Index > upto {
			return errEnough
		}
		*next = h.Index + 1
		return stream.Send(&pb.Entry{Index: h.Index, Term: h.Term, Head: h.Hash[:], Payload: payload})
	})
	if err == errEnough {
		return nil
	}
	if errors.Is(err, journal.ErrDamaged) || errors.Is(err, journal.ErrMissing) {
		return s.failed("feed of entries", err)
	}
	return err
}
