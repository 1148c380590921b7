package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"mlango/internal/conf"
	"mlango/ledgerd/ledger"
)

// MaxFile bounds a file of rules, in bytes.
const MaxFile = 256 << 10

// fileSource is a file as it is written.
type fileSource struct {
	After   *conf.At[uint32]     `yaml:"after"`
	Tariffs conf.Map[feesSource] `yaml:"tariffs"`
	Limits  conf.Map[limits]     `yaml:"limits"`
}

// bandSource is a step of a tariff.
type bandSource struct {
	Upto  conf.At[amount] `yaml:"upto"`
	Fee   conf.At[amount] `yaml:"fee"`
	Tax   conf.At[amount] `yaml:"tax"`
	Agent conf.At[amount] `yaml:"agent"`
}

// feesSource is "free", or bands.
type feesSource struct {
	pos   conf.Pos
	bands []conf.At[bandSource]
	wrong bool
}

// ReadConf reads the word or the list.
func (f *feesSource) ReadConf(n conf.Node) {
	f.pos = n.Pos()
	switch {
	case n.IsScalar() && n.Text() == "free":
	case n.IsList():
		n.Decode(&f.bands)
		if len(f.bands) == 0 || len(f.bands) > maxBands {
			n.Fail(fmt.Sprintf("a tariff has 1 to %d bands", maxBands), "write `free` for what costs nothing")
			f.wrong = true
		}
	default:
		n.Fail("that is no tariff", "write `free`, or a band a line: - {upto: 500, fee: 7.00}")
		f.wrong = true
	}
}

// bounds are the limits of one tier.
type bounds struct {
	Least    conf.At[amount] `yaml:"least"`
	Most     conf.At[amount] `yaml:"most"`
	PayerDay conf.At[amount] `yaml:"payer_day"`
	PayeeDay conf.At[amount] `yaml:"payee_day"`
	PayeeHas conf.At[amount] `yaml:"payee_has"`
}

// limits is "none", or those of tier 0 and of tiers that have their own.
type limits struct {
	pos   conf.Pos
	first bounds
	tiers conf.Map[conf.At[bounds]]
}

// ReadConf reads the word or the figures.
func (l *limits) ReadConf(n conf.Node) {
	l.pos = n.Pos()
	if n.IsScalar() && n.Text() == "none" {
		return
	}
	if !n.IsMap() {
		n.Fail("those are no limits", "write `none`, or figures below it: least: 1, most: 250000, payer_day: 500000")
		return
	}
	var all struct {
		Least    conf.At[amount]           `yaml:"least"`
		Most     conf.At[amount]           `yaml:"most"`
		PayerDay conf.At[amount]           `yaml:"payer_day"`
		PayeeDay conf.At[amount]           `yaml:"payee_day"`
		PayeeHas conf.At[amount]           `yaml:"payee_has"`
		Tiers    conf.Map[conf.At[bounds]] `yaml:"tiers"`
	}
	n.Decode(&all)
	l.first, l.tiers = bounds{all.Least, all.Most, all.PayerDay, all.PayeeDay, all.PayeeHas}, all.Tiers
}

// amount is money in a file: whole units, with cents or without.
type amount ledger.Amount

var tableAmount = regexp.MustCompile(`^([0-9]{1,12})(?:\.([0-9]{2}))?$`)

// ReadConf reads 250000 or 7.50.
func (a *amount) ReadConf(n conf.Node) {
	m := tableAmount.FindStringSubmatch(n.Text())
	if !n.IsScalar() || m == nil {
		mend := "write whole units, or with two digits of cents: 250000 or 7.50"
		if plain := strings.ReplaceAll(n.Text(), ",", ""); n.IsScalar() && tableAmount.MatchString(plain) {
			mend = "write it without commas: " + plain
		}
		n.Fail(fmt.Sprintf("%.24q is no amount", n.Text()), mend)
		return
	}
	units, _ := strconv.ParseInt(m[1], 10, 64) // twelve digits at most
	cents, _ := strconv.ParseInt("0"+m[2], 10, 64)
	*a = amount(units*100 + cents)
}

// Parse reads a file and proves it. The error is conf.Errors: each with file, line and
// column, what is wrong, and how to mend it.
func Parse(name string, src []byte) (*Set, error) {
	if len(src) > MaxFile {
		return nil, conf.Errors{{File: name, Pos: conf.Pos{Line: 1, Col: 1}, What: fmt.Sprintf("the file has %d bytes, more than %d", len(src), MaxFile), Mend: "that is no file of rules"}}
	}
	var f fileSource
	doc, err := conf.Parse(name, src, &f)
	if err != nil {
		return nil, err
	}
	p := prover{doc: doc, set: NewSet()}
	if f.After != nil {
		p.set.After = &f.After.Value
	}
	p.file(&f)
	return p.set, doc.Err()
}

// file takes what is written into a set. Every kind stands in it: one that is forgotten
// must not cost nothing from then on.
func (p *prover) file(f *fileSource) {
	for _, t := range f.Tariffs {
		if k, ok := p.kind(t.Key, t.Pos); ok && !t.Value.wrong {
			p.set.Fees[k] = p.bands(k, &t.Value)
		}
	}
	for _, l := range f.Limits {
		if k, ok := p.kind(l.Key, l.Pos); ok {
			p.limits(k, &l.Value)
		}
	}
	for _, k := range tableKinds {
		if _, there := f.Tariffs.Get(k.Word); !there {
			p.doc.Fail("tariffs", fmt.Sprintf("the tariff of %s is missing", k.Word), fmt.Sprintf("write `%s: free` if it costs nothing", k.Word))
		}
		if _, there := f.Limits.Get(k.Word); !there {
			p.doc.Fail("limits", fmt.Sprintf("the limits of %s are missing", k.Word), fmt.Sprintf("write `%s: none` if it has none", k.Word))
		}
	}
	if p.doc.Err() == nil {
		p.together(f)
	}
}

func (p *prover) kind(word string, pos conf.Pos) (ledger.Kind, bool) {
	var words []string
	for _, k := range tableKinds {
		if k.Word == word {
			return k.Kind, true
		}
		words = append(words, k.Word)
	}
	mend := "the kinds are " + strings.Join(words, ", ")
	if near := conf.Nearest(word, slices.Clone(words)); near != "" {
		mend = fmt.Sprintf("did you mean %q?", near)
	}
	p.doc.FailAt(pos, fmt.Sprintf("there is no kind of transfer %.24q", word), mend)
	return 0, false
}
