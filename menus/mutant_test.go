package menus

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mutant is the wallet with one thing changed in one line.
type mutant struct {
	kind string
	line int // from 0
	now  []string
}

// mutator makes mutants of a line.
type mutator struct {
	kind  string
	quota int
	make  func(m *mutants, line int) [][]string // lines in place of this one and the next
}

// mutants are the wallet's lines and what may be picked.
type mutants struct {
	lines   []string
	screens []string
}

// What the kinds look for in a line.
var (
	aScreen = regexp.MustCompile(`^  ([a-z_]+):$`)
	aTarget = regexp.MustCompile(`(\bgo: |^ {4,6}[a-z_, ]+: )([a-z_]+)(,|}|$)`)
	aWay    = regexp.MustCompile(`^( {4,6})([a-z_, ]+): (\{.+)$`)
	aText   = regexp.MustCompile(`\b(en|sw): ("[^"]*"|[^,{}"]+)([,}])`)
	aValue  = regexp.MustCompile(`\{[a-z_.]+\}`)
	aType   = regexp.MustCompile(`^  ([a-z_]+): (msisdn|money|flag|time|text<=20|text<=10|digits=4..6)$`)
	aBudget = regexp.MustCompile(`budget: [0-9]+ms`)
)

func one(s string) [][]string { return [][]string{{s}} }

var mutatorTable = []mutator{
	{"delete", 60, func(m *mutants, n int) [][]string { return [][]string{{}} }},
	{"misname", 30, func(m *mutants, n int) [][]string {
		if !aTarget.MatchString(m.lines[n]) {
			return nil
		}
		return one(aTarget.ReplaceAllString(m.lines[n], "${1}${2}x$3"))
	}},
	{"rename", 30, func(m *mutants, n int) [][]string {
		if !aScreen.MatchString(m.lines[n]) && !aType.MatchString(m.lines[n]) {
			return nil
		}
		return one(strings.Replace(m.lines[n], ":", "x:", 1))
	}},
	{"retarget", 50, func(m *mutants, n int) [][]string {
		if !aTarget.MatchString(m.lines[n]) {
			return nil
		}
		return one(aTarget.ReplaceAllString(m.lines[n], "${1}"+m.pick(n)+"$3"))
	}},
	{"swap", 30, func(m *mutants, n int) [][]string {
		if n+1 >= len(m.lines) {
			return nil
		}
		a, b := aWay.FindStringSubmatch(m.lines[n]), aWay.FindStringSubmatch(m.lines[n+1])
		if a == nil || b == nil || a[3] == b[3] || strings.Contains(a[3], "en: ") != strings.Contains(b[3], "en: ") {
			return nil
		}
		return [][]string{{a[1] + a[2] + ": " + b[3], b[1] + b[2] + ": " + a[3]}}
	}},
	{"lengthen", 30, func(m *mutants, n int) [][]string {
		if !aText.MatchString(m.lines[n]) {
			return nil
		}
		return one(aText.ReplaceAllStringFunc(m.lines[n], func(text string) string {
			end := text[len(text)-1:]
			return strings.TrimSuffix(text[:len(text)-1], `"`) + strings.Repeat(" xyz", 100) + map[bool]string{true: `"`}[strings.HasSuffix(text, `"`+end)] + end
		}))
	}},
	{"untranslate", 20, func(m *mutants, n int) [][]string {
		if !strings.Contains(m.lines[n], ", sw: ") {
			return nil
		}
		return one(strings.Replace(m.lines[n], ", sw: ", ", sv: ", 1))
	}},
	{"letter", 10, func(m *mutants, n int) [][]string {
		if !strings.Contains(m.lines[n], `en: "`) {
			return nil
		}
		return one(strings.Replace(m.lines[n], `en: "`, `en: "“`, 1))
	}},
	{"secret", 15, func(m *mutants, n int) [][]string {
		if !aValue.MatchString(m.lines[n]) {
			return nil
		}
		return one(aValue.ReplaceAllString(m.lines[n], "{pin}"))
	}},
	{"budget", 8, func(m *mutants, n int) [][]string {
		if !aBudget.MatchString(m.lines[n]) {
			return nil
		}
		return one(aBudget.ReplaceAllString(m.lines[n], "budget: 9s"))
	}},
	{"unsure", 8, func(m *mutants, n int) [][]string {
		if !strings.HasPrefix(strings.TrimSpace(m.lines[n]), "unknown: ") {
			return nil
		}
		return one("    unknown: home")
	}},
	{"type", 8, func(m *mutants, n int) [][]string {
		if !aType.MatchString(m.lines[n]) {
			return nil
		}
		return one(aType.ReplaceAllString(m.lines[n], "  $1: digits=2"))
	}},
	{"key", 8, func(m *mutants, n int) [][]string {
		if !strings.HasPrefix(m.lines[n], "      - {label: ") {
			return nil
		}
		return one(strings.Replace(m.lines[n], "{label", `{key: "00", label`, 1))
	}},
	{"value", 20, func(m *mutants, n int) [][]string {
		if !aValue.MatchString(m.lines[n]) {
			return nil
		}
		return one(aValue.ReplaceAllString(m.lines[n], "{brand_}"))
	}},
}

// all makes the mutants of the wallet: of each kind its quota, picked by the hash
// of their names, so that a change of the wallet leaves most of them as they are.
func (m *mutants) all() (out []mutant) {
	for _, kind := range mutatorTable {
		var these []mutant
		for n, line := range m.lines {
			if strings.TrimSpace(line) == "" || strings.HasPrefix(strings.TrimSpace(line), "#") {
				continue
			}
			for _, now := range kind.make(m, n) {
				if len(now) == 0 || now[0] != line {
					these = append(these, mutant{kind.kind, n, now})
				}
			}
		}
		slices.SortFunc(these, func(a, b mutant) int { return cmp.Compare(seeded(m.name(a)), seeded(m.name(b))) })
		out = append(out, these[:min(kind.quota, len(these))]...)
	}
	return out
}

// seed begins every choice that these tests make.
const seed = "334"

func seeded(name string) uint64 {
	sum := sha256.Sum256([]byte(seed + name))
	return binary.BigEndian.Uint64(sum[:])
}

// pick is a screen that a way of this line may lead to instead.
func (m *mutants) pick(line int) string {
	return slices.MinFunc(m.screens, func(a, b string) int {
		at := m.name(mutant{"", line, nil})
		return cmp.Compare(seeded(at+a), seeded(at+b))
	})
}

// source is the wallet with the mutant in it.
func (m *mutants) source(x mutant) string {
	after := x.line + max(len(x.now), 1)
	return strings.Join(slices.Concat(m.lines[:x.line], x.now, m.lines[after:]), "\n")
}

// name is where the mutant stands: the screen, and the key or label there.
func (m *mutants) name(x mutant) string {
	screen := ""
	for n := x.line; n >= 0 && screen == ""; n-- {
		if s := aScreen.FindStringSubmatch(m.lines[n]); s != nil {
			screen = s[1]
		}
	}
	line := strings.TrimSpace(m.lines[x.line])
	if label, ok := strings.CutPrefix(line, "- {label: {en: "); ok {
		line = label
	}
	key, _, _ := strings.Cut(strings.TrimPrefix(line, "- "), ":")
	key, _, _ = strings.Cut(key, ", sw")
	return x.kind + " " + screen + " " + clip(key, 40)
}

// TestMutantsOfTheWallet: each is refused, or known to be harmless.
func TestMutantsOfTheWallet(t *testing.T) {
	m := &mutants{lines: strings.Split(string(walletSource(t)), "\n")}
	in := false
	for _, line := range m.lines {
		in = (in || line == "screens:") && line != "sms:"
		if s := aScreen.FindStringSubmatch(line); in && s != nil {
			m.screens = append(m.screens, s[1])
		}
	}
	cat, reasons, refused, harmless := testCatalogue(), map[string]string{}, 0, 0
	for reason, names := range harmlessMutants {
		for _, name := range names {
			reasons[name] = reason
		}
	}
	stale := maps.Clone(reasons)
	for _, x := range m.all() {
		name := m.name(x)
		delete(stale, name)
		b, err := Parse("m.yaml", []byte(m.source(x)), cat)
		switch {
		case err == nil && reasons[name] == "":
			t.Errorf("accepted: %s\n  was %s\n  now %s", name, clip(m.lines[x.line], 150), clip(strings.Join(x.now, "\n      "), 300))
		case err == nil:
			harmless++
			if (reasons[name] == otherCause || reasons[name] == otherWords) && !noticed(t, b, cat) {
				t.Errorf("no transcript notices %s", name)
			}
		case reasons[name] != "":
			refused++
			t.Logf("listed as harmless, and refused as the wallet is: %s: %v", name, err)
		default:
			refused++
		}
	}
	for name := range stale {
		t.Logf("listed as harmless, and not drawn from the wallet as it is: %s", name)
	}
	if refused+harmless < 200 {
		t.Errorf("only %d mutants", refused+harmless)
	}
	t.Logf("%d mutants refused, %d harmless", refused, harmless)
}

// noticed tells whether a transcript does not hold for b.
func noticed(t *testing.T, b *Bundle, cat Catalogue) bool {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if Compare(file, src, b, cat) != nil {
			return true
		}
	}
	return false
}
