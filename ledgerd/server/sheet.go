package server

import (
	"fmt"
	"time"

	"mlango/ledgerd/ledger"
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
	Payer     *SheetWho     `json:"payer,omitempty"`
	To        uint64        `json:"to,omitempty"`
	Payee     *SheetWho     `json:"payee,omitempty"`
	Amount    int64         `json:"amount,omitempty"`
	Currency  string        `json:"currency,omitempty"`
	Ref       string        `json:"reference,omitempty"` // of a paybill: what names the payer at the payee; for administrators
	Quoted    int64         `json:"quoted_fee,omitempty"`
	Fee       int64         `json:"fee,omitempty"`
	Balance   int64         `json:"balance"`
	Until     string        `json:"held_until,omitempty"`
	Over      bool          `json:"ended,omitempty"`     // of a hold
	How       string        `json:"ended_how,omitempty"` // posted, voided, expired; of who came too late, the hold's
	Ended     string        `json:"ended_by,omitempty"`  // the id of what ended it
	End       *SheetOther   `json:"end,omitempty"`       // the same, told
	Of        string        `json:"of,omitempty"`        // the hold that was ended, the transfer that came back
	First     *SheetOther   `json:"first,omitempty"`     // the same, told
	Reversed  int64         `json:"reversed,omitempty"`  // what of it came back so far
	Backs     []SheetOther  `json:"brought_back_by,omitempty"`
	Again     string        `json:"again,omitempty"`
	Like      string        `json:"looks_like,omitempty"`
	Approved  []string      `json:"approved_by,omitempty"` // both people
	Agreed    string        `json:"approved_at,omitempty"` // when the second one did
	Operator  string        `json:"operator,omitempty"`
	Session   string        `json:"session,omitempty"`
	Gateway   string        `json:"gateway,omitempty"`
	Bundle    string        `json:"bundle,omitempty"`
	Language  string        `json:"language,omitempty"`
	Asked     *SheetAsked   `json:"asked,omitempty"` // of a request to approve a payment
	Postings  []SheetLine   `json:"postings,omitempty"`
	Notices   []SheetNotice `json:"notices,omitempty"`
	TriesLeft uint8         `json:"tries_left,omitempty"`
}

// SheetAsked is how a request to approve a payment stands.
type SheetAsked struct {
	State   string      `json:"state"`
	Number  string      `json:"number,omitempty"` // its asker's, for a day
	Until   string      `json:"until"`
	Payment *SheetOther `json:"payment,omitempty"`
	Refused *SheetOther `json:"refused,omitempty"` // the last order that was refused
	Why     string      `json:"why,omitempty"`     // it was
}

// SheetWho is whose an account is, as the caller may see it.
type SheetWho struct {
	Kind   string `json:"kind"`             // wallet, till, …
	Number string `json:"number,omitempty"` // masked unless whole ones were asked for
	Name   string `json:"name,omitempty"`   // for administrators
}

// SheetOther is another record that the sheet's leads to.
type SheetOther struct {
	ID       string   `json:"id"`
	What     string   `json:"what"`
	Receipt  string   `json:"receipt,omitempty"`
	Place    string   `json:"place"`
	At       string   `json:"at"`
	Amount   int64    `json:"amount,omitempty"`
	Fee      int64    `json:"fee,omitempty"`
	Approved []string `json:"approved_by,omitempty"`
	Agreed   string   `json:"approved_at,omitempty"`
}

// SheetLine is one debit or credit.
type SheetLine struct {
	Account uint64 `json:"account"`
	Part    string `json:"part"`
	Debit   int64  `json:"debit,omitempty"`
	Credit  int64  `json:"credit,omitempty"`
	Balance int64  `json:"balance"`
}

// SheetNotice is one notice: whom it is for, and who has acknowledged it when.
type SheetNotice struct {
	Side    string      `json:"side"`
	Account uint64      `json:"account"`
	To      *SheetWho   `json:"to,omitempty"`
	Made    string      `json:"made"`
	Lane    uint32      `json:"lane"`
	Seq     uint64      `json:"seq"`
	Acked   bool        `json:"acknowledged"` // by every consumer
	By      []SheetHear `json:"consumers"`
}

// SheetHear is how one consumer stands to a notice.
type SheetHear struct {
	Consumer string `json:"consumer"`
	Acked    bool   `json:"acknowledged"`
	Lost     bool   `json:"perhaps_lost,omitempty"` // it is not open, and either was acknowledged or given up
	Aside    bool   `json:"left_open,omitempty"`    // it went on and left this one open
	At       string `json:"at,omitempty"`
	After    int64  `json:"after_ms,omitempty"` // it was made
	Place    string `json:"place,omitempty"`    // of the acknowledgement in the journal
	Owner    string `json:"owner,omitempty"`    // who acknowledged it; who owns the lane now, of one that is not
	Unknown  string `json:"unknown,omitempty"`  // why the instant is not told
}

// Sheet makes what was found printable.
func (t *Teller) Sheet(f *Found) (*Sheet, error) {
	v := t.plain(f)
	t.lines(v, f)
	if t.Journal == nil {
		return v, nil
	}
	return v, t.journaled(v, f)
}

// plain is what the books tell.
func (t *Teller) plain(f *Found) *Sheet {
	r, zone := f.Result, t.ZoneMinutes
	v := &Sheet{ID: r.ID.String(), What: whatWord(f.Shown), Outcome: r.Reject.String(), Receipt: r.Receipt.String(),
		Place: placeWord(r.Place), At: Instant(r.At, zone), Payer: t.who(f, f.From), Payee: t.who(f, f.To),
		From: uint64(f.From), To: uint64(f.To), Amount: int64(f.Amount), Quoted: int64(f.Quoted), Fee: int64(r.Fee),
		Balance: int64(r.Balance), Operator: f.Origin.Operator, Session: f.Origin.Session, Gateway: f.Origin.Gateway,
		Reversed: int64(f.Reversed), Over: f.Over, TriesLeft: r.TriesLeft, Ref: t.ref(f)}
	if f.Currency != (ledger.Currency{}) {
		v.Currency = f.Currency.String()
	}
	if f.Bundle != [32]byte{} {
		v.Bundle = fmt.Sprintf("%x", f.Bundle)
	}
	if f.Language != (ledger.Language{}) {
		v.Language = string(f.Language[:])
	}
	if a := f.Asked; a != nil {
		v.Asked = &SheetAsked{State: a.State.String(), Number: a.Number, Until: Instant(a.Until, zone), Payment: t.other(a.Payment), Refused: t.other(a.Refused)}
		if a.Refused != nil {
			v.Asked.Why = a.Why.String()
		}
	} else if f.Until != 0 {
		v.Until = Instant(f.Until, zone)
	}
	if f.How != 0 {
		v.How = map[ledger.Act]string{ledger.ActPost: "posted", ledger.ActVoid: "voided", ledger.ActExpire: "expired"}[f.How]
	}
	like := r.First
	if r.Reject != ledger.LooksRepeated {
		like = ledger.ID{}
	}
	for _, other := range []struct {
		id ledger.ID
		to *string
	}{{f.Again, &v.Again}, {like, &v.Like}, {f.Of, &v.Of}, {f.Ended, &v.Ended}} {
		if !other.id.IsZero() {
			*other.to = other.id.String()
		}
	}
	if t.Keyless {
		v.Receipt = ""
	}
	v.First, v.End = t.other(f.First), t.other(f.End)
	for i := range f.Backs {
		v.Backs = append(v.Backs, *t.other(&f.Backs[i]))
	}
	return v
}

func (t *Teller) other(o *ledger.Other) *SheetOther {
	if o == nil {
		return nil
	}
	receipt := o.Receipt.String()
	if t.Keyless {
		receipt = ""
	}
	return &SheetOther{ID: o.ID.String(), What: actWord(o.Act, o.Kind, 0), Receipt: receipt, Place: placeWord(o.Place),
		At: Instant(o.At, t.ZoneMinutes), Amount: int64(o.Amount), Fee: int64(o.Fee)}
}

// lines adds postings and notices.
func (t *Teller) lines(v *Sheet, f *Found) {
	for _, p := range f.Postings {
		v.Postings = append(v.Postings, SheetLine{uint64(p.Account), PartWord(p.Part), int64(p.Debit), int64(p.Credit), int64(p.Balance)})
	}
	for _, n := range f.notices {
		side := "payer"
		if n.Side == ledger.SidePayee {
			side = "payee"
		}
		line := SheetNotice{Side: side, Account: uint64(n.account), To: t.who(f, n.account), Made: v.At, Lane: uint32(n.Lane), Seq: n.Seq, Acked: n.Acked}
		for _, h := range n.heard {
			by := SheetHear{Consumer: h.Consumer, Acked: h.Acked, Aside: h.Aside}
			if !h.Acked {
				by.Owner = h.Owner
			}
			if h.Acked && h.Missed > 0 {
				by.Acked, by.Lost, line.Acked = false, true, false
				by.Unknown = fmt.Sprintf("%s was too far behind once and lost %d notices; this may be one of them", h.Consumer, h.Missed)
			}
			line.By = append(line.By, by)
		}
		v.Notices = append(v.Notices, line)
	}
}

// tableParts are the words of parts of a transfer.
var tableParts = map[ledger.Part]string{ledger.PartAmount: "amount", ledger.PartFee: "fee", ledger.PartTax: "tax",
	ledger.PartCommission: "commission"}

// PartWord is a part of a transfer in a word.
func PartWord(p ledger.Part) string { return tableParts[p] }

// tableActs are the words of what is no plain transfer.
var tableActs = map[ledger.Act]string{ledger.ActCheck: "check", ledger.ActTombstone: "tombstone", ledger.ActPost: "post",
	ledger.ActVoid: "void", ledger.ActExpire: "expire", ledger.ActAsk: "request"}

func whatWord(s ledger.Shown) string { return actWord(s.Act, s.Kind, s.Until) }

func actWord(act ledger.Act, kind ledger.Kind, until int64) string {
	word, special := tableActs[act]
	switch {
	case !special && until != 0:
		return KindWord(kind) + " hold"
	case !special:
		return KindWord(kind)
	case kind != 0:
		return KindWord(kind) + " " + word
	}
	return word
}

func placeWord(p ledger.Place) string { return fmt.Sprintf("%d/%d/%d", p.Unit, p.Index, p.Offset) }

// Instant is a time as tools print it: RFC 3339 by the operator's clock.
func Instant(ms int64, zoneMinutes int) string {
	return time.UnixMilli(ms).In(time.FixedZone("", zoneMinutes*60)).Format("2006-01-02T15:04:05.000Z07:00")
}
