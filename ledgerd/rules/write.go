package rules

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"mlango/ledgerd/ledger"
)

// tableHead begins a file that is written.
const tableHead = `# Tariffs and limits, all of them. Amounts are in whole units, or with cents as 7.50;
# a band goes up to its amount and with it. "free" costs nothing, "none" is no limit.
#   ledgerd admin rules diff FILE       what would change
#   ledgerd admin rules publish FILE    journal it, together
`

// Write writes a set as a file that Parse reads.
func (s *Set) Write(to io.Writer) error {
	w := bufio.NewWriter(to)
	for _, note := range s.Notes {
		fmt.Fprintf(w, "# %s\n", note)
	}
	fmt.Fprint(w, tableHead)
	if s.After != nil {
		fmt.Fprintf(w, "after: %d    # the version that this is written on; publish refuses it when there is a later one\n", *s.After)
	}
	fmt.Fprint(w, "\ntariffs:\n")
	for _, k := range tableKinds {
		if len(s.Fees[k.Kind]) == 0 {
			fmt.Fprintf(w, "  %s: free\n", k.Word)
			continue
		}
		fmt.Fprintf(w, "  %s:\n", k.Word)
		for _, b := range s.Fees[k.Kind] {
			fmt.Fprintf(w, "    - {%s}\n", fields("upto", b.Upto, "fee", b.Fee, "tax", b.Tax, "agent", b.Commission))
		}
	}
	fmt.Fprint(w, "\nlimits:\n")
	for _, k := range tableKinds {
		s.writeLimits(w, k)
	}
	return w.Flush()
}

func (s *Set) writeLimits(w io.Writer, k Kind) {
	first, more := s.Limits[k.Kind][0], []ledger.Tier{}
	for tier := range s.Limits[k.Kind] {
		if tier > 0 {
			more = append(more, tier)
		}
	}
	slices.Sort(more)
	if limitFields(&first) == "" && len(more) == 0 {
		fmt.Fprintf(w, "  %s: none\n", k.Word)
		return
	}
	fmt.Fprintf(w, "  %s:\n", k.Word)
	for _, line := range strings.Split(limitFields(&first), ", ") {
		if line != "" {
			fmt.Fprintf(w, "    %s\n", line)
		}
	}
	if len(more) > 0 {
		fmt.Fprint(w, "    tiers:\n")
	}
	for _, tier := range more {
		l := s.Limits[k.Kind][tier]
		fmt.Fprintf(w, "      %d: {%s}\n", tier, limitFields(&l))
	}
}

func limitFields(l *ledger.SetLimits) string {
	return fields("least", l.Min, "most", l.Max, "payer_day", l.PayerDaily, "payee_day", l.PayeeDaily, "payee_has", l.PayeeBalance)
}

// fields are `name: amount` of those that are not zero; a fee always stands.
func fields(pairs ...any) string {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		if a := pairs[i+1].(ledger.Amount); a != 0 || pairs[i] == "fee" {
			list = append(list, fmt.Sprintf("%s: %s", pairs[i], plain(amount(a))))
		}
	}
	return strings.Join(list, ", ")
}
