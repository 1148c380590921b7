package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
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

// Admin journals commands and openings, and answers each.
func (g *service) Admin(ctx context.Context, frame *pb.Frame) (*pb.AdminAnswer, error) {
	call, err := g.s.readAdmin(frame.Records)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	r := &round{results: make([]ledger.Result, call.records), done: make(chan struct{})}
	for _, i := range call.taken {
		r.results[i].Reject = ledger.OtherContent
	}
	if err := g.s.enterAdmin(ctx, call, r); err != nil {
		return nil, err
	}
	answer := &pb.AdminAnswer{}
	for i := range r.results {
		if answer.Records, err = wire.AppendResult(answer.Records, uint64(i), &r.results[i]); err != nil {
			return nil, status.Error(codes.Internal, err.Error())
		}
	}
	return answer, nil
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

// adminCall is what one Admin call comes to.
type adminCall struct {
	records int
	cmds    []adminCommand
	taken   []int // records that open an account which is another's
}

// adminCommand is a command and the record it came from.
type adminCommand struct {
	cmd    ledger.Command
	record int
}

// readAdmin reads the records and seals the people among them.
func (s *Server) readAdmin(frame []byte) (adminCall, error) {
	var call adminCall
	people := map[int]wire.Person{}
	err := wire.Each(frame, func(r wire.Record) error {
		if call.records == maxAdmin {
			return fmt.Errorf("more than %d records in one call", maxAdmin)
		}
		if r.Kind == wire.KindPerson {
			p, err := r.Person()
			people[call.records] = p
			call.cmds = append(call.cmds, adminCommand{record: call.records})
			call.records++
			return err
		}
		cmd, err := adminOnly(r)
		call.cmds = append(call.cmds, adminCommand{cmd, call.records})
		call.records++
		return err
	})
	if err != nil || len(people) == 0 {
		return call, err
	}
	return s.openPeople(call, people)
}

// adminOnly reads a command that an administrator may give: not what only the
// ledger itself or a feed may say.
func adminOnly(r wire.Record) (ledger.Command, error) {
	cmd, err := r.Command()
	if err != nil {
		return nil, err
	}
	switch c := cmd.(type) {
	case *ledger.Answer, *ledger.ChangePIN, ledger.Approved, ledger.Grant, ledger.Ack, ledger.Tick:
		return nil, fmt.Errorf("%T is not an administrator's command", cmd)
	case *ledger.Move:
		if c.Kind.ByPIN() {
			return nil, fmt.Errorf("a transfer of this kind is its payer's")
		}
	}
	return cmd, nil
}

// openPeople puts in place of each person the commands that open the account. All
// their keys are made with one sync, before anything is journaled under them.
func (s *Server) openPeople(call adminCall, people map[int]wire.Person) (adminCall, error) {
	var err error
	if call, err = s.leaveTaken(call, people); err != nil {
		return call, err
	}
	var numbers []uint64
	for _, c := range call.cmds {
		if p := people[c.record]; p.Name != "" || p.MSISDN != "" {
			numbers = append(numbers, uint64(p.Account))
		}
	}
	if err := s.vault.AddPeople(numbers...); err != nil {
		return call, err
	}
	var cmds []adminCommand
	for _, c := range call.cmds {
		p, isPerson := people[c.record]
		if !isPerson {
			cmds = append(cmds, c)
			continue
		}
		opening, err := s.open(p)
		if err != nil {
			return call, fmt.Errorf("record %d: %w", c.record, err)
		}
		for _, cmd := range opening {
			cmds = append(cmds, adminCommand{cmd, c.record})
		}
	}
	call.cmds = cmds
	return call, nil
}

// leaveTaken takes out who would open an account that is another's: a number
// mistyped by a digit must not hand its money to a new number and a new PIN. The
// same opening again is none of those; it also leaves the PIN as it is.
func (s *Server) leaveTaken(call adminCall, people map[int]wire.Person) (adminCall, error) {
	var free []adminCommand
	twice := map[ledger.Account]bool{}
	for _, c := range call.cmds {
		p, isPerson := people[c.record]
		if isPerson && twice[p.Account] {
			return call, fmt.Errorf("record %d: account %d stands twice in one call", c.record, p.Account)
		}
		if !isPerson {
			free = append(free, c)
			continue
		}
		twice[p.Account] = true
		there, same, hasPIN := s.holder(p)
		if there && !same {
			call.taken = append(call.taken, c.record)
			continue
		}
		if hasPIN {
			p.Sealed = nil
			people[c.record] = p
		}
		free = append(free, c)
	}
	call.cmds = free
	return call, nil
}

// holder tells whether an account is there already, as this very person's.
func (s *Server) holder(p wire.Person) (there, same, hasPIN bool) {
	s.mu.RLock()
	v, there := s.book.Account(p.Account)
	s.mu.RUnlock()
	if !there {
		return false, false, false
	}
	name, msisdn := s.person(p.Account, v.Sealed)
	same = v.Kind == p.Kind && v.Currency == p.Currency && v.Home == p.Home && name == p.Name && msisdn == p.MSISDN
	return true, same, v.PINSet
}

// open is the commands that open one account: itself, its number, its PIN.
func (s *Server) open(p wire.Person) ([]ledger.Command, error) {
	account := ledger.OpenAccount{Account: p.Account, Kind: p.Kind, Currency: p.Currency, Home: p.Home, Language: p.Language, Tier: p.Tier}
	var err error
	if p.Name != "" || p.MSISDN != "" {
		if account.Sealed, err = s.vault.SealPerson(uint64(p.Account), p.Name, p.MSISDN); err != nil {
			return nil, err
		}
	}
	cmds := []ledger.Command{account}
	if p.MSISDN != "" {
		cmds = append(cmds, ledger.SetAlias{Token: s.aliasOf(p), Account: p.Account})
	}
	if len(p.Sealed) == 0 {
		return cmds, nil
	}
	clear, err := s.judge.Open(p.SealKey, p.Sealed, p.MSISDN, wire.OpeningID(p.Account), s.clock.look())
	if err != nil {
		return nil, fmt.Errorf("the first PIN: %w", err)
	}
	defer clear.Wipe()
	set := ledger.SetPIN{Account: p.Account}
	_, _ = rand.Read(set.Salt[:]) // never fails: see crypto/rand
	set.MAC = s.judge.MAC(p.Account, set.Salt, clear)
	return append(cmds, set), nil
}

// aliasOf is the token of a number, by what kind of number it is.
func (s *Server) aliasOf(p wire.Person) ledger.Token {
	kind := vault.TokenMSISDN
	switch p.Kind {
	case ledger.AccountAgent:
		kind = vault.TokenAgent
	case ledger.AccountTill:
		kind = vault.TokenTill
	case ledger.AccountPaybill:
		kind = vault.TokenPaybill
	}
	return ledger.Token(s.vault.Token(kind, p.MSISDN))
}
