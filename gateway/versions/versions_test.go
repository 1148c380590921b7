package versions

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

func TestStore(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	put := func(text string, fresh bool) Version {
		t.Helper()
		v, isFresh, err := s.Put(Version{At: time.Unix(100, 0).UTC(), How: "reload", Text: text, Files: map[string]string{"./acme.yaml": "x"}})
		if err != nil || isFresh != fresh {
			t.Fatal(v, isFresh, err)
		}
		return v
	}
	one := put("operators: [a]\n", true)
	two := put("operators: [b]\n", true)
	if again := put("operators: [b]\n", false); again.Number != 2 || again.Hash != two.Hash {
		t.Error(again)
	}
	put("operators: [a]\n", true) // back, under a new number
	s, _ = Open(dir)
	list, err := s.List()
	if err != nil || len(list) != 3 || list[2].Hash != one.Hash || list[2].Number != 3 || list[1].Text != "" {
		t.Error(list, err)
	}
	for name, want := range map[string]int{"1": 1, "2": 2, one.Short(): 3, strings.ToUpper(two.Hash[:4]): 2} {
		if v, err := s.Get(name); err != nil || v.Number != want || v.Files["./acme.yaml"] != "x" {
			t.Errorf("%s: %v %v", name, v, err)
		}
	}
	for _, name := range []string{"9", "abc", "../1", "", "-1", "ffffffffffff"} {
		if _, err := s.Get(name); !errors.Is(err, ErrNone) {
			t.Errorf("%s: %v", name, err)
		}
	}
	raw, _ := os.ReadFile(s.path(2))
	_ = os.WriteFile(s.path(2), []byte(strings.Replace(string(raw), "[b]", "[c]", 1)), 0o600)
	if _, err := s.Get("2"); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
	if list, err = s.List(); err != nil || list[1].How != ErrDamaged.Error() {
		t.Error(list, err)
	}
	for i := range Keep {
		put(fmt.Sprint("operators: ", i), true)
	}
	if list, _ = s.List(); len(list) != Keep || list[0].Number != 4 || list[Keep-1].Number != Keep+3 {
		t.Errorf("%d kept, from %d", len(list), list[0].Number)
	}
}

func TestOfAndSwap(t *testing.T) {
	const head, ops, mid, routes, tail = "# the file\n\nname: gw1\n", "# all of them\noperators:\n  - name: a # x\n\n# unindented remark\n- name: b\n",
		"\n# where it listens\nlisten: x\n", "routes:\n  - via: [a]\n", "store: memory\n"
	src := head + ops + mid + routes + tail
	if got := Of(src); got != ops+routes {
		t.Errorf("%q", got)
	}
	if got := Swap(src, ops+routes); got != head+ops+routes+mid+tail {
		t.Errorf("%q", got)
	}
	if got := Swap(src, "operators: [c]"); got != head+"operators: [c]\n"+mid+tail || Of(got) != "operators: [c]\n" {
		t.Errorf("%q", got)
	}
	if got := Swap("name: x", ops); got != "name: x\n"+ops {
		t.Errorf("%q", got)
	}
	if Of(head+tail) != "" || Of("operators: {\n}\n") != "operators: {\n}\n" {
		t.Error("sections")
	}
}

func TestDiff(t *testing.T) {
	lines := strings.Split("a b c d e f g h i j k l m n o p", " ")
	a := strings.Join(lines, "\n") + "\n"
	lines[1], lines[14] = "B", "O\nO2"
	if got, want := Diff(a, strings.Join(lines, "\n")+"\n"), "@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -12,5 +12,6 @@\n l\n m\n n\n-o\n+O\n+O2\n p\n"; got != want {
		t.Errorf("%s", got)
	}
	if got := Diff("a\n", "a\nb\n"); got != "@@ -1,1 +1,2 @@\n a\n+b\n" {
		t.Errorf("%s", got)
	}
	if Diff(a, a) != "" || !strings.Contains(Diff(strings.Repeat("x\n", maxLines+1), "y"), "too long") {
		t.Error("bounds")
	}
}

// FuzzSwap: the blocks are the whole, and what is put in is found again.
func FuzzSwap(f *testing.F) {
	f.Add("name: x\noperators:\n  - a\n# b\nlisten: c\n")
	f.Fuzz(func(t *testing.T, src string) {
		whole := ""
		for _, b := range blocks(src) {
			whole += b.text
		}
		if whole != src {
			t.Errorf("%q", src)
		}
		const text = "operators:\n  - z\n"
		if got := Of(Swap(src, text)); !strings.Contains(got, text) {
			t.Errorf("%q: %q", src, got)
		}
	})
}
