package server

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/vault"
	"mlango/ledgerd/wire"
)

// The world of the recovery's figures.
const (
	benchPeople = 100_000
	million     = 1_000_000
	benchBatch  = 300 // commands of an entry: what 512 callers make of it
	benchHouse  = ledger.Account(900_000_001)
	benchFees   = ledger.Account(900_000_002)
)

// past writes a journal without a node: entries as a node under load writes them.
type past struct {
	b      *testing.B
	dir    string
	whole  bool
	vault  *vault.Vault
	log    *journal.Journal
	now    int64
	random uint64
	batch  []ledger.Command
	told   map[ledger.Lane]uint64
}

// writePast makes a data folder with accounts.
func writePast(b *testing.B, whole bool) *past {
	b.Helper()
	p := &past{b: b, dir: b.TempDir(), whole: whole, now: time.Now().UnixMilli(), told: map[ledger.Lane]uint64{}}
	s, err := Open(Config{Data: p.dir, ZoneMinutes: 180})
	if err != nil {
		b.Fatal(err)
	}
	p.vault, p.log = s.vault, s.journal
	p.say(ledger.OpenAccount{Account: benchHouse, Kind: ledger.AccountTrust, Currency: tableKES},
		ledger.OpenAccount{Account: benchFees, Kind: ledger.AccountFees, Currency: tableKES},
		ledger.SetTariff{Kind: ledger.KindSend, Bands: []ledger.Band{{Upto: 100_000, Fee: 700}}}, ledger.SetRepeatWindow{},
		ledger.Grant{Consumer: ledger.ConsumerSMS, Owner: "bench", To: 2*ledger.LanesPerOperator - 1})
	numbers := make([]uint64, benchPeople)
	for i := range numbers {
		numbers[i] = uint64(i + 1)
	}
	if err := s.vault.AddPeople(numbers...); err != nil {
		b.Fatal(err)
	}
	for n := ledger.Account(1); n <= benchPeople; n++ {
		p.open(n)
	}
	p.flush()
	if err := p.log.Sync(); err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return p
}

// open opens one account: of a bare world they may issue to one another.
func (p *past) open(n ledger.Account) {
	if !p.whole {
		p.say(ledger.OpenAccount{Account: n, Kind: ledger.AccountTrust, Currency: tableKES, Home: 1})
		return
	}
	sealed, err := p.vault.SealPerson(uint64(n), "PAYER", msisdn(n))
	if err != nil {
		p.b.Fatal(err)
	}
	p.say(ledger.OpenAccount{Account: n, Kind: ledger.AccountWallet, Currency: tableKES, Home: 1, Language: ledger.Language{'e', 'n'}, Sealed: sealed},
		ledger.SetAlias{Token: token(n), Account: n}, ledger.SetPIN{Account: n, Salt: [16]byte{1}},
		&ledger.Move{Transfer: ledger.Transfer{ID: p.id(), Kind: ledger.KindIssue, From: benchHouse, To: n, Amount: 1 << 40, Currency: tableKES, Expires: p.now}})
}

func token(n ledger.Account) (t ledger.Token) {
	binary.BigEndian.PutUint64(t[:], uint64(n)*0x9e3779b97f4a7c15)
	return t
}

func (p *past) number() uint64 {
	p.random = p.random*6364136223846793005 + 1442695040888963407
	return p.random >> 16
}

func (p *past) id() ledger.ID {
	var mac [10]byte
	binary.BigEndian.PutUint64(mac[:], p.number()<<16)
	binary.BigEndian.PutUint16(mac[8:], uint16(p.number()))
	return ledger.NewID(p.now, mac)
}

// transfer is one between two people, and the acknowledgements a whole one asks for.
func (p *past) transfer() {
	from, to := ledger.Account(p.number()%benchPeople+1), ledger.Account(p.number()%benchPeople+1)
	if from == to {
		to = from%benchPeople + 1
	}
	m := &ledger.Move{Transfer: ledger.Transfer{ID: p.id(), Kind: ledger.KindIssue, From: from, To: to, Amount: 50_000, Currency: tableKES, Expires: p.now}}
	if !p.whole {
		p.say(m)
		return
	}
	m.Kind, m.Fee, m.PayerToken, m.PayeeToken, m.Verdict, m.Epoch = ledger.KindSend, 700, token(from), token(to), ledger.VerdictRight, 1
	m.Origin, m.Bundle, m.Language = ledger.Origin{Operator: "bench", Session: m.ID.String(), Gateway: "bench"}, [32]byte{1}, ledger.Language{'e', 'n'}
	p.say(m)
	for _, n := range [...]ledger.Account{from, to} {
		lane := ledger.LaneOf(1, n)
		if p.told[lane]++; p.told[lane]%64 == 0 {
			p.say(ledger.Ack{Consumer: ledger.ConsumerSMS, Lane: lane, Epoch: 1, Upto: p.told[lane]})
		}
	}
}

// more adds transfers to the journal.
func (p *past) more(transfers int) {
	j, err := journal.Open(filepath.Join(p.dir, JournalDir), journal.Options{})
	if err != nil {
		p.b.Fatal(err)
	}
	p.log = j
	for range transfers {
		p.transfer()
	}
	p.flush()
	if err := j.Close(); err != nil {
		p.b.Fatal(err)
	}
}

func (p *past) say(cmds ...ledger.Command) {
	if p.batch = append(p.batch, cmds...); len(p.batch) >= benchBatch {
		p.flush()
	}
}

// flush journals what was said as one entry.
func (p *past) flush() {
	payload := wire.BeginEntry(nil, p.now)
	for _, c := range p.batch {
		var err error
		if payload, err = wire.AppendCommand(payload, 0, c); err != nil {
			p.b.Fatal(err)
		}
	}
	wire.EndEntry(payload, len(p.batch))
	_, _, term := p.log.Head()
	if _, err := p.log.Append(payload, max(term, 1), p.now); err != nil {
		p.b.Fatal(err)
	}
	if p.log.Last()%16 == 0 {
		if err := p.log.Sync(); err != nil {
			p.b.Fatal(err)
		}
	}
	p.now += 3 // 100,000 a second
	p.batch = p.batch[:0]
}

// starts measures starts of the folder, looks at what they found, and tells what a
// million of what they replayed took: time, and the processors' time.
func (p *past) starts(b *testing.B, transfers, replayed int) {
	b.Helper()
	var took, worked time.Duration
	for b.Loop() {
		runtime.GC()
		begin, spent := time.Now(), cpu()
		s, err := Open(Config{Data: p.dir, ZoneMinutes: 180})
		if err != nil {
			b.Fatal(err)
		}
		took, worked = took+time.Since(begin), worked+cpu()-spent
		if c := s.book.Counts(); c.Transfers != transfers || c.Rejects != 0 {
			b.Fatalf("%+v", c)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	each := took.Seconds() / float64(b.N)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(each, "s/start")
	if replayed > 0 {
		b.ReportMetric(each/float64(replayed)*million, "s/million")
		b.ReportMetric(worked.Seconds()/float64(b.N)/float64(replayed)*million, "cpu-s/million")
	}
}

// cpu is what this process has worked.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// snapshot makes a snapshot of all there is, and retires what it holds.
func (p *past) snapshot() {
	s, err := Open(Config{Data: p.dir, ZoneMinutes: 180})
	if err != nil {
		p.b.Fatal(err)
	}
	view := s.book.Freeze()
	err = s.journal.SaveSnapshot(s.upto, func(w io.Writer) error { return writeSnapshot(w, s.clock.last, view) })
	view.Release()
	if err == nil {
		err = s.journal.Retire(s.upto)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		p.b.Fatal(err)
	}
}

// BenchmarkRecovery starts a node of a hundred thousand accounts: from a journal of a
// million transfers; from a snapshot of them; from that and a million behind it; and
// from the archive, the journal and no snapshot.
func BenchmarkRecovery(b *testing.B) {
	for _, world := range []struct {
		name   string
		whole  bool
		seeded int // transfers that gave people their money
	}{{"bare", false, 0}, {"whole", true, benchPeople}} {
		b.Run(world.name, func(b *testing.B) {
			p := writePast(b, world.whole)
			p.more(million)
			b.Run("journal", func(b *testing.B) { p.starts(b, world.seeded+million, world.seeded+million) })
			p.snapshot()
			b.Run("snapshot", func(b *testing.B) { p.starts(b, world.seeded+million, 0) })
			p.more(million)
			b.Run("tail", func(b *testing.B) { p.starts(b, world.seeded+2*million, million) })
			p.forget()
			b.Run("archive", func(b *testing.B) { p.starts(b, world.seeded+2*million, world.seeded+2*million) })
		})
	}
}

// forget takes the snapshots away.
func (p *past) forget() {
	names, err := filepath.Glob(filepath.Join(p.dir, JournalDir, "*.snap"))
	for _, name := range names {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		p.b.Fatal(err)
	}
}
