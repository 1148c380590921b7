package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// round is the answers to one Admin call, in its order.
type round struct {
	results []ledger.Result
	left    int
	done    chan struct{}
}

// answer is called by the writer, which is one goroutine. The first reject of a
// record that became several commands is its answer.
func (r *round) answer(id uint64, res ledger.Result, _ uint64) {
	if was := &r.results[id]; was.Place == (ledger.Place{}) || was.Reject == ledger.OK {
		*was = res
	}
	if r.left--; r.left == 0 {
		close(r.done)
	}
}

// Admin journals commands and openings, and answers each. What needs two people
// is only noted, whole: its answer is what the second one approves.
func (g *service) Admin(ctx context.Context, frame *pb.Frame) (*pb.AdminAnswer, error) {
	who := callerOf(ctx)
	call, err := readAdmin(frame.Records)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if who.role&RoleAdmin == 0 && !call.onlyAsks() {
		return nil, g.s.door.refuse(who, "administrate more than ask for payments", RoleAdmin)
	}
	if err := g.s.mayBringAll(who, call.records); err != nil {
		return nil, err
	}
	if call.people() { // whose a number is must still hold when it is booked
		g.s.desk.people.Lock()
		defer g.s.desk.people.Unlock()
	}
	two := !g.s.cfg.Access.OnePerson
	if two {
		call.taken = g.s.takesNumbers(&call)
	}
	if two && (call.taken || call.money()) {
		if !call.taken && call.people() || call.taken && len(call.records) > 1 {
			return nil, status.Error(codes.InvalidArgument, "people, numbers and PINs do not go with money in one call, and a number that is taken from a wallet goes alone: what waits is shown to others")
		}
		waiting, err := g.s.desk.ask(who, frame.Records, g.s.clock.look())
		g.s.logAsked(call, who.name, waiting, err)
		return &pb.AdminAnswer{Waiting: waiting}, err
	}
	call.first, call.at = who.name, g.s.clock.look()
	records, err := g.s.administrate(ctx, call)
	g.s.logAdmin(call, who.name, "", records, err)
	return &pb.AdminAnswer{Records: records}, err
}

// administrate makes commands of a call, journals them and returns one result for
// each record.
func (s *Server) administrate(ctx context.Context, call adminCall) ([]byte, error) {
	if err := s.prepare(&call); err != nil {
		return nil, err
	}
	r := &round{results: make([]ledger.Result, len(call.records)), done: make(chan struct{})}
	for i, why := range call.refused {
		r.results[i].Reject = why
	}
	if err := s.enterAdmin(ctx, call, r); err != nil {
		return nil, err
	}
	var records []byte
	for i := range r.results {
		var err error
		if records, err = wire.AppendResult(records, uint64(i), &r.results[i]); err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
	}
	return records, nil
}

// enterAdmin queues the commands and waits for all answers.
func (s *Server) enterAdmin(ctx context.Context, call adminCall, r *round) error {
	if len(call.cmds) == 0 {
		return nil
	}
	items := make([]item, len(call.cmds))
	now := time.Now()
	for i, c := range call.cmds {
		items[i] = item{cmd: c.cmd, arrived: now, id: uint64(c.record), to: r}
	}
	r.left = len(items)
	if !s.inbox.put(items...) {
		return status.Error(codes.ResourceExhausted, "the ledger is overloaded")
	}
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stop.Done():
		return stopping()
	}
}

// adminCall is what one Admin call says, and what it comes to.
type adminCall struct {
	records []any  // a ledger.Command, wire.Person, wire.Number, wire.PINReset or wire.ToApprove
	taken   bool   // it takes a number from a living wallet, which is two people's
	first   string // who asked; empty on a node without certificates
	second  string // who approved; empty of one person's call
	at      int64  // ms, when the last of them said so

	cmds    []adminCommand
	refused map[int]ledger.Reject // records that become no command
}

// adminCommand is a command and the record it came from.
type adminCommand struct {
	cmd    ledger.Command
	record int
}

// readAdmin reads the records; nothing is done yet.
func readAdmin(frame []byte) (call adminCall, err error) {
	err = wire.Each(frame, func(r wire.Record) (err error) {
		var record any
		switch r.Kind {
		case wire.KindPerson:
			record, err = r.Person()
		case wire.KindNumber:
			record, err = r.Number()
		case wire.KindPINReset:
			record, err = r.PINReset()
		case wire.KindToApprove:
			record, err = r.ToApprove()
		default:
			record, err = adminOnly(r)
		}
		if err == nil && len(call.records) == maxAdmin {
			err = fmt.Errorf("more than %d records in one call", maxAdmin)
		}
		call.records = append(call.records, record)
		return err
	})
	return call, err
}

// adminOnly reads a command that an administrator may give: not what only the
// ledger itself or a feed may say.
func adminOnly(r wire.Record) (ledger.Command, error) {
	cmd, err := r.Command()
	if err != nil {
		return nil, err
	}
	switch c := cmd.(type) {
	case *ledger.Answer, *ledger.ChangePIN, ledger.Approved, ledger.RequireTwo, ledger.Grant, ledger.Ack, ledger.EndAsk, ledger.Tick:
		return nil, fmt.Errorf("%T is not an administrator's command", cmd)
	case ledger.SetAlias, ledger.SetPIN, ledger.ClearPIN, ledger.AskPayment:
		return nil, fmt.Errorf("%T is made here, of a person, a number, a PIN to reset or a payment to ask for", cmd)
	case ledger.OpenAccount:
		if len(c.Sealed) > 0 {
			return nil, fmt.Errorf("name and number are sealed here: open a person")
		}
	case *ledger.Move:
		if !c.Kind.Asked() || c.Kind.ByPIN() {
			return nil, fmt.Errorf("a transfer of this kind is its payer's, or nobody's")
		}
	}
	return cmd, nil
}

// money tells whether something in the call moves money that nobody gave a PIN
// for, or will: one person is not enough for it.
func (c *adminCall) money() bool {
	for _, r := range c.records {
		if movesMoney(r) {
			return true
		}
	}
	return false
}

// people tells whether something in the call says who somebody is.
func (c *adminCall) people() bool {
	for _, r := range c.records {
		switch r.(type) {
		case wire.Person, wire.Number, wire.PINReset:
			return true
		}
	}
	return false
}

func movesMoney(record any) bool {
	switch record.(type) {
	case ledger.SetRules, ledger.SetTariff, ledger.SetLimits: // what everybody pays and may from then on
		return true
	case *ledger.Move, ledger.Reverse, ledger.Linked, ledger.Post, ledger.Void:
		return true
	}
	return false
}

// prepare makes commands of the records. What the vault must do comes first, with
// one sync for all.
func (s *Server) prepare(call *adminCall) error {
	call.refused = map[int]ledger.Reject{}
	if err := s.leaveTaken(call); err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	if err := s.addPeople(call); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	for i, record := range call.records {
		if _, refused := call.refused[i]; refused {
			continue
		}
		cmds, err := s.commands(record)
		if errors.Is(err, errEasyPIN) {
			call.refused[i] = ledger.PINTooEasy
			continue
		}
		if err != nil {
			return status.Error(codes.InvalidArgument, fmt.Sprintf("record %d: %s", i, err))
		}
		for _, cmd := range cmds {
			if call.first != "" && len(call.first) <= ledger.MaxPersonName {
				cmd = ledger.Approved{Cmd: cmd, First: call.first, Second: call.second, At: call.at}
			}
			call.cmds = append(call.cmds, adminCommand{cmd, i})
		}
	}
	return nil
}

// commands is what one record comes to.
func (s *Server) commands(record any) ([]ledger.Command, error) {
	switch r := record.(type) {
	case wire.Person:
		return s.open(r)
	case wire.Number:
		return []ledger.Command{ledger.SetAlias{Token: s.token(r.Kind, r.Number), Account: r.Account}}, nil
	case wire.PINReset:
		return s.resetPIN(r)
	case wire.ToApprove:
		cmd, err := s.toApprove(&r)
		return []ledger.Command{cmd}, err
	}
	return []ledger.Command{record.(ledger.Command)}, nil
}
