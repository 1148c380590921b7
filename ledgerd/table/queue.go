package table

import "io"

// Due is something that falls due at an instant.
type Due struct {
	At   int64
	Item uint64
}

func (d Due) before(e Due) bool { return d.At < e.At || d.At == e.At && d.Item < e.Item }

// Queue gives back what falls due first; of the same instant, the lower item.
// The zero value is an empty queue.
type Queue struct{ heap Pages[Due] }

// Len is how many wait.
func (q *Queue) Len() int { return q.heap.Len() }

// Push adds one.
func (q *Queue) Push(d Due) {
	i, _ := q.heap.Add()
	for i > 0 {
		up := (i - 1) / 2
		above := *q.heap.At(up)
		if !d.before(above) {
			break
		}
		*q.heap.Edit(i) = above
		i = up
	}
	*q.heap.Edit(i) = d
}

// First is what falls due first.
func (q *Queue) First() (Due, bool) {
	if q.Len() == 0 {
		return Due{}, false
	}
	return *q.heap.At(0), true
}

// Pop takes the first off.
func (q *Queue) Pop() {
	n := uint32(q.Len() - 1)
	last := *q.heap.At(n)
	q.heap.Drop()
	if n == 0 {
		return
	}
	i := uint32(0)
	for {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && q.heap.At(down+1).before(*q.heap.At(down)) {
			down++
		}
		if !q.heap.At(down).before(last) {
			break
		}
		*q.heap.Edit(i) = *q.heap.At(down)
		i = down
	}
	*q.heap.Edit(i) = last
}

// Freeze gives the queue as it is now.
func (q *Queue) Freeze() *View[Due] { return q.heap.Freeze() }

// Load reads what a view wrote, in place of what the queue held.
func (q *Queue) Load(r io.Reader) error {
	if err := q.heap.Load(r); err != nil {
		return err
	}
	for i := uint32(1); i < uint32(q.Len()); i++ {
		if q.heap.At(i).before(*q.heap.At((i - 1) / 2)) {
			return damaged("the order of a queue")
		}
	}
	return nil
}
