package load

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// HDR writes latencies as HDR histograms: screens.hlog as the run goes on, an interval
// a second, and at its end the distributions as .hgrm, in milliseconds.
type HDR struct {
	dir  string
	mu   sync.Mutex
	file *os.File
	out  *bufio.Writer
	log  *hdrhistogram.HistogramLogWriter
	now  *hdrhistogram.Histogram // of the running interval
	err  error                   // the first that went wrong
}

// What an HDR log and its distributions hold.
const (
	hdrInterval = time.Second
	hdrTicks    = 5    // of each half of the distance to 100 %
	hdrScale    = 1000 // µs in a ms
)

// NewHDR begins a log in a folder, which it makes.
func NewHDR(dir string, begun time.Time) (*HDR, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("load: HDR: %w", err)
	}
	f, err := os.Create(filepath.Join(dir, "screens.hlog"))
	if err != nil {
		return nil, fmt.Errorf("load: HDR: %w", err)
	}
	h := &HDR{dir: dir, file: f, out: bufio.NewWriter(f), now: newHistogram().h}
	h.log = hdrhistogram.NewHistogramLogWriter(h.out)
	h.note(h.log.OutputComment("waits for screens, from the instant a key was due, in microseconds"))
	h.note(h.log.OutputLogFormatVersion())
	h.note(h.log.OutputStartTime(begun.UnixMilli()))
	h.note(h.log.OutputLegend())
	h.now.SetStartTimeMs(begun.UnixMilli())
	return h, nil
}

func (h *HDR) note(err error) {
	if h.err == nil && err != nil {
		h.err = fmt.Errorf("load: HDR: %w", err)
	}
}

// add counts a wait in the running interval, and ends it when its time is over. A nil
// HDR counts nothing.
func (h *HDR) add(now time.Time, wait time.Duration) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.UnixMilli()-h.now.StartTimeMs() >= hdrInterval.Milliseconds() {
		h.turn(now)
	}
	_ = h.now.RecordValue(min(max(wait.Microseconds(), 1), h.now.HighestTrackableValue())) // cannot fail inside the range
}

func (h *HDR) turn(now time.Time) {
	h.now.SetEndTimeMs(now.UnixMilli())
	h.note(h.log.OutputIntervalHistogram(h.now))
	h.now.Reset()
	h.now.SetStartTimeMs(now.UnixMilli())
}

// close writes the last interval and the distributions.
func (h *HDR) close(c *clock, sms *histogram) error {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.turn(time.Now())
	h.note(h.out.Flush())
	h.note(h.file.Close())
	for name, one := range map[string]*histogram{"screens": c.honest, "screens-uncorrected": c.naive, "lateness": c.late, "sms": sms} {
		h.note(h.distribution(name, one))
	}
	return h.err
}

// distribution writes one .hgrm.
func (h *HDR) distribution(name string, one *histogram) error {
	f, err := os.Create(filepath.Join(h.dir, name+".hgrm"))
	if err != nil {
		return err
	}
	if _, err = one.h.PercentilesPrint(f, hdrTicks, hdrScale); err != nil {
		_ = f.Close() // the first error tells more
		return err
	}
	return f.Close()
}
