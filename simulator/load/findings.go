package load

import (
	"slices"
	"strings"

	"mlango/ledgerd/ledger"
)

// finding is one thing the audit found wrong.
type finding struct {
	at      int64 // ms: findings are told in the order in which things happened
	payer   ledger.Account
	session string // whose it is; empty when it is nobody's
	text    string
}

// findings counts all of them and keeps the earliest.
type findings struct {
	count int
	list  []finding // sorted, at most MaxFindings
}

// add counts one, and keeps it if it is early enough.
func (f *findings) add(one finding) {
	f.count++
	i, _ := slices.BinarySearchFunc(f.list, one, func(a, b finding) int {
		if a.at != b.at {
			return int(min(max(a.at-b.at, -1), 1))
		}
		return strings.Compare(a.session+a.text, b.session+b.text)
	})
	if i >= MaxFindings {
		return
	}
	if len(f.list) == MaxFindings {
		f.list = f.list[:MaxFindings-1]
	}
	f.list = slices.Insert(f.list, i, one)
}
