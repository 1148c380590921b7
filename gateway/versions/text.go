package versions

import (
	"fmt"
	"strings"
)

// section is the key whose text is a version.
const section = "operators:"

// Cut parts a configuration into what stands before its operators, the operators,
// and what stands behind. Keys of the file begin at its first column, so the section
// ends where the next one begins; comments right above a key belong to it. ok is
// false when the file has no such section.
func Cut(src string) (before, operators, after string, ok bool) {
	lines := strings.SplitAfter(src, "\n")
	from, to := -1, len(lines)
	for i, line := range lines {
		switch {
		case from < 0 && strings.HasPrefix(line, section):
			from = i
		case from >= 0 && isKey(line):
			to = i
		}
		if to < len(lines) {
			break
		}
	}
	if from < 0 {
		return src, "", "", false
	}
	if to < len(lines) {
		for to > from+1 && (strings.HasPrefix(lines[to-1], "#") || strings.TrimSpace(lines[to-1]) == "") {
			to--
		}
	}
	return strings.Join(lines[:from], ""), strings.Join(lines[from:to], ""), strings.Join(lines[to:], ""), true
}

// isKey tells whether a line begins a key of the file: not indented, no comment, no
// entry of a list.
func isKey(line string) bool {
	return line != "" && !strings.ContainsRune(" \t\r\n#-", rune(line[0]))
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
