package load

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"mlango/internal/conf"
	"mlango/ledgerd/ledger"
)

// Profile is a load curve with its people, what they dial for, and what befalls them.
// It is a file: profiles/*.yaml, or one of somebody's own.
type Profile struct {
	Name string
	Says string // one sentence for `simulator profiles`
	// Hours is how much happens in each hour of the day, relative to the others.
	// Between the middles of two hours the curve is a straight line.
	Hours [24]float64
	All   bool // every session counts as a payment: nobody knows which do at a service of somebody's own
	Steps int  // above 0: so many equal stairs in place of the hours

	Mix       []Share // of the sessions, by goal: what the menu orders
	People    []Kin   // who they are
	Amounts   map[string]Amounts
	Hot       []Share // of payments of a goal, to one payee
	Poor      float64 // of the people begin with next to nothing
	Short     float64 // of the wishes end before the PIN for want of money; measured, it keeps --rate a rate of payments
	WrongPIN  float64 // of sessions that ask a PIN: mistyped once
	Trouble   Trouble
	Retry     Retry
	Approvals Approvals
	Batches   []Batch
	Faults    []Fault
	Good      Good
}

// Share is a part of a whole, by name.
type Share struct {
	Name string
	Part float64
}

// Kin is a persona and its share of the people.
type Kin struct {
	Persona
	Part float64
}

// Amounts is how much people pay, lognormal, in whole units.
type Amounts struct{ Median, Sigma, Most, Step float64 }

// Trouble is what befalls sessions, each a share of them.
type Trouble struct{ RadioLoss, HangUp, Idle, LateKey float64 }

// Retry is how people try again who heard nothing good: after a while, some of them,
// at most so often; some look at their account first.
type Retry struct {
	After     []time.Duration // the waits to choose from
	Share     float64
	Most      int
	LookFirst float64
	Again     float64 // say yes when told that it looks repeated
	Refused   bool    // a refusal ("try later") is a reason too
}

// Batch is a file of an employer: it pays people, who wake and dial.
type Batch struct {
	Minute   float64 // of the day
	Part     float64 // of the run's dials, when it falls into the run
	Wake     float64 // of those paid
	From, To time.Duration
	Amount   Amounts
}

// Good is what a step to capacity must keep.
type Good struct{ FailShare, P99MS float64 }

// String is what a good step keeps, in words.
func (g Good) String() string {
	return fmt.Sprintf("at most %g %% of the dials refused, failed or unanswered, and p99 of the screens within %g ms", 100*g.FailShare, g.P99MS)
}

// Bounds of a profile.
const (
	maxShares   = 24
	maxSteps    = 100
	maxBatches  = 24
	maxWaits    = 8
	maxWait     = time.Hour
	shareOf     = 1e-6 // by so much a whole may miss one
	maxProfile  = 256 << 10
	defaultFail = 0.001
	defaultP99  = 1000
)

//go:embed profiles/*.yaml
var profileFiles embed.FS

// tableKinds are the goals that move money, by the kind of transfer they end in. A goal
// that is not here asks something.
var tableKinds = map[string]ledger.Kind{
	GoalSend: ledger.KindSend, GoalAirtime: ledger.KindAirtime, "deposit": ledger.KindDeposit, "withdraw": ledger.KindWithdraw,
	"pay_bill": ledger.KindPaybill, "buy_goods": ledger.KindTill,
	GoalReverse: ledger.KindReversal, GoalApprove: ledger.KindTill,
}

// The goals that are in every wallet.
const (
	GoalSend    = "send"
	GoalAirtime = "airtime"
	GoalBalance = "balance"
	GoalLast    = "last"
	GoalReverse = "reverse" // the own latest send is taken back
)

// Profiles are the built-in ones, in the order of their names.
func Profiles() ([]Profile, error) {
	names, err := fs.Glob(profileFiles, "profiles/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("load: profiles: %w", err)
	}
	var list []Profile
	for _, name := range names {
		src, err := profileFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("load: profiles: %w", err)
		}
		p, err := ReadProfile(name, src)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// FindProfile finds a built-in profile by its name, or reads the file of one.
func FindProfile(name string) (Profile, error) {
	if strings.ContainsAny(name, "./") {
		src, err := os.ReadFile(name)
		if err != nil {
			return Profile{}, fmt.Errorf("load: profile: %w", err)
		}
		return ReadProfile(name, src)
	}
	src, err := profileFiles.ReadFile(path.Join("profiles", name+".yaml"))
	if err != nil {
		return Profile{}, fmt.Errorf("load: no profile %q: %s", name, knownProfiles(name))
	}
	return ReadProfile(name+".yaml", src)
}

func knownProfiles(name string) string {
	entries, _ := profileFiles.ReadDir("profiles") // it is in the program
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	if near := conf.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "choose one of " + strings.Join(names, ", ") + ", or a file of your own"
}

// ProfileSource is the text of a built-in profile, to be edited.
func ProfileSource(name string) ([]byte, error) {
	src, err := profileFiles.ReadFile(path.Join("profiles", name+".yaml"))
	if err != nil {
		return nil, fmt.Errorf("load: no profile %q: %s", name, knownProfiles(name))
	}
	return src, nil
}

// Pays tells whether a goal moves money.
func Pays(goal string) bool { return tableKinds[goal] != 0 }

// Paying is the share of sessions that come to the last key of a payment.
func (p *Profile) Paying() float64 {
	sum := 0.0
	for _, s := range p.Mix {
		if p.All || Pays(s.Name) {
			sum += s.Part
		}
	}
	t := p.Trouble
	return sum * (1 - t.HangUp - t.RadioLoss/2 - t.Idle - t.LateKey) * (1 - p.Short)
}

// Only keeps of the mix what a menu offers, and spreads the rest: the names that are
// not offered are told.
func (p *Profile) Only(offers func(goal string) bool) (left []string) {
	whole := 0.0
	p.Mix = slices.DeleteFunc(slices.Clone(p.Mix), func(s Share) bool {
		if !offers(s.Name) {
			left = append(left, s.Name)
			return true
		}
		whole += s.Part
		return false
	})
	for i := range p.Mix {
		p.Mix[i].Part /= cmp.Or(whole, 1)
	}
	return left
}

// amounts is how much people pay for a goal.
func (p *Profile) amounts(goal string) Amounts {
	if a, told := p.Amounts[goal]; told {
		return a
	}
	return p.Amounts[""]
}
