package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// Limits of what waits for a second person.
const (
	approveWithin = ledger.ApproveWithin // ms
	maxApprovals  = 256
	maxOfOne      = 64      // of one person
	maxApproval   = 1 << 20 // bytes of one
	adminTimeout  = 10 * time.Second
	insistEvery   = time.Second // that two are required
)

// desk is where one person's commands lie until another approves them. It is in
// memory only: after a restart they are asked for again, under the same ids.
type desk struct {
	mu     sync.Mutex
	lying  map[[32]byte]*approval
	backup sync.Mutex    // held while one is written
	turned atomic.Uint64 // approvals that were refused
	people sync.Mutex    // held while people are opened and numbers pointed
}

// approval is commands of one person that need another.
type approval struct {
	hash           [32]byte
	first          caller
	asked, expires int64 // ms
	records        []byte

	second string        // who approved; empty while it lies
	done   chan struct{} // closed when it was answered
	answer []byte
	err    error
}

func (a *approval) waiting() *pb.Waiting {
	return &pb.Waiting{Hash: a.hash[:], First: a.first.name, AskedMs: a.asked, ExpiresMs: a.expires, Records: a.records}
}

// ask notes commands of a person who can be told apart from others.
func (d *desk) ask(who caller, records []byte, now int64) (*pb.Waiting, error) {
	switch {
	case who.name == "":
		return nil, status.Error(codes.PermissionDenied, "money needs two people, as do a set of rules and a wallet's number, and without certificates this node cannot tell two apart: "+
			"give it tls and both an admin's certificate, or for trying out on this machine one_person: true")
	case len(who.name) > ledger.MaxPersonName:
		return nil, status.Errorf(codes.PermissionDenied, "the certificate's name is longer than %d bytes", ledger.MaxPersonName)
	case len(records) > maxApproval:
		return nil, status.Errorf(codes.InvalidArgument, "more than %d bytes wait for one person's approval: part them", maxApproval)
	}
	a := &approval{first: who, asked: now, expires: now + approveWithin, records: records}
	a.hash = wire.ApprovalHash(who.name, a.asked, a.expires, records)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	for _, there := range d.lying {
		if there.second == "" && there.first.name == who.name && there.first.key == who.key && bytes.Equal(there.records, records) {
			return there.waiting(), nil // the same wish again is one wish
		}
	}
	if d.ofOne(who.name) >= maxOfOne || len(d.lying) >= maxApprovals {
		return nil, status.Errorf(codes.ResourceExhausted, "too many calls wait for a second person: %d in all, %d of %s", len(d.lying), d.ofOne(who.name), who.name)
	}
	if d.lying == nil {
		d.lying = map[[32]byte]*approval{}
	}
	d.lying[a.hash] = a
	return a.waiting(), nil
}

// sweep drops what is too old.
func (d *desk) sweep(now int64) {
	for hash, a := range d.lying {
		if now > a.expires {
			delete(d.lying, hash)
		}
	}
}

// ofOne is how many calls of one person lie.
func (d *desk) ofOne(name string) (n int) {
	for _, a := range d.lying {
		if a.first.name == name {
			n++
		}
	}
	return n
}

// list is what waits, oldest first.
func (d *desk) list(now int64) (list []*pb.Waiting) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	for _, a := range d.lying {
		if a.second == "" {
			list = append(list, a.waiting())
		}
	}
	slices.SortFunc(list, func(a, b *pb.Waiting) int { return int(a.AskedMs - b.AskedMs) })
	return list
}

// sign takes an approval for another person, or hands back the one under way. Only
// who gets fresh does it.
func (d *desk) sign(hash []byte, who caller, now int64) (a *approval, fresh bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sweep(now)
	if len(hash) != sha256.Size {
		return nil, false, status.Error(codes.InvalidArgument, "a hash has 32 bytes")
	}
	a = d.lying[[32]byte(hash)]
	switch {
	case a == nil:
		return nil, false, status.Error(codes.NotFound, "nothing with this hash waits: it is older than 15 minutes, or the node was started since")
	case who.name == "" || who.name == a.first.name || who.key == a.first.key:
		return nil, false, status.Errorf(codes.PermissionDenied, "%s asked for this: another person, with another certificate, approves it", a.first.name)
	case len(who.name) > ledger.MaxPersonName:
		return nil, false, status.Errorf(codes.PermissionDenied, "the certificate's name is longer than %d bytes", ledger.MaxPersonName)
	case a.second != "":
		return a, false, nil
	}
	a.second, a.done = who.name, make(chan struct{})
	return a, true, nil
}

// settle notes the answer. What was not done lies on and may be approved again.
func (d *desk) settle(a *approval, answer []byte, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a.answer, a.err = answer, err
	close(a.done)
	if err != nil {
		again := *a
		again.second, again.done, again.err = "", nil, nil
		d.lying[a.hash] = &again
	}
}

// requireTwo has the books hold to it too, from their first entry on unless one
// person may do it alone. Once said it stays so.
func (s *Server) requireTwo() {
	s.mu.RLock()
	said := s.book.RequiresTwo()
	s.mu.RUnlock()
	switch {
	case said && s.cfg.Access.OnePerson:
		s.log.Warn("one_person says nothing here: these books were begun for two people, and stay so")
	case !said && !s.cfg.Access.OnePerson:
		s.insist()
	}
}

// insist says that two are required until it is booked: also past a disk that has no
// room yet.
func (s *Server) insist() {
	if s.stop.Err() == nil && !s.inbox.put(item{cmd: ledger.RequireTwo{}, arrived: time.Now(), to: insisting{s}}) {
		time.AfterFunc(insistEvery, s.insist)
	}
}

// insisting hears what became of it.
type insisting struct{ s *Server }

func (i insisting) answer(_ uint64, res ledger.Result, _ uint64) {
	if res.Reject != ledger.OK {
		time.AfterFunc(insistEvery, i.s.insist)
	}
}

// Pending lists what waits for a second person. What names somebody's number is
// shown to administrators only.
func (g *service) Pending(ctx context.Context, _ *pb.PendingRequest) (*pb.PendingAnswer, error) {
	answer := &pb.PendingAnswer{}
	for _, w := range g.s.desk.list(g.s.clock.look()) {
		call, err := readAdmin(w.Records)
		if err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
		if callerOf(ctx).role&RoleAdmin != 0 || !call.people() {
			answer.Waiting = append(answer.Waiting, w)
		}
	}
	return answer, nil
}

// Approve journals what another person asked for. The same approval again, after a
// lost connection, has the same answer.
func (g *service) Approve(ctx context.Context, req *pb.ApproveRequest) (*pb.Frame, error) {
	who := callerOf(ctx)
	a, fresh, err := g.s.desk.sign(req.Hash, who, g.s.clock.look())
	if err != nil {
		g.s.desk.turned.Add(1)
		g.s.log.Warn("an approval was refused", "who", who.name, "hash", hex.EncodeToString(req.Hash[:min(len(req.Hash), sha256.Size)]), "error", status.Convert(err).Message())
		return nil, err
	}
	if fresh {
		go g.s.approve(a)
	}
	select {
	case <-a.done:
		if a.err != nil {
			return nil, a.err
		}
		return &pb.Frame{Records: a.answer}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// approve does what was approved, whether the one who approved is still there or
// not.
func (s *Server) approve(a *approval) {
	ctx, cancel := context.WithTimeout(s.stop, adminTimeout)
	defer cancel()
	call, err := readAdmin(a.records)
	var answer []byte
	if err == nil {
		call.first, call.second, call.at = a.first.name, a.second, s.clock.look()
		call.taken = call.people()
		if call.taken {
			s.desk.people.Lock()
			defer s.desk.people.Unlock()
		}
		answer, err = s.administrate(ctx, call)
	}
	s.logAdmin(call, a.first.name, a.second, answer, err)
	s.desk.settle(a, answer, err)
}
