package server

import (
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Bounds of plans: the transfers of one, and how many are made at a time, for each takes
// some megabytes.
const (
	maxPlan  = 100_000
	maxPlans = 16
)

// Plan tells what transfers would come to, each as if those before it on the stream
// had been made. The books are held for a frame at a time: what others move meanwhile
// counts too.
func (g *service) Plan(stream grpc.BidiStreamingServer[pb.Frame, pb.Frame]) error {
	defer g.s.plans.Add(-1)
	if g.s.plans.Add(1) > maxPlans {
		return status.Errorf(codes.ResourceExhausted, "%d plans are being made: wait for one to end", maxPlans)
	}
	var plan ledger.Plan
	for many := 0; ; {
		frame, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		moves, err := planned(frame)
		if err != nil {
			return status.Error(codes.InvalidArgument, err.Error())
		}
		if many += len(moves); many > maxPlan {
			return status.Errorf(codes.InvalidArgument, "more than %d transfers in one plan: part them", maxPlan)
		}
		records, err := g.s.plan(&plan, moves)
		if err == nil {
			err = g.s.sound()
		}
		if err != nil {
			return status.Error(codes.Internal, err.Error())
		}
		if err := stream.Send(&pb.Frame{Records: records}); err != nil {
			return err
		}
	}
}

// planned reads the transfers of a frame: such as an administrator may ask for.
func planned(frame *pb.Frame) (moves []*ledger.Move, err error) {
	err = wire.Each(frame.Records, func(r wire.Record) error {
		cmd, err := adminOnly(r)
		m, isMove := cmd.(*ledger.Move)
		switch {
		case err != nil:
			return err
		case !isMove:
			return errors.New("a plan is of transfers")
		case len(moves) == maxAdmin:
			return errors.New("too many transfers in one frame")
		}
		moves = append(moves, m)
		return nil
	})
	return moves, err
}

// plan quotes some transfers, and names whom they would go to.
func (s *Server) plan(plan *ledger.Plan, moves []*ledger.Move) (records []byte, err error) {
	quotes, sealed := make([]ledger.Quote, len(moves)), make([][]byte, len(moves))
	s.mu.RLock()
	for i, m := range moves {
		quotes[i] = plan.Quote(s.book, &m.Transfer, s.clock.look())
		v, _ := s.book.Account(m.To)
		sealed[i] = v.Sealed
	}
	s.mu.RUnlock()
	for i := range quotes {
		quotes[i].Name, _ = s.person(quotes[i].To, sealed[i])
		if records, err = wire.AppendQuote(records, uint64(i), &quotes[i]); err != nil {
			return nil, err
		}
	}
	return records, nil
}
