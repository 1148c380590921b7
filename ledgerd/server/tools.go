package server

import (
	"context"
	"encoding/json"
	"math"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	numbers "mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Account reads one account. Who it is of is told by a masked number, to
// administrators by a name too.
func (g *service) Account(ctx context.Context, req *pb.AccountRequest) (*pb.AccountAnswer, error) {
	n := ledger.Account(req.Account)
	if (n == 0) == (req.Alias == "") || len(req.Alias) > ledger.MaxMSISDN {
		return nil, status.Error(codes.InvalidArgument, "name an account by its number or by an alias, one of the two")
	}
	if n == 0 {
		n = g.s.byAlias(req.Alias)
	}
	g.s.mu.RLock()
	v, known := g.s.book.Account(n)
	g.s.mu.RUnlock()
	if !known {
		return &pb.AccountAnswer{}, nil
	}
	name, number := g.s.person(n, v.Sealed)
	v.Sealed = nil
	records, err := wire.AppendView(nil, 0, &v)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	answer := &pb.AccountAnswer{Known: true, Records: records}
	if number != "" {
		answer.Masked = numbers.Mask(number)
	}
	if callerOf(ctx).role&RoleAdmin != 0 {
		answer.Name = name
	}
	return answer, nil
}

// tableAliases are the kinds of alias a number may be, in the order of asking.
var tableAliases = []ledger.AccountKind{ledger.AccountWallet, ledger.AccountAgent, ledger.AccountTill, ledger.AccountPaybill}

// byAlias finds an account by what people dial or type; zero is none.
func (s *Server) byAlias(number string) ledger.Account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, kind := range tableAliases {
		if n, known := s.book.Find(s.token(kind, number)); known {
			return n
		}
	}
	return 0
}

// Statement reads lines of one account, and its balance after them.
func (g *service) Statement(_ context.Context, req *pb.StatementRequest) (*pb.StatementAnswer, error) {
	if req.Most > maxLines {
		return nil, status.Errorf(codes.InvalidArgument, "at most %d lines at a time", maxLines)
	}
	n, to := ledger.Account(req.Account), req.ToMs
	if to == 0 {
		to = math.MaxInt64
	}
	g.s.mu.RLock()
	v, known := g.s.book.Account(n)
	lines := g.s.book.StatementRange(n, req.FromMs, to, int(req.Most))
	balance, _ := g.s.book.AsOf(n, to)
	g.s.mu.RUnlock()
	answer := &pb.StatementAnswer{Known: known, Balance: int64(balance), Currency: v.Currency.String()}
	for i := range lines {
		var err error
		if answer.Records, err = wire.AppendStatement(answer.Records, uint64(i), &lines[i]); err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
	}
	return answer, nil
}

// maxLines bounds one statement.
const maxLines = 10_000

// Show tells all that is known of an id or a receipt number. Whole numbers are an
// administrator's to see, and the log says who looked.
func (g *service) Show(ctx context.Context, req *pb.ShowRequest) (*pb.ShowAnswer, error) {
	who := callerOf(ctx)
	if req.Whole && who.role&RoleAdmin == 0 {
		return nil, g.s.door.refuse(who, "see whole numbers", RoleAdmin)
	}
	f, known := g.s.find(req.Of)
	if !known {
		return &pb.ShowAnswer{}, nil
	}
	t := Teller{Journal: g.s.journal, Person: g.s.person, Ref: g.s.openRef, ZoneMinutes: g.s.cfg.ZoneMinutes, Most: lookFor,
		Names: who.role&RoleAdmin != 0, Whole: req.Whole}
	if req.Books {
		t.Journal = nil
	} else if done, err := g.s.look(ctx); err != nil {
		return nil, err
	} else {
		defer done()
	}
	if req.Whole {
		g.s.log.Info("whole numbers were looked at", "by", who.name, "id", f.Result.ID.String())
	}
	sheet, err := t.Sheet(f)
	var b []byte
	if err == nil {
		b, err = json.Marshal(sheet)
	}
	if err != nil {
		return nil, g.s.failed("show", err)
	}
	return &pb.ShowAnswer{Known: true, Json: b}, nil
}

// look waits until the journal may be read for one more, who says when it is done.
func (s *Server) look(ctx context.Context) (done func(), err error) {
	select {
	case s.looks <- struct{}{}:
		return func() { <-s.looks }, nil
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}

// Stats reads the node's counters.
func (g *service) Stats(context.Context, *pb.StatsRequest) (*pb.StatsAnswer, error) {
	answer := &pb.StatsAnswer{}
	for _, v := range g.s.Gauges() {
		answer.Stats = append(answer.Stats, &pb.Stat{Name: v.Name, Help: v.Help, Value: v.Read()})
	}
	return answer, nil
}

// Zone tells by which clock the operator's days end.
func (g *service) Zone(context.Context, *pb.ZoneRequest) (*pb.ZoneAnswer, error) {
	return &pb.ZoneAnswer{Minutes: int32(g.s.cfg.ZoneMinutes)}, nil
}
