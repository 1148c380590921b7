package wire

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// FORMAT.md names every kind of record with its fixed size, and no other.
func TestFormatIsExact(t *testing.T) {
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[int]int{}
	row := regexp.MustCompile(`(?m)^\| ([0-9, ]+) \| [^|]+ \| ([0-9]+)`)
	for _, m := range row.FindAllStringSubmatch(string(page), -1) {
		size, _ := strconv.Atoi(m[2])
		for kind := range strings.SplitSeq(m[1], ",") {
			n, _ := strconv.Atoi(strings.TrimSpace(kind))
			drawn[n] = size
		}
	}
	for kind, size := range sizeOf {
		if drawn[kind] != size {
			t.Errorf("kind %d has %d fixed bytes, FORMAT.md says %d", kind, size, drawn[kind])
		}
	}
}
