package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// histogram keeps durations from 1 µs to 10 min with three digits, in constant
// memory.
type histogram struct{ h *hdrhistogram.Histogram }

func newHistogram() *histogram {
	return &histogram{hdrhistogram.New(1, (10 * time.Minute).Microseconds(), 3)}
}

// add counts a duration; one past the end counts as the longest that fits.
func (h *histogram) add(d time.Duration) {
	us := min(max(d.Microseconds(), 1), h.h.HighestTrackableValue())
	_ = h.h.RecordValue(us) // cannot fail inside the range
}

// ms is a percentile in milliseconds, 0 when nothing was counted.
func (h *histogram) ms(percentile float64) float64 {
	if h.h.TotalCount() == 0 {
		return 0
	}
	return float64(h.h.ValueAtQuantile(percentile)) / 1000
}

func (h *histogram) maxMS() float64 { return float64(h.h.Max()) / 1000 }
