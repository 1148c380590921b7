package menus

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"mlango/internal/conf"
)

// large is the good menu with n more screens in lists of lists, none deeper than
// the operators' cap.
func large(n int) string {
	const wide = 20
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "  s%d:\n    text: {en: Screen %d, sw: Skrini %d}\n    options:\n", i, i, i)
		for c := i*wide + 1; c <= min(i*wide+wide, n-1); c++ {
			fmt.Fprintf(&out, "      - {label: {en: To %d, sw: Kwa %d}, go: s%d}\n", c, c, c)
		}
		out.WriteString("      - {key: \"99\", label: {en: End, sw: Mwisho}, end: {en: Bye, sw: Kwaheri}}\n")
	}
	return strings.NewReplacer("septets: 120", "septets: 120, depth: 12", "  home: {key: \"00\"", "  more: {key: \"98\", label: {en: More, sw: Zaidi}}\n  home: {key: \"00\"",
		"go: who}\n", "go: who}\n      - {label: {en: Lists, sw: Orodha}, go: s0}\n", "screens:\n", "screens:\n"+out.String()).Replace(good)
}

// TestLargeMenus: ten thousand screens compile, in memory that ends.
func TestLargeMenus(t *testing.T) {
	src := large(10_000 - 5)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b, err := Parse("m.yaml", []byte(src), goodCatalogue())
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatalf("%.300s", err)
	}
	t.Logf("%d bytes, %d screens, %d MiB allocated", len(src), len(b.screens), (after.TotalAlloc-before.TotalAlloc)>>20)
}

func BenchmarkParseLarge(b *testing.B) {
	src, cat := []byte(large(10_000-5)), goodCatalogue()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("m.yaml", src, cat); err != nil {
			b.Fatal(err)
		}
	}
}

// TestHostileSourcesCostLittle: what is refused, however large, takes at most
// 64 MiB in all.
func TestHostileSourcesCostLittle(t *testing.T) {
	const most = 64 << 20
	bomb := "a0: &a0 [x, x]\n"
	for n := 1; n < 30; n++ {
		bomb += fmt.Sprintf("a%d: &a%d [*a%d, *a%d]\n", n, n, n-1, n-1)
	}
	var flow strings.Builder
	for n := range 100_000 {
		fmt.Fprintf(&flow, "s%d: {}, ", n)
	}
	for name, src := range map[string]string{
		"100,000 screens":               strings.Replace(good, "screens:\n", "screens:\n"+seq("  s%d: {}\n", 100_000), 1),
		"100,000 screens on one line":   "screens: {" + flow.String() + "z: {}}\n",
		"a million brackets":            "menu: " + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000),
		"a million lists":               strings.Repeat("- ", 1_000_000) + "a\n",
		"a million commas":              "menu: [" + strings.Repeat("a,", 1_000_000) + "a]\n",
		"a million lines":               strings.Repeat("- a: b\n", 400_000),
		"a huge text":                   "menu: \"" + strings.Repeat("x", 100<<20) + "\"\n",
		"a long text":                   strings.Replace(good, "To whom?", strings.Repeat("x", 2<<20), 1),
		"an alias bomb":                 bomb,
		"a long pattern":                strings.Replace(good, "to != me.msisdn", `"to.matches('((((a{9}){9}){9}){9}){9}')"`, 1),
		"a bracket in quotes, unclosed": "menu: \"" + strings.Repeat("[{", 1_000_000) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			in := []byte(src)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Parse("m.yaml", in, goodCatalogue())
			runtime.ReadMemStats(&after)
			if err == nil || len(err.Error()) > 20_000 {
				t.Fatalf("%.300v", err)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > most {
				t.Errorf("refused for %d MiB: %.200v", took>>20, err)
			}
		})
	}
}

// TestWalletSessionsAreSmall: at worst, and in the middle of a payment.
func TestWalletSessionsAreSmall(t *testing.T) {
	p := NewPhone(wallet(t), Facts{Known: true, MSISDN: "254722000001"})
	act, err := p.Dial("*334*1*0722000002*5000#")
	if err == nil && act.Call != nil {
		_, err = p.Answer("ok", map[string]Value{"name": {Set: true, Text: strings.Repeat("W", 40)}, "fee": {Set: true, Int: 999999}})
	}
	if err != nil || len(p.State()) > 96 {
		t.Fatalf("%v, %d bytes", err, len(p.State()))
	}
}

// TestManyMistakesEnd: a menu wrong in every line is refused with the first of them.
func TestManyMistakesEnd(t *testing.T) {
	src := strings.ReplaceAll(large(10_000-5), "go: s", "go: z")
	_, err := Parse("m.yaml", []byte(src), goodCatalogue())
	if err == nil || strings.Count(err.Error(), "\n") >= conf.MaxErrors || !strings.Contains(err.Error(), `there is no screen "z1"`) {
		t.Fatalf("%.500v", err)
	}
}

// TestDeepChainsEnd: every screen behind the one before it.
func TestDeepChainsEnd(t *testing.T) {
	var out strings.Builder
	for i := range 9_000 {
		fmt.Fprintf(&out, "  s%d:\n    text: {en: x, sw: x}\n    options:\n      - {label: {en: x, sw: x}, go: s%d}\n", 8_999-i, min(9_000-i, 8_999))
	}
	src := strings.NewReplacer("screens:\n", "screens:\n"+out.String(), "go: who}\n", "go: who}\n      - {label: {en: y, sw: y}, go: s0}\n").Replace(good)
	_, err := Parse("m.yaml", []byte(src), goodCatalogue())
	if err == nil || !strings.Contains(err.Error(), "is 13 screens and pages deep, more than 8") {
		t.Fatalf("%.500v", err)
	}
}
