package server

import (
	"encoding/hex"
	"fmt"
	"log/slog"
	"strings"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
	"mlango/ledgerd/wire/pb"
)

// maxLogged is how many records of one call are logged one by one.
const maxLogged = 16

// logAsked notes what waits for a second person now.
func (s *Server) logAsked(call adminCall, by string, w *pb.Waiting, err error) {
	if err != nil {
		s.log.Warn("what needs two people was refused", "by", by, "records", len(call.records), "error", err)
		return
	}
	s.log.Info("waits for a second person", "by", by, "records", len(call.records), "first", CommandWord(call.records[0]), "hash", hex.EncodeToString(w.Hash))
}

// logAdmin notes who did what to which account, what became of it and where it
// stands in the journal.
func (s *Server) logAdmin(call adminCall, by, approved string, answer []byte, err error) {
	log := s.log.With("by", by)
	if approved != "" {
		log = log.With("approved", approved)
	}
	if err != nil {
		log.Warn("an administrator's call failed", "records", len(call.records), "error", err)
		return
	}
	at := 0
	_ = wire.Each(answer, func(r wire.Record) error { // written by us a moment ago
		res, err := r.Result()
		if at < len(call.records) && at < maxLogged && err == nil {
			logRecord(log, call.records[at], res)
		}
		at++
		return err
	})
	if at > maxLogged {
		log.Info("administrated", "records", len(call.records), "logged", maxLogged)
	}
}

// logRecord notes one record; a number or a name is not told.
func logRecord(log *slog.Logger, record any, res ledger.Result) {
	log = log.With("what", CommandWord(record), "outcome", res.Reject.String())
	if n := AccountOf(record); n != 0 {
		log = log.With("account", n)
	}
	if res.Place != (ledger.Place{}) {
		log = log.With("place", fmt.Sprintf("%d/%d/%d", res.Place.Unit, res.Place.Index, res.Place.Offset))
	}
	log.Info("administrated")
}

// CommandWord is a record's kind in a word.
func CommandWord(record any) string {
	word := fmt.Sprintf("%T", record)
	return word[strings.LastIndexByte(word, '.')+1:]
}

// AccountOf is whom a record is about; zero is nobody, or more than one.
func AccountOf(record any) ledger.Account {
	switch c := record.(type) {
	case wire.Person:
		return c.Account
	case wire.Number:
		return c.Account
	case wire.PINReset:
		return c.Account
	case ledger.OpenAccount:
		return c.Account
	case ledger.Freeze:
		return c.Account
	case ledger.Close:
		return c.Account
	case ledger.ErasePerson:
		return c.Account
	case ledger.SetTier:
		return c.Account
	case ledger.UnlockPIN:
		return c.Account
	case ledger.SetAlias:
		return c.Account
	case ledger.SetPIN:
		return c.Account
	case ledger.ClearPIN:
		return c.Account
	case *ledger.Move:
		return c.From
	}
	return 0
}
