package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"mlango/ledgerd/ledger"
	"mlango/simulator/stack"
)

// box prints everything somebody needs to begin, once.
func (d *demo) box() {
	page, p := d.page.Addr().String(), d.stack.Ports()
	data := d.stack.Data() + " (removed at the end; keep one with --data DIR)"
	if d.cmd.Data != "" {
		data = d.stack.Data()
	}
	lines := []string{
		"", "Phones         http://" + page + "   PIN of all: " + stack.PIN, "",
	}
	lines = append(lines, peopleLines()...)
	lines = append(lines,
		"",
		"HTTP edge      http://"+p.HTTP+"/ussd/"+demoSandbox+" (as Africa's Talking posts)",
		"SMPP           "+d.smpp.Addr().String()+" (the operator; the gateway is bound to it)",
		"Metrics        http://"+p.GatewayAdmin+"/metrics   http://"+p.LedgerAdmin+"/metrics",
		"Ledger         "+p.Ledger,
		"A till asks    http://"+p.Partners+"/approvals/"+stack.Partner+", signed with "+d.stack.PartnerKey()+": gateway/APPROVALS.md",
		"Counters dial  "+counterLine(),
		"To pay at      "+placeLine(),
		"Data           "+data,
		"Menu           "+d.conf.Menu+" (a save runs at once)",
		"From afar      ssh -L "+port(page)+":"+page+" THIS-HOST",
		"",
		"Dial           "+dialLine(page),
		"",
		"Not for production: the PIN is public. Ctrl-C stops everything.", "",
	)
	frame(d.w.out, bold(d.w, "Mlango demo"), len("Mlango demo"), lines)
}

// peopleLines lists the people in two columns.
func peopleLines() []string {
	people := stack.People()
	half := (len(people) + 1) / 2
	lines := make([]string, half)
	for i := range half {
		lines[i] = fmt.Sprintf("%-36s", personLine(people[i]))
		if j := half + i; j < len(people) {
			lines[i] += "  " + personLine(people[j])
		}
	}
	return lines
}

// placeLine are the numbers on the signs: what to type where the menu asks for an
// agent, a business or a till.
func placeLine() string {
	words := []struct {
		kind ledger.AccountKind
		word string
	}{{ledger.AccountAgent, "agent"}, {ledger.AccountPaybill, "business"}, {ledger.AccountTill, "till"}}
	var out []string
	for _, w := range words {
		places := stack.Places()
		if i := slices.IndexFunc(places, func(u stack.User) bool { return u.Kind == w.kind }); i >= 0 {
			out = append(out, fmt.Sprintf("%s %d %s", w.word, places[i].Account, places[i].Name))
		}
	}
	return strings.Join(out, ", ")
}

// counterLine are the handsets of one agent and one till.
func counterLine() string {
	agent, till := stack.Counters()
	return fmt.Sprintf("%s %s (agent), %s %s (till)", agent.MSISDN, agent.Name, till.MSISDN, till.Name)
}

func personLine(u stack.User) string {
	line := u.MSISDN + " " + u.Name
	if n := note(u); n != "" {
		line += " (" + n + ")"
	}
	return line
}

// note says what is special about somebody.
func note(u stack.User) string {
	switch {
	case strings.HasPrefix(u.Sign, "1"):
		return "agent " + u.Sign
	case strings.HasPrefix(u.Sign, "5"):
		return "till " + u.Sign
	case u.Locked:
		return "PIN locked"
	case u.Balance == 0:
		return "empty"
	case u.Language != "en":
		return "Swahili"
	}
	return ""
}

// dialLine is a command to paste into another terminal.
func dialLine(page string) string {
	line := "go run ./simulator dial '*334#'"
	if page != defaultOperator {
		line += " --operator http://" + page
	}
	return line
}

// frame draws a box around lines; title is wide columns on the screen.
func frame(w io.Writer, title string, wide int, lines []string) {
	width := wide + 4
	for _, l := range lines {
		width = max(width, utf8.RuneCountInString(l))
	}
	fmt.Fprintf(w, "┌─ %s %s┐\n", title, strings.Repeat("─", width-wide-1))
	for _, l := range lines {
		fmt.Fprintf(w, "│ %s%s │\n", l, strings.Repeat(" ", width-utf8.RuneCountInString(l)))
	}
	fmt.Fprintf(w, "└%s┘\n", strings.Repeat("─", width+2))
}

// bold makes a title stand out on a terminal, unless NO_COLOR says no.
func bold(w *world, s string) string {
	f, ok := w.out.(*os.File)
	if !ok || !isTerminal(f) || w.env("NO_COLOR") != "" {
		return s
	}
	return "\x1b[1m" + s + "\x1b[0m"
}

func port(addr string) string {
	_, p, _ := net.SplitHostPort(addr)
	return p
}
