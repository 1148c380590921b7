package ledgerclient

import (
	"context"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// slowStream is the client's end of a stream whose frames leave one by one, when
// the test lets them.
type slowStream struct {
	pb.Ledger_ExchangeClient
	ctx    context.Context
	let    chan struct{}
	frames [][]byte
}

func (s *slowStream) Send(f *pb.Frame) error {
	s.frames = append(s.frames, append([]byte(nil), f.Records...))
	<-s.let
	return nil
}

func (s *slowStream) Recv() (*pb.Frame, error) {
	<-s.ctx.Done()
	return nil, io.EOF
}

func (s *slowStream) CloseSend() error { return nil }

// TestCoalescing: a lone call leaves at once; what is said while its frame is on
// its way leaves together in the next.
func TestCoalescing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &slowStream{ctx: ctx, let: make(chan struct{})}
		l := newLink(s, cancel, 1000)
		asked, err := EncodeRequest(nil, wish(1))
		if err != nil {
			t.Fatal(err)
		}
		say := func(n int) {
			for range n {
				go func() { _, _ = l.ask(ctx, time.Time{}, said(slices.Clone(asked))) }()
			}
			synctest.Wait()
		}
		say(1)
		say(500)
		s.let <- struct{}{}
		synctest.Wait()
		for i, want := range []int{1, 500} {
			if i >= len(s.frames) {
				t.Fatalf("%d frames left", len(s.frames))
			}
			got := 0
			if err := wire.Each(s.frames[i], func(wire.Record) error { got++; return nil }); err != nil || got != want {
				t.Errorf("frame %d has %d records, want %d (%v)", i, got, want, err)
			}
		}
		cancel()
		close(s.let)
		synctest.Wait()
	})
}
