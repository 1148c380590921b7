//go:build house

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"mlango/internal/pin"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
	"mlango/simulator/stack"
)

// lie is what is done to a payment between the gateway and the ledger, instead of
// passing it on. It runs in the stream's own order.
type lie func(s *spokenFor, correlation uint64, req *ledger.Request) error

// lieEvery is which share of payments is lied about.
const lieEvery = 7

// between is a ledger as the gateway sees it: all calls pass to the real one, but for
// the payments that are lied about.
type between struct {
	t    testing.TB
	far  *grpc.ClientConn
	keys func(id uint32) (pin.Key, error)
	lie  lie
	nth  uint64        // payment is lied about
	seen atomic.Uint64 // payments
	told atomic.Uint64 // lies
}

// spokenFor is one stream of requests that passes through.
type spokenFor struct {
	*between
	near  grpc.ServerStream
	far   grpc.ClientStream
	mu    sync.Mutex // guards both ways out and drop
	drop  map[uint64]bool
	again map[uint64]*ledger.Request // to be asked once more when it is answered
}

// plain carries messages as bytes.
type plain struct{}

func (plain) Marshal(v any) ([]byte, error)   { return *v.(*[]byte), nil }
func (plain) Unmarshal(b []byte, v any) error { *v.(*[]byte) = bytes.Clone(b); return nil }
func (plain) Name() string                    { return "proto" }

// comeBetween leads the gateway of a rig to its ledger through a liar.
func comeBetween(r *rig, l lie) *between { return comeBetweenEach(r, lieEvery, l) }

// comeBetweenEach lies about each n-th payment.
func comeBetweenEach(r *rig, n uint64, l lie) *between {
	r.t.Helper()
	ln, err := net.Listen("tcp", newPort(r.t))
	if err != nil {
		r.t.Fatal(err)
	}
	b := &between{t: r.t, lie: l, nth: n}
	if b.far, err = grpc.NewClient(r.stack.Ports().Ledger, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		r.t.Fatal(err)
	}
	b.keys = func(id uint32) (pin.Key, error) {
		keys, err := r.stack.Ledger().Keys(context.Background())
		for _, k := range keys.Seal {
			if k.ID == id {
				return pin.Key{ID: k.ID, Secret: k.Secret, Expires: k.Expires}, nil
			}
		}
		return pin.Key{}, fmt.Errorf("no seal key %d: %w", id, err)
	}
	s := grpc.NewServer(grpc.ForceServerCodec(plain{}), grpc.UnknownServiceHandler(b.pass))
	go func() { _ = s.Serve(ln) }() // ends with Stop
	r.t.Cleanup(func() { s.Stop(); _ = b.far.Close() })
	r.follows(ln.Addr().String())
	return b
}

// follows leads the gateway to a ledger at another address.
func (r *rig) follows(addr string) {
	r.t.Helper()
	file := filepath.Join(r.data, stack.Gateway+".yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		r.t.Fatal(err)
	}
	led := bytes.ReplaceAll(text, fmt.Appendf(nil, "node: %q", r.stack.Ports().Ledger), fmt.Appendf(nil, "node: %q", addr))
	if bytes.Equal(led, text) {
		r.t.Fatalf("%s does not say where the ledger is:\n%s", file, text)
	}
	if err := os.WriteFile(file, led, 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.restart(stack.Gateway)
}

// pass carries one call both ways.
func (b *between) pass(_ any, near grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(near)
	ctx, cancel := context.WithCancel(near.Context())
	defer cancel()
	if md, ok := metadata.FromIncomingContext(ctx); ok {
		ctx = metadata.NewOutgoingContext(ctx, md.Copy())
	}
	far, err := b.far.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, method, grpc.ForceCodec(plain{}))
	if err != nil {
		return err
	}
	s := &spokenFor{between: b, near: near, far: far, drop: map[uint64]bool{}, again: map[uint64]*ledger.Request{}}
	exchange := method == pb.Ledger_Exchange_FullMethodName
	go func() {
		for {
			var m []byte
			if err := near.RecvMsg(&m); err != nil {
				_ = far.CloseSend()
				return
			}
			if exchange {
				err = s.asks(m)
			} else {
				err = far.SendMsg(&m)
			}
			if err != nil {
				cancel()
				return
			}
		}
	}()
	for {
		var m []byte
		err := far.RecvMsg(&m)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if exchange {
			err = s.answers(m)
		} else {
			err = near.SendMsg(&m)
		}
		if err != nil {
			return err
		}
	}
}

// asks looks at a frame of the gateway's.
func (s *spokenFor) asks(m []byte) error {
	return each(m, func(r wire.Record, raw []byte) error {
		if r.Kind != wire.KindTransfer || s.seen.Add(1)%s.nth != 0 {
			return s.ask(raw)
		}
		req, err := r.Request()
		if err != nil {
			return err
		}
		s.told.Add(1)
		return s.lie(s, r.Correlation, req)
	})
}

// answers looks at a frame of the ledger's.
func (s *spokenFor) answers(m []byte) error {
	return each(m, func(r wire.Record, raw []byte) error {
		s.mu.Lock()
		dropped, again := s.drop[r.Correlation], s.again[r.Correlation]
		delete(s.again, r.Correlation)
		s.mu.Unlock()
		if again != nil && r.Kind == wire.KindResult && r.Reject() == ledger.OK {
			if err := s.askAgain(r.Correlation, again); err != nil {
				return err
			}
		}
		if dropped {
			return nil
		}
		return s.say(raw)
	})
}

// each cuts a frame into its records.
func each(m []byte, fn func(r wire.Record, raw []byte) error) error {
	var f pb.Frame
	if err := proto.Unmarshal(m, &f); err != nil {
		return err
	}
	for rest := f.Records; len(rest) > 0; {
		r, next, err := wire.Next(rest, 0)
		if err != nil {
			return err
		}
		if err := fn(r, rest[:len(rest)-len(next)]); err != nil {
			return err
		}
		rest = next
	}
	return nil
}

func framed(records []byte) *[]byte {
	b, _ := proto.Marshal(&pb.Frame{Records: records}) // it cannot fail
	return &b
}

// ask sends a record to the ledger, say one to the gateway.
func (s *spokenFor) ask(record []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.far.SendMsg(framed(record))
}

func (s *spokenFor) say(record []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.near.SendMsg(framed(record))
}

// unheard lets nobody hear the ledger's answer.
func (s *spokenFor) unheard(correlation uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop[correlation] = true
}

// sayDone tells the gateway that a payment was made, with a receipt out of the air.
func (s *spokenFor) sayDone(correlation uint64, t *ledger.Transfer) error {
	res := ledger.Result{ID: t.ID, At: time.Now().UnixMilli(), Fee: t.Fee, Balance: 1_234_56, PayeeBalance: 7_890_12, Place: ledger.Place{Index: 1}}
	copy(res.Receipt[:], "UKM"+rand.Text()[:7])
	record, err := wire.AppendResult(nil, correlation, &res)
	if err != nil {
		return err
	}
	return s.say(record)
}

// passesOn lies about nothing.
func passesOn(s *spokenFor, correlation uint64, req *ledger.Request) error {
	record, err := wire.AppendRequest(nil, correlation, req)
	if err != nil {
		return err
	}
	return s.ask(record)
}

// doubles makes a payment twice: under an id of its own once more when it was made.
func doubles(s *spokenFor, correlation uint64, req *ledger.Request) error {
	s.mu.Lock()
	s.again[correlation] = req
	s.mu.Unlock()
	return passesOn(s, correlation, req)
}

// askAgain wishes what was made once more, with the PIN sealed anew.
func (s *spokenFor) askAgain(correlation uint64, req *ledger.Request) error {
	key, err := s.keys(req.SealKey)
	if err != nil {
		return err
	}
	p, err := pin.Open(key, req.Sealed, req.Payer, req.Transfer.ID)
	if err != nil {
		return err
	}
	twin, transfer := *req, *req.Transfer
	transfer.Again = transfer.ID
	transfer.ID[12] ^= 0xff
	twin.Transfer = &transfer
	if twin.Sealed, err = pin.Seal(key, p, req.Payer, transfer.ID); err != nil {
		return err
	}
	const twins = 1 << 63
	s.unheard(correlation | twins)
	record, err := wire.AppendRequest(nil, correlation|twins, &twin)
	if err != nil {
		return err
	}
	return s.ask(record)
}

// loses says that a payment was made, and never asks for it.
func loses(s *spokenFor, correlation uint64, req *ledger.Request) error {
	return s.sayDone(correlation, req.Transfer)
}

// early is how long a payment that was said to be made waits before it is asked for.
const early = 3 * time.Second

// saysDoneFirst says that a payment was made, and asks for it a while later.
func saysDoneFirst(s *spokenFor, correlation uint64, req *ledger.Request) error {
	s.unheard(correlation)
	time.AfterFunc(early, func() { _ = passesOn(s, correlation, req) }) // a stream that is gone asks nothing
	return s.sayDone(correlation, req.Transfer)
}
