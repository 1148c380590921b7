package smpp

import (
	"fmt"
	"time"
)

// MaxValidity is the longest time Relative writes: its months have no length.
const MaxValidity = 30 * 24 * time.Hour

// Relative writes a validity_period or schedule_delivery_time from now on, in
// whole seconds, at most MaxValidity (SMPP 3.4 §7.1.1.2). Zero is empty: the
// SMSC's own.
func Relative(d time.Duration) string {
	d = min(d, MaxValidity)
	if d < time.Second {
		return ""
	}
	s := int(d / time.Second)
	return fmt.Sprintf("0000%02d%02d%02d%02d000R", s/86400, s/3600%24, s/60%60, s%60)
}

// ReadRelative is the inverse; ok is false for an absolute time and for nonsense.
func ReadRelative(s string) (d time.Duration, ok bool) {
	if len(s) != 16 || s[15] != 'R' {
		return 0, false
	}
	var part [6]int
	for i := range 12 {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		part[i/2] = part[i/2]*10 + int(s[i]-'0')
	}
	days := part[0]*365 + part[1]*30 + part[2]
	return time.Duration(days*86400+part[3]*3600+part[4]*60+part[5]) * time.Second, true
}
