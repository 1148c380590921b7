package ledger

// pageLen is how many items share a page, arenaLen how many bytes.
const (
	pageLen  = 1024
	arenaLen = 1 << 16
)

// pages is a list that only grows, without ever copying what it holds: a big
// book must not pause to move itself, and pointers into it stay good.
type pages[T any] struct {
	list [][]T
	n    int
}

// add appends a zero item and returns its number and its place.
func (p *pages[T]) add() (uint32, *T) {
	if p.n%pageLen == 0 {
		p.list = append(p.list, make([]T, pageLen))
	}
	n := uint32(p.n)
	p.n++
	return n, p.at(n)
}

// at is an item for reading.
func (p *pages[T]) at(n uint32) *T { return &p.list[n/pageLen][n%pageLen] }

// edit is an item for changing. What at gave before is not read after it: a page
// that somebody still reads is changed in a copy.
func (p *pages[T]) edit(n uint32) *T { return &p.list[n/pageLen][n%pageLen] }

// put appends an item and returns its number.
func (p *pages[T]) put(v T) uint32 {
	n, item := p.add()
	*item = v
	return n
}

// arena keeps short byte strings end to end, so that millions of them are a few
// objects to the garbage collector.
type arena struct{ list [][]byte }

// text is a byte string in an arena.
type text struct {
	page    uint32
	at, len uint16
}

// keep copies b, which must be shorter than a page.
func (a *arena) keep(b string) text {
	if len(b) == 0 {
		return text{}
	}
	last := len(a.list) - 1
	if last < 0 || len(a.list[last])+len(b) >= arenaLen {
		a.list = append(a.list, make([]byte, 0, arenaLen))
		last++
	}
	t := text{page: uint32(last), at: uint16(len(a.list[last])), len: uint16(len(b))}
	a.list[last] = append(a.list[last], b...)
	return t
}

func (a *arena) get(t text) []byte {
	if t.len == 0 {
		return nil
	}
	return a.list[t.page][t.at : uint32(t.at)+uint32(t.len) : uint32(t.at)+uint32(t.len)]
}

// names gives each of a few values (gateways, operators, bundles) a number.
type names[K comparable] struct {
	numbers map[K]uint32
	list    []K
	latest  uint32 // is most often the next
}

func newNames[K comparable]() names[K] {
	var none K
	return names[K]{numbers: map[K]uint32{none: 0}, list: []K{none}}
}

func (s *names[K]) number(k K) uint32 {
	if s.list[s.latest] == k {
		return s.latest
	}
	n, ok := s.numbers[k]
	if !ok {
		n = uint32(len(s.list))
		s.numbers[k] = n
		s.list = append(s.list, k)
	}
	s.latest = n
	return n
}
