package journal

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"
)

// TestReadAhead: what is read ahead is what was there, then why nothing follows.
func TestReadAhead(t *testing.T) {
	for _, size := range []int{0, 1, aheadBytes - 1, aheadBytes, 3*aheadPieces*aheadBytes + 7} {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(i * 7 >> 3)
		}
		a := readAhead(iotest.HalfReader(bytes.NewReader(b)))
		got, err := io.ReadAll(a)
		a.stop()
		if err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%d bytes: %d came, %v", size, len(got), err)
		}
	}
	broken := errors.New("no more")
	a := readAhead(io.MultiReader(bytes.NewReader(make([]byte, 10)), iotest.ErrReader(broken)))
	defer a.stop()
	if got, err := io.ReadAll(a); len(got) != 10 || !errors.Is(err, broken) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if n, err := a.Read(make([]byte, 1)); n != 0 || !errors.Is(err, broken) {
		t.Fatal(n, err)
	}
	readAhead(bytes.NewReader(make([]byte, 100*aheadBytes))).stop() // whoever reads it may stop at any time
}

// TestInTurn: one after the other, and nothing is read any more once it returned.
func TestInTurn(t *testing.T) {
	var used []int
	reading := make(chan bool, 1)
	read := func(i int, room *[]byte) int {
		reading <- true
		defer func() { <-reading }()
		*room = append((*room)[:0], byte(i))
		return i
	}
	enough := errors.New("enough")
	for _, end := range []int{0, 1, 5, 9} {
		used = nil
		err := inTurn(end, read, func(i, v int) error {
			if used = append(used, v); i == 6 {
				return enough
			}
			return nil
		})
		want := []int{0, 1, 2, 3, 4, 5, 6}
		if end < 7 {
			want = want[:end]
		}
		if !slices.Equal(used, want) || (err != nil) != (end == 9) || len(reading) != 0 {
			t.Fatalf("of %d: %v, %v", end, used, err)
		}
	}
}
