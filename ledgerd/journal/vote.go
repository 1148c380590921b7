package journal

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

const (
	voteMagic   = "MLANGOVT"
	backupMagic = "MLANGOBK"
	voteSize    = 96
)

// State is what a node must remember of its elections: the newest term it has
// seen, whom it voted for in it (zero: nobody), and an entry known to be committed
// with all before it. The commit mark may lag behind after a start.
func (j *Journal) State() (term, vote, commit uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.term < j.last.term {
		return j.last.term, 0, j.committed
	}
	return j.term, j.vote, j.committed
}

// SaveState makes term and vote durable before it returns: what a node said in an
// election it must not unsay.
func (j *Journal) SaveState(term, vote uint64) error {
	j.disk.Lock()
	defer j.disk.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.err != nil:
		return j.err
	case j.opt.ReadOnly:
		return ErrReadOnly
	case term < max(j.term, j.last.term):
		return fmt.Errorf("%w: term %d after %d", ErrOrder, term, max(j.term, j.last.term))
	case term == j.term && j.vote != 0 && vote != j.vote:
		return fmt.Errorf("%w: voted for %d in term %d, not for %d", ErrOrder, j.vote, term, vote)
	}
	b := encodeVote(voteMagic, j.cluster, j.node, [3]uint64{term, vote, min(j.committed, j.durable.index)}, [32]byte{})
	if err := writeWhole(j.fs, j.dir, voteName, b); err != nil {
		return j.fail("write "+voteName, err)
	}
	j.term, j.vote = term, vote
	return nil
}

// Commit tells that entries up to index are committed: they are never taken back.
func (j *Journal) Commit(index uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.committed = max(j.committed, min(index, j.last.index))
}

// readVote takes term, vote and commit mark from the folder.
func (j *Journal) readVote() error {
	b, err := readWhole(j.fs, j.path(voteName), voteSize+1)
	if err != nil {
		return fmt.Errorf("journal: read %s: %w", voteName, err)
	}
	cluster, node, figures, _, ok := parseVote(voteMagic, b)
	if !ok {
		return &DamageError{File: voteName, What: "it does not hold"}
	}
	j.term, j.vote, j.committed = figures[0], figures[1], figures[2]
	j.promise.raise(figures[2], voteName)
	return j.belong(voteName, cluster, node)
}

// encodeVote is the content of VOTE and, under another magic, of BACKUP.
func encodeVote(magic string, cluster [16]byte, node uint64, figures [3]uint64, hash [32]byte) []byte {
	b := make([]byte, 0, voteSize)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = append(b, cluster[:]...)
	b = binary.LittleEndian.AppendUint64(b, node)
	for _, n := range figures {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	b = append(b, hash[:]...)
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, tableCRC))
}

// parseVote reads what encodeVote wrote.
func parseVote(magic string, b []byte) (cluster [16]byte, node uint64, figures [3]uint64, hash [32]byte, ok bool) {
	if len(b) != voteSize || string(b[:8]) != magic || binary.LittleEndian.Uint32(b[8:]) != version ||
		crc32.Checksum(b[:voteSize-4], tableCRC) != binary.LittleEndian.Uint32(b[voteSize-4:]) {
		return cluster, 0, figures, hash, false
	}
	for i := range figures {
		figures[i] = binary.LittleEndian.Uint64(b[36+8*i:])
	}
	return [16]byte(b[12:28]), binary.LittleEndian.Uint64(b[28:]), figures, [32]byte(b[60:92]), true
}
