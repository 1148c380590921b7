package server

import (
	"fmt"
	"time"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// Sheet is a transfer or check as tools print it.
type Sheet struct {
	ID        string        `json:"id"`
	What      string        `json:"what"` // send, airtime, issue, … check, tombstone; send hold, send post
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
	Until     string        `json:"held_until,omitempty"`
	Over      bool          `json:"ended,omitempty"`    // of a hold
	Ended     string        `json:"ended_by,omitempty"` // unless that was long ago
	Of        string        `json:"of,omitempty"`       // the hold that was ended, the transfer that came back
	Reversed  int64         `json:"reversed,omitempty"` // what of it came back so far
	Again     string        `json:"again,omitempty"`
	First     string        `json:"looks_like,omitempty"`
	Approved  []string      `json:"approved_by,omitempty"` // both people
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
	Part    string `json:"part"`
	Debit   int64  `json:"debit,omitempty"`
	Credit  int64  `json:"credit,omitempty"`
	Balance int64  `json:"balance"`
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
		Reversed: int64(s.Reversed), Over: s.Over, TriesLeft: r.TriesLeft}
	if s.Currency != (ledger.Currency{}) {
		v.Currency = s.Currency.String()
	}
	if s.Bundle != [32]byte{} {
		v.Bundle = fmt.Sprintf("%x", s.Bundle)
	}
	if s.Until != 0 {
		v.Until = Instant(s.Until, zoneMinutes)
	}
	for _, other := range []struct {
		id ledger.ID
		to *string
	}{{s.Again, &v.Again}, {r.First, &v.First}, {s.Of, &v.Of}, {s.Ended, &v.Ended}} {
		if !other.id.IsZero() {
			*other.to = other.id.String()
		}
	}
	v.lines(s)
	return v
}

// Approve adds the two people who stand behind a transfer that asked no PIN; the
// journal knows them.
func (v *Sheet) Approve(j *journal.Journal, s ledger.Shown) error {
	if s.Kind == 0 || s.Kind.ByPIN() {
		return nil
	}
	list, err := j.Entries(s.Result.Place.Index, s.Result.Place.Index+1, 1)
	if err != nil {
		return err
	}
	e, err := wire.DecodeEntry(list[0].Payload)
	if err != nil {
		return err
	}
	if at := int(s.Result.Place.Offset); at < len(e.Commands) {
		if c, ok := e.Commands[at].(ledger.Approved); ok {
			v.Approved = []string{c.First, c.Second}
		}
	}
	return nil
}

// tableParts are the words of parts of a transfer.
var tableParts = map[ledger.Part]string{ledger.PartAmount: "amount", ledger.PartFee: "fee", ledger.PartTax: "tax",
	ledger.PartCommission: "commission"}

// PartWord is a part of a transfer in a word.
func PartWord(p ledger.Part) string { return tableParts[p] }

// lines adds postings and notices.
func (v *Sheet) lines(s ledger.Shown) {
	for _, p := range s.Postings {
		v.Postings = append(v.Postings, SheetLine{uint64(p.Account), PartWord(p.Part), int64(p.Debit), int64(p.Credit), int64(p.Balance)})
	}
	for _, t := range s.Told {
		side := "payer"
		if t.Side == ledger.SidePayee {
			side = "payee"
		}
		v.Notices = append(v.Notices, SheetNotice{side, uint32(t.Lane), t.Seq, t.Acked})
	}
}

// tableActs are the words of what is no plain transfer.
var tableActs = map[ledger.Act]string{ledger.ActCheck: "check", ledger.ActTombstone: "tombstone", ledger.ActPost: "post",
	ledger.ActVoid: "void", ledger.ActExpire: "expire"}

func whatWord(s ledger.Shown) string {
	word, special := tableActs[s.Act]
	switch {
	case !special && s.Until != 0:
		return KindWord(s.Kind) + " hold"
	case !special:
		return KindWord(s.Kind)
	case s.Kind != 0:
		return KindWord(s.Kind) + " " + word
	}
	return word
}

// Instant is a time as tools print it, by the operator's clock.
func Instant(ms int64, zoneMinutes int) string {
	return time.UnixMilli(ms).In(time.FixedZone("", zoneMinutes*60)).Format("2006-01-02T15:04:05.000Z07:00")
}
