package journal

import (
	"errors"
	"sync"
	"testing"
	"time"
)

func TestLowDiskRefusesBeforeWriting(t *testing.T) {
	d := newDisk(1)
	o := on(d)
	o.MinFree = 1000
	j, err := Open(folder, o)
	if err != nil {
		t.Fatal(err)
	}
	write(t, j, 1, 10, 1)
	d.free = 999
	before := d.ops
	if _, err := j.Append(payload(11), 9, 0); !errors.Is(err, ErrLowDisk) {
		t.Fatal(err)
	}
	if err := j.Sync(); err != nil || d.ops != before {
		t.Fatalf("%d calls changed the disk, %v", d.ops-before, err)
	}
	expect(t, j, 1, 10) // reading goes on
	d.free = 1000
	write(t, j, 11, 100, 1)
	expect(t, j, 1, 100)
}

// TestNoRoomForTheNextSegment: a full disk is no failed write. Nothing is lost,
// and when there is room again it goes on.
func TestNoRoomForTheNextSegment(t *testing.T) {
	d := newDisk(1)
	j, err := Open(folder, on(d))
	if err != nil {
		t.Fatal(err)
	}
	d.full = true
	n := uint64(0)
	for ; err == nil; n++ {
		if _, err = j.Append(payload(n+1), 1+(n+1)/10, int64(1001+n)); err == nil {
			err = j.Sync()
		}
	}
	n--
	if !errors.Is(err, ErrLowDisk) || n == 0 {
		t.Fatal(n, err)
	}
	expect(t, j, 1, n)
	d.full = false
	write(t, j, n+1, n+50, 1)
	expect(t, j, 1, n+50)
}

// TestRetiringOnAFullDisk gives up and leaves the chain as it was; a disk that does
// not keep what it was given ends the journal before the segment goes.
func TestRetiringOnAFullDisk(t *testing.T) {
	d := newDisk(1)
	j, err := Open(folder, on(d))
	if err != nil {
		t.Fatal(err)
	}
	write(t, j, 1, 100, 1)
	d.full = true
	if err := j.Retire(100); !errors.Is(err, ErrLowDisk) || j.First() != 1 {
		t.Fatal(err, j.First())
	}
	d.full = false
	expect(t, j, 1, 100)
	d.lies = archived{first: 1, last: j.segments[1].before.index}.name()
	if err := j.Retire(100); !errors.Is(err, ErrFailed) {
		t.Fatal(err)
	}
	d.lies = ""
	opt := on(d.restart())
	opt.AcceptFailed = true
	if j, err = Open(folder, opt); err != nil {
		t.Fatal(err)
	}
	if err := j.Retire(100); err != nil || j.First() == 1 {
		t.Fatal(err, j.First())
	}
	expect(t, j, 1, 100)
}

// TestAnEmptySegmentTooSmallForAnEntry is replaced by a larger one.
func TestAnEmptySegmentTooSmallForAnEntry(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir, small).Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		j := open(t, dir, Options{})
		if _, err := j.Append(make([]byte, 100_000), 1, 0); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if head, _, _ := open(t, dir, Options{}).Head(); head != 2 {
		t.Errorf("head is %d", head)
	}
}

// TestReadersBesideTheWriter runs readers while segments come and go.
func TestReadersBesideTheWriter(t *testing.T) {
	o := small
	o.Inline = false
	j := open(t, t.TempDir(), o)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { follow(t, j, stop) })
	}
	write(t, j, 1, 600, 5)
	close(stop)
	wg.Wait()
	expect(t, j, 1, 600)
}

// follow reads on from where it was, until stopped.
func follow(t *testing.T, j *Journal, stop <-chan struct{}) {
	next := uint64(1)
	for {
		err := j.Read(next, func(h Header, _ []byte) error {
			if h.Index != next {
				t.Errorf("read entry %d after %d", h.Index, next-1)
			}
			next++
			return nil
		})
		if err != nil {
			t.Error(err)
			return
		}
		select {
		case <-stop:
			return
		default:
		}
	}
}

func TestReadStopsWhenToldTo(t *testing.T) {
	j := open(t, t.TempDir(), small)
	write(t, j, 1, 30, 1)
	enough, n := errors.New("enough"), 0
	err := j.Read(5, func(Header, []byte) error {
		if n++; n == 3 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 3 {
		t.Error(n, err)
	}
}

func TestLargestPayload(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	big := make([]byte, MaxPayload)
	for i := range uint64(5) { // more than one segment of them
		big[0], big[len(big)-1] = byte(i), byte(i)
		if index, err := j.Append(big, 1, 0); err != nil || index != i+1 {
			t.Fatal(index, err)
		}
		if err := j.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	n := uint64(0)
	err := j.Read(0, func(h Header, p []byte) error {
		if len(p) != MaxPayload || uint64(p[0]) != n || uint64(p[len(p)-1]) != n {
			t.Errorf("entry %d is not what was written", h.Index)
		}
		n++
		return nil
	})
	if err != nil || n != 5 {
		t.Error(n, err)
	}
}

func TestClosedIsClosed(t *testing.T) {
	j := open(t, t.TempDir(), small)
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	_, aerr := j.Append(nil, 1, 0)
	for _, err := range []error{aerr, j.Sync(), j.Read(1, nil)} {
		if !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func TestRawSyncRate(t *testing.T) {
	if rate, err := RawSyncRate(t.TempDir(), time.Millisecond); err != nil || rate <= 0 {
		t.Error(rate, err)
	}
}
