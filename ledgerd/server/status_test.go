package server

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"mlango/ledgerd/ledger"
)

// TestStatusSaysWhatNeedsAPerson, and nothing when nothing does.
func TestStatusSaysWhatNeedsAPerson(t *testing.T) {
	n := start(t, t.TempDir()).seed()
	n.do(n.send(1, 2, 50_000, 700, rightPIN), ledger.OK)
	status := func() (v StatusSheet) {
		t.Helper()
		b, err := n.c.Status(n.ctx())
		if err == nil {
			err = json.Unmarshal(b, &v)
		}
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	v := status()
	if v.Role != "leads" || v.Term == 0 || v.Journal.Applied != v.Journal.Index || len(v.Journal.Head) != 64 || v.Disk.FreeMB == 0 || v.Vault.Seal == 0 ||
		!strings.HasSuffix(v.At, "+03:00") || v.IDs.OldestMemory == "" || v.Vault.Made == "" {
		t.Fatalf("%+v", v)
	}
	if len(v.Attention) != 0 || len(v.Consumers) == 0 || v.Consumers[0].Name != ledger.ConsumerSMS || v.Consumers[0].Notices == 0 {
		t.Fatalf("%+v", v)
	}
	why := "journal: x.seg: byte 7: entry 1: flipped"
	n.srv.damage.Store(&why)
	n.srv.low.Store(true)
	defer n.srv.low.Store(false)
	v = status()
	if len(v.Attention) != 2 || v.Attention[0].What != why || !strings.Contains(v.Attention[1].Do, "make room") {
		t.Fatalf("%+v", v.Attention)
	}
}

// TestAttentionHasASentenceForEach: what is found names what to do about it.
func TestAttentionHasASentenceForEach(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	s := &Server{cfg: Config{ZoneMinutes: 180}}
	v := &StatusSheet{Role: "leads", Disk: StatusDisk{FreeMB: 5000, MarkMB: 256}, Vault: StatusVault{Seal: 1}, Journal: StatusJournal{Every: 100}}
	if list := s.attention(v, now); len(list) != 0 {
		t.Fatalf("a node that is well: %+v", list)
	}
	v.Role, v.Disk.FreeMB, v.Backlog, v.Vault.Seal = "follows", 300, StatusBacklog{Waiting: muchWaiting + 1, Second: 1}, 0
	v.Journal.Since, v.Journal.Unkept = 1000, 1
	v.Consumers = []StatusConsumer{{Name: ledger.ConsumerSMS, Notices: 3, AgeS: 61, Oldest: "then"}, {Name: ledger.ConsumerSMS, AgeS: 61, Feeds: 1},
		{Name: ledger.ConsumerPartner, AgeS: 61}, {Name: ledger.ConsumerSettlement, Missed: 7}}
	v.TLS = &StatusTLS{until: now.Add(24 * time.Hour), authority: now.Add(1000 * time.Hour), yours: now.Add(-time.Hour)}
	list := s.attention(v, now)
	for _, want := range []string{"300 MB free; at 256", "does not lead", "commands wait", "nobody reads them", "although somebody reads",
		"missed 7 notices", "1 snapshots could not", "last snapshot is 1000", "no seal key", "wait for a second person",
		"the node's certificate ends at 2026-11-23T12:00:00.000+03:00", "your certificate ends"} {
		found := false
		for _, a := range list {
			found = found || strings.Contains(a.What, want) && a.Do != ""
		}
		if !found {
			t.Errorf("nothing says %q: %+v", want, list)
		}
	}
	if len(list) != 12 {
		t.Errorf("%d things: %+v", len(list), list)
	}
}
