package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Figure is a number that may be unknown; report.json then says null.
type Figure float64

// Unknown is the figure nobody knows.
func Unknown() Figure { return Figure(math.NaN()) }

// Known tells whether it is known.
func (f Figure) Known() bool { return !math.IsNaN(float64(f)) && !math.IsInf(float64(f), 0) }

// MarshalJSON writes four digits, which is more than a slice of a run knows.
func (f Figure) MarshalJSON() ([]byte, error) {
	if !f.Known() {
		return []byte("null"), nil
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', 4, 64), 64)
	return strconv.AppendFloat(nil, short, 'f', -1, 64), nil
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (f *Figure) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*f = Unknown()
		return nil
	}
	var v float64
	if err := json.Unmarshal(b, &v); err != nil {
		return fmt.Errorf("report: figure: %w", err)
	}
	*f = Figure(v)
	return nil
}

// Series is what happened in each slice of a run, from its first dial on. All lists
// are equally long.
type Series struct {
	SliceMS     int64    `json:"slice_ms"`
	Offered     []int    `json:"offered"` // dials that were due
	Started     []int    `json:"started"` // of them, that got a first screen
	Broken      []int    `json:"broken"`  // of them, that the network or the service left without an end
	Screens     []int    `json:"screens"` // due then, and they came
	Silent      []int    `json:"silent"`  // due then, and they did not
	ScreenP50   []Figure `json:"screen_p50_ms"`
	ScreenP99   []Figure `json:"screen_p99_ms"`
	ScreenMax   []Figure `json:"screen_max_ms"`
	Committed   []int    `json:"committed"` // by the ledger's clock
	Rejected    []int    `json:"rejected"`
	SMS         []int    `json:"sms"`        // that arrived
	SMSP50      []Figure `json:"sms_p50_ms"` // delay of those about transfers committed then
	SMSP99      []Figure `json:"sms_p99_ms"`
	Alive       []Figure `json:"alive"`          // sessions
	Orders      []Figure `json:"orders_waiting"` // at the gateway, for the ledger
	Texts       []Figure `json:"sms_waiting"`    // at the gateway, for the SMSC
	TextsOldest []Figure `json:"sms_oldest_ms"`  // age of the oldest notice without an SMS
	Breaker     []Figure `json:"breaker_open"`   // share of the slice; 0 is shut
	Late        []Figure `json:"late_ms"`        // the generator itself, at worst
	Anomalies   []int    `json:"anomalies"`
}

// Len is how many slices there are.
func (s *Series) Len() int {
	if s == nil {
		return 0
	}
	return len(s.Offered)
}

// Slice is how long one is.
func (s *Series) Slice() time.Duration { return time.Duration(s.SliceMS) * time.Millisecond }

// ScreenTimes are the waits for one screen, counted from the due instant.
type ScreenTimes struct {
	Screen string `json:"screen"`
	Count  int    `json:"count"`
	P50MS  Figure `json:"p50_ms"`
	P90MS  Figure `json:"p90_ms"`
	P99MS  Figure `json:"p99_ms"`
	P999MS Figure `json:"p999_ms"`
	MaxMS  Figure `json:"max_ms"`
}

// Funnel is how far people came who wanted one thing.
type Funnel struct {
	Wish    string `json:"wish"`
	Dialled int    `json:"dialled"`
	Whole   int    `json:"whole_strings,omitempty"` // of them, with the answers in the string: those skip screens
	Unseen  int    `json:"no_screen,omitempty"`     // of them, without any screen
	Steps   []Step `json:"steps"`
}

// Step is a screen of a funnel: how many saw it, and whose last it was before the end.
type Step struct {
	Screen  string `json:"screen"`
	Reached int    `json:"reached"`
	Left    int    `json:"left"`   // walked away, or had no signal any more
	Broken  int    `json:"broken"` // waited for the next one in vain
}

// Transcript is a session as the person saw it; numbers are masked, a PIN is not in it.
type Transcript struct {
	Session string    `json:"session"`
	MSISDN  string    `json:"msisdn"` // masked
	Wish    string    `json:"wish"`
	Why     string    `json:"why"` // it is told
	At      time.Time `json:"at"`
	Hops    []Hop     `json:"hops"`
	More    int       `json:"hops_left_out,omitempty"`
	Ending  string    `json:"ending"`
}

// Hop is one input with its answer.
type Hop struct {
	AtMS   int64  `json:"at_ms"` // it was due, from the dial on
	Input  string `json:"input"`
	WaitMS Figure `json:"wait_ms"` // from the due instant
	Name   string `json:"name,omitempty"`
	Screen string `json:"screen,omitempty"` // empty: none came
	Lost   bool   `json:"lost,omitempty"`   // and none could: the handset had no signal
}

// RateChange is the rate turned by hand while the run went on.
type RateChange struct {
	AtMS    int64   `json:"at_ms"`
	Percent float64 `json:"percent"` // of the asked rate from then on
}
