package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"mlango/gateway/versions"
	"mlango/internal/dialect"
)

// marks tell whether an operator is the same as before, secrets and the contents of
// the files it names included.
type marks struct{ door, binds, rest [32]byte }

// version is the operators' part of the file, with the dialects it names.
func (c *Config) version(how string) (v versions.Version, err error) {
	src, err := os.ReadFile(c.path)
	if err != nil {
		return v, fmt.Errorf("operators: %w", err)
	}
	v = versions.Version{At: time.Now(), How: how, Text: versions.Of(string(src)), Files: map[string]string{}}
	for i := range c.Operators {
		for _, name := range []string{c.Operators[i].USSD.SMPP, c.Operators[i].USSD.HTTP} {
			if !dialect.IsFile(name) {
				continue
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				return v, fmt.Errorf("operators: %w", err)
			}
			v.Files[name] = string(raw)
		}
	}
	return v, nil
}

// marks are those of every operator, by name.
func (c *Config) marks() (map[string]marks, error) {
	out := map[string]marks{}
	for i := range c.Operators {
		o := &c.Operators[i]
		door := *o
		door.Binds, door.Prefixes, door.Sender, door.Home = nil, nil, "", 0
		for j := range o.Binds {
			if b := &o.Binds[j]; o.isDoor(b) || b.HTTP != "" {
				door.Binds = append(door.Binds, *b)
			}
		}
		made := *o
		made.USSD, made.Prefixes, made.Sender, made.Home = USSD{}, nil, "", 0
		made.Binds = slices.DeleteFunc(slices.Clone(o.Binds), func(b Bind) bool { return o.isDoor(&b) })
		var m marks
		var err error
		for _, it := range []struct {
			mark *[32]byte
			of   Operator
		}{{&m.door, door}, {&m.binds, made}, {&m.rest, *o}} {
			if *it.mark, err = it.of.mark(); err != nil {
				return nil, err
			}
		}
		out[o.Name] = m
	}
	return out, nil
}

// mark is a sum over an operator, its secrets, and the files it names.
func (o Operator) mark() (sum [32]byte, err error) {
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(o); err != nil {
		return sum, fmt.Errorf("operators: %w", err)
	}
	one := Config{Operators: []Operator{o}}
	for _, name := range one.paths() {
		if *name == "" {
			continue
		}
		raw, err := os.ReadFile(*name)
		if err != nil {
			return sum, fmt.Errorf("operators: %w", err)
		}
		part := sha256.Sum256(raw)
		h.Write(part[:])
	}
	return [32]byte(h.Sum(nil)), nil
}

// restartKeys are the keys beside the operators that differ.
func restartKeys(a, b *Config) []string {
	out := []string{}
	x, y := reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem()
	for i := range x.NumField() {
		name := strings.Split(x.Type().Field(i).Tag.Get("yaml"), ",")[0]
		if !x.Type().Field(i).IsExported() || name == "operators" || name == "routes" {
			continue
		}
		if !reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			out = append(out, name)
		}
	}
	return out
}
