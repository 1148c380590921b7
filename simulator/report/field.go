package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrField says that a report has no number of that name.
var ErrField = errors.New("no such figure")

// Field is a number of a report by its path in report.json, such as screens.p99_ms.
func Field(r *Report, path string) (float64, error) {
	lean := *r
	lean.Series, lean.Worst, lean.Funnels, lean.ByScreen = nil, nil, nil, nil // no gate asks them
	b, err := json.Marshal(&lean)
	if err != nil {
		return 0, fmt.Errorf("report: field: %w", err)
	}
	var at any
	if err := json.Unmarshal(b, &at); err != nil {
		return 0, fmt.Errorf("report: field: %w", err)
	}
	for _, key := range strings.Split(path, ".") {
		object, _ := at.(map[string]any)
		if at = object[key]; at == nil {
			return 0, fmt.Errorf("%w: the report has no field %s", ErrField, path)
		}
	}
	value, ok := at.(float64)
	if !ok {
		return 0, fmt.Errorf("%w: %s is not a number", ErrField, path)
	}
	return value, nil
}
