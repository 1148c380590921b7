package smpp

import (
	"testing"
	"time"
)

func TestRelative(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", time.Millisecond: "", time.Minute: "000000000100000R", 48 * time.Hour: "000002000000000R",
		25*time.Hour + 61*time.Second: "000001010101000R", 99 * 24 * time.Hour: "000030000000000R",
	} {
		if got := Relative(d); got != want {
			t.Errorf("%v: %q, not %q", d, got, want)
		}
		if back, ok := ReadRelative(want); ok != (want != "") || ok && back != min(d, MaxValidity) {
			t.Errorf("%q: %v %v", want, back, ok)
		}
	}
	for _, s := range []string{"R", "000000000100000+", "00000000010000R", "0000000x0100000R"} {
		if _, ok := ReadRelative(s); ok {
			t.Error(s)
		}
	}
}

func TestAbsolute(t *testing.T) {
	nairobi, newfoundland := time.FixedZone("EAT", 3*3600), time.FixedZone("NST", -(3*3600+1800))
	for want, at := range map[string]time.Time{
		"261122165209012+": time.Date(2026, 11, 22, 16, 52, 9, 0, nairobi),
		"261122165209714-": time.Date(2026, 11, 22, 16, 52, 9, 7e8, newfoundland),
		"261122165209000+": time.Date(2026, 11, 22, 16, 52, 9, 0, time.UTC),
	} {
		if got := Absolute(at); got != want {
			t.Errorf("%v: %q, not %q", at, got, want)
		}
		if back, ok := ReadTime(want, time.Time{}); !ok || !back.Equal(at) {
			t.Errorf("%q: %v %v", want, back, ok)
		}
	}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if back, ok := ReadTime("000000000100000R", now); !ok || !back.Equal(now.Add(time.Minute)) {
		t.Errorf("relative: %v %v", back, ok)
	}
	for _, s := range []string{"", "261322165209012+", "261122165209049+", "26112216520901+", "2611221652090x2+", "261122165209012*"} {
		if back, ok := ReadTime(s, now); ok {
			t.Errorf("%q is read as %v", s, back)
		}
	}
}
