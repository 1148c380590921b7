package menus

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// long is the good menu with a list and a text that no screen holds, a choice, a
// date, and the key of the next page.
func long(options int) string {
	var list strings.Builder
	for n := range options {
		fmt.Fprintf(&list, "      - {label: {en: County %d of the land, sw: Kaunti %d ya nchi}, go: home}\n", n+1, n+1)
	}
	return strings.NewReplacer(
		"fits: {septets: 120}", "fits: {septets: 120, depth: 8}",
		`  home: {key: "00", label: {en: Home, sw: Nyumbani}}`, `  home: {key: "00", label: {en: Home, sw: Nyumbani}}`+"\n"+`  more: {key: "98", label: {en: More, sw: Zaidi}}`,
		"  fee: money\n", "  fee: money\n  period: choice=week|month\n  born: date\nlabels:\n  period: {week: {en: This week, sw: Wiki hii}, month: {en: This month, sw: Mwezi huu}}\n",
		"  text: {en: No text", "  date: {en: No date, sw: Si tarehe}\n  text: {en: No text",
		"{label: {en: Pay, sw: Lipa}, go: who}", "{label: {en: Pay, sw: Lipa}, go: who}\n      - {label: {en: Counties, sw: Kaunti}, go: list}\n      - {label: {en: When, sw: Lini}, go: period}",
		"  who:\n", "  list:\n    text: {en: Which county?, sw: Kaunti gani?}\n    options:\n"+list.String()+
			"  period:\n    text: {en: \""+strings.Repeat("For how long do you ask, {brand} wants to know? ", 5)+"\", sw: Kwa muda gani?}\n    ask: period\n    go: born\n"+
			"  born:\n    text: {en: \""+strings.Repeat("When were you born? ", 8)+"\", sw: Ulizaliwa lini?}\n    ask: born\n    check:\n      - {must: born + 6570 <= me.today, else: {en: You are too young, sw: Bado mdogo}}\n    go: told\n"+
			"  told:\n    text: {en: \"{period} since {born}\", sw: \"{period} tangu {born}\"}\n    options:\n      - {label: {en: Week only, sw: Wiki tu}, if: 'period == \"week\"', go: home}\n      - {label: {en: Fine, sw: Sawa}, go: home, set: {period: =month}}\n"+
			"  who:\n",
	).Replace(good)
}

// sampleTime is 22 November 2026, 9:14 in Nairobi.
func sampleTime() time.Time { return time.UnixMilli(1795328040000) }

func longMenu(t testing.TB, options int) *Bundle {
	t.Helper()
	b, err := Parse("m.yaml", []byte(long(options)), goodCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPagesHoldEverythingOnce(t *testing.T) {
	b := longMenu(t, 24)
	for _, septets := range []int{120, 160, 182} {
		p := NewPhone(b, Facts{Known: true, Septets: septets})
		press := func(key string) string {
			t.Helper()
			act, err := p.Press(key)
			if err != nil || gsm7.units(act.Show.Text) > septets {
				t.Fatalf("%v: %d septets: %q", err, gsm7.units(act.Show.Text), act.Show.Text)
			}
			return act.Show.Text
		}
		if _, err := p.Dial("*334#"); err != nil {
			t.Fatal(err)
		}
		pages := []string{press("2")}
		for strings.Contains(pages[len(pages)-1], "98 More") {
			pages = append(pages, press("98"))
		}
		all := strings.Join(pages, "\n")
		for n := 1; n <= 24; n++ {
			if strings.Count(all, fmt.Sprintf("\n%d County %d of the land\n", n, n))+strings.Count(all, fmt.Sprintf("%d County %d of the land\n", n, n)) == 0 {
				t.Fatalf("%d septets: option %d is on no page:\n%s", septets, n, all)
			}
		}
		// Back goes the same pages the other way, and then to the screen before.
		for n := len(pages) - 2; n >= 0; n-- {
			if got := press("0"); got != pages[n] {
				t.Fatalf("back to page %d showed\n%s\nnot\n%s", n+1, got, pages[n])
			}
		}
		// An option of any page can be picked on any; 98 is none on the last.
		if got := press("0"); !strings.HasPrefix(got, "Shop") {
			t.Fatal(got)
		}
		press("2")
		if got := press("24"); !strings.HasPrefix(got, "Shop") {
			t.Fatal(got)
		}
	}
}

func TestQuestionsAreAnsweredWhereTheyEnd(t *testing.T) {
	p := NewPhone(longMenu(t, 2), Facts{Known: true, Today: Day(sampleTime(), 180)})
	if _, err := p.Dial("*334#"); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ key, want string }{
		{"3", "For how long"},
		{"98", ""}, {"98", "1 This week\n2 This month"}, {"98", "No choice"},
		{"1", "When were you born?"},
		{"22111999", "No choice\nWhen"}, // not the question's end
		{"98", "born?"},
		{"31/2/1999", "No date"}, {"22112020", "You are too young"},
		{"22/11/1999", "This week since 22/11/1999\n1 Week only\n2 Fine"},
		{"0", "When were you born?"},
	} {
		act, err := p.Press(row.key)
		if err != nil || !strings.Contains(act.Show.Text, row.want) {
			t.Fatalf("%q showed %q, %v, not %q", row.key, act.Show.Text, err, row.want)
		}
	}
}

// TestAnyPageFits turns the pages of any list at any limit, with any note above.
func TestAnyPageFits(t *testing.T) {
	b := longMenu(t, 24)
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(20, 182).Draw(t, "septets")
		p := NewPhone(b, Facts{Known: true, Septets: limit})
		act, err := p.Dial("*334#")
		for range rapid.IntRange(1, 30).Draw(t, "hops") {
			if err != nil || act.Show == nil || gsm7.units(act.Show.Text) > limit || act.Show.Text == "" {
				t.Fatalf("%v %+v", err, act.Show)
			}
			if act.Show.End {
				return
			}
			act, err = p.Press(rapid.SampledFrom([]string{"2", "3", "98", "98", "98", "0", "x"}).Draw(t, "key"))
		}
	})
}

func TestLongScreensAreProved(t *testing.T) {
	b := longMenu(t, 24)
	for _, f := range b.Fits() {
		if f.Screen == "list" && (f.Pages < 3 || f.Left() < 0) {
			t.Fatalf("%+v", f)
		}
	}
	for name, row := range map[string]struct{ old, now, want string }{
		"no key of the next page": {"\n  more: {key: \"98\", label: {en: More, sw: Zaidi}}", "", "list in en can take"},
		"an option too long":      {"County 1 of the land", "County 1 " + strings.Repeat("x", 110), "a word or option of list in en can take 121 septets"},
		"label missing":           {", month: {en: This month, sw: Mwezi huu}", "", `the word "month" of the choice "period" has no label`},
		"label of no word":        {"{week: {en: This", "{day: {en: a, sw: b}, week: {en: This", `"day" is no word of the choice`},
		"check of a choice":       {"    ask: period\n", "    ask: period\n    check: [{must: 'period != \"week\"', else: {en: a, sw: b}}]\n", "a choice is picked from a list"},
		"word that is none":       {"set: {period: =month}", "set: {period: =year}", "choice=week|month is wanted here"},
		"key taken by more":       {"- {label: {en: Week only", "- {key: \"98\", label: {en: Week only", `the key "98" is taken`},
		"no sentence for a date":  {"  date: {en: No date, sw: Si tarehe}\n", "", "says.date is missing"},
		"two lines of an option":  {"en: County 1 of", "en: \"County\\n1\", xx: County 1 of", "has more than one line"},
		"pages that lie too deep": {"septets: 120, depth: 8", "septets: 120, depth: 5", "the screen \"told\" is"},
		"an operator with less":   {"fits: {septets: 120, depth: 8}", "fits: {septets: 120}\noperators: {small: {septets: 40}}", "of 40; handsets would show it without its end"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("m.yaml", []byte(strings.Replace(long(24), row.old, row.now, 1)), goodCatalogue())
			if row.want == "" {
				if err != nil {
					t.Fatal(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %v, want %s", err, row.want)
			}
		})
	}
}

func TestTooManyPagesAreRefused(t *testing.T) {
	if _, err := Parse("m.yaml", []byte(long(60)), goodCatalogue()); err == nil || !strings.Contains(err.Error(), "pages, more than 9") {
		t.Fatal(err)
	}
}

func TestOperatorsSetTheLimits(t *testing.T) {
	src := strings.Replace(good, "fits: {septets: 120}", "operators: {one: {septets: 182}, two: {septets: 170, ucs2: 70, depth: 6}}", 1)
	b, err := Parse("m.yaml", []byte(src), goodCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	if septets, units := b.Limits(); septets != 170 || units != 70 {
		t.Fatal(septets, units)
	}
}
