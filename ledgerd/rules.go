package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// rulesFlag says where rules are looked up, and how they are printed.
type rulesFlag struct {
	Data string `placeholder:"DIR" help:"Show those of a stopped node's data folder, instead of a running node's."`
	All  bool   `help:"Show former versions too, as far as they are kept: 64 of each; all are in the journal."`
	JSON bool   `name:"json" help:"For programs: all versions, amounts in minor units."`
}

// rulesOf asks a node for its rules.
func rulesOf(ctx context.Context, client *ledgerclient.Client) (*server.RuleSheet, error) {
	b, err := client.Rules(ctx)
	if err != nil {
		return nil, explain(err)
	}
	sheet := &server.RuleSheet{}
	return sheet, json.Unmarshal(b, sheet)
}

// find looks the rules up.
func (f *rulesFlag) find(ctx context.Context, node *nodeFlag) (sheet *server.RuleSheet, err error) {
	if (f.Data != "") == node.named() {
		return nil, usage("say where to look: --config FILE or --node ADDR of a running node, or --data DIR of a stopped one")
	}
	if f.Data != "" {
		err = look(f.Data, func(at *folder, v *server.Looked) error {
			sheet = server.NewRuleSheet(v.Book, max(v.At, time.Now().UnixMilli()), int(at.zone))
			return nil
		})
		return sheet, err
	}
	client, err := node.dial()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return rulesOf(ctx, client)
}

// shown tells whether a version is printed without --all.
func (f *rulesFlag) shown(v *server.RuleVersion) bool {
	return f.All || v.State == server.InForce || v.State == server.ToCome
}

// tariffsCmd shows fees.
type tariffsCmd struct {
	Kind      string `arg:"" optional:"" help:"Of this kind of transfer only: send, airtime, …"`
	rulesFlag `embed:""`
}

// Run prints the tariffs.
func (c *tariffsCmd) Run(ctx context.Context, w *world, all *commands) error {
	if err := kindNamed(c.Kind); err != nil {
		return err
	}
	sheet, err := c.find(ctx, &all.Admin.nodeFlag)
	if err != nil {
		return err
	}
	sheet.Limits = []server.LimitSheet{}
	if c.Kind != "" {
		var some []server.TariffSheet
		for _, t := range sheet.Tariffs {
			if t.Kind == c.Kind {
				some = append(some, t)
			}
		}
		sheet.Tariffs = append([]server.TariffSheet{}, some...)
	}
	if c.JSON {
		return printJSON(w.out, sheet)
	}
	return c.say(w.out, sheet)
}

// kindNamed refuses what is no kind of transfer.
func kindNamed(word string) error {
	if _, known := server.ParseKind(word); word != "" && !known {
		return usage("there is no kind of transfer called %q: it is send, airtime, deposit, withdraw, paybill, till or payout", word)
	}
	return nil
}

// say prints each tariff as a table of its bands.
func (c *tariffsCmd) say(out io.Writer, sheet *server.RuleSheet) error {
	p := &page{out: out}
	p.say("tariffs as of %s; a kind without one in force costs nothing\n", sheet.At)
	for i := range sheet.Tariffs {
		t := &sheet.Tariffs[i]
		for k := range t.Versions {
			v := &t.Versions[k]
			if !c.shown(&v.RuleVersion) {
				continue
			}
			p.say("\n%s, version %d: %s\n", t.Kind, v.Version, standing(&v.RuleVersion))
			rows := [][]string{{">above", ">up to", ">fee", ">of it tax", ">agent gets"}}
			above := int64(0)
			for n, b := range v.Bands {
				upto := figure(ledger.Amount(b.Upto))
				if n == len(v.Bands)-1 {
					upto += " and more"
				}
				rows = append(rows, []string{figure(ledger.Amount(above)), upto, figure(ledger.Amount(b.Fee)), some(b.Tax), some(b.Commission)})
				above = b.Upto
			}
			if len(v.Bands) == 0 {
				p.say("  nothing costs anything\n")
				continue
			}
			p.rows(rows)
		}
	}
	return p.err
}

// standing is how a version stands: since when, until when, who said it where.
func standing(v *server.RuleVersion) string {
	words := []string{v.State}
	switch v.State {
	case server.InForce:
		words = append(words, "since "+v.From)
	case server.ToCome, server.NeverHeld:
		words = append(words, "was to hold from "+v.From)
		if v.State == server.ToCome {
			words[1] = "from " + v.From
		}
	default:
		words = append(words, "from "+v.From)
	}
	if v.Until != "" && v.State != server.NeverHeld {
		words = append(words, "until "+v.Until)
	}
	return fmt.Sprintf("%s\n  set %s by %s, entry %s", strings.Join(words, ", "), v.Set, by(v), v.Place)
}

// by is who stands behind a version.
func by(v *server.RuleVersion) string {
	switch len(v.Approved) {
	case 0:
		return "nobody who is known: the node had no certificates"
	case 1:
		return v.Approved[0] + " alone"
	}
	return strings.Join(v.Approved, " and ")
}

// some is an amount, or a dash for none.
func some(n int64) string {
	if n == 0 {
		return "–"
	}
	return figure(ledger.Amount(n))
}

// sayLimits prints the limits: a table of those in force, then what else there is.
func (f *rulesFlag) sayLimits(out io.Writer, sheet *server.RuleSheet) error {
	p := &page{out: out}
	p.say("limits as of %s, of accounts of each tier; a tier without its own has those of tier 0, – is no limit\n\n", sheet.At)
	rows := [][]string{{"kind", ">tier", ">version", "state", ">least", ">most", ">payer a day", ">payee a day", ">payee has", "from", "until", "set", "by", "entry"}}
	for i := range sheet.Limits {
		l := &sheet.Limits[i]
		for k := range l.Versions {
			v := &l.Versions[k]
			if !f.shown(&v.RuleVersion) {
				continue
			}
			who := strings.Join(v.Approved, " and ")
			least := some(v.Min)
			if v.AsFirst {
				least = "as tier 0"
			}
			rows = append(rows, []string{l.Kind, fmt.Sprint(l.Tier), fmt.Sprint(v.Version), v.State, least, some(v.Max), some(v.PayerDaily),
				some(v.PayeeDaily), some(v.PayeeBalance), v.From, v.Until, v.Set, who, v.Place})
		}
	}
	if len(rows) == 1 {
		p.say("  there are none\n")
	} else {
		p.rows(rows)
	}
	p.say("\nan equal payment within %s looks repeated\n", time.Duration(sheet.Repeat)*time.Millisecond)
	return p.err
}
