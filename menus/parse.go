package menus

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"mlango/internal/conf"
)

// Limits of a menu file.
const (
	MaxSource   = 3 << 20 // bytes, fragments included
	MaxScreens  = 10_000
	MaxOptions  = 60 // of a screen
	MaxBegin    = 12 // ways from a dial
	MaxChecks   = 8  // of a screen
	MaxDials    = 16
	MaxExpr     = 200 // bytes of a check or guard
	MaxText     = 900 // bytes of one text in one language
	MaxDepth    = 12  // screens from the first to the deepest, at most settable
	MaxSettable = 182 // septets of a USSD string (3GPP TS 29.002: 160 octets)
	MaxUCS2     = 80  // UCS-2 units of a USSD string
	MaxReply    = 10 * time.Second
)

// What holds when a menu does not say.
const (
	defaultSeptets = 160
	defaultUCS2    = 80
	defaultDepth   = 8
	defaultTries   = 3
	defaultParts   = 2
	defaultReply   = 4 * time.Second
	defaultRegion  = "KE"
	minPIN, maxPIN = 4, 6 // digits
)

// Names of screens and variables, and words that they may not be.
var (
	goodName   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,19}$`)
	goodLang   = regexp.MustCompile(`^[a-z]{2}$`)
	yamlWords  = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
	ownWords   = []string{"me", "brand", "zone"}
	goodRegion = regexp.MustCompile(`^[A-Z]{2}$`)
)

// builder turns a file into a bundle, noting everything that is wrong.
type builder struct {
	doc     *conf.Doc
	src     *fileSource
	cat     Catalogue
	b       *Bundle
	index   map[string]int // of screens
	slots   map[string]int // of variables
	secrets map[string]typ
	cel     *compiler
	edges   []edge
	uses    []use
	parts   []part                // the files of the source
	out     [][]int               // edges by the screen that they leave, those of a dial last
	said    map[int][]answer      // of the calls of screens
	used    map[conf.Pos][]string // outcomes of shared answers
	ends    []bool                // screens with a way that ends
	told    map[mistake]bool
	turns   [][]int // by screen: pages to turn to its end, and to each option, at worst
	paging  []pagedEnd
	bad     int

	labelled []map[string]texts // of choices, by variable
	rows     map[string]texts   // of the call that is being compiled
	wants    []want1            // secrets that orders take from the screens before
}

// mistake is one thing that was told.
type mistake struct {
	pos  conf.Pos
	said string
}

// Parse reads, proves and compiles a menu; name stands in the errors, which are
// conf.Errors: each file:line:col: what – mend.
func Parse(name string, src []byte, cat Catalogue) (*Bundle, error) {
	if len(src) > MaxSource {
		return nil, conf.Errors{{File: name, Pos: conf.Pos{Line: 1, Col: 1},
			What: fmt.Sprintf("the menu has %d bytes, more than %d; %s", len(src), MaxSource, harmUnread), Mend: "split it"}}
	}
	bd, err := open(name, src)
	if err != nil {
		return nil, err
	}
	bd.cat = cat
	return bd.run(bd.head, bd.names, bd.compile, bd.prove)
}

// open reads a menu's files.
func open(name string, src []byte) (*builder, error) {
	src = canonical(src)
	file := &fileSource{Region: defaultRegion, Tries: defaultTries, Reply: conf.Duration(defaultReply),
		Fits: fitsSource{Septets: defaultSeptets, UCS2: defaultUCS2, Depth: defaultDepth, SMSParts: defaultParts}}
	bd := &builder{src: file, b: &Bundle{hash: sha256.Sum256(src), src: src}, parts: split(name, src),
		told: map[mistake]bool{}, said: map[int][]answer{}, used: map[conf.Pos][]string{}, index: map[string]int{}, slots: map[string]int{}, secrets: map[string]typ{}}
	if err := flood(name, bd.parts[0].src); err != nil {
		return nil, unread(err)
	}
	var err error
	if bd.doc, err = conf.Parse(name, bd.parts[0].src, file); err == nil {
		err = bd.gather()
	}
	return bd, unread(bd.placed(err))
}

// run does passes over the menu, until one finds something wrong.
func (bd *builder) run(passes ...func()) (*Bundle, error) {
	for _, pass := range passes {
		if bd.bad == 0 {
			pass()
		}
	}
	if bd.bad > 0 {
		return nil, bd.placed(bd.doc.Err())
	}
	return bd.b, nil
}

// fail notes a mistake: where, what a subscriber would see go wrong, how to mend
// it, what it is.
func (bd *builder) fail(pos conf.Pos, seen harm, mend, what string, args ...any) {
	bd.bad++
	if pos.Line == 0 {
		pos = bd.doc.Pos("")
	}
	said := fmt.Sprintf(what, args...) + "; " + string(seen)
	if again := (mistake{pos, said}); !bd.told[again] { // a shared answer is compiled wherever it is used
		bd.told[again] = true
		bd.doc.FailAt(pos, said, mend)
	}
}

// head reads the settings above the screens.
func (bd *builder) head() {
	f, b := bd.src, bd.b
	b.name, b.sign, b.region = f.Menu.Value, f.Sign.Value, f.Region
	b.limits, b.parts = [2]int{f.Fits.Septets, f.Fits.UCS2}, f.Fits.SMSParts
	if b.name == "" || len(b.name) > MaxVar {
		bd.fail(f.Menu.Pos, harmUnread, "write menu: wallet@1", "the menu has no name of 1 to %d characters", MaxVar)
	}
	if len(f.Sign.Value) > 5 || gsm7.units(f.Sign.Value) > 5 {
		bd.fail(f.Sign.Pos, harmCut, "write Ksh", "the currency sign has more than 5 characters")
	}
	if !goodRegion.MatchString(f.Region) {
		bd.fail(bd.doc.Pos("region"), harmTyped, "write the country's two letters, as KE", "%q is no region", f.Region)
	}
	bd.within("fits.septets", f.Fits.Septets, 20, MaxSettable)
	bd.within("fits.ucs2", f.Fits.UCS2, 20, MaxUCS2)
	bd.within("fits.depth", f.Fits.Depth, 1, MaxDepth)
	bd.within("fits.sms_parts", f.Fits.SMSParts, 1, 5)
	bd.within("tries", f.Tries, 1, 9)
	if f.Reply.D() <= 0 || f.Reply.D() > MaxReply {
		bd.fail(bd.doc.Pos("reply"), harmLate, "write 4s", "reply must be above 0 and at most %v", MaxReply)
	}
	bd.operators()
	bd.languages()
}

func (bd *builder) within(path string, n, low, high int) {
	if n < low || n > high {
		harm := harmCut
		if strings.HasSuffix(path, "tries") {
			harm = harmTries
		}
		bd.fail(bd.doc.Pos(path), harm, fmt.Sprintf("write a number from %d to %d", low, high), "%s is %d", path, n)
	}
}

func (bd *builder) languages() {
	for _, l := range bd.src.Languages {
		set, ok := map[string]charset{"gsm7": gsm7, "ucs2": ucs2}[l.Value.Value]
		switch {
		case !ok:
			bd.fail(l.Value.Pos, harmQuery, "write gsm7 (160 septets), or ucs2 (80 characters) when its letters need it", "%q is no charset", l.Value.Value)
		case slices.Contains(yamlWords, l.Key):
			bd.fail(l.Pos, harmUnread, "name the language otherwise, Norwegian as nb", "%q means yes or no to other YAML readers", l.Key)
		case !goodLang.MatchString(l.Key):
			bd.fail(l.Pos, harmGap, "write its two letters, as en or sw", "%q is no language", l.Key)
		}
		bd.b.langs = append(bd.b.langs, language{l.Key, set})
	}
	if n := len(bd.b.langs); n == 0 || n > 8 {
		bd.fail(bd.doc.Pos("languages"), harmGap, "write languages: {en: gsm7, sw: gsm7}", "a menu speaks 1 to 8 languages, this one %d", n)
	}
}

// names gives variables, secrets and screens their places.
func (bd *builder) names() {
	size := 2 + 3 + 5 + 2 + 3 + 3 + 3 + 1 + MaxLanguage + 2 + MaxNote + 1 + 3*MaxStack + 1
	for _, v := range bd.src.Vars {
		t := bd.typeOf(v.Key, v.Pos, v.Value)
		if first, twice := bd.slots[v.Key]; twice {
			bd.twice("variable", v.Key, v.Pos, bd.src.Vars[first].Pos)
		}
		bd.slots[v.Key] = len(bd.b.vars)
		bd.b.vars = append(bd.b.vars, variable{v.Key, t})
		size += t.bytes()
	}
	if len(bd.b.vars) > MaxVars {
		bd.fail(bd.doc.Pos("vars"), harmLost, "keep fewer", "%d variables, more than %d", len(bd.b.vars), MaxVars)
	} else if size > MaxState {
		bd.fail(bd.doc.Pos("vars"), harmLost, "keep fewer or shorter ones", "a session's state could take %d bytes, more than %d", size, MaxState)
	}
	for _, s := range bd.src.Secrets {
		t := bd.typeOf(s.Key, s.Pos, s.Value)
		if _, twice := bd.slots[s.Key]; twice {
			bd.fail(s.Pos, harmSecret, "name one of the two otherwise", "%q is a variable already", s.Key)
		}
		if t.kind != kindDigits {
			bd.fail(s.Value.Pos, harmTyped, "write digits=4..6", "a secret is digits, not %s", t)
		} else if t.min < minPIN || t.max > maxPIN {
			bd.fail(s.Value.Pos, harmTyped, "write digits=4..6", "a PIN has %d to %d digits, not %s", minPIN, maxPIN, t)
		}
		bd.secrets[s.Key] = t
	}
	if n := len(bd.src.Secrets); n > MaxSecrets {
		bd.fail(bd.doc.Pos("secrets"), harmLost, "use some of them twice", "%d secrets, more than %d", n, MaxSecrets)
	}
	if n := len(bd.src.Screens); n == 0 || n > MaxScreens {
		bd.fail(bd.doc.Pos("screens"), harmSlow, "", "a menu has 1 to %d screens, this one %d", MaxScreens, n)
		return
	}
	for i, s := range bd.src.Screens {
		bd.goodName(s.Key, s.Pos)
		if first, twice := bd.index[s.Key]; twice {
			bd.twice("screen", s.Key, s.Pos, bd.src.Screens[first].Pos)
		}
		bd.index[s.Key] = i
	}
}

func (bd *builder) typeOf(name string, pos conf.Pos, src conf.At[string]) typ {
	bd.goodName(name, pos)
	t, err := parseType(src.Value)
	if err != nil {
		bd.fail(src.Pos, harmTyped, mendType, "%v", err)
	}
	return t
}

func (bd *builder) goodName(name string, pos conf.Pos) {
	switch {
	case !goodName.MatchString(name):
		bd.fail(pos, harmUnread, "use a to z, digits and _, at most 20, a letter first", "%q is no name", name)
	case slices.Contains(yamlWords, name):
		bd.fail(pos, harmUnread, "call it otherwise", "%q means yes or no to other YAML readers", name)
	case slices.Contains(ownWords, name):
		bd.fail(pos, harmOther, "call it otherwise", "%q has its own meaning in texts", name)
	}
}

// near is the mend that guesses what was meant, or else lists what would be right
// here; for mistakes that nobody is told of it is nothing.
func (bd *builder) near(word string, names []string) string {
	if bd.bad >= conf.MaxErrors {
		return ""
	}
	slices.Sort(names)
	if name := conf.Nearest(word, names); name != "" {
		return fmt.Sprintf("did you mean %q?", name)
	}
	return knownNames(names)
}

// nearKey is near for the keys of a map.
func nearKey[V any](bd *builder, word string, m map[string]V) string {
	if bd.bad >= conf.MaxErrors {
		return ""
	}
	return bd.near(word, slices.Collect(maps.Keys(m)))
}

// known is the mend that lists what would be right here.
func known[V any](m map[string]V) string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	return knownNames(names)
}

func knownNames(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > 12 {
		names = append(names[:12], "…")
	}
	if len(names) == 0 {
		return "none is known here"
	}
	return "known here: " + strings.Join(names, ", ")
}
