package load

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"mlango/internal/conf"
	"mlango/simulator/operator"
)

// Fault is one thing that goes wrong on the timeline of a run.
type Fault struct {
	Where   string        // it is written: file:line:col
	At      time.Duration // after the run's begin; in real time, as all protocol timers are
	Part    float64       // in place of At: of the time in which people begin to dial
	For     time.Duration // zero: to the end of the arrivals
	ForPart float64       // in place of For, as Part
	Kind    string
	Target  string        // of what befalls a program
	N       int           // of what has a number
	Delay   time.Duration // of what is late
}

// faultKind is what a fault of a kind needs and does.
type faultKind struct {
	says    string
	targets []string // it befalls one of these programs
	number  string   // what n is; empty: it has none
	delay   bool
	moment  bool // it has no duration
	network func(f *operator.Faults, n int, d time.Duration)
	most    int           // n is at most [any]
	longest time.Duration // delay is at most [MaxDelay]
	link    bool          // it befalls SMPP links: over HTTP there is nothing like it
	ussd    bool          // it befalls those of the USSD centre
}

// Programs that faults know.
const (
	targetLedger  = "ledgerd"
	targetGateway = "gateway"
	targetRedis   = "redis"
)

var (
	tablePrograms = []string{targetLedger, targetGateway, targetRedis}

	// tableFaults are the kinds of faults.
	tableFaults = map[string]faultKind{
		"kill":  {says: "SIGKILL; it is started again after for", targets: tablePrograms},
		"stop":  {says: "SIGSTOP; it goes on after for", targets: tablePrograms},
		"slow":  {says: "it stands still n of every hundred milliseconds", targets: tablePrograms, number: "the share of the time in which it stands still, 1 to 95"},
		"flush": {says: "Redis forgets the run's database", targets: []string{targetRedis}, moment: true},

		"throttle":         {says: "the SMSC takes n SMS a second; USSD screens pass", number: "SMS a second", network: func(f *operator.Faults, n int, _ time.Duration) { f.Throttle = n }},
		"throttle_all":     {ussd: true, says: "USSD centre and SMSC are one that takes n submit_sm a second, screens too", number: "submit_sm a second", network: throttleAll},
		"busy":             {says: "one of n SMS is answered ESME_RTHROTTLED", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.Busy = n }},
		"queue_full":       {says: "one of n SMS is answered ESME_RMSGQFUL", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.Full = n }},
		"resp_lost":        {says: "one of n submit_sm_resp is never sent", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.RespDrop = n }},
		"resp_late":        {says: "each submit_sm_resp leaves later", delay: true, network: func(f *operator.Faults, _ int, d time.Duration) { f.RespDelay = d }},
		"resp_twice":       {link: true, says: "one of n submit_sm_resp is sent twice", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.RespTwice = n }},
		"receipts_lost":    {says: "one of n delivery receipts is never sent", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.ReceiptDrop = n }},
		"receipts_twice":   {says: "one of n is sent twice", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.ReceiptTwice = n }},
		"receipts_mixed":   {says: "each comes up to delay later, so that they overtake each other", delay: true, network: func(f *operator.Faults, _ int, d time.Duration) { f.ReceiptSpread = d }},
		"hops_twice":       {most: operator.MaxDuplicate, says: "every deliver_sm of a hop has n copies beside it", number: "copies", network: func(f *operator.Faults, n int, _ time.Duration) { f.Duplicate = n }},
		"pdus_twice":       {link: true, says: "one of n PDUs of the network is sent twice, byte for byte", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.PDUTwice = n }},
		"pdus_mixed":       {link: true, says: "one of n PDUs of the network is sent after the next one", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.PDUSwap = n }},
		"slow_peer":        {longest: operator.MaxSlow, link: true, says: "the network reads and writes each link late", delay: true, network: func(f *operator.Faults, _ int, d time.Duration) { f.Slow = d }},
		"half_open":        {link: true, says: "links stay open, and nothing passes", network: func(f *operator.Faults, _ int, _ time.Duration) { f.HalfOpen = true }},
		"drop_binds":       {link: true, says: "every link is cut at once, without unbind", moment: true},
		"links_cut":        {says: "one of n submit_sm_resp ends its link in its place", number: oneOf, network: func(f *operator.Faults, n int, _ time.Duration) { f.Cut = n }},
		"sequence_clashes": {link: true, says: "deliver_sm bear the number of the latest submit_sm; on links that come from then on", network: func(f *operator.Faults, _ int, _ time.Duration) { f.Clash = true }},
	}
)

const oneOf = "of so many one"

func throttleAll(f *operator.Faults, n int, _ time.Duration) { f.Throttle, f.ThrottleUSSD = n, true }

// FaultKinds are the kinds of faults with what each does, one a line.
func FaultKinds() string {
	var b strings.Builder
	names := faultNames()
	for _, name := range names {
		fmt.Fprintf(&b, "  %-17s %s\n", name, tableFaults[name].says)
	}
	return b.String()
}

func faultNames() []string {
	names := make([]string, 0, len(tableFaults))
	for name := range tableFaults {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// faultSource is one fault as its author wrote it.
type faultSource struct {
	Kind   conf.At[string]        `yaml:"kind"`
	At     conf.At[string]        `yaml:"at"`
	For    conf.At[string]        `yaml:"for"`
	Target conf.At[string]        `yaml:"target"`
	N      conf.At[int]           `yaml:"n"`
	Delay  conf.At[conf.Duration] `yaml:"delay"`
}

// Bounds of a timeline.
const (
	maxFaults    = 1000
	maxFaultFile = 1 << 20
	maxFaultSpan = 7 * 24 * time.Hour
	slowMost     = 95
)

// LoadFaults reads a timeline of faults; what is wrong in it is conf.Errors, each with
// file:line:col and its mend.
func LoadFaults(path string) ([]Fault, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load: faults: %w", err)
	}
	return ReadFaults(path, src)
}

// ReadFaults is LoadFaults of a text; name stands in the errors.
func ReadFaults(name string, src []byte) ([]Fault, error) {
	var file struct {
		Faults []faultSource `yaml:"faults"`
	}
	if len(src) > maxFaultFile {
		return nil, conf.Errors{{File: name, Pos: conf.Pos{Line: 1, Col: 1}, What: "the timeline is too long", Mend: "split it"}}
	}
	doc, err := conf.Parse(name, src, &file)
	if err != nil {
		return nil, err
	}
	faults := readFaults(doc, file.Faults)
	return faults, doc.Err()
}

func readFaults(doc *conf.Doc, src []faultSource) (out []Fault) {
	if len(src) > maxFaults {
		doc.Fail("faults", fmt.Sprintf("%d faults, more than %d", len(src), maxFaults), "keep fewer")
		return nil
	}
	for i := range src {
		s := &src[i]
		f := Fault{Kind: s.Kind.Value, Target: s.Target.Value, N: s.N.Value, Delay: s.Delay.Value.D()}
		at := s.place(doc, i)
		f.Where = fmt.Sprintf("%s:%d:%d", doc.Name(), at.Line, at.Col)
		if kind, known := tableFaults[f.Kind]; known {
			s.hold(doc, i, &kind)
		} else {
			doc.FailAt(at, fmt.Sprintf("there is no fault %q", f.Kind), unknownFault(f.Kind))
		}
		f.At, f.Part = span(s.At, doc, at, "instant of a run", "write at: 10s after its begin, or 30% of --duration")
		if s.For.Pos.Line > 0 {
			f.For, f.ForPart = span(s.For, doc, s.For.Pos, "time", "write for: 10s, or 30% of --duration")
		}
		out = append(out, f)
	}
	return out
}

func unknownFault(kind string) string {
	if near := conf.Nearest(kind, faultNames()); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "write one of " + strings.Join(faultNames(), ", ")
}

// place is where a fault stands in its file.
func (s *faultSource) place(doc *conf.Doc, i int) conf.Pos {
	if s.Kind.Pos.Line > 0 {
		return s.Kind.Pos
	}
	return doc.Pos(fmt.Sprintf("faults[%d]", i))
}

// span reads a time, or a share of the time in which people begin to dial.
func span(text conf.At[string], doc *conf.Doc, at conf.Pos, what, mend string) (d time.Duration, part float64) {
	if percent, ok := strings.CutSuffix(text.Value, "%"); ok {
		if v, err := strconv.ParseFloat(percent, 64); err == nil && v >= 0 && v <= 100 {
			return 0, v / 100
		}
	} else if d, err := time.ParseDuration(text.Value); err == nil && d >= 0 && d <= maxFaultSpan {
		return d, 0
	}
	doc.FailAt(orAt(text.Pos, at), fmt.Sprintf("%q is no %s", text.Value, what), mend)
	return 0, 0
}

// hold refuses what a fault of the kind lacks, or has too much.
func (s *faultSource) hold(doc *conf.Doc, i int, k *faultKind) {
	at, kind := s.place(doc, i), s.Kind.Value
	switch target := s.Target.Value; {
	case len(k.targets) == 0 && target != "":
		doc.FailAt(s.Target.Pos, fmt.Sprintf("%s befalls the network, no program", kind), "remove target")
	case len(k.targets) > 0 && !slices.Contains(k.targets, target):
		doc.FailAt(orAt(s.Target.Pos, at), fmt.Sprintf("%s cannot befall %q", kind, target), "write target: "+strings.Join(k.targets, ", or "))
	}
	switch n := s.N.Value; {
	case k.number == "" && n != 0:
		doc.FailAt(s.N.Pos, kind+" has no number", "remove n")
	case k.number != "" && n < 1:
		doc.FailAt(orAt(s.N.Pos, at), kind+" needs a number above 0", "write n: "+k.number)
	case k.most > 0 && n > k.most:
		doc.FailAt(s.N.Pos, fmt.Sprintf("%s has at most %d", kind, k.most), fmt.Sprintf("write n: %d, or less", k.most))
	case kind == "slow" && n > slowMost:
		doc.FailAt(s.N.Pos, "a program that always stands still is stopped, not slow", "write at most n: 95, or kind: stop")
	}
	longest := cmp.Or(k.longest, operator.MaxDelay)
	switch d := s.Delay.Value.D(); {
	case !k.delay && d != 0:
		doc.FailAt(s.Delay.Pos, kind+" has no delay", "remove delay")
	case k.delay && (d <= 0 || d > longest):
		doc.FailAt(orAt(s.Delay.Pos, at), kind+" needs a delay above 0 and at most "+longest.String(), "write delay: 500ms")
	}
	if k.moment && s.For.Pos.Line > 0 {
		doc.FailAt(at, kind+" happens at once", "remove for")
	}
}

func orAt(p, other conf.Pos) conf.Pos {
	if p.Line == 0 {
		return other
	}
	return p
}

// CheckFaults refuses what would never happen in a run: faults after its last dial, and
// those of SMPP links where dials, or SMS, go over HTTP.
func CheckFaults(faults []Fault, span time.Duration, ussdByHTTP, smsByHTTP bool) error {
	for _, f := range faults {
		kind := tableFaults[f.Kind]
		switch {
		case f.At >= span, f.Part >= 1:
			return fmt.Errorf("%s: %s would never happen, people dial for %s – begin it sooner, or make --duration longer", f.place(), f.Kind, span)
		case kind.ussd && ussdByHTTP:
			return fmt.Errorf("%s: %s befalls screens over SMPP, and here they go over HTTP – leave --http away, or the fault", f.place(), f.Kind)
		case kind.link && ussdByHTTP && smsByHTTP:
			return fmt.Errorf("%s: %s befalls SMPP links, and this run has none – leave --http or --sms away, or the fault", f.place(), f.Kind)
		}
	}
	return nil
}

// place is where the fault is written.
func (f *Fault) place() string { return cmp.Or(f.Where, "a fault") }
