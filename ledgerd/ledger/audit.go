package ledger

import "sort"

// auditScan bounds the records that one call of Audit looks at.
const auditScan = 1024

// AuditAfter is where Audit begins for who has read all up to an entry of the journal.
func (b *Book) AuditAfter(index uint64) (record uint64) {
	defer b.guard()
	return uint64(sort.Search(int(b.records.Len()), func(n int) bool { return b.records.at(uint64(n)).index > index }))
}

// Audit lists the notices of all lanes, whoever acknowledged them since, in the order in
// which they were made: from a record on, and no more than some. It tells where to go on;
// that is where it began when nothing was booked since.
func (b *Book) Audit(record uint64, most int) (list []Notice, next uint64) {
	defer b.guard()
	for next = record; next < b.records.Len() && next < record+auditScan && len(list) < most; next++ {
		r := b.records.at(next)
		for i, n := range [...]Account{r.from, r.to} {
			if seq := r.seqs[i]; seq != 0 {
				list = append(list, b.notice(LaneOf(b.account(n).home, n), seq, told{next, Side(i + 1)}))
			}
		}
	}
	return list, next
}
