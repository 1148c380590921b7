package load

import (
	"errors"
	"testing"
	"time"

	"mlango/simulator/operator"
)

// A screen that never came is a wait like any other, and no screen.
func TestSilenceIsInTheTimes(t *testing.T) {
	begun := time.Now()
	c := newClock(begun)
	c.screen(begun, begun, begun.Add(time.Millisecond))
	c.silence(operator.ErrNoAnswer, begun, begun, begun.Add(10*time.Second))
	c.silence(errors.New("refused at once"), begun, begun, begun.Add(time.Hour))
	c.screen(begun.Add(-time.Second), begun, begun.Add(time.Minute)) // of the warm-up
	if c.shown() != 1 {
		t.Errorf("%d screens after the warm-up", c.shown())
	}
	if longest := c.honest.maxMS(); longest < 9_900 || longest > 10_100 {
		t.Errorf("the longest wait is %v ms", longest)
	}
}
