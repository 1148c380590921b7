package load

import (
	"math"
	"math/bits"
	"time"

	"mlango/simulator/report"
)

// Cells of a times: 32 between a duration and its double, so a figure read back is
// at most 1.6 % off.
const (
	cellBits = 5
	cells    = 1 << cellBits
)

// times counts durations from 1 µs to 10 min in a few kilobytes at most, and adds up
// with others; the zero value is empty. A slice of a run has one, where an HDR
// histogram would take fifty times the room.
type times struct {
	n     int
	most  time.Duration
	count []uint32
}

// cellOf is the cell of a duration.
func cellOf(d time.Duration) int {
	us := uint64(min(max(d.Microseconds(), 0), (10 * time.Minute).Microseconds()))
	shift := max(bits.Len64(us)-cellBits-1, 0)
	return cells*shift + int(us>>shift)
}

// middle is the duration in the middle of a cell, in milliseconds.
func middle(cell int) float64 {
	shift := max(cell/cells-1, 0)
	low := uint64(cell-cells*shift) << shift
	return (float64(low) + float64(uint64(1)<<shift)/2) / 1000
}

// add counts a duration; one past the end counts as the longest that fits.
func (t *times) add(d time.Duration) {
	cell := cellOf(d)
	for len(t.count) <= cell {
		t.count = append(t.count, 0)
	}
	t.count[cell]++
	t.n++
	t.most = max(t.most, d)
}

// merge adds what another counted.
func (t *times) merge(other *times) {
	for len(t.count) < len(other.count) {
		t.count = append(t.count, 0)
	}
	for i, n := range other.count {
		t.count[i] += n
	}
	t.n += other.n
	t.most = max(t.most, other.most)
}

// ms is a percentile in milliseconds; nobody knows it of nothing.
func (t *times) ms(percentile float64) Figure {
	if t.n == 0 {
		return report.Unknown()
	}
	rank, sum := int(math.Ceil(percentile/100*float64(t.n))), 0
	for cell, n := range t.count {
		if sum += int(n); sum >= max(rank, 1) {
			return Figure(min(middle(cell), float64(t.most.Microseconds())/1000))
		}
	}
	return t.maxMS()
}

// maxMS is the longest in milliseconds.
func (t *times) maxMS() Figure {
	if t.n == 0 {
		return report.Unknown()
	}
	return Figure(float64(t.most.Microseconds()) / 1000)
}
