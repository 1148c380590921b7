package load

import (
	"fmt"
	"strconv"
	"strings"

	"mlango/simulator/report"
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
	whole := &Report{Retries: &Retries{}, Capacity: &Capacity{}} // all that a report may tell
	for _, e := range exprs {
		g, err := parseGate(e)
		if err != nil {
			return err
		}
		if _, err := g.hold(whole); err != nil {
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
	value, err := report.Field(r, g.path)
	if err != nil {
		return false, fmt.Errorf("load: gate %q: %w", g.expr, err)
	}
	return compare[g.op](value, g.limit), nil
}
