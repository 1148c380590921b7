package ledger

import (
	"encoding/binary"
	"slices"

	"github.com/dchest/siphash"
)

// receiptDigits are the characters of a receipt in rising order; letters stand
// for the date as people read it: year A is 2006, month A is January, day 1 to 9
// then A to V.
const receiptDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// A day's commit counter is cut into two uneven halves, 3 and 4 characters, which
// stir each other for receiptRounds rounds: a permutation of 36^7 that nobody
// without the key can follow.
const (
	leftHalf  = 36 * 36 * 36
	rightHalf = 36 * 36 * 36 * 36
)

// receipts gives each commit its number.
type receipts struct {
	key  [2]uint64    // of SipHash-2-4
	days []firstOfDay // rising
}

// firstOfDay is the commit with which a day began.
type firstOfDay struct {
	Day    int32
	Commit uint64
}

func newReceipts(key [16]byte) receipts {
	return receipts{key: [2]uint64{binary.LittleEndian.Uint64(key[:8]), binary.LittleEndian.Uint64(key[8:])}}
}

// begin tells on which day a commit is made. If the clock stepped back over midnight
// the later day goes on, so that no number comes twice.
func (p *receipts) begin(today int32, commit uint64) {
	if n := len(p.days); n == 0 || p.days[n-1].Day < today {
		p.days = append(p.days, firstOfDay{today, commit})
	}
}

// of is the receipt of a commit.
func (p *receipts) of(commit uint64) (r Receipt) {
	i := len(p.days) - 1
	for p.days[i].Commit > commit {
		i--
	}
	d := p.days[i]
	code := dateCode(d.Day)
	copy(r[:], code[:])
	x := p.stir(d.Day, commit-d.Commit)
	for i := len(r) - 1; i >= len(code); i-- {
		r[i] = receiptDigits[x%36]
		x /= 36
	}
	return r
}

// commitOf inverts next: the commit a receipt would belong to.
func (p *receipts) commitOf(r Receipt) (uint64, bool) {
	var x uint64
	for _, c := range r[len(r)-receiptTail:] {
		d := digit(c)
		if d < 0 {
			return 0, false
		}
		x = x*36 + uint64(d)
	}
	for _, d := range slices.Backward(p.days) {
		if code := dateCode(d.Day); [3]byte(r[:3]) == code {
			return d.Commit + p.settle(d.Day, x), true
		}
	}
	return 0, false
}

func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'Z':
		return int(c-'A') + 10
	}
	return -1
}

// stir permutes the numbers below 36^7; each day has its own permutation.
func (p *receipts) stir(day int32, x uint64) uint64 {
	left, right := x/rightHalf, x%rightHalf
	for i := range receiptRounds {
		if i%2 == 0 {
			left = (left + p.round(i, day, right)) % leftHalf
		} else {
			right = (right + p.round(i, day, left)) % rightHalf
		}
	}
	return left*rightHalf + right
}

// settle undoes stir.
func (p *receipts) settle(day int32, x uint64) uint64 {
	left, right := x/rightHalf, x%rightHalf
	for i := receiptRounds - 1; i >= 0; i-- {
		if i%2 == 0 {
			left = (left + leftHalf - p.round(i, day, right)%leftHalf) % leftHalf
		} else {
			right = (right + rightHalf - p.round(i, day, left)%rightHalf) % rightHalf
		}
	}
	return left*rightHalf + right
}

func (p *receipts) round(i int, day int32, half uint64) uint64 {
	var in [8]byte // a half has 21 bits
	binary.BigEndian.PutUint64(in[:], uint64(i)<<56|uint64(uint32(day))<<24|half)
	return siphash.Hash(p.key[0], p.key[1], in[:]) >> 1 // room to add a half
}

// dateCode is the first three characters of the receipts of a day, which is
// counted from 1 January 1970. Years repeat after 36.
func dateCode(day int32) [3]byte {
	year, month, date := civil(int64(day))
	const letters = 26 // the years go A to Z, then 0 to 9
	y := ((year-2006)%36 + 36) % 36
	code := [3]byte{'0' + byte(y-letters), 'A' + byte(month-1), receiptDigits[date]}
	if y < letters {
		code[0] = 'A' + byte(y)
	}
	return code
}

// civil is the date of a day counted from 1 January 1970: years begin in March,
// so that the leap day is the last of one, and 400 of them make an era.
func civil(day int64) (year, month, date int) {
	const era = 146097 // days in 400 years
	z := day + 719468  // from 1 March of year 0
	e := z / era
	if z%era < 0 {
		e--
	}
	n := z - e*era
	y := (n - n/1460 + n/36524 - n/146096) / 365
	n -= 365*y + y/4 - y/100
	m := (5*n + 2) / 153
	year, month, date = int(y+e*400), int(m+3), int(n-(153*m+2)/5+1)
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, date
}
