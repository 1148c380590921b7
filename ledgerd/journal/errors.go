package journal

import (
	"errors"
	"fmt"
)

// Errors a caller may tell apart.
var (
	// ErrDamaged says that something is not as it was written; a *DamageError says
	// exactly where.
	ErrDamaged = errors.New("journal: damaged")
	// ErrMissing says that a file which must be there is not.
	ErrMissing = errors.New("journal: a file is missing")
	// ErrForeign says that a file belongs to another cluster or node.
	ErrForeign = errors.New("journal: belongs to another cluster or node")
	// ErrInUse says that another process has this journal open.
	ErrInUse = errors.New("journal: in use by another process")
	// ErrFailed says that a write or sync failed. Nobody knows then what is on the
	// disk, and asking again may be told a lie: the process must end.
	ErrFailed = errors.New("journal: a write failed, nothing more is accepted")
	// ErrFailedBefore says that the last run ended with ErrFailed.
	ErrFailedBefore = errors.New("journal: the last run ended on a failed write; check the disk, then accept it once")
	// ErrLowDisk says that the disk has less room than Options.MinFree, or none for
	// the next segment. Nothing was written; reading goes on.
	ErrLowDisk = errors.New("journal: too little room on the disk")
	// ErrTooLarge says that a payload is above MaxPayload or a segment's room.
	ErrTooLarge = errors.New("journal: payload too large")
	// ErrOrder says that an entry does not follow the last one, or that a term or a
	// vote goes back on an earlier one.
	ErrOrder = errors.New("journal: out of order")
	// ErrCommitted says that an entry is committed and stays.
	ErrCommitted = errors.New("journal: committed entries are never taken back")
	// ErrArchived says that an entry is in the archive: Read has it, Term does not.
	ErrArchived = errors.New("journal: the entry is in the archive")
	// ErrUnfinished says that a backup or restore into the folder did not end, or
	// that a cut has to be finished by a start before the folder can be read.
	ErrUnfinished = errors.New("journal: unfinished")
	// ErrBackup says that the folder is a backup: it is restored, never served.
	ErrBackup = errors.New("journal: this is a backup; restore it into a folder of its own")
	// ErrNoSnapshot says that there is no snapshot, or none that holds.
	ErrNoSnapshot = errors.New("journal: no snapshot")
	// ErrBeyond says that there is no entry with that index yet.
	ErrBeyond = errors.New("journal: no such entry yet")
	// ErrReadOnly says that the journal was opened for reading.
	ErrReadOnly = errors.New("journal: opened for reading only")
	// ErrClosed says that the journal was closed.
	ErrClosed = errors.New("journal: closed")
)

// errStopped ends the filling of a segment that nobody will need.
var errStopped = errors.New("journal: stopped")

// errPast ends a reading at the end of its view.
var errPast = errors.New("journal: past")

// errEnough ends a reading that has what it wanted.
var errEnough = errors.New("journal: enough")

// DamageError is the exact place of what is wrong.
type DamageError struct {
	File   string
	Offset int64
	Index  uint64 // of the entry that should stand there
	What   string
}

// Error names file, byte, entry and what is wrong.
func (e *DamageError) Error() string {
	return fmt.Sprintf("journal: %s: byte %d: entry %d: %s", e.File, e.Offset, e.Index, e.What)
}

// Is makes it an ErrDamaged.
func (e *DamageError) Is(target error) bool { return target == ErrDamaged }
