package load

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// gate is a parsed one.
type gate struct {
	expr, path, op string
	limit          float64
}

// compare is what a gate may ask.
var compare = map[string]func(a, b float64) bool{
	"<": func(a, b float64) bool { return a < b }, "<=": func(a, b float64) bool { return a <= b },
	">": func(a, b float64) bool { return a > b }, ">=": func(a, b float64) bool { return a >= b },
	"==": func(a, b float64) bool { return a == b },
}

// CheckGates refuses a gate that could not be judged after the run.
func CheckGates(exprs []string) error {
	for _, e := range exprs {
		g, err := parseGate(e)
		if err != nil {
			return err
		}
		if _, err := g.hold(&Report{}); err != nil {
			return err
		}
	}
	return nil
}

func parseGate(expr string) (gate, error) {
	f := strings.Fields(expr)
	if len(f) != 3 || compare[f[1]] == nil {
		return gate{}, fmt.Errorf("load: gate %q: write a field of the report, one of < <= > >= ==, and a number, as screens.p99_ms < 50", expr)
	}
	limit, err := strconv.ParseFloat(f[2], 64)
	if err != nil {
		return gate{}, fmt.Errorf("load: gate %q: %q is not a number", expr, f[2])
	}
	return gate{expr: expr, path: f[0], op: f[1], limit: limit}, nil
}

// hold looks the field up in the report as it will be written.
func (g gate) hold(r *Report) (bool, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return false, fmt.Errorf("load: gate: %w", err)
	}
	var at any
	if err := json.Unmarshal(b, &at); err != nil {
		return false, fmt.Errorf("load: gate: %w", err)
	}
	for _, key := range strings.Split(g.path, ".") {
		object, _ := at.(map[string]any)
		if at = object[key]; at == nil {
			return false, fmt.Errorf("load: gate %q: the report has no field %s", g.expr, g.path)
		}
	}
	value, ok := at.(float64)
	if !ok {
		return false, fmt.Errorf("load: gate %q: %s is not a number", g.expr, g.path)
	}
	return compare[g.op](value, g.limit), nil
}
