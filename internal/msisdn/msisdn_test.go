package msisdn

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for typed, want := range map[string]string{
		"0722000002": "254722000002", "722000002": "254722000002", "254722000002": "254722000002",
		"+254722000002": "254722000002", "0722 000 002": "254722000002", "0722-000-002": "254722000002",
		"0110000001": "254110000001",
		"":           "", "07": "", "07220000021": "", "0422000002": "", "0722000002#": "", "*334#": "", "０７２２０００００２": "",
		"0722a00002": "", "++254722000002": "", "072200000200000000000000000000": "",
	} {
		got, err := Parse("KE", typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q gave %q, %v; want %q", typed, got, err, want)
		}
	}
}

// Whatever the short way says the library says too.
func TestKnownBlocksAreTheLibrarys(t *testing.T) {
	for region, plan := range plans {
		for n := 0; n < 10_000; n += 11 {
			national := plan.lead + fmt.Sprintf("%04d", n) + strings.Repeat("3", plan.digits-len(plan.lead)-4)
			for _, typed := range []string{"0" + national, national, plan.code + national, "+" + plan.code + national} {
				short, ok := known(region, typed)
				long, err := library(region, typed)
				if !ok || err != nil || short != long {
					t.Fatalf("%s: %q by the block, %q (%v) by the library", typed, short, long, err)
				}
			}
		}
		for _, typed := range []string{"", "0", plan.lead, "+0" + plan.lead + "22000002", "+" + plan.lead + "22000002", "00722000002"} {
			if got, ok := known(region, typed); ok {
				t.Errorf("%q was taken as %q", typed, got)
			}
		}
	}
}

func TestShapes(t *testing.T) {
	for _, row := range []struct{ e164, mask, local, show string }{
		{"254722000678", "2547*****678", "0722000678", "0722***678"},
		{"4917012345678", "4917*****678", "+4917012345678", "+491***678"},
		{"0722", "*****", "0722", "***"},
		{"", "*****", "", "***"},
	} {
		if Mask(row.e164) != row.mask || Local(row.e164) != row.local || Show(row.e164) != row.show {
			t.Errorf("%q: %q %q %q", row.e164, Mask(row.e164), Local(row.e164), Show(row.e164))
		}
	}
	var b bytes.Buffer
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "msisdn", Logged("254722000678"))
	if strings.Contains(b.String(), "254722000678") || !strings.Contains(b.String(), "2547*****678") {
		t.Error(b.String())
	}
}

func TestParseAmount(t *testing.T) {
	for typed, want := range map[string]int64{
		"1": 100, "500": 50000, "1,000": 100000, "12,345,678": 1234567800, "50.5": 5050, "50.50": 5050, "0.50": 50, "1,000.50": 100050,
		"999999999": 99999999900,
		"":          0, "0": 0, "0.00": 0, "-1": 0, "+1": 0, "007": 0, "0.001": 0, "1.": 0, ".5": 0, "1,00": 0, "1,0000": 0, ",100": 0, "1000,000": 0,
		"1e9": 0, "１００": 0, "5 00": 0, "1000000000": 0, "99999999999999999999": 0, "1.2.3": 0, "500#": 0,
	} {
		got, err := ParseAmount(typed)
		if got != want || (err == nil) != (want != 0) {
			t.Errorf("%q gave %d, %v; want %d", typed, got, err, want)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	f.Add("1,000.50")
	f.Fuzz(func(t *testing.T, typed string) {
		if n, err := ParseAmount(typed); err == nil && (n <= 0 || n > MaxMajor*100+99) {
			t.Fatalf("%q gave %d", typed, n)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("0722000002")
	f.Add("0002781000") // from Kenya 000 leads abroad, here to a number of seven digits
	f.Fuzz(func(t *testing.T, typed string) {
		if n, err := Parse("KE", typed); err == nil && !Valid(n) {
			t.Fatalf("%q gave %q", typed, n)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("KE", "0722000002"); err != nil {
			b.Fatal(err)
		}
	}
}
