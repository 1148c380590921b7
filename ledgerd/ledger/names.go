package ledger

// names gives each of a few values (gateways, operators, bundles) a number. It holds so
// many, and of what one gateway brought so many: whoever makes names up fills the share
// of the gateway that it names. Whether it is that gateway the books cannot know.
type names[K comparable] struct {
	numbers map[K]uint32
	list    []K
	by      []uint32       // which gateway brought each
	brought map[uint32]int // how many each gateway did
	latest  uint32         // is most often the next
	most    int
	each    int // of what one gateway brings
}

func newNames[K comparable](most, each int) names[K] {
	var none K
	return names[K]{numbers: map[K]uint32{none: 0}, list: []K{none}, by: []uint32{0}, brought: map[uint32]int{}, most: most, each: each}
}

// has tells whether a value has a number, which is then quick to find.
func (s *names[K]) has(k K) bool {
	if s.list[s.latest] == k {
		return true
	}
	n, ok := s.numbers[k]
	if ok {
		s.latest = n
	}
	return ok
}

// room tells whether a gateway may bring one more.
func (s *names[K]) room(gateway uint32) bool {
	return len(s.list) <= s.most && s.brought[gateway] < s.each
}

// number is a value's number; a gateway brings it when it is new.
func (s *names[K]) number(k K, gateway uint32) uint32 {
	if !s.has(k) {
		s.latest = uint32(len(s.list))
		s.add(k, gateway)
	}
	return s.latest
}

func (s *names[K]) add(k K, gateway uint32) {
	s.numbers[k] = uint32(len(s.list))
	s.list, s.by = append(s.list, k), append(s.by, gateway)
	s.brought[gateway]++
}

// namable tells whether all that a wish names has a number or can get one.
func (b *Book) namable(o *Origin, bundle *[32]byte) bool {
	known := b.gateways.has(o.Gateway)
	gateway := uint32(len(b.gateways.list)) // that it would get
	if known {
		gateway = b.gateways.latest
	}
	return (known || b.gateways.room(0)) &&
		(b.operators.has(o.Operator) || b.operators.room(gateway)) &&
		(bundle == nil || b.bundles.has(*bundle) || b.bundles.room(gateway))
}

// KnowsGateway tells whether a gateway's name has a number.
func (b *Book) KnowsGateway(name string) bool {
	_, ok := b.gateways.numbers[name]
	return ok
}

// Names is how many names the books hold, and how many they can.
type Names struct {
	What       string
	Held, Most int
}

// Names tells how full the tables of names are.
func (b *Book) Names() []Names {
	return []Names{{"gateways", len(b.gateways.list) - 1, b.gateways.most}, {"operators", len(b.operators.list) - 1, b.operators.most},
		{"bundles", len(b.bundles.list) - 1, b.bundles.most}}
}
