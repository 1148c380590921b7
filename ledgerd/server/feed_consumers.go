package server

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"mlango/ledgerd/ledger"
)

// tableConsumers is who may read a consumer's lanes, and but for audit own and
// acknowledge them; and whether it is told names and numbers, as those are who tell
// people.
var tableConsumers = map[string]struct {
	role  Role
	names bool
}{
	ledger.ConsumerSMS:        {RoleGateway, true},
	ledger.ConsumerPartner:    {RolePartner, true},
	ledger.ConsumerSettlement: {RoleSettlement, false},
	ledger.ConsumerAudit:      {RoleAuditor, false},
}

// A consumer lags when it is so far behind that somebody should look.
const (
	lagShare = 4                // part of what it may leave open
	lagAge   = 15 * time.Minute // of the oldest notice it left open
)

// mayRead refuses the lanes of a consumer that is another's.
func (g *guard) mayRead(c caller, consumer string) error {
	row, there := tableConsumers[consumer]
	if !there {
		var words []string
		for word := range tableConsumers {
			words = append(words, word)
		}
		slices.Sort(words)
		return status.Error(codes.InvalidArgument, fmt.Sprintf("no consumer is called %.40q: there is %s", consumer, strings.Join(words, ", ")))
	}
	if c.role&row.role == 0 {
		return g.refuse(c, "read the lanes of "+consumer, row.role)
	}
	return nil
}

// mayOwn refuses to own and to acknowledge: what is another's, and what nobody owns.
func (g *guard) mayOwn(c caller, consumer string) error {
	if err := g.mayRead(c, consumer); err != nil {
		return err
	}
	if consumer == ledger.ConsumerAudit {
		return status.Errorf(codes.InvalidArgument, "%s owns no lanes and acknowledges nothing: read it with Tail", consumer)
	}
	return nil
}

// reads refuses a consumer that nobody began, or that was retired.
func (s *Server) reads(consumer string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, c := range s.book.Consumers() {
		if c.Name == consumer && !c.On {
			return status.Errorf(codes.InvalidArgument,
				"nothing is kept for %s: name it below consumers: in the node's configuration, or say `ledgerd admin consumer %s on`", consumer, consumer)
		}
	}
	return nil
}

// beginConsumers has the consumers of the configuration read, from their entry on. One that was
// retired since stays so: that is an administrator's word.
func (s *Server) beginConsumers() {
	s.mu.RLock()
	list := s.book.Consumers()
	s.mu.RUnlock()
	for _, c := range list {
		switch named := slices.Contains(s.cfg.Consumers, c.Name); {
		case named && !c.Known:
			beginning{s, c.Name}.say()
		case named && !c.On:
			s.log.Warn("a consumer of the configuration was retired, and stays so until an administrator says otherwise", "consumer", c.Name)
		}
	}
}

// beginning says that a consumer reads until it is booked.
type beginning struct {
	s    *Server
	name string
}

func (b beginning) say() {
	if b.s.stop.Err() == nil && !b.s.inbox.put(item{cmd: ledger.SetConsumer{Consumer: b.name, On: true}, arrived: time.Now(), to: b}) {
		time.AfterFunc(insistEvery, b.say)
	}
}

func (b beginning) answer(_ uint64, res ledger.Result, _ uint64) {
	if res.Reject.Transient() {
		time.AfterFunc(insistEvery, b.say)
	}
}

// retired ends the feeds of a consumer that reads no more. The writer calls it.
func (s *Server) retired(consumer string) {
	s.feeds.mu.Lock()
	defer s.feeds.mu.Unlock()
	for _, one := range s.feeds.list {
		one.mu.Lock()
		if one.consumer == consumer {
			one.lost = true
			one.ring()
		}
		one.mu.Unlock()
	}
}

// consumerGauges are the figures of each consumer.
func (s *Server) consumerGauges() (list []Gauge) {
	for _, name := range ledger.Consumers() {
		list = append(list,
			Gauge{"ledger_lag_notices_" + name, "Notices that this consumer has not acknowledged.", func() float64 { return float64(s.Lag(name).Notices) }},
			Gauge{"ledger_lag_seconds_" + name, "Age of the oldest of them.", func() float64 { return s.Lag(name).age(s.clock.look()) }},
			Gauge{"ledger_lags_" + name, "1: look at this consumer. It left a quarter of what it may open, or something for 15 minutes.",
				func() float64 { return flag(s.lags(name)) }},
			Gauge{"ledger_missed_" + name, "Notices given up since the books began because this consumer was too far behind; the journal has them.",
				func() float64 { return float64(s.missed(name)) }})
	}
	return list
}

// lags tells whether somebody should look at a consumer.
func (s *Server) lags(consumer string) bool {
	s.mu.RLock()
	behind, limit := s.book.Behind(consumer)
	s.mu.RUnlock()
	return behind >= limit/lagShare || s.Lag(consumer).age(s.clock.look()) >= lagAge.Seconds()
}

func (s *Server) missed(consumer string) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, c := range s.book.Consumers() {
		if c.Name == consumer {
			return c.Missed
		}
	}
	return 0
}
