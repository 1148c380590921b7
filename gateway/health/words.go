package health

import (
	"fmt"
	"math"
	"time"
)

// Percent is a share in words: 5 %, 0.4 %.
func Percent(share float64) string {
	p := 100 * share
	if p > 0 && p < 9.95 && math.Abs(p-math.Round(p)) > 0.05 {
		return fmt.Sprintf("%.1f %%", p)
	}
	return fmt.Sprintf("%.0f %%", p)
}

// Millis is a round trip in words: 0.3 ms, 210 ms, 2.4 s.
func Millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms >= 10_000:
		return fmt.Sprintf("%.0f s", ms/1000)
	case ms >= 1000:
		return fmt.Sprintf("%.1f s", ms/1000)
	case ms >= 10:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f ms", ms)
}

// Age is how long something lasts, in the two largest units: 9s, 4m12s, 3h05m,
// 2d4h.
func Age(d time.Duration) string {
	s := int64(max(d, 0).Round(time.Second) / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	case s < 86400:
		return fmt.Sprintf("%dh%02dm", s/3600, s/60%60)
	}
	return fmt.Sprintf("%dd%dh", s/86400, s/3600%24)
}

func (c Counts) words() string {
	if c.Failed == 0 {
		return fmt.Sprintf("none of %d messages failed", c.Done)
	}
	return fmt.Sprintf("%d of %d messages failed, %s", c.Failed, c.Done, Percent(c.share()))
}
