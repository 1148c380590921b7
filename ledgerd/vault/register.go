package vault

// secret is one person's key.
type secret = [32]byte

// Sizes of the register.
const (
	blockEntries = 4096
	firstTable   = 1024 // a power of two
)

// entry is one person in memory. A key of zeros means forgotten.
type entry struct {
	account uint64
	key     secret
}

// register finds people by account. It has no pointers per person and grows
// without copying keys: 48 MB hold a million, and no old copy lingers.
type register struct {
	blocks []*[blockEntries]entry
	n      int      // people
	table  []uint32 // hash of the account → number of its entry + 1
}

// at is entry number n, in the order they were added.
func (r *register) at(n int) *entry { return &r.blocks[n/blockEntries][n%blockEntries] }

// find is the account's entry and its number; nil if there is none.
func (r *register) find(account uint64) (*entry, int) {
	if len(r.table) == 0 {
		return nil, 0
	}
	for i := slot(account, r.table); r.table[i] != 0; i = (i + 1) % len(r.table) {
		if n := int(r.table[i] - 1); r.at(n).account == account {
			return r.at(n), n
		}
	}
	return nil, 0
}

// add appends an account that is not there yet.
func (r *register) add(account uint64, key secret) {
	if r.n == len(r.blocks)*blockEntries {
		r.blocks = append(r.blocks, new([blockEntries]entry))
	}
	*r.at(r.n) = entry{account, key}
	r.n++
	if r.n*4 > len(r.table)*3 {
		r.index(max(firstTable, 2*len(r.table)))
		return
	}
	r.place(r.n - 1)
}

// cut wipes all but the first n entries.
func (r *register) cut(n int) {
	for ; r.n > n; r.n-- {
		*r.at(r.n - 1) = entry{}
	}
	r.index(len(r.table))
}

// index builds the table anew.
func (r *register) index(size int) {
	r.table = make([]uint32, size)
	for n := range r.n {
		r.place(n)
	}
}

// place puts entry n into the table.
func (r *register) place(n int) {
	i := slot(r.at(n).account, r.table)
	for r.table[i] != 0 {
		i = (i + 1) % len(r.table)
	}
	r.table[i] = uint32(n + 1)
}

// slot is where the search for an account begins. Account numbers come in rows,
// which the multiplication spreads.
func slot(account uint64, table []uint32) int {
	return int(account * 0x9e3779b97f4a7c15 >> 32 % uint64(len(table)))
}
