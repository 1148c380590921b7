package load

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"mlango/internal/conf"
)

// The file of a profile, as its author wrote it.
type (
	profileSource struct {
		Name      conf.At[string]                  `yaml:"name"`
		Says      string                           `yaml:"says"`
		Hours     conf.At[[]number]                `yaml:"hours"`
		Steps     conf.At[int]                     `yaml:"steps"`
		Good      goodSource                       `yaml:"good"`
		Mix       conf.Map[number]                 `yaml:"mix"`
		People    conf.Map[conf.At[personaSource]] `yaml:"people"`
		Amounts   conf.Map[conf.At[amountsSource]] `yaml:"amounts"`
		Hot       conf.Map[number]                 `yaml:"hot"`
		Poor      number                           `yaml:"poor"`
		Short     number                           `yaml:"short"`
		WrongPIN  number                           `yaml:"wrong_pin"`
		Trouble   troubleSource                    `yaml:"trouble"`
		Retry     retrySource                      `yaml:"retry"`
		Approvals approvalsSource                  `yaml:"approvals"`
		Batches   []conf.At[batchSource]           `yaml:"batches"`
		Faults    []faultSource                    `yaml:"faults"`
	}
	goodSource struct {
		FailShare number `yaml:"fail_share"`
		P99MS     number `yaml:"p99_ms"`
	}
	amountsSource struct {
		Median number `yaml:"median"`
		Sigma  number `yaml:"sigma"`
		Most   number `yaml:"most"`
		Step   number `yaml:"step"`
	}
	troubleSource struct {
		RadioLoss number `yaml:"radio_loss"`
		HangUp    number `yaml:"hang_up"`
		Idle      number `yaml:"idle"`
		LateKey   number `yaml:"late_key"`
	}
	retrySource struct {
		After     []conf.Duration `yaml:"after"`
		Share     number          `yaml:"share"`
		Most      int             `yaml:"most"`
		LookFirst number          `yaml:"look_first"`
		Again     number          `yaml:"again"`
		Refused   bool            `yaml:"refused"`
	}
	approvalsSource struct {
		Share   number `yaml:"share"`
		Approve number `yaml:"approve"`
		Decline number `yaml:"decline"`
	}
	batchSource struct {
		At     conf.At[string] `yaml:"at"`
		Part   number          `yaml:"share"`
		Wake   number          `yaml:"wake"`
		After  conf.Duration   `yaml:"after"`
		Within conf.Duration   `yaml:"within"`
		Amount amountsSource   `yaml:"amount"`
	}
	personaSource struct {
		Part     number `yaml:"share"`
		Read     number `yaml:"read"`
		Spread   number `yaml:"spread"`
		Digit    number `yaml:"digit"`
		PINDigit number `yaml:"pin_digit"`
		Shortcut number `yaml:"shortcut"`
	}
)

// number is a figure of a profile, such as 0.62, or 62%.
type number float64

// ReadConf reads one.
func (f *number) ReadConf(n conf.Node) {
	text, percent := strings.CutSuffix(n.Text(), "%")
	v, err := strconv.ParseFloat(text, 64)
	if percent {
		v /= 100
	}
	if !n.IsScalar() || err != nil || math.IsNaN(v) || v < 0 || v > 1e12 {
		n.Fail(fmt.Sprintf("%q is no figure", n.Text()), "write one as 0.62, or 62%")
		return
	}
	*f = number(v)
}

// reading is a profile on its way out of its file.
type reading struct {
	doc *conf.Doc
	src profileSource
	p   Profile
}

// ReadProfile reads a profile; what is wrong in it is conf.Errors.
func ReadProfile(name string, src []byte) (Profile, error) {
	if len(src) > maxProfile {
		return Profile{}, conf.Errors{{File: name, Pos: conf.Pos{Line: 1, Col: 1}, What: "the profile is too long", Mend: "split it"}}
	}
	r := &reading{}
	var err error
	if r.doc, err = conf.Parse(name, src, &r.src); err != nil {
		return Profile{}, err
	}
	r.head()
	r.mix()
	r.people()
	r.behaviour()
	r.batches()
	r.p.Faults = readFaults(r.doc, r.src.Faults)
	return r.p, r.doc.Err()
}

// head is the name and the curve.
func (r *reading) head() {
	s := &r.src
	r.p.Name, r.p.Says, r.p.Steps = s.Name.Value, s.Says, s.Steps.Value
	if r.p.Name == "" {
		r.doc.Fail("name", "the profile has no name", "add name: my-day")
	}
	switch n := len(s.Hours.Value); {
	case r.p.Steps < 0 || r.p.Steps > maxSteps:
		r.doc.FailAt(s.Steps.Pos, fmt.Sprintf("%d steps", r.p.Steps), fmt.Sprintf("use 2 to %d", maxSteps))
	case r.p.Steps > 0 && n > 0:
		r.doc.FailAt(s.Steps.Pos, "a curve is hours or steps, not both", "remove one")
	case r.p.Steps == 0 && n != 24:
		r.doc.FailAt(s.Hours.Pos, fmt.Sprintf("a day has 24 hours, not %d", n), "write the figure of each hour from midnight on")
	}
	sum := 0.0
	for i := range min(len(s.Hours.Value), 24) {
		r.p.Hours[i] = float64(s.Hours.Value[i])
		sum += r.p.Hours[i]
	}
	if r.p.Steps == 0 && sum == 0 {
		r.doc.FailAt(s.Hours.Pos, "nothing ever happens", "write how much happens in each hour, relative to the others")
	}
	r.p.Good = Good{FailShare: or(s.Good.FailShare, defaultFail), P99MS: or(s.Good.P99MS, defaultP99)}
}

func or(n number, standard float64) float64 {
	if n == 0 {
		return standard
	}
	return float64(n)
}

// mix is what people dial for, and how much they pay.
func (r *reading) mix() {
	r.p.Mix = r.shares("mix", r.src.Mix, true)
	pays := false
	for _, s := range r.p.Mix {
		pays = pays || Pays(s.Name) && s.Part > 0
	}
	if len(r.p.Mix) > 0 && !pays {
		r.doc.Fail("mix", "nobody pays in this mix", "add send: 0.5")
	}
	r.p.Hot = r.shares("hot", r.src.Hot, false)
	r.p.Amounts = map[string]Amounts{"": {Median: 650, Sigma: 0.91, Most: 20_000, Step: 1}}
	for _, a := range r.src.Amounts {
		r.p.Amounts[strings.TrimSuffix(a.Key, "others")] = r.amounts(a.Value)
	}
}

func (r *reading) amounts(a conf.At[amountsSource]) Amounts {
	out := Amounts{Median: float64(a.Value.Median), Sigma: float64(a.Value.Sigma), Most: or(a.Value.Most, 20_000), Step: or(a.Value.Step, 1)}
	if out.Median < 1 || out.Most < out.Median || out.Sigma > 3 {
		r.doc.FailAt(a.Pos, "amounts have a median from 1, a most above it and a sigma up to 3", "write {median: 650, sigma: 0.91, most: 20000}")
	}
	return out
}

// shares reads parts of a whole; of all of them they add up to one.
func (r *reading) shares(key string, src conf.Map[number], whole bool) (out []Share) {
	sum := 0.0
	for _, s := range src {
		out = append(out, Share{s.Key, float64(s.Value)})
		sum += float64(s.Value)
	}
	switch {
	case len(out) > maxShares:
		r.doc.Fail(key, fmt.Sprintf("%d shares, more than %d", len(out), maxShares), "join some")
	case whole && math.Abs(sum-1) > shareOf:
		r.doc.Fail(key, fmt.Sprintf("the shares add up to %g", sum), "let them add up to 1")
	case sum > 1+shareOf:
		r.doc.Fail(key, fmt.Sprintf("the shares add up to %g", sum), "at most 1")
	}
	return out
}

// people are the personas; those that a profile does not change are the built-in ones.
func (r *reading) people() {
	sum := 0.0
	for _, k := range r.src.People {
		base, known := tablePersonas[k.Key]
		if !known {
			r.doc.FailAt(k.Pos, fmt.Sprintf("there is no persona %q", k.Key), "use novice, practised, string_dialler, agent or merchant")
			continue
		}
		v := &k.Value.Value
		base.Name, base.Read, base.Spread = k.Key, or(v.Read, base.Read), or(v.Spread, base.Spread)
		base.Digit, base.PINDigit, base.Shortcut = or(v.Digit, base.Digit), or(v.PINDigit, base.PINDigit), or(v.Shortcut, base.Shortcut)
		r.p.People = append(r.p.People, Kin{base, float64(v.Part)})
		sum += float64(v.Part)
	}
	if math.Abs(sum-1) > shareOf {
		r.doc.Fail("people", fmt.Sprintf("the shares of the people add up to %g", sum), "let them add up to 1")
	}
}

// behaviour is what befalls people and what they do then.
func (r *reading) behaviour() {
	s := &r.src
	t := s.Trouble
	r.p.Poor, r.p.Short, r.p.WrongPIN = float64(s.Poor), float64(s.Short), float64(s.WrongPIN)
	r.p.Trouble = Trouble{float64(t.RadioLoss), float64(t.HangUp), float64(t.Idle), float64(t.LateKey)}
	if sum := t.RadioLoss + t.HangUp + t.Idle + t.LateKey; sum > 1 || r.p.Poor > 1 || r.p.Short >= 1 || r.p.WrongPIN > 1 {
		r.doc.Fail("trouble", "a share of trouble, poor, short or wrong_pin is above 1", "write shares from 0 to 1")
	}
	e := s.Retry
	r.p.Retry = Retry{Share: float64(e.Share), Most: e.Most, LookFirst: float64(e.LookFirst), Again: float64(e.Again), Refused: e.Refused}
	r.p.Approvals = Approvals{float64(s.Approvals.Share), float64(s.Approvals.Approve), float64(s.Approvals.Decline)}
	if s.Approvals.Share > 1 || s.Approvals.Approve+s.Approvals.Decline > 1 {
		r.doc.Fail("approvals", "shares of approvals above 1", "write {share: 0.02, approve: 0.7, decline: 0.15}; the rest is not answered")
	}
	for _, d := range e.After {
		r.p.Retry.After = append(r.p.Retry.After, d.D())
		if d.D() <= 0 || d.D() > maxWait {
			r.doc.Fail("retry.after", fmt.Sprintf("nobody waits %s", d.D()), "write 1s to 1h")
		}
	}
	if e.Share > 1 || e.LookFirst > 1 || e.Again > 1 || e.Most < 0 || e.Most > 20 || len(e.After) > maxWaits || e.Share > 0 && (len(e.After) == 0 || e.Most == 0) {
		r.doc.Fail("retry", "people who try again need a wait, a most and shares up to 1", "write {after: [10s, 30s, 60s], share: 0.5, most: 6}")
	}
}

// batches are the employers' files.
func (r *reading) batches() {
	sum := 0.0
	for _, at := range r.src.Batches {
		b := at.Value
		minute, err := minuteOf(b.At.Value)
		if err != nil {
			r.doc.FailAt(b.At.Pos, fmt.Sprintf("%q is no time of the day", b.At.Value), `write "05:30"`)
		}
		one := Batch{Minute: minute, Part: float64(b.Part), Wake: or(b.Wake, 0.6), From: b.After.D(), To: b.Within.D(), Amount: r.amounts(conf.At[amountsSource]{Value: b.Amount, Pos: at.Pos})}
		if one.To <= one.From || one.Wake > 1 {
			r.doc.FailAt(at.Pos, "people wake between after and within", "write {after: 5s, within: 180s}")
		}
		sum += one.Part
		r.p.Batches = append(r.p.Batches, one)
	}
	if sum > 0.9 || len(r.p.Batches) > maxBatches {
		r.doc.Fail("batches", fmt.Sprintf("%d batches wake %g of all who dial", len(r.p.Batches), sum), fmt.Sprintf("at most %d batches and 0.9", maxBatches))
	}
}

// minuteOf reads HH:MM.
func minuteOf(s string) (float64, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("load: %q: write it as 07:30", s)
	}
	return float64(t.Hour()*60 + t.Minute()), nil
}
