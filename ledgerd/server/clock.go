package server

import "time"

// clock is leader time: the wall's at the start, then monotonic, and never before
// what an entry already says.
type clock struct {
	begin time.Time // with the monotonic reading
	base  int64     // ms at begin
	last  int64     // ms given out last
	wall  func() time.Time
}

// start takes the wall's time, or the last entry's if the wall is behind it.
func (c *clock) start(wall func() time.Time, last int64) {
	if wall == nil {
		wall = time.Now
	}
	c.wall, c.begin = wall, wall()
	c.base = max(c.begin.UnixMilli(), last)
	c.last = last
}

// now is leader time in ms. Only the writer calls it.
func (c *clock) now() int64 {
	c.last = max(c.last, c.base+c.wall().Sub(c.begin).Milliseconds())
	return c.last
}

// look is about leader time, for reads. Anyone may call it.
func (c *clock) look() int64 { return c.base + c.wall().Sub(c.begin).Milliseconds() }
