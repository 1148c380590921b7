package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// Limits of a look at a running node.
const (
	showTimeout = 5 * time.Second
	maxShown    = 1 << 20 // bytes of its answer
)

// tableKinds are the words of kinds of transfer in tools.
var tableKinds = map[ledger.Kind]string{ledger.KindSend: "send", ledger.KindAirtime: "airtime", ledger.KindIssue: "issue"}

func kindWord(k ledger.Kind) string {
	if w, ok := tableKinds[k]; ok {
		return w
	}
	return fmt.Sprintf("kind-%d", k)
}

// showCmd shows one transfer.
type showCmd struct {
	Of     string `arg:"" name:"id|receipt" help:"An id of 32 hexadecimal digits, or a receipt number."`
	Data   string `placeholder:"DIR" xor:"where" required:"" help:"A stopped node's data folder."`
	Config string `placeholder:"FILE" xor:"where" required:"" help:"A running node's configuration: its admin address is asked."`
}

// Run prints what the books know.
func (c *showCmd) Run(ctx context.Context, w *world) error {
	var s shown
	var err error
	if c.Data != "" {
		s, err = showOffline(c.Data, c.Of)
	} else {
		s, err = showOnline(ctx, c.Config, c.Of)
	}
	if err != nil {
		return err
	}
	out := json.NewEncoder(w.out)
	out.SetIndent("", "  ")
	return out.Encode(s)
}

// errNotShown says that the books know no such id or receipt.
var errNotShown = fmt.Errorf("the books know no such id or receipt")

func showOffline(data, name string) (shown, error) {
	b, err := openBooks(data)
	if err != nil {
		return shown{}, err
	}
	defer b.close()
	if err := b.replay(nil); err != nil {
		return shown{}, err
	}
	s, ok := server.Show(b.book, name)
	if !ok {
		return shown{}, errNotShown
	}
	return render(s, b.zone), nil
}

func showOnline(ctx context.Context, config, name string) (s shown, err error) {
	cfg, _, err := Load(config)
	if err != nil {
		return s, err
	}
	if cfg.Admin == "" {
		return s, usage("the configuration has no admin address; stop the node and use --data %s", cfg.Data)
	}
	ctx, cancel := context.WithTimeout(ctx, showTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+cfg.Admin+"/show?of="+url.QueryEscape(name), nil)
	if err != nil {
		return s, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return s, fmt.Errorf("%w: %w", ledgerclient.ErrUnavailable, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotFound {
		return s, errNotShown
	}
	if resp.StatusCode != http.StatusOK {
		return s, fmt.Errorf("%s/show answered %s: is that the ledger's admin address?", cfg.Admin, resp.Status)
	}
	return s, json.NewDecoder(io.LimitReader(resp.Body, maxShown)).Decode(&s)
}

// shown is a transfer or check as tools print it.
type shown struct {
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
	Postings  []shownLine   `json:"postings,omitempty"`
	Notices   []shownNotice `json:"notices,omitempty"`
	TriesLeft uint8         `json:"tries_left,omitempty"`
}

// shownLine is one debit or credit.
type shownLine struct {
	Account uint64 `json:"account"`
	Debit   int64  `json:"debit,omitempty"`
	Credit  int64  `json:"credit,omitempty"`
}

// shownNotice is one notice and whether it was told.
type shownNotice struct {
	Side  string `json:"side"`
	Lane  uint32 `json:"lane"`
	Seq   uint64 `json:"seq"`
	Acked bool   `json:"acknowledged"`
}

// render makes what the books know printable. Numbers and names are not in it.
func render(s ledger.Shown, zone Zone) shown {
	r := s.Result
	v := shown{ID: r.ID.String(), What: whatWord(s), Outcome: r.Reject.String(), Receipt: r.Receipt.String(),
		Place: fmt.Sprintf("%d/%d/%d", r.Place.Unit, r.Place.Index, r.Place.Offset), At: instant(r.At, zone),
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
		v.Postings = append(v.Postings, shownLine{uint64(p.Account), int64(p.Debit), int64(p.Credit)})
	}
	for _, t := range s.Told {
		side := "payer"
		if t.Side == ledger.SidePayee {
			side = "payee"
		}
		v.Notices = append(v.Notices, shownNotice{side, uint32(t.Lane), t.Seq, t.Acked})
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
	return kindWord(s.Kind)
}
