package conf

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type bindConf struct {
	Host   string   `yaml:"host"`
	Port   uint16   `yaml:"port"`
	Window int      `yaml:"window"`
	Every  Duration `yaml:"enquire_link"`
	Secret string   `yaml:"password" secret:"true"`
}

type fileConf struct {
	Name  string            `yaml:"name"`
	Code  string            `yaml:"code"`
	On    bool              `yaml:"on"`
	Binds []bindConf        `yaml:"binds"`
	Texts map[string]string `yaml:"texts"`
	Then  Map[string]       `yaml:"then"`
	Pin   At[string]        `yaml:"pin"`
	One   *bindConf         `yaml:"one"`
}

func TestParseKeepsWhatPeopleWrote(t *testing.T) {
	src := `name: mlango
code: "*334#"
on: true
binds:
  - {host: 127.0.0.1, port: 2775, enquire_link: 30s}
  - host: b
texts: {en: Hello, no: "Hei"}
then: {ok: done, low: end}
pin: 0123
`
	var c fileConf
	d, err := Parse("t.yaml", []byte(src), &c)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case c.Code != "*334#", c.Pin.Value != "0123", c.Pin.Pos != Pos{9, 6},
		len(c.Binds) != 2, c.Binds[0].Every.D() != 30*time.Second, c.Texts["no"] != "Hei",
		len(c.Then) != 2, c.Then[1].Key != "low", d.Pos("binds[1].host") != Pos{6, 11}, d.Pos("binds[1].port") != Pos{6, 5}:
		t.Fatalf("read %+v, positions %v", c, d.at)
	}
	if low, ok := c.Then.Get("low"); !ok || low != "end" {
		t.Fatal("Map.Get lost an entry")
	}
}

func TestErrorsNameTheirPlace(t *testing.T) {
	for _, row := range []struct{ name, src, want string }{
		{"unknown key", "name: a\nwindo: 3\nbinds: [{hots: x}]\n", "t.yaml:2:1: the key \"windo\" is not known here"},
		{"mistyped key", "binds: [{hots: x}]\n", "t.yaml:1:10: the key \"hots\" is not known here – did you mean \"host\"?"},
		{"duplicate key", "name: a\nname: b\n", "t.yaml:2:1: the key \"name\" is already on line 1 – remove one of the two"},
		{"alias", "name: *x\n", "t.yaml:"},
		{"anchor", "name: &x a\n", "t.yaml:1:7: &x is a YAML anchor; anchors are not allowed"},
		{"tag", "name: !!binary aGk=\n", "t.yaml:1:7: !!binary is a YAML tag; tags are not allowed"},
		{"bare star code", "name: a\ncode: *334#\n", "t.yaml:2:7: the code *334# stands without quotes, YAML reads it as something else – write \"*334#\""},
		{"bare star code in a list", "codes:\n  - *334#\n", "t.yaml:2:5: the code *334# stands without quotes"},
		{"bare hash code", "code: #334\n", "t.yaml:1:7: the code #334 stands without quotes"},
		{"nothing", "name:\ncode: a\n", "t.yaml:1:"},
		{"not a number", "binds: [{port: x}]\n", "t.yaml:1:16: \"x\" is not a whole number from 0 to 65535 – write digits only"},
		{"number too big", "binds: [{port: 65536}]\n", "t.yaml:1:16: \"65536\" is not a whole number"},
		{"not a span", "binds: [{enquire_link: 30}]\n", "t.yaml:1:24: \"30\" is not a span of time – write a number with ms, s, m or h"},
		{"negative span", "binds: [{enquire_link: -1s}]\n", "t.yaml:1:24: \"-1s\" is not a span of time"},
		{"not a bool", "on: yes\n", "t.yaml:1:5: \"yes\" is not true or false"},
		{"list for a word", "name: [a]\n", "t.yaml:1:7: one value is expected here"},
		{"word for a list", "binds: x\n", "t.yaml:1:8: a list is expected here"},
		{"word for a mapping", "one: x\n", "t.yaml:1:6: `key: value` lines are expected here"},
		{"not YAML", "name: \"a\n", "t.yaml:"},
		{"tabs", "binds:\n\t- host: x\n", "t.yaml:2:1: the line begins with a tab – write blanks in its place"},
		{"a sign that begins nothing", "name: @x\n", "t.yaml:1:7: a text without quotes cannot begin with @ – put it in double quotes"},
		{"a quote in the middle of braces", "one: {host: \"a, port: 3}\nname: x\ncode: \"b\"\n", "t.yaml:1:13: a quote on this line has no other"},
		{"a comma is missing", "one: {host: \"a\" port: 3}\n", "t.yaml:1:17: from here on what stands between { and } cannot be read – put each text in double quotes and a comma between two"},
		{"a second colon", "name: a: b\n", "t.yaml:1:8: a colon stands here where none can"},
		{"no colon", "one:\n  host: a\n  port\nname: b\n", "t.yaml:4:1: here or just above a line has no colon"},
		{"not below its neighbours", "one:\n    host: a\n   port: 3\n", "t.yaml:3:4: the line does not begin where those beside it do"},
		{"no dash", "codes:\n  - a\n  b\n", "t.yaml:4:1: here or just above a line has no colon, or one of a list begins without a minus"},
		{"empty", "", "t.yaml:1:1: the file is empty"},
		{"deep", "name: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "\n", "t.yaml:1:"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var c fileConf
			_, err := Parse("t.yaml", []byte(row.src), &c)
			if err == nil || !strings.HasPrefix(err.Error(), row.want) {
				t.Fatalf("got %v, want %s", err, row.want)
			}
		})
	}
}

func TestFailSortsByLine(t *testing.T) {
	var c fileConf
	d, err := Parse("t.yaml", []byte("name: a\nbinds:\n  - host: x\n"), &c)
	if err != nil {
		t.Fatal(err)
	}
	d.Fail("binds[0].port", "a port is missing", "add port: 2775")
	d.Fail("name", "too short", "")
	want := "t.yaml:1:7: too short\nt.yaml:3:5: a port is missing – add port: 2775"
	if got := d.Err().Error(); got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestSecretComesFromOnePlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s")
	if err := os.WriteFile(file, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MLANGO_T", "loud")
	if b, err := Secret("", file); err != nil || string(b) != "hush" {
		t.Fatal(string(b), err)
	}
	if b, err := Secret("MLANGO_T", ""); err != nil || string(b) != "loud" {
		t.Fatal(string(b), err)
	}
	for _, bad := range [][2]string{{"MLANGO_T", file}, {"MLANGO_NOT_SET", ""}, {"", file + "x"}} {
		if _, err := Secret(bad[0], bad[1]); err == nil {
			t.Fatalf("%v gave a secret", bad)
		}
	}
}

func TestPrintMasksSecrets(t *testing.T) {
	var b bytes.Buffer
	Print(&b, fileConf{Name: "x", Binds: []bindConf{{Host: "h", Secret: "hush"}}})
	if s := b.String(); strings.Contains(s, "hush") || !strings.Contains(s, "password: ****") || !strings.Contains(s, `host: "h"`) {
		t.Fatal(s)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"name: a", "binds: [{port: 1}]", "a: &x [*x]", "? [a]: b", "code: *334#", "- - - a", "{{{{", "name: |\n  a\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		var c fileConf
		d, err := Parse("f.yaml", src, &c)
		if (err == nil) != (len(d.errs) == 0) {
			t.Fatal("an error that is not in the list")
		}
	})
}
