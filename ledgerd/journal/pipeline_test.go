package journal

import (
	"errors"
	"testing"
)

// slowDisk holds every sync of an open segment until it is let go.
type slowDisk struct {
	FS
	syncs chan chan struct{}
}

func (s slowDisk) Open(path string, write bool) (File, error) {
	f, err := s.FS.Open(path, write)
	return s.slow(f), err
}

func (s slowDisk) Create(path string) (File, error) {
	f, err := s.FS.Create(path)
	return s.slow(f), err
}

func (s slowDisk) slow(f File) File {
	if f == nil {
		return nil
	}
	return slowFile{f, s.syncs}
}

type slowFile struct {
	File
	syncs chan chan struct{}
}

func (f slowFile) Sync() error {
	hold := make(chan struct{})
	select {
	case f.syncs <- hold:
		<-hold
	default: // nobody wants to hold it
	}
	return f.File.Sync()
}

// TestAppendingAndReadingWhileAGroupIsSynced: the next group forms meanwhile, and
// when it is written it is the witness of the one before.
func TestAppendingAndReadingWhileAGroupIsSynced(t *testing.T) {
	d := newDisk(1)
	slow := slowDisk{FS: d, syncs: make(chan chan struct{})}
	o := on(d)
	o.FS = slow
	j, err := Open(folder, o)
	if err != nil {
		t.Fatal(err)
	}
	write(t, j, 1, 4, 2)
	if _, err := j.Append(payload(5), 1, 1005); err != nil {
		t.Fatal(err)
	}
	synced := make(chan error)
	go func() { synced <- j.Sync() }()
	letGo := <-slow.syncs
	for i := uint64(6); i <= 9; i++ { // nothing of this waits for the disk
		if _, err := j.Append(payload(i), 1, int64(1000+i)); err != nil {
			t.Fatal(err)
		}
	}
	expect(t, j, 1, 4)
	if got, err := j.Entries(1, 10, 1<<20); err != nil || len(got) != 9 || string(got[8].Payload) != string(payload(9)) {
		t.Fatal(len(got), err)
	}
	select {
	case err := <-synced:
		t.Fatal("synced although the disk did not answer", err)
	default:
	}
	close(letGo)
	if err := <-synced; err != nil {
		t.Fatal(err)
	}
	expect(t, j, 1, 5)
	if err := j.Sync(); err != nil {
		t.Fatal(err)
	}
	expect(t, j, 1, 9)
	j.err = errors.New("the process is dead")

	n := d.names[j.path(j.active().name())]
	offs := frames(n.cache)
	n.cache[offs[4]+frameSize] ^= 1 // entry 5, which was promised before 6 was written
	n.disk[offs[4]+frameSize] ^= 1
	if _, err := Open(folder, on(d.restart())); !errors.Is(err, ErrDamaged) {
		t.Errorf("a promised entry is cut: %v", err)
	}
}

// TestReadersBesideACut: entries taken back under a reader are no damage.
func TestReadersBesideACut(t *testing.T) {
	j := open(t, t.TempDir(), small)
	write(t, j, 1, 100, 3)
	stop, done := make(chan struct{}), make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err := j.Read(50, func(Header, []byte) error { return nil }); err != nil && !errors.Is(err, ErrBeyond) {
				done <- err
				return
			}
		}
	}()
	for range 30 {
		if err := j.Truncate(70); err != nil {
			t.Fatal(err)
		}
		write(t, j, 71, 100, 3)
	}
	close(stop)
	if err := <-done; err != nil {
		t.Error(err)
	}
}
