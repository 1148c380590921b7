package ledger

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// readers are the outbox as sets: who has not acknowledged what, and who owns which lane.
type readers struct {
	book   *Book
	o      Options
	now    int64
	limit  int
	count  map[Lane]uint64
	open   map[string]map[Lane]map[uint64]bool // of those that read
	missed map[string]uint64
	owners map[string]map[Lane]owner
	epoch  map[string]uint64
	told   map[ID][]laneSeq
}

type owner struct {
	name  string
	epoch uint64
}

type laneSeq struct {
	lane Lane
	seq  uint64
}

const readersPeople = 6 // of two homes

func newReaders(limit int) *readers {
	r := &readers{
		o: frosty(), now: scriptDay, limit: limit, count: map[Lane]uint64{}, open: map[string]map[Lane]map[uint64]bool{ConsumerSMS: {}},
		missed: map[string]uint64{}, owners: map[string]map[Lane]owner{}, epoch: map[string]uint64{}, told: map[ID][]laneSeq{},
	}
	r.book = New(r.o)
	r.book.outbox.limit = limit
	r.say(OpenAccount{Account: modelTrust, Kind: AccountTrust, Currency: kes})
	r.say(SetRepeatWindow{})
	for n := range Account(readersPeople) {
		r.say(OpenAccount{Account: n + 1, Kind: AccountWallet, Currency: kes, Home: uint16(n % 2)})
		r.say(SetPIN{Account: n + 1})
		r.say(&Move{Transfer: Transfer{ID: NewID(r.now, [10]byte{1, byte(n)}), Kind: KindIssue, From: modelTrust, To: n + 1, Amount: 1_000_000,
			Currency: kes, Expires: r.now + 1}})
	}
	return r
}

func (r *readers) say(cmd Command) Reject {
	r.now++
	res, _ := r.book.Apply(cmd, Place{Index: uint64(r.now)}, r.now)
	return res.Reject
}

func readersLane(n Account) Lane { return LaneOf(uint16((n-1)%2), n) }

// behind is how much a consumer left open of a home.
func (r *readers) behind(consumer string, home Lane) (sum int) {
	for at, open := range r.open[consumer] {
		if at/LanesPerOperator == home {
			sum += len(open)
		}
	}
	return sum
}

// drawPay has somebody pay: both sides are told, unless too many wait for their SMS.
func (r *readers) drawPay(t *rapid.T) {
	from := rapid.Custom(func(t *rapid.T) Account { return Account(rapid.IntRange(1, readersPeople).Draw(t, "n")) }).Draw(t, "from")
	to := from%readersPeople + 1
	want := OK
	for _, n := range []Account{from, to} {
		if r.behind(ConsumerSMS, readersLane(n)/LanesPerOperator) >= r.limit {
			want = Overloaded
		}
	}
	id := NewID(r.now, [10]byte{2, byte(r.now), byte(r.now >> 8)})
	m := &Move{Transfer: Transfer{ID: id, Kind: KindSend, From: from, To: to, Amount: 1, Currency: kes, Expires: r.now + 1}, Epoch: 1, Verdict: VerdictRight}
	if got := r.say(m); got != want {
		t.Fatalf("paying: %v, the sets say %v", got, want)
	}
	if want != OK {
		return
	}
	for _, n := range []Account{from, to} {
		at := readersLane(n)
		r.count[at]++
		r.told[id] = append(r.told[id], laneSeq{at, r.count[at]})
		for consumer, open := range r.open {
			if open[at] == nil {
				open[at] = map[uint64]bool{}
			}
			if open[at][r.count[at]] = true; consumer != ConsumerSMS && r.behind(consumer, at/LanesPerOperator) > r.limit {
				r.giveUp(consumer, at/LanesPerOperator)
			}
		}
	}
}

// giveUp drops an eighth of what may be open, the oldest of the fullest lane.
func (r *readers) giveUp(consumer string, home Lane) {
	fullest := Lane(0)
	for at := range r.open[consumer] {
		if more := len(r.open[consumer][at]) - len(r.open[consumer][fullest]); at/LanesPerOperator == home &&
			(fullest/LanesPerOperator != home || more > 0 || more == 0 && at < fullest) {
			fullest = at
		}
	}
	for _, seq := range slices.Sorted(maps.Keys(r.open[consumer][fullest]))[:min(max(1, r.limit/8), len(r.open[consumer][fullest]))] {
		delete(r.open[consumer][fullest], seq)
		r.missed[consumer]++
	}
}

func (r *readers) drawConsumer(t *rapid.T) string {
	return rapid.SampledFrom([]string{ConsumerSMS, ConsumerSMS, ConsumerPartner, ConsumerSettlement, ConsumerAudit}).Draw(t, "consumer")
}

func (r *readers) drawSet(t *rapid.T) {
	c := SetConsumer{Consumer: r.drawConsumer(t), On: rapid.Bool().Draw(t, "on")}
	want := OK
	if c.Consumer == ConsumerAudit || c.Consumer == ConsumerSMS && !c.On {
		want = CommandForbidden
	}
	if got := r.say(c); got != want {
		t.Fatalf("%+v: %v, not %v", c, got, want)
	}
	switch _, on := r.open[c.Consumer]; {
	case want != OK || on == c.On:
	case c.On:
		r.open[c.Consumer] = map[Lane]map[uint64]bool{}
	default:
		delete(r.open, c.Consumer)
		delete(r.owners, c.Consumer)
	}
}

func (r *readers) drawLane(t *rapid.T) Lane {
	return readersLane(Account(rapid.IntRange(1, readersPeople).Draw(t, "lane of")))
}

func (r *readers) drawGrant(t *rapid.T) {
	a, b := r.drawLane(t), r.drawLane(t)
	g := Grant{Consumer: r.drawConsumer(t), Owner: rapid.SampledFrom([]string{"g1", "g2"}).Draw(t, "owner"), From: min(a, b), To: max(a, b)}
	_, on := r.open[g.Consumer]
	if got := r.say(g); (got == OK) != on {
		t.Fatalf("%+v: %v", g, got)
	}
	if !on {
		return
	}
	r.epoch[g.Consumer]++
	if r.owners[g.Consumer] == nil {
		r.owners[g.Consumer] = map[Lane]owner{}
	}
	for n := range Account(readersPeople) {
		if at := readersLane(n + 1); g.From <= at && at <= g.To {
			r.owners[g.Consumer][at] = owner{g.Owner, r.epoch[g.Consumer]}
		}
	}
}

func (r *readers) drawAck(t *rapid.T) {
	c := Ack{Consumer: r.drawConsumer(t), Lane: r.drawLane(t), Epoch: rapid.Uint64Range(0, 1).Draw(t, "an older epoch")}
	owned := r.owners[c.Consumer][c.Lane]
	c.Epoch = owned.epoch - min(c.Epoch, owned.epoch)
	c.Upto = rapid.Uint64Range(0, r.count[c.Lane]+1).Draw(t, "upto")
	c.Except = rapid.SliceOfN(rapid.Uint64Range(0, r.count[c.Lane]+1), 0, 4).Draw(t, "except")
	open, on := r.open[c.Consumer]
	want := on && c.Epoch != 0 && c.Epoch == owned.epoch && c.Upto <= r.count[c.Lane] && r.anything(c.Lane/LanesPerOperator)
	if got := r.say(c); (got == OK) != want {
		t.Fatalf("%+v: %v", c, got)
	}
	for seq := range open[c.Lane] {
		if want && seq <= c.Upto && !slices.Contains(c.Except, seq) {
			delete(open[c.Lane], seq)
		}
	}
}

// anything tells whether a home was ever told something.
func (r *readers) anything(home Lane) bool {
	for at, n := range r.count {
		if at/LanesPerOperator == home && n > 0 {
			return true
		}
	}
	return false
}

// drawRestart goes on with books that were written and loaded.
func (r *readers) drawRestart(t *rapid.T) {
	digest := r.book.Digest()
	r.book = thaw(t, r.book.Freeze(), r.o)
	if r.book.outbox.limit = r.limit; r.book.Digest() != digest {
		t.Fatal("loaded books differ")
	}
}

// TestReaders: whatever is told, granted, acknowledged, begun and retired, and however
// often the books are loaded, each consumer is fed what it left open, by its own owners'
// word alone; and who is too far behind loses its oldest and stops nobody.
func TestReaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newReaders(rapid.SampledFrom([]int{3, 20, 1000}).Draw(t, "limit"))
		t.Repeat(map[string]func(*rapid.T){
			"pay": r.drawPay, "pay more": r.drawPay, "pay most": r.drawPay, "set": r.drawSet,
			"grant": r.drawGrant, "ack": r.drawAck, "ack more": r.drawAck, "restart": r.drawRestart, "": r.hold,
		})
	})
}

func (r *readers) hold(t *rapid.T) {
	for _, c := range append(r.book.Consumers(), Consumer{Name: ConsumerAudit}) {
		open, on := r.open[c.Name]
		if c.On != on || c.Missed != r.missed[c.Name] {
			t.Fatalf("%+v, the sets say %v and %d", c, on, r.missed[c.Name])
		}
		var lanes []Lane
		most := 0
		for n := range Account(readersPeople) {
			at := readersLane(n + 1)
			r.laneHolds(t, c.Name, on, at)
			if most = max(most, r.behind(c.Name, at/LanesPerOperator)); len(open[at]) > 0 && !slices.Contains(lanes, at) {
				lanes = append(lanes, at)
			}
		}
		slices.Sort(lanes)
		if got := r.book.OpenLanes(c.Name, 0, 1<<30); !slices.Equal(got, lanes) {
			t.Fatalf("%s has open lanes %v, not %v", c.Name, got, lanes)
		}
		sum, since := 0, int64(0)
		for _, at := range lanes {
			list := r.book.Notices(c.Name, at, 0, 10_000)
			if sum += len(list); since == 0 || list[0].At < since {
				since = list[0].At
			}
		}
		if got, oldest := r.book.Lag(c.Name); got != sum || oldest != since {
			t.Fatalf("%s lags by %d since %d, not %d since %d", c.Name, got, oldest, sum, since)
		}
		if got, limit := r.book.Behind(c.Name); got != most || limit != r.limit {
			t.Fatalf("%s is %d behind, not %d", c.Name, got, most)
		}
	}
	for id, list := range r.told {
		shown, _ := r.book.Show(id)
		for i, at := range list {
			acked := true
			for _, open := range r.open {
				acked = acked && !open[at.lane][at.seq]
			}
			if got := shown.Told[i]; got.Lane != at.lane || got.Seq != at.seq || got.Acked != acked {
				t.Fatalf("told %+v, the sets say %+v %v", got, at, acked)
			}
		}
	}
}

// laneHolds holds one lane of a consumer against the sets.
func (r *readers) laneHolds(t *rapid.T, consumer string, on bool, at Lane) {
	want := slices.Sorted(maps.Keys(r.open[consumer][at]))
	var got []uint64
	for _, n := range r.book.Notices(consumer, at, 0, 10_000) {
		got = append(got, n.Seq)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s is fed %v of lane %d, the sets say %v", consumer, got, at, want)
	}
	c, known := r.book.Cursor(consumer, at)
	owned := r.owners[consumer][at]
	if known != on || on && (c.Open != len(want) || c.Owner != owned.name || c.Epoch != owned.epoch || c.Next != r.count[at]+1) {
		t.Fatalf("%s stands at %+v in lane %d; owned %+v, %d open", consumer, c, at, owned, len(want))
	}
}

// A consumer that died neither stops the others' lanes nor payments, and is named.
func TestADeadConsumerStopsNobody(t *testing.T) {
	s := runScript(t, "open jane wallet 1,000,000.00\nopen paul wallet")
	s.book.outbox.limit = 16
	s.apply(SetConsumer{Consumer: ConsumerPartner, On: true})
	s.apply(Grant{Consumer: ConsumerSMS, Owner: "g1", To: 1 << 30})
	for i := range 100 {
		m := s.transfer("send", []string{"p" + figure(Amount(i)), "jane", "paul", figure(Amount(100 + i))})
		if res, _ := s.apply(m); res.Reject != OK {
			t.Fatalf("payment %d: %v", i, res.Reject)
		}
		for _, at := range s.book.OpenLanes(ConsumerSMS, 0, 1<<30) {
			c, _ := s.book.Cursor(ConsumerSMS, at)
			if res, _ := s.apply(Ack{Consumer: ConsumerSMS, Lane: at, Epoch: 1, Upto: c.Next - 1}); res.Reject != OK {
				t.Fatal(res.Reject)
			}
		}
	}
	behind, limit := s.book.Behind(ConsumerPartner)
	if c := s.book.Consumers()[1]; behind > limit || c.Missed != uint64(200-behind) || s.book.Counts().Open != behind {
		t.Errorf("%d behind of %d, %+v, %d kept", behind, limit, c, s.book.Counts().Open)
	}
	for at := range s.book.outbox.all() { // nobody claims that what it lost was told
		heard := s.book.Heard(at, 1)
		if len(heard) != 2 || heard[0].Missed != 0 || heard[1].Missed != s.book.Consumers()[1].Missed {
			t.Errorf("the first notice of lane %d: %+v", at, heard)
		}
	}
	s.apply(SetConsumer{Consumer: ConsumerPartner})
	if n := s.book.Counts().Open; n != 0 {
		t.Errorf("%d notices are kept for one that was retired", n)
	}
}
