package server

import (
	"fmt"
	"time"

	"mlango/ledgerd/ledger"
)

// Sheet is a transfer or check as tools print it.
type Sheet struct {
	ID        string        `json:"id"`
	What      string        `json:"what"` // send, airtime, issue, check, tombstone
	Outcome   string        `json:"outcome"`
	Receipt   string        `json:"receipt,omitempty"`
	Place     string        `json:"place"` // unit/index/offset
	At        string        `json:"at"`
	From      uint64        `json:"from,omitempty"`
	To        uint64        `json:"to,omitempty"`
	Amount    int64         `json:"amount,omitempty"`
	Currency  string        `json:"currency,omitempty"`
	Quoted    int64         `json:"quoted_fee,omitempty"`
	Fee       int64         `json:"fee,omitempty"`
	Balance   int64         `json:"balance"`
	Again     string        `json:"again,omitempty"`
	First     string        `json:"looks_like,omitempty"`
	Operator  string        `json:"operator,omitempty"`
	Session   string        `json:"session,omitempty"`
	Gateway   string        `json:"gateway,omitempty"`
	Bundle    string        `json:"bundle,omitempty"`
	Postings  []SheetLine   `json:"postings,omitempty"`
	Notices   []SheetNotice `json:"notices,omitempty"`
	TriesLeft uint8         `json:"tries_left,omitempty"`
}

// SheetLine is one debit or credit.
type SheetLine struct {
	Account uint64 `json:"account"`
	Debit   int64  `json:"debit,omitempty"`
	Credit  int64  `json:"credit,omitempty"`
}

// SheetNotice is one notice and whether it was told.
type SheetNotice struct {
	Side  string `json:"side"`
	Lane  uint32 `json:"lane"`
	Seq   uint64 `json:"seq"`
	Acked bool   `json:"acknowledged"`
}

// NewSheet makes what the books know printable. Numbers and names are not in it.
func NewSheet(s ledger.Shown, zoneMinutes int) Sheet {
	r := s.Result
	v := Sheet{ID: r.ID.String(), What: whatWord(s), Outcome: r.Reject.String(), Receipt: r.Receipt.String(),
		Place: fmt.Sprintf("%d/%d/%d", r.Place.Unit, r.Place.Index, r.Place.Offset), At: Instant(r.At, zoneMinutes),
		From: uint64(s.From), To: uint64(s.To), Amount: int64(s.Amount), Quoted: int64(s.Quoted), Fee: int64(r.Fee),
		Balance: int64(r.Balance), Operator: s.Origin.Operator, Session: s.Origin.Session, Gateway: s.Origin.Gateway,
		TriesLeft: r.TriesLeft}
	if s.Currency != (ledger.Currency{}) {
		v.Currency = s.Currency.String()
	}
	if s.Bundle != [32]byte{} {
		v.Bundle = fmt.Sprintf("%x", s.Bundle)
	}
	if !s.Again.IsZero() {
		v.Again = s.Again.String()
	}
	if !r.First.IsZero() {
		v.First = r.First.String()
	}
	for _, p := range s.Postings {
		v.Postings = append(v.Postings, SheetLine{uint64(p.Account), int64(p.Debit), int64(p.Credit)})
	}
	for _, t := range s.Told {
		side := "payer"
		if t.Side == ledger.SidePayee {
			side = "payee"
		}
		v.Notices = append(v.Notices, SheetNotice{side, uint32(t.Lane), t.Seq, t.Acked})
	}
	return v
}

func whatWord(s ledger.Shown) string {
	switch {
	case s.Tombstone:
		return "tombstone"
	case s.Query != 0:
		return "check"
	}
	return KindWord(s.Kind)
}

// Instant is a time as tools print it, by the operator's clock.
func Instant(ms int64, zoneMinutes int) string {
	return time.UnixMilli(ms).In(time.FixedZone("", zoneMinutes*60)).Format("2006-01-02T15:04:05.000Z07:00")
}
