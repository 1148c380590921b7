//go:build stoppoints

package stop

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// tableHits counts how often each point was passed.
var tableHits = map[string]*atomic.Int64{
	AfterClaim: new(atomic.Int64), AfterPlace: new(atomic.Int64), AfterCommitBeforeReply: new(atomic.Int64),
	BeforeSMS: new(atomic.Int64), AfterSMSBeforeAck: new(atomic.Int64),
	AfterJudge: new(atomic.Int64), AfterAppend: new(atomic.Int64), AfterSync: new(atomic.Int64),
	AfterApply: new(atomic.Int64), BeforeAnswer: new(atomic.Int64),
}

// At marks a stop point: the process ends here when MLANGO_STOP names it.
func At(name string) {
	want, count, _ := strings.Cut(armed(), ":")
	hits := tableHits[name]
	if want != name || hits == nil {
		return
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		n = 1
	}
	if hits.Add(1) == n {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL) // nothing runs after it
		select {}
	}
}

// armed is what MLANGO_STOP says, or the file it names after an @: a test arms a
// process that already runs by writing the file.
func armed() string {
	file, ok := strings.CutPrefix(os.Getenv("MLANGO_STOP"), "@")
	if !ok {
		return file
	}
	b, _ := os.ReadFile(file) // none: not armed
	return strings.TrimSpace(string(b))
}
