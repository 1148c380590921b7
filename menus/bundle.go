package menus

import "time"

// Bundle is a menu in its compiled form: immutable, named by its content's hash.
// Any number of sessions may step in it at once.
type Bundle struct {
	hash    [32]byte
	src     []byte
	name    string // the author's label
	at      string // file:line of begin
	langs   []language
	region  string
	sign    string // of the currency
	limits  [2]int // units of a screen, by charset
	parts   int    // most parts of an SMS
	start   uint16
	vars    []variable
	keys    keys
	says    says
	resume  resumeTexts
	begin   []guarded
	asked   map[string]*way
	dial    [][]string // patterns, split; an empty part is a value
	screens []screen
	sms     map[string]texts
	reasons map[string]texts
	fits    []Fit
}

// Hash is SHA-256 of the source.
func (b *Bundle) Hash() [32]byte { return b.hash }

// Source is the text that the bundle was parsed from.
func (b *Bundle) Source() []byte { return b.src }

// Name is the author's label, as wallet@1.
func (b *Bundle) Name() string { return b.name }

// Languages are the languages that every text has; the first is spoken to those
// whose own is not here.
func (b *Bundle) Languages() []string {
	out := make([]string, len(b.langs))
	for i := range b.langs {
		out[i] = b.langs[i].code
	}
	return out
}

// Limits is how long, at most, a screen of this bundle is.
func (b *Bundle) Limits() (septets, ucs2Units int) { return b.limits[gsm7], b.limits[ucs2] }

type language struct {
	code string
	set  charset
}

type variable struct {
	name string
	typ  typ
}

type keys struct {
	back, home, more string
	line             texts // "0 Back 00 Home"
	onward           texts // "98 More"
}

// says are the sentences that answer what was typed wrong.
type says struct {
	choice, number, amount, digits, text, date, secret, dial, tries texts
}

// of is the sentence for what is no value of a type.
func (s *says) of(t typ) texts {
	switch t.kind {
	case kindMSISDN:
		return s.number
	case kindMoney:
		return s.amount
	case kindDate:
		return s.date
	case kindDigits, kindInt:
		return s.digits
	}
	return s.text
}

// screenKind tells what a screen does.
type screenKind uint8

const (
	screenMenu   screenKind = iota + 1 // shows options
	screenAsk                          // asks for a variable
	screenSecret                       // asks for a secret, for its order or for one behind it
	screenCall                         // shows nothing: its call or order answers
)

type screen struct {
	name    string
	at      string // file:line
	kind    screenKind
	text    texts
	options []option
	slot    int   // of the variable asked for
	secret  uint8 // number of the secret asked for
	typ     typ   // of what is asked for
	checks  []check
	tries   uint8
	next    way // after a good answer
	call    *call
	resume  *resume
	back    *back
	worst   []int // most units, by language
}

type option struct {
	key   string
	label texts
	guard *guard
	way   way
}

type check struct {
	guard *guard
	note  texts
}

type guarded struct {
	guard *guard // nil is always true
	way   way
}

// nowhere is the target of a way that ends the dialogue.
const nowhere = -1

// way leads onward: to a screen, or to the end.
type way struct {
	target int
	end    texts
	note   texts
	set    []assign
	speak  int   // language, or -1
	spares uint8 // secrets that are kept beyond the order that this is an answer of
}

type assign struct {
	slot int
	from arg
}

// arg is where a call's parameter or a variable gets its value.
type arg struct {
	param string
	slot  int // of a variable; -1 takes fixed
	me    bool
	fixed Value
}

type call struct {
	fn      string
	in      []arg
	keep    []kept
	budget  time.Duration
	effects bool
	ways    map[string]*way
	own     string // the parameter that its screen's secret is
	takes   []Taken
	rows    map[string]texts // what a list is made of, by kind of row
}

type kept struct {
	name string
	slot int
	typ  typ
}
