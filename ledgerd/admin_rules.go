package main

import (
	"context"
	"strconv"
	"strings"
	"time"

	"mlango/ledgerd/ledger"
	"mlango/ledgerd/server"
)

// versioned is when a table of rules holds, and that nobody changed it meanwhile.
type versioned struct {
	After *uint32 `placeholder:"VERSION" help:"The version you looked at, 0 for none: if there is a later one it is refused. Left away, whatever is last."`
	From  string  `placeholder:"TIME" help:"From when on, as 2026-12-01T00:00:00+03:00; left away, at once."`
}

// get is the version to come, zero for any, and the instant.
func (v versioned) get() (version uint32, from int64, err error) {
	if v.After != nil {
		version = *v.After + 1
	}
	from, err = instantOf("--from", v.From)
	return version, from, err
}

// instantOf reads an instant of the command line; none is zero.
func instantOf(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, usage("%s: write it as 2026-12-01T00:00:00+03:00", flag)
	}
	return t.UnixMilli(), nil
}

// tariffCmd sets the fees of one kind; it takes two people, as all of them in a file do.
type tariffCmd struct {
	Kind      string `arg:"" enum:"send,airtime,deposit,withdraw,paybill,till,payout" help:"send, airtime, deposit, withdraw, paybill, till or payout."`
	Bands     string `arg:"" help:"UPTO:FEE[:TAX[:COMMISSION]],… in minor units, rising: 10000:0,50000:700:105. The tax is part of the fee."`
	versioned `embed:""`
}

// Run sets them.
func (c *tariffCmd) Run(ctx context.Context, w *world, all *commands) error {
	cmd := ledger.SetTariff{Kind: kindOf(c.Kind)}
	var err error
	if cmd.Version, cmd.From, err = c.get(); err != nil {
		return err
	}
	for _, text := range strings.Split(c.Bands, ",") {
		band, ok := bandOf(text)
		if !ok {
			return usage("%q is not UPTO:FEE[:TAX[:COMMISSION]] in minor units", text)
		}
		cmd.Bands = append(cmd.Bands, band)
	}
	return all.Admin.book(ctx, w, cmd)
}

// bandOf reads one step.
func bandOf(text string) (b ledger.Band, ok bool) {
	parts := strings.Split(text, ":")
	into := []*ledger.Amount{&b.Upto, &b.Fee, &b.Tax, &b.Commission}
	if len(parts) < 2 || len(parts) > len(into) {
		return b, false
	}
	for i, part := range parts {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return b, false
		}
		*into[i] = ledger.Amount(n)
	}
	return b, true
}

// kindOf is a kind by its word, which the command line has checked.
func kindOf(word string) ledger.Kind {
	k, _ := server.ParseKind(word)
	return k
}

// limitsCmd sets the limits of one kind, with two people, or shows those there are.
type limitsCmd struct {
	Kind         string `arg:"" optional:"" help:"send, airtime, deposit, withdraw, paybill, till or payout. Without figures its limits are shown, and those of all kinds without a kind."`
	Tier         uint8  `placeholder:"TIER" help:"Set those of accounts of this tier, 0 to 7; a tier without its own has those of 0."`
	Min          int64  `placeholder:"AMOUNT" help:"Least of one transfer, in minor units: 10000 is 100.00. All are set at once: what is left away is no limit."`
	Max          int64  `placeholder:"AMOUNT" help:"Most of one transfer."`
	PayerDaily   int64  `placeholder:"AMOUNT" help:"Most a payer may send in a day."`
	PayeeDaily   int64  `placeholder:"AMOUNT" help:"Most a payee may get in a day."`
	PayeeBalance int64  `placeholder:"AMOUNT" help:"What a payee's balance may reach."`
	None         bool   `help:"Set that there is no limit at all."`
	versioned    `embed:""`
	rulesFlag    `embed:""`
}

// sets tells whether limits are to be set, not shown.
func (c *limitsCmd) sets() bool {
	return c.Min != 0 || c.Max != 0 || c.PayerDaily != 0 || c.PayeeDaily != 0 || c.PayeeBalance != 0 || c.None
}

// show prints the limits there are.
func (c *limitsCmd) show(ctx context.Context, w *world, all *commands) error {
	if c.After != nil || c.From != "" {
		return usage("say which limits, as --max 25000000, or --none to have none")
	}
	sheet, err := c.find(ctx, &all.Admin.nodeFlag)
	if err != nil {
		return err
	}
	sheet.Tariffs = []server.TariffSheet{}
	list := []server.LimitSheet{}
	for _, l := range sheet.Limits {
		if c.Kind == "" || l.Kind == c.Kind {
			list = append(list, l)
		}
	}
	if sheet.Limits = list; c.JSON {
		return printJSON(w.out, sheet)
	}
	return c.sayLimits(w.out, sheet)
}

// Run sets or shows them.
func (c *limitsCmd) Run(ctx context.Context, w *world, all *commands) error {
	if err := kindNamed(c.Kind); err != nil {
		return err
	}
	switch {
	case !c.sets():
		return c.show(ctx, w, all)
	case c.Kind == "":
		return usage("say the limits of which kind of transfer: send, airtime, deposit, withdraw, paybill, till or payout")
	case c.None && (c.Min|c.Max|c.PayerDaily|c.PayeeDaily|c.PayeeBalance) != 0:
		return usage("--none does not go with figures")
	case c.Data != "":
		return usage("limits are set on a running node: say --config or --node")
	}
	version, from, err := c.get()
	if err != nil {
		return err
	}
	return all.Admin.book(ctx, w, ledger.SetLimits{Kind: kindOf(c.Kind), Tier: ledger.Tier(c.Tier), Version: version, From: from,
		Min: ledger.Amount(c.Min), Max: ledger.Amount(c.Max), PayerDaily: ledger.Amount(c.PayerDaily),
		PayeeDaily: ledger.Amount(c.PayeeDaily), PayeeBalance: ledger.Amount(c.PayeeBalance)})
}
