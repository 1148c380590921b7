package ledgerclient

import (
	"context"
	"net"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// fake is a ledger that does as the test says.
type fake struct {
	pb.UnimplementedLedgerServer
	t      *testing.T
	addr   string
	server *grpc.Server

	mu     sync.Mutex
	frames int
	seen   []ledger.ID // of every request, in order
	// answer says what a request gets: an answer, silence (nil), or the stream's
	// end.
	answer func(n int, r *ledger.Request) (res *ledger.Result, end error)
}

func newFake(t *testing.T, answer func(n int, r *ledger.Request) (*ledger.Result, error)) *fake {
	t.Helper()
	f := &fake{t: t, answer: answer}
	f.listen("127.0.0.1:0")
	return f
}

// listen starts, or starts again on the same address.
func (f *fake) listen(addr string) {
	f.t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		f.t.Fatal(err)
	}
	f.addr = ln.Addr().String()
	f.server = grpc.NewServer()
	pb.RegisterLedgerServer(f.server, f)
	server := f.server
	go server.Serve(ln)
	f.t.Cleanup(server.Stop)
}

func (f *fake) Exchange(stream grpc.BidiStreamingServer[pb.Frame, pb.Frame]) error {
	for {
		frame, err := stream.Recv()
		if err != nil {
			return nil
		}
		f.mu.Lock()
		f.frames++
		f.mu.Unlock()
		var out []byte
		err = wire.Each(frame.Records, func(r wire.Record) error {
			req, err := r.Request()
			if err != nil {
				return err
			}
			f.mu.Lock()
			f.seen = append(f.seen, req.ID())
			n := len(f.seen)
			f.mu.Unlock()
			res, err := f.answer(n, req)
			if err == nil && res != nil {
				out, err = wire.AppendResult(out, r.Correlation, res)
			}
			return err
		})
		if err != nil {
			return err
		}
		if len(out) > 0 {
			if err := stream.Send(&pb.Frame{Records: out}); err != nil {
				return err
			}
		}
	}
}

// Admin refuses in words, and Keys breaks.
func (f *fake) Admin(context.Context, *pb.Frame) (*pb.AdminAnswer, error) {
	return nil, status.Error(codes.InvalidArgument, "record 3 is nobody's")
}

// Keys breaks.
func (f *fake) Keys(context.Context, *pb.KeysRequest) (*pb.KeysAnswer, error) {
	return nil, status.Error(codes.Internal, "broken")
}

func (f *fake) requests() []ledger.ID {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]ledger.ID(nil), f.seen...)
}

func dial(t *testing.T, addr string) *Client {
	t.Helper()
	c, err := Dial(Config{Node: addr, Gateway: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func wish(n byte) *ledger.Request {
	return &ledger.Request{Payer: "254722000001", Transfer: &ledger.Transfer{ID: ledger.ID{n}, Kind: ledger.KindSend, From: 1, To: 2,
		Amount: 100, Currency: ledger.Currency{'K', 'E', 'S'}, Expires: 1}}
}
