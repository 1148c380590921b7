package ledger

// names gives each of a few values (gateways, operators, bundles) a number. When
// there are too many, one that is new gets the number of none.
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
	if !ok && len(s.list) > maxNames {
		return 0
	}
	if !ok {
		n = uint32(len(s.list))
		s.numbers[k] = n
		s.list = append(s.list, k)
	}
	s.latest = n
	return n
}
