package main

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"mlango/simulator/load"
	"mlango/simulator/report"
)

// gauges asks the run's programs how they are.
func (l *loadRun) gauges(ctx context.Context) load.Gauges {
	none := report.Unknown()
	out := load.Gauges{Orders: none, Texts: none, OldestMS: none, Breaker: none}
	g := l.stack.Gauges(ctx)
	if g.Gateway == nil {
		out.Orders, out.Texts, out.Breaker = load.Figure(g.Orders), load.Figure(g.Texts), 0
		if g.Shut {
			out.Breaker = 1
		}
	}
	if g.Ledger == nil {
		out.OldestMS = load.Figure(g.Oldest.Milliseconds())
	}
	return out
}

// tableUnsaid are flags that the command which repeats a run goes without: where its
// report goes is no part of it.
var tableUnsaid = []string{"out", "data"}

// again is the command that repeats the run: every flag that is not as it would be anyway,
// and the seed.
func (c *loadCmd) again() string {
	words := []string{"simulator", "load"}
	v := reflect.ValueOf(*c)
	for i := range v.NumField() {
		field, value := v.Type().Field(i), v.Field(i)
		name := field.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(field.Name)
		}
		if slices.Contains(tableUnsaid, name) {
			continue
		}
		switch value.Kind() {
		case reflect.Bool:
			if value.Bool() {
				words = append(words, "--"+name)
			}
		case reflect.Slice:
			for n := range value.Len() {
				words = append(words, "--"+name, report.Quote(fmt.Sprint(value.Index(n))))
			}
		default:
			if text := flagText(value); text != flagText(reflect.ValueOf(field.Tag.Get("default"))) && !value.IsZero() {
				words = append(words, "--"+name, report.Quote(unsecret(text)))
			}
		}
	}
	return strings.Join(words, " ")
}

// tableZeros are the ends of a duration as Go writes it that say nothing.
var tableZeros = regexp.MustCompile(`([hm])0[ms](0s)?$`)

// flagText is a flag's value as people write it: 3m, not 3m0s nor 180s.
func flagText(v reflect.Value) string {
	text := fmt.Sprint(v)
	d, is := v.Interface().(time.Duration)
	if !is {
		var err error
		if d, err = time.ParseDuration(text); err != nil || v.Kind() != reflect.String || text == "0" {
			return text
		}
	}
	return tableZeros.ReplaceAllString(d.String(), "$1")
}
