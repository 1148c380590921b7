package admin

import "github.com/prometheus/client_golang/prometheus"

// Counter only rises. The labels of a call are in the order of its making.
type Counter interface {
	Add(n float64, labels ...string)
}

// Gauge goes up and down.
type Gauge interface {
	Set(v float64, labels ...string)
	// Forget drops the value of labels that are no more.
	Forget(labels ...string)
}

// Histogram collects durations in seconds.
type Histogram interface {
	Observe(v float64, labels ...string)
}

// Registry hands out metrics; a name is made once per program.
type Registry interface {
	Counter(name, help string, labels ...string) Counter
	Gauge(name, help string, labels ...string) Gauge
	Histogram(name, help string, labels ...string) Histogram
	// Func is a gauge that is read when somebody looks.
	Func(name, help string, read func() float64)
}

// tableBuckets are the histograms' bounds in seconds: a screen's goal is 0.05,
// its wall 4.
var tableBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 3, 4, 6, 10}

type counter struct{ v *prometheus.CounterVec }

func (c counter) Add(n float64, labels ...string) { c.v.WithLabelValues(labels...).Add(n) }

type gauge struct{ v *prometheus.GaugeVec }

func (g gauge) Forget(labels ...string) { g.v.DeleteLabelValues(labels...) }

func (g gauge) Set(v float64, labels ...string) { g.v.WithLabelValues(labels...).Set(v) }

type histogram struct{ v *prometheus.HistogramVec }

func (h histogram) Observe(v float64, labels ...string) { h.v.WithLabelValues(labels...).Observe(v) }

// Counter makes a counter.
func (s *Server) Counter(name, help string, labels ...string) Counter {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	s.reg.MustRegister(v)
	return counter{v}
}

// Gauge makes a gauge.
func (s *Server) Gauge(name, help string, labels ...string) Gauge {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	s.reg.MustRegister(v)
	return gauge{v}
}

// Histogram makes a histogram of seconds.
func (s *Server) Histogram(name, help string, labels ...string) Histogram {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: tableBuckets}, labels)
	s.reg.MustRegister(v)
	return histogram{v}
}

// Func makes a gauge that is read when somebody looks.
func (s *Server) Func(name, help string, read func() float64) {
	s.reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, read))
}

type discard struct{}

// Discard is a registry that keeps nothing, for tests and small programs.
func Discard() Registry { return discard{} }

func (discard) Counter(string, string, ...string) Counter     { return discard{} }
func (discard) Gauge(string, string, ...string) Gauge         { return discard{} }
func (discard) Histogram(string, string, ...string) Histogram { return discard{} }
func (discard) Func(string, string, func() float64)           {}
func (discard) Add(float64, ...string)                        {}
func (discard) Set(float64, ...string)                        {}
func (discard) Forget(...string)                              {}
func (discard) Observe(float64, ...string)                    {}
