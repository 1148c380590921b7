package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// printJSON prints a sheet for programs.
func printJSON(out io.Writer, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = out.Write(append(b, '\n'))
	return err
}

// page is a printed sheet in the making: facts, one a line, and tables.
type page struct {
	out io.Writer
	err error
}

func (p *page) say(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.out, format, args...)
	}
}

// fact prints one line; of nothing there is none.
func (p *page) fact(name, value string) {
	if value != "" {
		p.say("  %-14s %s\n", name, value)
	}
}

// table prints rows under a title; the columns that begin with > stand at the right.
func (p *page) table(title string, rows [][]string) {
	if len(rows) < 2 {
		return
	}
	p.say("\n%s\n", title)
	p.rows(rows)
}

// rows prints rows; the first is the head. A column in which nothing stands is left
// out.
func (p *page) rows(rows [][]string) {
	rows = filled(rows)
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(strings.TrimPrefix(cell, ">"))))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			right := strings.HasPrefix(rows[0][i], ">")
			cell = strings.TrimPrefix(cell, ">")
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			if right {
				cell, pad = pad+cell, ""
			}
			line.WriteString("  " + cell + pad)
		}
		p.say("%s\n", strings.TrimRight(line.String(), " "))
	}
}

// filled leaves out the columns in which nothing stands under the head.
func filled(rows [][]string) [][]string {
	list := make([][]string, len(rows))
	for i := range rows[0] {
		stands := false
		for _, row := range rows[1:] {
			stands = stands || row[i] != ""
		}
		for n, row := range rows {
			if stands {
				list[n] = append(list[n], row[i])
			}
		}
	}
	return list
}

// saySheet prints a transfer whole.
func saySheet(out io.Writer, s *server.Sheet) error {
	p := &page{out: out}
	p.say("%s\n", headline(s))
	p.fact("id", s.ID)
	p.fact("receipt", s.Receipt)
	p.fact("at", s.At+", entry "+s.Place)
	p.fact("from", party(s.From, s.Payer))
	p.fact("to", party(s.To, s.Payee))
	p.fact("reference", s.Ref)
	p.asked(s.Asked)
	p.money(s)
	p.fact("approved by", approval(s.Approved, s.Agreed))
	p.fact("session", s.Session)
	p.fact("came through", through(s))
	p.fact("bundle", s.Bundle)
	p.fact("again after", s.Again)
	p.fact("looks like", s.Like)
	if s.Outcome == ledger.PINWrong.String() {
		p.fact("tries left", fmt.Sprint(s.TriesLeft))
	}
	p.linked(s)
	p.postings(s)
	p.notices(s)
	return p.err
}

// headline is the transfer in a line.
func headline(s *server.Sheet) string {
	what := s.What
	if s.Currency != "" {
		what += " " + s.Currency + " " + figure(ledger.Amount(s.Amount))
	}
	if s.Asked != nil {
		return what + ": " + s.Asked.State
	}
	if s.Outcome != ledger.OK.String() {
		return what + ": refused, " + outcomeWords(s.Outcome)
	}
	return what + ": done"
}

// outcomeWords is a reject's name with what it means.
func outcomeWords(outcome string) string {
	for _, r := range ledger.Rejects() {
		if more := tableRefusals[r]; r.String() == outcome && more != "" {
			return outcome + " – " + more
		}
	}
	return outcome
}

// party is one side of a transfer.
func party(n uint64, who *server.SheetWho) string {
	if n == 0 {
		return ""
	}
	return strings.Join(append([]string{fmt.Sprintf("account %d", n)}, whose(who)...), ", ")
}

// whose is whose an account is, as far as it may be told.
func whose(who *server.SheetWho) (words []string) {
	if who == nil {
		return nil
	}
	for _, word := range []string{who.Kind, who.Number, who.Name} {
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// money is what it cost and what it left.
func (p *page) money(s *server.Sheet) {
	if s.Outcome != ledger.OK.String() && s.Quoted == 0 {
		return
	}
	if s.From != 0 && (s.Fee != 0 || s.Quoted != 0) {
		p.fact("fee", fmt.Sprintf("%s (at most %s was agreed to)", figure(ledger.Amount(s.Fee)), figure(ledger.Amount(s.Quoted))))
	}
	if s.Outcome == ledger.OK.String() && s.From != 0 && s.Asked == nil {
		p.fact("payer has then", s.Currency+" "+figure(ledger.Amount(s.Balance)))
	}
}

// asked is how a request to approve a payment stands.
func (p *page) asked(a *server.SheetAsked) {
	if a == nil {
		return
	}
	p.fact("number", a.Number)
	p.fact("until", a.Until)
	if a.Payment != nil {
		p.fact("paid by", fmt.Sprintf("%s, receipt %s, at %s", a.Payment.ID, a.Payment.Receipt, a.Payment.At))
	}
	if a.Refused != nil {
		p.fact("refused order", fmt.Sprintf("%s: %s, at %s", a.Refused.ID, a.Why, a.Refused.At))
	}
}

func approval(people []string, at string) string {
	if len(people) == 0 {
		return ""
	}
	return strings.Join(people, " and ") + ", who agreed at " + at
}

// through is the way a wish came.
func through(s *server.Sheet) string {
	var words []string
	for _, part := range []struct{ name, value string }{{"operator ", s.Operator}, {"gateway ", s.Gateway}, {"language ", s.Language}} {
		if part.value != "" {
			words = append(words, part.name+part.value)
		}
	}
	return strings.Join(words, ", ")
}

// linked is the records it leads to: a hold and its end, a transfer and what of it
// came back.
func (p *page) linked(s *server.Sheet) {
	rows := [][]string{{"", "at", "receipt", ">amount", ">fee", "id", "entry", "approved by"}}
	add := func(word string, o *server.SheetOther) {
		rows = append(rows, []string{word + " " + o.What, o.At, o.Receipt, figure(ledger.Amount(o.Amount)), figure(ledger.Amount(o.Fee)), o.ID, o.Place,
			strings.Join(o.Approved, " and ")})
	}
	switch {
	case s.Until == "":
	case s.Over:
		p.fact("held until", s.Until+"; it is over: "+s.How)
	default:
		p.fact("held until", s.Until+"; it stands")
	}
	if s.How != "" && s.Until == "" {
		p.fact("the hold", "was "+s.How+" before")
	}
	if s.End != nil {
		add("ended by", s.End)
	}
	if s.First != nil {
		add("of", s.First)
	}
	for i := range s.Backs {
		add("came back:", &s.Backs[i])
	}
	p.table("leads to", rows)
	if len(s.Backs) > 0 {
		p.say("  brought back so far: %s of %s\n", figure(ledger.Amount(s.Reversed)), figure(ledger.Amount(s.Amount)))
	}
}

// postings are the debits and credits, and that they add up.
func (p *page) postings(s *server.Sheet) {
	rows := [][]string{{">account", "part", ">debit", ">credit", ">balance after"}}
	var debit, credit int64
	side := func(n int64) string {
		if n == 0 {
			return ""
		}
		return figure(ledger.Amount(n))
	}
	for _, l := range s.Postings {
		rows = append(rows, []string{fmt.Sprint(l.Account), l.Part, side(l.Debit), side(l.Credit), figure(ledger.Amount(l.Balance))})
		debit, credit = debit+l.Debit, credit+l.Credit
	}
	if len(rows) > 1 {
		rows = append(rows, []string{"", "sum", figure(ledger.Amount(debit)), figure(ledger.Amount(credit)), ""})
	}
	p.table("postings", rows)
}

// notices are who was told, and when the telling was acknowledged.
func (p *page) notices(s *server.Sheet) {
	rows := [][]string{{"for", "made at", ">lane", ">number", "consumer", "acknowledged"}}
	for _, n := range s.Notices {
		if len(n.By) == 0 {
			rows = append(rows, []string{n.Side + ": " + party(n.Account, n.To), n.Made, fmt.Sprint(n.Lane), fmt.Sprint(n.Seq), "", "nobody reads notices"})
		}
		for _, h := range n.By {
			rows = append(rows, []string{n.Side + ": " + party(n.Account, n.To), n.Made, fmt.Sprint(n.Lane), fmt.Sprint(n.Seq), h.Consumer, heard(&h)})
		}
	}
	p.table("notices", rows)
}

// heard is how a consumer stands to a notice, in words.
func heard(h *server.SheetHear) string {
	owner := ""
	if h.Owner != "" {
		owner = ", by " + h.Owner
	}
	switch {
	case h.At != "":
		return fmt.Sprintf("%s, %s later%s (entry %s)", h.At, time.Duration(h.After)*time.Millisecond, owner, h.Place)
	case h.Lost:
		return "not known: " + h.Unknown
	case h.Acked:
		return "yes; when is not known: " + h.Unknown
	case h.Aside && h.Owner != "":
		return "no: " + h.Owner + " left it open and went on"
	case h.Aside:
		return "no: it was left open"
	case h.Owner != "":
		return "not yet: the lane is " + h.Owner + "'s"
	}
	return "not yet: nobody owns the lane"
}
