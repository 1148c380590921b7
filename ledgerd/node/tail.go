package node

import (
	"fmt"

	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"

	"mlango/ledgerd/wire"
)

// tail is the journal as raft sees it. What is durable and not yet applied stays
// in memory: applying asks no disk, and neither does raft in its everyday.
type tail struct {
	journal  Journal
	voters   []uint64
	state    State
	commit   uint64
	last     uint64 // durable
	lastTerm uint64
	entries  []*raftpb.Entry // up to last
}

// InitialState is what a start begins with.
func (t *tail) InitialState() (*raftpb.HardState, *raftpb.ConfState, error) {
	return &raftpb.HardState{Term: &t.state.Term, Vote: &t.state.Vote, Commit: &t.commit},
		&raftpb.ConfState{Voters: t.voters}, nil
}

// FirstIndex is the oldest entry that can be read.
func (t *tail) FirstIndex() (uint64, error) { return t.journal.First(), nil }

// LastIndex is the last durable entry.
func (t *tail) LastIndex() (uint64, error) { return t.last, nil }

// Term is an entry's term.
func (t *tail) Term(index uint64) (uint64, error) {
	switch {
	case index == t.last:
		return t.lastTerm, nil
	case index > t.last:
		return 0, raft.ErrUnavailable
	case len(t.entries) > 0 && index >= t.begin():
		return t.entries[index-t.begin()].GetTerm(), nil
	case index+1 < t.journal.First():
		return 0, raft.ErrCompacted
	}
	term, err := t.journal.Term(index)
	if err != nil {
		return 0, fmt.Errorf("node: term of entry %d: %w", index, err)
	}
	return term, nil
}

// Entries are durable entries from lo up to but not hi.
func (t *tail) Entries(lo, hi, maxBytes uint64) ([]*raftpb.Entry, error) {
	if lo < t.journal.First() {
		return nil, raft.ErrCompacted
	}
	if hi > t.last+1 {
		return nil, raft.ErrUnavailable
	}
	if len(t.entries) > 0 && lo >= t.begin() {
		return within(t.entries[lo-t.begin():hi-t.begin()], maxBytes), nil
	}
	list, err := t.journal.Entries(lo, hi, maxBytes)
	if err != nil {
		return nil, fmt.Errorf("node: read entries %d to %d: %w", lo, hi, err)
	}
	entries := make([]*raftpb.Entry, len(list))
	for i := range list {
		entries[i] = &raftpb.Entry{Index: &list[i].Index, Term: &list[i].Term, Data: list[i].Payload}
	}
	return entries, nil
}

// Snapshot is for voters that lag too far behind; there are none yet.
func (t *tail) Snapshot() (*raftpb.Snapshot, error) {
	return nil, raft.ErrSnapshotTemporarilyUnavailable
}

// begin is the index of the first entry in memory.
func (t *tail) begin() uint64 { return t.entries[0].GetIndex() }

// append takes entries that are durable now, in place of what stood there.
func (t *tail) append(entries []*raftpb.Entry) {
	if len(entries) == 0 {
		return
	}
	first := entries[0].GetIndex()
	if len(t.entries) > 0 {
		t.entries = t.entries[:max(first, t.begin())-t.begin()]
	}
	t.entries = append(t.entries, entries...)
	end := entries[len(entries)-1]
	t.last, t.lastTerm = end.GetIndex(), end.GetTerm()
}

// forget gives up what is applied.
func (t *tail) forget(applied uint64) {
	for len(t.entries) > 0 && t.begin() <= applied {
		t.entries[0] = nil
		t.entries = t.entries[1:]
	}
}

// within is the beginning of list that fits into maxBytes, at least one entry.
func within(list []*raftpb.Entry, maxBytes uint64) []*raftpb.Entry {
	bytes := uint64(0)
	for i, e := range list {
		bytes += uint64(len(e.GetData()))
		if i > 0 && bytes > maxBytes {
			list = list[:i]
			break
		}
	}
	return append([]*raftpb.Entry(nil), list...)
}

// entryOf is raft's entry as the journal writes it.
func entryOf(e *raftpb.Entry) Entry {
	return Entry{Index: e.GetIndex(), Term: e.GetTerm(), At: wire.EntryAt(e.GetData()), Payload: e.GetData()}
}
