package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// whole is a count with its thousands parted.
func whole(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// millis is a duration of so many milliseconds, as people say it.
func millis(f Figure) string {
	ms := float64(f)
	switch {
	case !f.Known():
		return "–"
	case ms < 0.05:
		return "0\u00a0ms"
	case ms < 10:
		return trim(ms, 1) + "\u00a0ms"
	case ms < 1000:
		return trim(ms, 0) + "\u00a0ms"
	case ms < 10_000:
		return trim(ms/1000, 2) + "\u00a0s"
	case ms < 600_000:
		return trim(ms/1000, 1) + "\u00a0s"
	}
	return (time.Duration(ms) * time.Millisecond).Round(time.Second).String()
}

// decimal is a figure with as many digits as it deserves.
func decimal(f Figure) string {
	v := math.Abs(float64(f))
	switch {
	case !f.Known():
		return "–"
	case v >= 1000:
		return whole(int(math.Round(float64(f))))
	case v >= 100:
		return trim(float64(f), 0)
	case v >= 10:
		return trim(float64(f), 1)
	}
	return trim(float64(f), 2)
}

// trim is a number with at most so many decimals and no zeros behind them.
func trim(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}

// percent is a part of a whole; of nothing there is none.
func percent(part, of int) string {
	switch share := 100 * float64(part) / float64(of); {
	case of == 0:
		return "–"
	case part == 0:
		return "0\u00a0%"
	case part == of:
		return "100\u00a0%"
	case share < 0.1:
		return "< 0.1\u00a0%"
	case share > 99.9:
		return "> 99.9\u00a0%"
	case share < 10 || share > 90:
		return trim(share, 1) + "\u00a0%"
	default:
		return trim(share, 0) + "\u00a0%"
	}
}

// many is a count with its noun.
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return whole(n) + " " + more
}

// clock is an instant of a run, from its begin.
func clock(ms int64) string {
	s := float64(ms) / 1000
	if ms >= 60_000 {
		return fmt.Sprintf("%d:%02d", ms/60_000, ms/1000%60)
	}
	return trim(s, 1) + "\u00a0s"
}

// lasting is a duration of so many milliseconds, in the largest units that fit.
func lasting(ms int64) string {
	switch d := time.Duration(ms) * time.Millisecond; {
	case ms%3_600_000 == 0 && ms > 0:
		return strconv.FormatInt(ms/3_600_000, 10) + " h"
	case d >= 2*time.Minute:
		return strings.TrimSuffix(fmt.Sprintf("%d min %d s", ms/60_000, ms/1000%60), " 0 s")
	default:
		return trim(d.Seconds(), 1) + "\u00a0s"
	}
}

// clip keeps a text within so many characters.
func clip(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most-1]) + "…"
}

// breakable is a name in parts, between which a line may break: behind its _.
func breakable(name string) []string {
	return slices.DeleteFunc(strings.SplitAfter(clip(name, maxScreen), "_"), func(part string) bool { return part == "" })
}

// spoken is the name of a wish as people read it.
func spoken(wish string) string { return strings.ReplaceAll(clip(wish, maxScreen), "_", " ") }

// The summary on a terminal: how wide it is, and how far in its sentences stand.
const (
	summaryWide = 80
	summaryHang = 12
)

// hung is a line of the summary in lines that fit, the further ones below its sentence.
func hung(line string) string {
	var out, at strings.Builder
	for i, word := range strings.Split(line, " ") {
		wide := utf8.RuneCountInString(at.String()) + utf8.RuneCountInString(word)
		if i > 0 && wide+1 > summaryWide && strings.TrimSpace(at.String()) != "" {
			out.WriteString(at.String() + "\n")
			at.Reset()
			at.WriteString(strings.Repeat(" ", summaryHang))
		} else if i > 0 {
			at.WriteByte(' ')
		}
		at.WriteString(word)
	}
	return out.String() + at.String()
}
