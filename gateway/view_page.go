package main

import (
	"time"

	"mlango/gateway/health"
)

// bindView is one bind as people and programs see it: GET /view, `gateway top`.
type bindView struct {
	Operator    string    `json:"operator"`
	Bind        string    `json:"bind"`
	Addr        string    `json:"addr"`
	Set         string    `json:"set"`
	Mode        string    `json:"mode"`
	State       string    `json:"state"` // waiting, binding, bound, unbinding; over HTTP: open
	Since       time.Time `json:"since"`
	LastError   string    `json:"last_error,omitempty"`
	Health      string    `json:"health"`
	Why         string    `json:"why"` // the health is so
	HealthSince time.Time `json:"health_since"`
	FailedShare float64   `json:"failed_share"`
	Window      int       `json:"window"`
	InFlight    int       `json:"in_flight"`
	Used        float64   `json:"window_used"` // share, of the last 10 s
	Full        float64   `json:"window_full"` // share of the time
	Waiting     int       `json:"waiting"`
	Rate        float64   `json:"per_second"`
	TripMS      float64   `json:"round_trip_ms"`
	UsualMS     float64   `json:"round_trip_usual_ms"`
	Sent        uint64    `json:"sent"`
	Received    uint64    `json:"received"`
	Throttled   uint64    `json:"throttled"`
	Refused     uint64    `json:"refused"`
	Unknown     uint64    `json:"unknown"`
	Lost        uint64    `json:"lost"`
	Enquired    float64   `json:"enquire_link_age_s"` // -1: none was answered yet
	Screens     uint64    `json:"screens"`
	Aborts      uint64    `json:"aborts"`
	Breaker     string    `json:"breaker,omitempty"`
	Throughput  string    `json:"throughput"` // what holds it down, in a sentence
	Limits      bool      `json:"limits"`     // and it does
}

// operatorView is one operator.
type operatorView struct {
	Operator    string    `json:"operator"`
	Health      string    `json:"health"`
	Why         string    `json:"why"`
	HealthSince time.Time `json:"health_since"`
}

// board is everything at one instant.
type board struct {
	Gateway   string         `json:"gateway"`
	At        time.Time      `json:"at"`
	Started   time.Time      `json:"started"`
	Version   int            `json:"operators_version"`
	Hops      int            `json:"hops_running"`
	HopRate   float64        `json:"hops_per_second"`
	Orders    int            `json:"orders_waiting"`
	OldestMS  int64          `json:"orders_oldest_ms"`
	SMS       int            `json:"sms_waiting"`
	Dead      int            `json:"sms_dead"`
	Degraded  []string       `json:"degraded"`
	Operators []operatorView `json:"operators"`
	Binds     []bindView     `json:"binds"`
}

func (b *bindView) opinion(o health.Opinion) {
	b.Health, b.Why, b.HealthSince, b.FailedShare, b.UsualMS = o.Verdict.String(), o.Why, o.Since, o.Failed, millis(o.Usual)
	if b.TripMS == 0 {
		b.TripMS = millis(o.Trip)
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
