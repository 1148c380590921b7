package menus

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the transcripts anew; commit only what you understand")

func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	b := wallet(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if *rewrite {
				out, err := Rewrite(file, src, b, testCatalogue())
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, out, 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if err := Compare(file, src, b, testCatalogue()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestCompareNamesThePlace(t *testing.T) {
	b := wallet(t)
	for _, row := range []struct{ src, want string }{
		{"subscriber known\ndial *334#\n----\nscreen home (open)\n  M-Wallet\n  1 Send\n", `t.txt:6:1: after "dial *334#" there is "1 Send money", written is "1 Send"`},
		{"sing\n", "t.txt:1:1: not a command"},
		{"subscriber tall\n", `t.txt:1:1: "tall" is nothing that is known of a subscriber`},
		{"subscriber known\ndial *334*1*0722000002*500#\n\nanswer ok fee\n", `t.txt:4:1: "fee" has no =`},
		{"subscriber known\ndial *334*1*0722000002*500#\n\nanswer ok fee=x\n", `t.txt:4:1: fee=x is no whole number`},
		{"subscriber known\ndial *334*1*0722000002*500#\n\nanswer ok pin=1234\n", `t.txt:4:1: quote_send gives no "pin"`},
		{strings.Repeat("# x\n", MaxTranscript/4+1), "t.txt: 262148 bytes"},
	} {
		if err := Compare("t.txt", []byte(row.src), b, testCatalogue()); err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%.40q gave %v, want %s", row.src, err, row.want)
		}
	}
}

func TestPreviewReachesAnEnd(t *testing.T) {
	p := NewPhone(wallet(t), Facts{Known: true, MSISDN: "254722000001", Language: "sw"})
	show := func(act Action, err error) *Show {
		t.Helper()
		s, err := p.Shown(act, err, testCatalogue())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := show(p.Dial("*334#"))
	for _, key := range strings.Split("1,0722000002,500,4826", ",") {
		s = show(p.Press(key))
	}
	if units, limit, inUCS2 := p.Units(s.Text); units != len(s.Text) || limit != 160 || inUCS2 {
		t.Errorf("%d of %d", units, limit)
	}
	if !s.End || !strings.HasPrefix(s.Text, "UKM4K2X9QZ Imethibitishwa. Ksh500.00 imetumwa kwa JANE W.") {
		t.Fatalf("%+v", s)
	}
}

func TestAfterCode(t *testing.T) {
	for dialled, want := range map[string]string{"*334#": "", "334": "", "*334": "", "*334*1*0722*5#": "1*0722*5", "": "", "#": "", "*334*#": "", "*334**#": "*"} {
		if got := AfterCode(dialled); got != want {
			t.Errorf("%q gave %q, want %q", dialled, got, want)
		}
	}
}
