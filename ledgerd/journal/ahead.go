package journal

import "io"

const (
	aheadPieces = 8         // that are read before they are asked for
	aheadBytes  = snapBlock // of each
)

// inTurn reads one thing after the other, each into one of two rooms: while one is
// used, the next is being read and checked.
func inTurn[T any](n int, read func(i int, room *[]byte) T, use func(i int, v T) error) error {
	var rooms [2][]byte
	next := make(chan T, 1)
	begin := func(i int) { go func() { next <- read(i, &rooms[i%2]) }() }
	if n > 0 {
		begin(0)
	}
	for i := range n {
		v, more := <-next, i+1 < n
		if more {
			begin(i + 1)
		}
		if err := use(i, v); err != nil {
			if more {
				<-next
			}
			return err
		}
	}
	return nil
}

// ahead is a reader whose source is read beside whoever reads from it, some pieces
// ahead.
type ahead struct {
	full  chan piece
	empty chan []byte
	quit  chan struct{}
	done  chan struct{}
	now   piece
	rest  []byte
}

// piece is what was read at once, and why nothing follows.
type piece struct {
	room []byte
	n    int
	err  error
}

func readAhead(r io.Reader) *ahead {
	a := &ahead{full: make(chan piece, aheadPieces), empty: make(chan []byte, aheadPieces), quit: make(chan struct{}), done: make(chan struct{})}
	for range aheadPieces {
		a.empty <- make([]byte, aheadBytes)
	}
	go a.run(r)
	return a
}

func (a *ahead) run(r io.Reader) {
	defer close(a.done)
	for {
		select {
		case room := <-a.empty:
			n, err := io.ReadFull(r, room)
			if err == io.ErrUnexpectedEOF {
				err = io.EOF
			}
			if a.full <- (piece{room, n, err}); err != nil {
				return
			}
		case <-a.quit:
			return
		}
	}
}

// Read gives the next bytes.
func (a *ahead) Read(b []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.room != nil {
			a.empty <- a.now.room
		}
		a.now = <-a.full
		a.rest = a.now.room[:a.now.n]
	}
	n := copy(b, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// stop returns when the source is not read any more.
func (a *ahead) stop() {
	close(a.quit)
	<-a.done
}
