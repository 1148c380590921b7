package server

import (
	"fmt"
	"testing"
	"time"
)

// TestWhoInsistsHidesNobody: the same is said once a second, something else at once,
// and what is remembered has a bound.
func TestWhoInsistsHidesNobody(t *testing.T) {
	var o once
	at := time.Unix(1, 0)
	if !o.fresh("jane", at) || o.fresh("jane", at) || !o.fresh("paul", at) || !o.fresh("jane", at.Add(sayEvery)) {
		t.Error("the same is said once a second, and of each")
	}
	for i := range 2 * maxSaid {
		o.fresh(fmt.Sprint(i), at)
	}
	if len(o.when) > maxSaid {
		t.Errorf("%d remembered", len(o.when))
	}
	if !o.fresh("late", at.Add(2*sayEvery)) {
		t.Error("what is old makes no room")
	}
}
