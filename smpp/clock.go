package smpp

import (
	"fmt"
	"strings"
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

// Absolute writes an instant with its zone's offset in quarters of an hour (SMPP 3.4
// §7.1.1.1), to a tenth of a second.
func Absolute(t time.Time) string {
	_, offset := t.Zone()
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	return fmt.Sprintf("%s%d%02d%c", t.Format("060102150405"), t.Nanosecond()/1e8, offset/900, sign)
}

// ReadTime reads a validity_period or schedule_delivery_time of either form, a
// relative one from now on; ok is false for nonsense.
func ReadTime(s string, now time.Time) (t time.Time, ok bool) {
	if d, relative := ReadRelative(s); relative {
		return now.Add(d), true
	}
	if len(s) != 16 || strings.Trim(s[:15], "0123456789") != "" || s[15] != '+' && s[15] != '-' {
		return t, false
	}
	t, err := time.Parse("060102150405", s[:12])
	tenths, quarters := int(s[12]-'0'), int(s[13]-'0')*10+int(s[14]-'0')
	if err != nil || quarters > 48 {
		return t, false
	}
	if s[15] == '+' {
		quarters = -quarters
	}
	return t.Add(time.Duration(tenths)*time.Second/10 + time.Duration(quarters)*15*time.Minute), true
}
