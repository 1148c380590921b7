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
