package order

// Delayed tells whether the oldest order waits so long that a subscriber should hear
// of it before a PIN is typed. The whole table is looked at once in lookEach at most,
// by whoever asks first.
func (d *Dispatcher) Delayed() bool {
	now := d.cfg.Now().UnixNano()
	if last := d.looked.Load(); now-last < int64(lookEach) || !d.looked.CompareAndSwap(last, now) {
		return d.delayed.Load()
	}
	late := d.Oldest() >= DelayedAfter
	d.delayed.Store(late)
	return late
}
