package ledger

// due is when a hold's time is over.
type due struct {
	until int64 // ms
	hold  uint32
}

// dues is a heap of them, the earliest first. Of two at the same instant the one
// that was made first is the first, so every replica ends them in one order.
type dues []due

func (q dues) less(i, j int) bool {
	return q[i].until < q[j].until || q[i].until == q[j].until && q[i].hold < q[j].hold
}

func (q *dues) push(d due) {
	*q = append(*q, d)
	h := *q
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if !h.less(i, up) {
			return
		}
		h[i], h[up] = h[up], h[i]
		i = up
	}
}

func (q *dues) pop() due {
	h := *q
	first, last := h[0], len(h)-1
	h[0] = h[last]
	h = h[:last]
	*q = h
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(h) {
			return first
		}
		if down+1 < len(h) && h.less(down+1, down) {
			down++
		}
		if !h.less(down, i) {
			return first
		}
		h[i], h[down] = h[down], h[i]
		i = down
	}
}
