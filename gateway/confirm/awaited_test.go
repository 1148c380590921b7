package confirm

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mlango/gateway/binds"
	"mlango/smpp"
)

const subscriber = "254722000001"

// reborn is what a gateway knows that starts in the folder of one that died.
func reborn(t *testing.T, dir string, now time.Time) (*receipts, ledgerOfReceipts) {
	t.Helper()
	r, seen := newTracker()
	if err := r.restore(dir, now); err != nil {
		t.Fatal(err)
	}
	return r, seen
}

func (r *receipts) expects(ids ...string) {
	for _, id := range ids {
		r.await("safari", submitted(subscriber, binds.FinalReceipts), binds.Response{MessageID: id, Bind: "sms-1.1"}, "R "+id)
	}
}

// TestReceiptsOutliveTheGateway: what comes after a restart is known as what it is,
// each receipt counted once by one of the two gateways.
func TestReceiptsOutliveTheGateway(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first, before := reborn(t, dir, now)
	first.expects("open", "told", `odd "id"`+"\n")
	first.take("safari", "sms-1.1", smpp.Receipt{ID: "told", Stat: "DELIVRD"}, subscriber, now)
	first.save(now)
	first.expects("later")
	first.save(now)
	first.expects("unwritten") // it dies before this is in the file
	if got := fmt.Sprint(map[string]int(before)); got != "map[sms-1.1 delivered:1]" {
		t.Error(got)
	}
	second, after := reborn(t, dir, now)
	for _, id := range []string{"open", "open", "told", "later", `odd "id"` + "\n", "unwritten"} {
		second.take("safari", "sms-1.2", smpp.Receipt{ID: id, Stat: "DELIVRD"}, subscriber, now)
	}
	second.sweep(now.Add(earlyFor))
	if got := fmt.Sprint(map[string]int(after)); got != "map[sms-1.2 delivered:3 sms-1.2 doubled:2 sms-1.2 early:1 sms-1.2 stranger:1]" {
		t.Error(got)
	}
}

// TestLateAfterARestart: an SMS whose receipt did not come while nobody ran is lost, once,
// and late when it comes after all.
func TestLateAfterARestart(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first, _ := reborn(t, dir, now)
	first.expects("slow")
	first.save(now)
	second, seen := reborn(t, dir, now)
	now = now.Add(2 * time.Hour)
	second.sweep(now)
	second.save(now)
	third, then := reborn(t, dir, now)
	third.take("safari", "sms-1.1", smpp.Receipt{ID: "slow", Stat: "DELIVRD"}, subscriber, now)
	if got := fmt.Sprint(seen, then); got != "map[sms-1.1 lost:1] map[sms-1.1 delivered:1 sms-1.1 late:1]" {
		t.Error(got)
	}
}

// TestDamagedShelf: lines that are cut, foreign or lie are left out, the others hold.
func TestDamagedShelf(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	first, _ := reborn(t, dir, now)
	first.expects("one", "two")
	first.save(now)
	path := filepath.Join(dir, awaitedName)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	junk := "\x00\xff\n+1 2 3\n=1\n=99 5 1\n=1 5 200\n+9 5 77 false \"a\" \"b\" \"c\" \"d\" \"e\"\n" + strings.Repeat("+", 1<<16) + "\n"
	if err := os.WriteFile(path, append([]byte(junk), b[:len(b)-3]...), 0o600); err != nil {
		t.Fatal(err)
	}
	second, seen := reborn(t, dir, now)
	for _, id := range []string{"one", "two"} {
		second.take("safari", "sms-1.1", smpp.Receipt{ID: id, Stat: "DELIVRD"}, subscriber, now)
	}
	if got := fmt.Sprint(map[string]int(seen)); got != "map[sms-1.1 delivered:1 sms-1.1 early:1]" {
		t.Error(got)
	}
}

// TestShelfIsBounded: what is over leaves the file, a disk that takes nothing costs no
// memory, and what it missed is written when it takes again.
func TestShelfIsBounded(t *testing.T) {
	dir, now := t.TempDir(), time.Now()
	r, _ := reborn(t, dir, now)
	r.save(now)
	for i := range 1000 {
		id := fmt.Sprint("m", i)
		r.expects(id)
		r.take("safari", "sms-1.1", smpp.Receipt{ID: id, Stat: "DELIVRD"}, subscriber, now)
	}
	r.save(now)
	r.sweep(now.Add(2 * doneFor))
	r.save(now.Add(2 * awaitedFresh))
	path := filepath.Join(dir, awaitedName)
	if b, err := os.ReadFile(path); err != nil || len(b) != 0 {
		t.Errorf("%d octets of what is over, %v", len(b), err)
	}
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	r.shelf.buf = make([]byte, mostUnwritten)
	r.expects("first", "second")
	if !r.shelf.whole || len(r.shelf.buf) > mostUnwritten+512 {
		t.Errorf("%d octets wait", len(r.shelf.buf))
	}
	later := now.Add(3 * awaitedFresh)
	r.save(later)
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	r.expects("third")
	r.save(later.Add(awaitedAgain))
	if again, _ := reborn(t, dir, now); len(again.queue) != 3 {
		t.Errorf("%d are known, want 3", len(again.queue))
	}
}
