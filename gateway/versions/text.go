package versions

import (
	"fmt"
	"slices"
	"strings"
)

// tableSections are the keys of a configuration that together are a version.
var tableSections = []string{"operators", "routes"}

// block is a key of a configuration with all that stands below it, and the comments
// right above it.
type block struct{ key, text string }

// blocks parts a configuration at its keys, which begin at the first column. What
// stands before the first is a block without key; together they are the whole.
func blocks(src string) (out []block) {
	lines := strings.SplitAfter(src, "\n")
	from := 0
	key := ""
	for i, line := range lines {
		next := keyOf(line)
		if next == "" {
			continue
		}
		to := i
		for to > from && (strings.HasPrefix(lines[to-1], "#") || strings.TrimSpace(lines[to-1]) == "" && to-1 > from) {
			to--
		}
		if to > from {
			out = append(out, block{key, strings.Join(lines[from:to], "")})
		}
		from, key = to, next
	}
	return append(out, block{key, strings.Join(lines[from:], "")})
}

// keyOf is the key that a line begins; empty when it begins none.
func keyOf(line string) string {
	if line == "" || strings.ContainsRune(" \t\r\n#-}]", rune(line[0])) {
		return ""
	}
	key, _, found := strings.Cut(line, ":")
	if !found {
		return ""
	}
	return strings.Trim(key, "'\" ")
}

// Of is the part of a configuration that is a version, as it is written.
func Of(src string) string {
	var out strings.Builder
	for _, b := range blocks(src) {
		if slices.Contains(tableSections, b.key) {
			out.WriteString(b.text)
		}
	}
	return out.String()
}

// Swap puts the text of another version into a configuration, where its own stands,
// and leaves everything else as it is.
func Swap(src, text string) string {
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	var out strings.Builder
	put := func() {
		if s := out.String(); s != "" && !strings.HasSuffix(s, "\n") {
			out.WriteByte('\n')
		}
		out.WriteString(text)
		text = ""
	}
	for _, b := range blocks(src) {
		if slices.Contains(tableSections, b.key) {
			put()
			continue
		}
		out.WriteString(b.text)
	}
	if text != "" {
		put()
	}
	return out.String()
}

// Limits of a comparison.
const (
	around   = 3    // equal lines shown beside a change
	maxLines = 2000 // of a text; longer ones are only told apart
)

// Diff is how b differs from a, line by line as diff -u shows it; empty when it does
// not.
func Diff(a, b string) string {
	if a == b {
		return ""
	}
	x, y := strings.Split(strings.TrimSuffix(a, "\n"), "\n"), strings.Split(strings.TrimSuffix(b, "\n"), "\n")
	if len(x) > maxLines || len(y) > maxLines {
		return fmt.Sprintf("too long to compare: %d and %d lines\n", len(x), len(y))
	}
	return hunks(edits(x, y))
}

// edit is one line that stays (' '), goes ('-') or comes ('+'), and where.
type edit struct {
	how  byte
	text string
	x, y int // lines before it in a and in b
}

// edits walks along a longest common subsequence.
func edits(x, y []string) (out []edit) {
	most := make([][]int16, len(x)+1)
	for i := range most {
		most[i] = make([]int16, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				most[i][j] = most[i+1][j+1] + 1
			} else {
				most[i][j] = max(most[i+1][j], most[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(x) || j < len(y); {
		switch {
		case i < len(x) && j < len(y) && x[i] == y[j]:
			out = append(out, edit{' ', x[i], i, j})
			i, j = i+1, j+1
		case j == len(y) || i < len(x) && most[i+1][j] >= most[i][j+1]:
			out = append(out, edit{'-', x[i], i, j})
			i++
		default:
			out = append(out, edit{'+', y[j], i, j})
			j++
		}
	}
	return out
}

// hunks shows changes with the lines around them.
func hunks(all []edit) string {
	var out strings.Builder
	for i := 0; i < len(all); {
		if all[i].how == ' ' {
			i++
			continue
		}
		from, last := max(i-around, 0), i
		for i = last + 1; i < len(all) && i-last <= 2*around; i++ {
			if all[i].how != ' ' {
				last = i
			}
		}
		to := min(last+around+1, len(all))
		hunk(&out, all[from:to])
		i = to
	}
	return out.String()
}

func hunk(out *strings.Builder, lines []edit) {
	gone, come := 0, 0
	for _, e := range lines {
		if e.how != '+' {
			gone++
		}
		if e.how != '-' {
			come++
		}
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", lines[0].x+1, gone, lines[0].y+1, come)
	for _, e := range lines {
		fmt.Fprintf(out, "%c%s\n", e.how, e.text)
	}
}
