//go:build house

package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childDir tells the test binary to be the writing process.
const childDir = "MLANGO_JOURNAL_CHILD"

// TestKillNine ends a real process with SIGKILL at no particular moment, while it
// writes, saves snapshots and votes, and retires. Everything it had printed as
// durable is there, and the next process goes on.
func TestKillNine(t *testing.T) {
	if dir := os.Getenv(childDir); dir != "" {
		writeForEver(dir)
	}
	dir, promised, retired := t.TempDir(), uint64(0), 0
	for life := range 20 {
		promised = oneLife(t, dir, time.Duration(5+7*life)*time.Millisecond)
		opt := small
		opt.ReadOnly = true
		j := open(t, dir, opt)
		head, _, _ := j.Head()
		if head < promised {
			t.Fatalf("life %d: %d were promised, %d are there", life, promised, head)
		}
		expectAll(t, j, head)
		at, refused, err := j.LoadSnapshot(func(s Snapshot, r io.Reader) error {
			b, err := io.ReadAll(r)
			if !bytes.Equal(b, content(s.Index, 3000)) {
				t.Errorf("life %d: another snapshot of %d", life, s.Index)
			}
			return err
		})
		if (err != nil && !errors.Is(err, ErrNoSnapshot)) || len(refused) > 0 || at.Index > head {
			t.Errorf("life %d: snapshot %v of %d: %v %v", life, at, head, refused, err)
		}
		retired += len(j.archives)
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if promised == 0 || retired == 0 {
		t.Errorf("%d were written, %d segments retired", promised, retired)
	}
}

// oneLife starts a writer, kills it a while after its first word, and returns the
// last index it promised.
func oneLife(t *testing.T, dir string, life time.Duration) (promised uint64) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillNine$")
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for first := true; lines.Scan(); first = false {
		n, err := strconv.ParseUint(strings.TrimSpace(lines.Text()), 10, 64)
		if err != nil {
			t.Fatalf("the writer says %q", lines.Text())
		}
		promised = n
		if first {
			time.AfterFunc(life, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // killed
	return promised
}

func expectAll(t *testing.T, j *Journal, head uint64) {
	t.Helper()
	next := uint64(1)
	err := j.Read(1, func(h Header, p []byte) error {
		if h.Index != next || !bytes.Equal(p, payload(next)) {
			return errors.New("not what was written")
		}
		next++
		return nil
	})
	if err != nil || next != head+1 {
		t.Fatalf("entry %d of %d: %v", next, head, err)
	}
}

func writeForEver(dir string) {
	opt := small
	opt.Inline = false
	j, err := Open(dir, opt)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	go besides(j)
	for head, _, _ := j.Head(); ; {
		for range 1 + head%4 {
			head++
			if _, err := j.Append(payload(head), 1, 0); err != nil {
				fmt.Println(err)
				os.Exit(1)
			}
		}
		if err := j.Sync(); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(head)
	}
}

// besides saves votes and snapshots and retires, without end.
func besides(j *Journal) {
	for term, _, _ := j.State(); ; {
		term++
		head, _, _ := j.Head()
		if head == 0 {
			continue
		}
		write := func(w io.Writer) error { _, err := w.Write(content(head, 3000)); return err }
		if err := errors.Join(j.SaveState(term+1, 1), j.SaveSnapshot(head, write), j.Retire(head)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
	}
}
