// Package report is what a run leaves behind: its figures as report.json, the page
// that people read, and two runs held against each other. But for reading and writing
// its two files it is pure: figures in, texts out; who measures is load.
package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Report is report.json of a run; times in ms, money in minor units.
type Report struct {
	Schema      int         `json:"schema"`
	Verdict     string      `json:"verdict"` // pass, gate, oracle, invalid
	Partial     bool        `json:"partial"`
	Seed        uint64      `json:"seed"`
	Profile     string      `json:"profile"`
	Asked       Asked       `json:"asked"`
	StartedAt   time.Time   `json:"started_at"`
	DurationMS  int64       `json:"duration_ms"`
	Environment Environment `json:"environment"`
	Generator   Generator   `json:"generator"`
	Sessions    Sessions    `json:"sessions"`
	Payments    Payments    `json:"payments"`
	SMS         SMSReport   `json:"sms"`
	Screens     Screens     `json:"screens"`
	Oracle      Oracle      `json:"oracle"`
	Faults      []Harm      `json:"faults"`
	Gates       []Gate      `json:"gates"`

	Retries   *Retries      `json:"retries,omitempty"`
	Approvals *Approvals    `json:"approvals,omitempty"` // of requests that people did not dial for; beside the sessions
	Capacity  *Capacity     `json:"capacity,omitempty"`
	Command   string        `json:"command,omitempty"` // that repeats the run
	Folder    string        `json:"folder,omitempty"`  // in which it is kept
	Turned    []RateChange  `json:"rate_changes,omitempty"`
	ByScreen  []ScreenTimes `json:"by_screen,omitempty"`
	Funnels   []Funnel      `json:"funnels,omitempty"`
	Worst     []Transcript  `json:"worst_sessions,omitempty"`
	Series    *Series       `json:"series,omitempty"`
}

// Gate is a figure the run must hold, as screens.p99_ms < 50.
type Gate struct {
	Expr string `json:"expr"`
	Held bool   `json:"held"`
}

// Harm is a fault as it happened.
type Harm struct {
	Kind   string    `json:"kind"`
	Target string    `json:"target,omitempty"`
	N      int       `json:"n,omitempty"`
	MS     int64     `json:"delay_ms,omitempty"`
	FromMS int64     `json:"from_ms"` // after the run's begin
	ToMS   int64     `json:"to_ms"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Error  string    `json:"error,omitempty"` // why it did not happen as it was meant
}

// Asked is what the run was asked for.
type Asked struct {
	Users      int     `json:"users"`
	Rate       float64 `json:"rate"` // payments a second, the mean
	Speed      float64 `json:"speed"`
	DurationMS int64   `json:"duration_ms"` // of arrivals
	WarmupMS   int64   `json:"warmup_ms"`   // of them, not in rates and latencies

	Left []string `json:"goals_left_out,omitempty"` // that the profile knows and the menu does not offer
}

// Environment says on what the run was made.
type Environment struct {
	Commit    string  `json:"commit"`
	Bundle    string  `json:"bundle"`
	Cores     int     `json:"cores"`
	Go        string  `json:"go"`
	Redis     string  `json:"redis"`
	FdataSync float64 `json:"fdatasync_per_second"`
}

// Generator says whether the run proves anything about the system at all.
type Generator struct {
	Valid     bool    `json:"valid"`
	LateP99MS float64 `json:"late_p99_ms"`
	Skipped   int     `json:"skipped"` // dials nobody was free to make
	CPUShare  float64 `json:"cpu_share"`
}

// Sessions counts dials: offered = started + refused + skipped, started =
// completed + abandoned + failed.
type Sessions struct {
	Offered     int     `json:"offered"`
	Started     int     `json:"started"`
	Completed   int     `json:"completed"`
	Abandoned   int     `json:"abandoned"`
	Refused     int     `json:"refused"`
	Failed      int     `json:"failed"`
	AliveAtPeak int     `json:"alive_at_peak"`
	Unexpected  int     `json:"unexpected"` // ended by a screen that the file of a service's keys does not expect
	MedianMS    float64 `json:"median_ms"`
}

// Payments counts wishes: placed = committed + rejected + not_made + unresolved.
type Payments struct {
	Placed     int     `json:"placed"`
	Committed  int     `json:"committed"`
	Rejected   int     `json:"rejected"`
	NotMade    int     `json:"not_made"`
	Unresolved int     `json:"unresolved"`
	Refused    int     `json:"refused"` // a refusal screen after the last key
	PerSecond  float64 `json:"per_second"`

	ToldNo map[string]int `json:"told_no,omitempty"` // sessions for a payment that heard no – before the last key, after it, or later – by the ledger's word for why
}

// No is how many payments were told no to, and why: so many reasons, the commonest first.
// It is empty when none was.
func (p *Payments) No(most int) string {
	whys := slices.SortedFunc(maps.Keys(p.ToldNo), func(a, b string) int { return cmp.Or(cmp.Compare(p.ToldNo[b], p.ToldNo[a]), cmp.Compare(a, b)) })
	all, said := 0, make([]string, 0, len(whys))
	for _, why := range whys {
		if all += p.ToldNo[why]; len(said) < most {
			said = append(said, fmt.Sprintf("%d %s", p.ToldNo[why], strings.ReplaceAll(why, "_", " ")))
		}
	}
	switch {
	case all == 0:
		return ""
	case len(whys) == 1:
		return said[0]
	case len(whys) > most:
		said[0] = fmt.Sprintf("%d, most of them %s", all, strings.TrimLeft(said[0], "0123456789 "))
		return strings.Join(said, ", ")
	}
	return fmt.Sprintf("%d: %s", all, strings.Join(said, ", "))
}

// SMSReport counts texts, equal duplicates apart.
type SMSReport struct {
	Expected      int     `json:"expected"`
	Received      int     `json:"received"`
	Missing       int     `json:"missing"`
	Duplicate     int     `json:"duplicate"`
	Contradicting int     `json:"contradicting"`
	P50MS         float64 `json:"p50_ms"`
	P99MS         float64 `json:"p99_ms"`
}

// Screens are times from the instant a key was due; uncorrected_p99_ms counts
// from the instant it was really sent.
type Screens struct {
	Count            int     `json:"count"`
	PerSecond        float64 `json:"per_second"`
	P50MS            float64 `json:"p50_ms"`
	P99MS            float64 `json:"p99_ms"`
	P999MS           float64 `json:"p999_ms"`
	MaxMS            float64 `json:"max_ms"`
	UncorrectedP99MS float64 `json:"uncorrected_p99_ms"`
}

// Oracle is the audit of every shilling and every SMS.
type Oracle struct {
	Scope          string   `json:"scope"` // ledger+sms, sms, none
	Anomalies      int      `json:"anomalies"`
	MoneyConserved bool     `json:"money_conserved"`
	Doubled        int      `json:"doubled"`
	Lost           int      `json:"lost"`
	UnbackedSMS    int      `json:"unbacked_sms"`
	Entries        uint64   `json:"entries"`           // of the journal, read and booked
	Notices        int      `json:"notices_compared"`  // what the running ledger tells of each transfer
	ListenedMS     int64    `json:"listened_ms"`       // after the last payment, notice or SMS
	Accounts       int      `json:"accounts_compared"` // with what the running ledger says they have
	AccountsKnown  int      `json:"accounts_known"`    // of so many: the house's, then those that moved
	Findings       []string `json:"findings"`          // the earliest, at most load.MaxFindings
	Untold         int      `json:"findings_left_out"`
	Told           int      `json:"payments_told,omitempty"`      // of scope sms: by last screens; each owes its SMS
	Unread         int      `json:"sms_unread,omitempty"`         // of scope sms: that say nothing the audit can read
	HorizonMS      int64    `json:"horizon_ms,omitempty"`         // after its end a session is held against what still comes for so long
	Forgotten      int      `json:"sessions_forgotten,omitempty"` // judged and counted before the run's end: what came of them later is found as nobody's
	Unjudged       int      `json:"reversals_unjudged,omitempty"` // of transfers before the horizon, booked as the ledger says
}

// ExitCode is the run's exit code: oracle before an interruption before an
// invalid generator before a gate.
func (r *Report) ExitCode() int {
	switch {
	case r.Verdict == "oracle":
		return 3
	case r.Partial:
		return 130
	case r.Verdict == "invalid":
		return 4
	case r.Verdict == "gate":
		return 1
	}
	return 0
}

// Judge settles the verdict.
func (r *Report) Judge() {
	r.Verdict = "pass"
	for _, g := range r.Gates {
		if !g.Held {
			r.Verdict = "gate"
		}
	}
	if !r.Generator.Valid || len(r.undone()) > 0 {
		r.Verdict = "invalid"
	}
	if r.Oracle.Anomalies > 0 {
		r.Verdict = "oracle"
	}
}

// verdictSays is the sentence a verdict begins the summary with.
var verdictSays = map[string]string{
	"pass":    "PASS: every shilling and every SMS is accounted for",
	"gate":    "GATE NOT HELD: the money is right, a figure is not",
	"oracle":  "MONEY OR SMS WRONG: the audit found anomalies",
	"invalid": "INVALID: the generator was late, nobody could pay, or a fault did not happen: the run proves nothing",
}

// balances is how many of the ledger's balances were compared, of how many.
func (o *Oracle) balances() string {
	if o.AccountsKnown <= o.Accounts {
		return many(o.Accounts, "balance", "balances")
	}
	return whole(o.Accounts) + " of " + many(o.AccountsKnown, "balance", "balances")
}

// says is what the oracle looked at and what it found.
func (o *Oracle) says() string {
	if o.Scope == "none" {
		return "screens only: there was no journal to read, and no SMS that could be judged"
	}
	if o.Scope == "sms" {
		s := fmt.Sprintf("screens and SMS, no journal: %d payments told on last screens, and the SMS of each held against them; %d other SMS not judged; ", o.Told, o.Unread)
		if o.Anomalies == 0 {
			return s + "nothing is wrong"
		}
		return s + fmt.Sprintf("%d anomalies", o.Anomalies)
	}
	s := fmt.Sprintf("%s: %d entries booked, %d notices and %s of the ledger compared, listened for %s after the last event; ", o.Scope, o.Entries, o.Notices, o.balances(), lasting(o.ListenedMS))
	if o.Anomalies == 0 {
		s += "nothing is wrong"
	} else {
		s += fmt.Sprintf("%d anomalies", o.Anomalies)
	}
	if o.Anomalies > 0 {
		s += fmt.Sprintf(", %d payments doubled, %d lost, %d SMS without a transfer", o.Doubled, o.Lost, o.UnbackedSMS)
	}
	if !o.MoneyConserved {
		s += "; MONEY IS NOT CONSERVED"
	}
	if o.Forgotten > 0 {
		s += fmt.Sprintf("; %d sessions were judged %s after their end: a second payment or SMS of theirs that came later is found as nobody's", o.Forgotten, lasting(o.HorizonMS))
	}
	if o.Unjudged > 0 {
		s += fmt.Sprintf("; %d reversals of transfers before that were booked as the ledger says", o.Unjudged)
	}
	return s
}

// Summary prints what a person reads after a run.
func (r *Report) Summary(w io.Writer) {
	p := func(format string, args ...any) { fmt.Fprintln(w, hung(fmt.Sprintf(format, args...))) }
	head, audited, wished := verdictSays[r.Verdict], !r.blind(), r.wish()
	if !audited {
		switch r.Verdict {
		case "pass":
			head = "PASS, but no ledger and no SMS were audited"
		case "gate":
			head = "GATE NOT HELD; no ledger and no SMS were audited"
		}
	}
	if r.Oracle.Scope == "sms" {
		switch wished = "sessions"; r.Verdict {
		case "pass":
			head = "PASS: the SMS of every payment that a screen told of; no ledger was audited"
		case "gate":
			head = "GATE NOT HELD; the SMS are right, and no ledger was audited"
		case "oracle":
			head = "SMS WRONG: the audit found anomalies; no ledger was audited"
		}
	}
	if r.Verdict == "invalid" {
		head = "INVALID, the run proves nothing: " + r.whyInvalid()
	}
	if r.Partial {
		head += " (partial: stopped by hand)"
	}
	p("%s", head)
	p("")
	p("  run       %s, seed %d: %d people, %g %s/s wished for %s at speed %g; over after %.0f s",
		r.Profile, r.Seed, r.Asked.Users, r.Asked.Rate, wished, time.Duration(r.Asked.DurationMS)*time.Millisecond, r.Asked.Speed, float64(r.DurationMS)/1000)
	if audited {
		r.accounted(p)
	}
	if no := r.Payments.No(len(r.Payments.ToldNo)); no != "" {
		p("  told no   %s", no)
	}
	p("  screens   %d, %.0f/s; from the due instant p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, max %.0f ms (uncorrected p99 %.1f ms)",
		r.Screens.Count, r.Screens.PerSecond, r.Screens.P50MS, r.Screens.P99MS, r.Screens.P999MS, r.Screens.MaxMS, r.Screens.UncorrectedP99MS)
	p("  sessions  %d offered: %d completed, %d abandoned, %d failed, %d refused, %d skipped; %d alive at the peak, median %.1f s",
		r.Sessions.Offered, r.Sessions.Completed, r.Sessions.Abandoned, r.Sessions.Failed, r.Sessions.Refused, r.Generator.Skipped, r.Sessions.AliveAtPeak, r.Sessions.MedianMS/1000)
	if r.Sessions.Unexpected > 0 {
		p("  screens   %d sessions ended by one that the keys' file does not expect", r.Sessions.Unexpected)
	}
	if t := r.Retries; t != nil && t.Redials > 0 {
		p("  retries   %d dialled again, %d of them to look first; second payments: %d prevented, %d made", t.Redials, t.Looked, t.Prevented, t.Made)
	}
	if a := r.Approvals; a != nil && a.Asked > 0 {
		p("  approvals %s", a.line())
	}
	if c := r.Capacity; c != nil {
		p("  capacity  %s", c.line())
	}
	for i := range r.Faults {
		p("  fault     %s", r.Faults[i].line())
	}
	p("  oracle    %s", r.Oracle.says())
	p("  generator late p99 %.1f ms, %.0f %% of one core; fdatasync %.0f/s; redis %s",
		r.Generator.LateP99MS, r.Generator.CPUShare*100, r.Environment.FdataSync, cmp.Or(r.Environment.Redis, "none"))
	for _, g := range r.Gates {
		p("  gate      %-32s %s", g.Expr, map[bool]string{true: "held", false: "NOT HELD"}[g.Held])
	}
	for _, f := range r.Oracle.Findings {
		p("  finding   %s", f)
	}
	if r.Oracle.Untold > 0 {
		p("  finding   … and %d anomalies more", r.Oracle.Untold)
	}
}

// accounted prints what the audit looked at.
func (r *Report) accounted(p func(format string, args ...any)) {
	if r.Oracle.Scope == "sms" {
		p("  payments  %d told by last screens; what the ledger made of them nobody knows", r.Oracle.Told)
		p("  sms       %d expected, %d received, %d missing, %d duplicate, %d contradicting; after the last key p50 %.0f ms, p99 %.0f ms",
			r.SMS.Expected, r.SMS.Received, r.SMS.Missing, r.SMS.Duplicate, r.SMS.Contradicting, r.SMS.P50MS, r.SMS.P99MS)
		return
	}
	p("  payments  %d placed: %d committed, %d rejected, %d not made, %d unresolved; %d refused on the screen; %.1f committed/s",
		r.Payments.Placed, r.Payments.Committed, r.Payments.Rejected, r.Payments.NotMade, r.Payments.Unresolved, r.Payments.Refused, r.Payments.PerSecond)
	p("  sms       %d expected, %d received, %d missing, %d duplicate, %d contradicting; after the commit p50 %.0f ms, p99 %.0f ms",
		r.SMS.Expected, r.SMS.Received, r.SMS.Missing, r.SMS.Duplicate, r.SMS.Contradicting, r.SMS.P50MS, r.SMS.P99MS)
}
