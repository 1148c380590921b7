package menus

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// inFiles is the good menu with the question for an amount in a fragment.
func inFiles() (main, fragment string) {
	much := "  much:\n    text: {en: How much?, sw: Kiasi gani?}\n    ask: amount\n    go: quote\n"
	main = strings.Replace(good, much, "", 1)
	return strings.Replace(main, "brand: Shop\n", "brand: Shop\ninclude:\n  - shared/much.yaml\n", 1), "vars: {extra: flag}\nscreens:\n" + much
}

func TestFragmentsAreRead(t *testing.T) {
	main, fragment := inFiles()
	files := fstest.MapFS{"m.yaml": {Data: []byte(main)}, "shared/much.yaml": {Data: []byte(fragment)}}
	src, err := Read(files, "m.yaml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse("menus/m.yaml", src, goodCatalogue())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range b.Fits() {
		if f.Screen == "much" && (f.File != "menus/shared/much.yaml" || f.Line != 3) {
			t.Fatalf("%+v", f)
		}
	}
	if again, err := Parse("x", b.Source(), goodCatalogue()); err != nil || again.Hash() != b.Hash() {
		t.Fatal("a bundle's source is another bundle", err)
	}
	if _, err := ParseTexts("x", b.Source()); err != nil {
		t.Fatal(err)
	}
	if plain, err := Read(fstest.MapFS{"m.yaml": {Data: []byte(good)}}, "m.yaml"); err != nil || string(plain) != good {
		t.Fatal("a menu of one file was changed", err)
	}
}

func TestFragmentsThatAreRefused(t *testing.T) {
	main, fragment := inFiles()
	including := func(names string) string {
		return strings.Replace(main, "include:\n  - shared/much.yaml", "include: ["+names+"]", 1)
	}
	chain := fstest.MapFS{"m.yaml": {Data: []byte(including("f0.yaml"))}}
	for n := range 6 {
		chain[fmt.Sprintf("f%d.yaml", n)] = &fstest.MapFile{Data: []byte(fmt.Sprintf("include: [f%d.yaml]\n", n+1))}
	}
	many := fstest.MapFS{}
	var names []string
	for n := range 40 {
		name := fmt.Sprintf("g%d.yaml", n)
		names, many[name] = append(names, name), &fstest.MapFile{Data: []byte("vars: {}\n")}
	}
	many["m.yaml"] = &fstest.MapFile{Data: []byte(including(strings.Join(names, ", ")))}
	for name, row := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"a mistake in a fragment": {fstest.MapFS{"m.yaml": {Data: []byte(main)}, "shared/much.yaml": {Data: []byte(strings.Replace(fragment, "go: quote", "go: quoet", 1))}},
			`a/shared/much.yaml:6:9: there is no screen "quoet"`},
		"an unknown key in one": {fstest.MapFS{"m.yaml": {Data: []byte(main)}, "shared/much.yaml": {Data: []byte("brand: x\n" + fragment)}},
			`a/shared/much.yaml:1:1: the key "brand" is not known here`},
		"a screen in both": {fstest.MapFS{"m.yaml": {Data: []byte(main)}, "shared/much.yaml": {Data: []byte(fragment + "  who: {text: {en: x, sw: x}}\n")}},
			`a/shared/much.yaml:7:3: the screen "who" is already at a/m.yaml:38`},
		"a variable in both": {fstest.MapFS{"m.yaml": {Data: []byte(main)}, "shared/much.yaml": {Data: []byte("vars: {to: msisdn}\n" + strings.SplitN(fragment, "\n", 2)[1])}},
			`a/shared/much.yaml:1:8: the variable "to" is already at a/m.yaml:10`},
		"a round":            {fstest.MapFS{"m.yaml": {Data: []byte(including("f.yaml"))}, "f.yaml": {Data: []byte("include: [g.yaml]\n")}, "g.yaml": {Data: []byte("include: [f.yaml]\n")}}, "a/g.yaml:1:11: fragments include each other in a round"},
		"too deep":           {chain, "fragments are included deeper than 4"},
		"too many":           {many, "fragment"},
		"none there":         {fstest.MapFS{"m.yaml": {Data: []byte(main)}}, `a/m.yaml:4:5: there is no fragment "shared/much.yaml"`},
		"outside the folder": {fstest.MapFS{"m.yaml": {Data: []byte(including("../../etc/passwd"))}}, "is no name of a fragment"},
	} {
		t.Run(name, func(t *testing.T) {
			src, err := Read(row.files, "m.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if _, err = Parse("a/m.yaml", src, goodCatalogue()); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Fatalf("got %v, want %s", err, row.want)
			}
		})
	}
	if _, err := Parse("m.yaml", []byte(good+"--- # spare.yaml\nvars: {}\n"), goodCatalogue()); err == nil || !strings.Contains(err.Error(), "nothing includes") {
		t.Fatal(err)
	}
	if _, err := Read(fstest.MapFS{"m.yaml": {Data: []byte("menu: a\n--- # b.yaml\n")}}, "m.yaml"); err == nil || !strings.Contains(err.Error(), "m.yaml:2:1: a line begins with ---") {
		t.Fatal(err)
	}
}
