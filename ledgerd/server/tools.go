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

// Account reads one account. Who it is of is told by a masked number only.
func (g *service) Account(_ context.Context, req *pb.AccountRequest) (*pb.AccountAnswer, error) {
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
	_, number := g.s.person(n, v.Sealed)
	v.Sealed = nil
	records, err := wire.AppendView(nil, 0, &v)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	answer := &pb.AccountAnswer{Known: true, Records: records}
	if number != "" {
		answer.Masked = numbers.Mask(number)
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

// Show tells all that is known of an id or a receipt number.
func (g *service) Show(_ context.Context, req *pb.ShowRequest) (*pb.ShowAnswer, error) {
	shown, known := g.s.Show(req.Of)
	if !known {
		return &pb.ShowAnswer{}, nil
	}
	sheet := NewSheet(shown, g.s.cfg.ZoneMinutes)
	var err error
	if !req.Books {
		err = sheet.Approve(g.s.journal, shown)
	}
	var b []byte
	if err == nil {
		b, err = json.Marshal(sheet)
	}
	if err != nil {
		return nil, g.s.failed("show", err)
	}
	return &pb.ShowAnswer{Known: true, Json: b}, nil
}

// Stats reads the node's counters.
func (g *service) Stats(context.Context, *pb.StatsRequest) (*pb.StatsAnswer, error) {
	answer := &pb.StatsAnswer{}
	for _, v := range g.s.Gauges() {
		answer.Stats = append(answer.Stats, &pb.Stat{Name: v.Name, Help: v.Help, Value: v.Read()})
	}
	return answer, nil
}
