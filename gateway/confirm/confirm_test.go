package confirm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/order"
	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
	"mlango/menus"
	"mlango/smpp"
)

// outbox is a ledger's feed in memory: notices of one operator, cursors, grants.
type outbox struct {
	mu      sync.Mutex
	notices []ledger.Notice
	epoch   uint64
	upto    map[ledger.Lane]uint64
	except  map[ledger.Lane][]uint64
	acks    int
	stale   int
	broken  chan struct{} // closed: the running feed breaks off
	changed chan struct{}
}

func newOutbox(n ...ledger.Notice) *outbox {
	return &outbox{notices: n, upto: map[ledger.Lane]uint64{}, except: map[ledger.Lane][]uint64{}, broken: make(chan struct{}), changed: make(chan struct{}, 1)}
}

func (o *outbox) Notices(ctx context.Context, _, _ string, from, to ledger.Lane, fn func(uint64, []ledger.Notice) error) error {
	o.mu.Lock()
	if from == home*ledger.LanesPerOperator {
		o.epoch++
	}
	epoch, broken := o.epoch, o.broken
	var open []ledger.Notice
	for _, n := range o.notices {
		if n.Lane >= from && n.Lane <= to && (n.Seq > o.upto[n.Lane] || slices.Contains(o.except[n.Lane], n.Seq)) {
			open = append(open, n)
		}
	}
	o.mu.Unlock()
	for chunk := range slices.Chunk(open, 3) {
		if err := fn(epoch, chunk); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-broken:
		return errors.New("the stream broke")
	}
}

func (o *outbox) Ack(_ context.Context, _ string, lane ledger.Lane, epoch, upto uint64, except []uint64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if epoch != o.epoch {
		o.stale++
		return ledgerclient.ErrNotOwner
	}
	o.acks++
	o.upto[lane], o.except[lane] = upto, except
	select {
	case o.changed <- struct{}{}:
	default:
	}
	return nil
}

func (o *outbox) breakOff() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.broken)
	o.broken = make(chan struct{})
}

// wait returns when every lane is acknowledged as far as want says.
func (o *outbox) wait(t *testing.T, want map[ledger.Lane]uint64) {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		o.mu.Lock()
		held := true
		for lane, upto := range want {
			held = held && o.upto[lane] >= upto
		}
		o.mu.Unlock()
		if held {
			return
		}
		select {
		case <-o.changed:
		case <-limit:
			t.Fatalf("acknowledged %v, want %v", o.upto, want)
		}
	}
}

// smsc takes SMS and answers from a script, by recipient.
type smsc struct {
	mu     sync.Mutex
	script map[string][]any // smpp.Status or error, one a try; then OK
	got    []string         // "to: text", those that were taken, or may have been
}

func (s *smsc) Send(_ context.Context, operator string, set binds.Set, bind string, prio binds.Priority, m *smpp.Message) (binds.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if set != binds.SetSMS || prio != binds.SMS || bind != "" || m.Kind != smpp.SubmitSM || m.Source.TON != 5 || m.Dest.TON != 1 {
		return binds.Response{Status: smpp.StatusSysErr}, nil
	}
	to := m.Dest.Addr
	var next any = smpp.StatusOK
	if left := s.script[to]; len(left) > 0 {
		next, s.script[to] = left[0], left[1:]
	}
	if err, ok := next.(error); ok {
		if errors.Is(err, binds.ErrUnknown) {
			s.got = append(s.got, to+": "+smpp.DecodeText(m.DataCoding, m.Text))
		}
		if status, ok := next.(smpp.Status); ok && status != smpp.StatusOK {
			return binds.Response{Status: status}, nil
		} else if !ok {
			return binds.Response{}, err
		}
	}
	s.got = append(s.got, to+": "+smpp.DecodeText(m.DataCoding, m.Text))
	return binds.Response{Status: smpp.StatusOK, MessageID: "1"}, nil
}

func (s *smsc) Whole(string) bool { return false }

func (s *smsc) taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

type plainWords struct{}

func (plainWords) notice(n *ledger.Notice) (string, error) {
	if n.Kind == 99 {
		return "", errNoTemplate
	}
	return fmt.Sprintf("%s %d", n.Receipt, n.Amount), nil
}

func (plainWords) promise(p *order.Promise, r ledger.Result) (string, error) {
	if r.Reject == ledger.OtherContent {
		return "", errNoTemplate
	}
	return fmt.Sprintf("not done %d: %s", p.Amount, r.Reject), nil
}

type noBundles struct{}

func (noBundles) Active() *menus.Bundle      { return nil }
func (noBundles) Get([32]byte) *menus.Bundle { return nil }

const home = 1

func notice(lane ledger.Lane, seq uint64, to string) ledger.Notice {
	var r ledger.Receipt
	copy(r[:], fmt.Sprintf("L%03dS%05d", lane, seq))
	return ledger.Notice{Lane: home*ledger.LanesPerOperator + lane, Seq: seq, Kind: ledger.KindSend, Side: ledger.SidePayer,
		Amount: ledger.Amount(seq), Receipt: r, Addr: to}
}

type seenMap struct {
	mu sync.Mutex
	n  map[string]int
}

func (s *seenMap) add(_, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n[what]++
}

func (s *seenMap) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n[what]
}

type stand struct {
	*Confirm
	box  *outbox
	smsc *smsc
	seen *seenMap
	dir  string
}

func newStand(t *testing.T, box *outbox, script map[string][]any) *stand {
	t.Helper()
	s := &stand{box: box, smsc: &smsc{script: script}, seen: &seenMap{n: map[string]int{}}, dir: t.TempDir()}
	s.open(t)
	return s
}

func (s *stand) open(t *testing.T) {
	t.Helper()
	c, err := New(Config{Feed: s.box, Sender: s.smsc, Bundles: noBundles{}, Owner: "gw1", Data: s.dir, Seen: s.seen.add,
		Operators: []Operator{{Name: "safari", Home: home}, {Name: "other", Home: 2}},
		Routes: binds.Routes{
			{Home: "safari", Prefixes: []string{"25472", "2547"}, Via: []string{"safari"}, Sender: "M-WALLET"},
			{Home: "other", Prefixes: []string{"25473"}, Via: []string{"other"}, Sender: "M-WALLET"},
		}})
	if err != nil {
		t.Fatal(err)
	}
	c.words = plainWords{}
	s.Confirm = c
}

// during runs the room while f looks on.
func (s *stand) during(t *testing.T, f func()) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	f()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func lanes(upto ...uint64) map[ledger.Lane]uint64 {
	m := map[ledger.Lane]uint64{}
	for i, n := range upto {
		m[home*ledger.LanesPerOperator+ledger.Lane(i)] = n
	}
	return m
}

func TestInOrderAndAcknowledged(t *testing.T) {
	var all []ledger.Notice
	for seq := uint64(1); seq <= 20; seq++ {
		for lane := range ledger.Lane(8) {
			all = append(all, notice(lane, seq, fmt.Sprintf("25472200000%d", lane)))
		}
	}
	s := newStand(t, newOutbox(all...), nil)
	s.during(t, func() { s.box.wait(t, lanes(20, 20, 20, 20, 20, 20, 20, 20)) })
	next := map[string]int{}
	for _, line := range s.smsc.taken() {
		to, text, _ := strings.Cut(line, ": ")
		next[to]++
		if want := fmt.Sprintf("S%05d %d", next[to], next[to]); !strings.HasSuffix(text, want) {
			t.Fatalf("%s got %q, want …%s", to, text, want)
		}
	}
	if len(next) != 8 || s.Waiting() != 0 || s.seen.count(SeenSent) != 160 {
		t.Errorf("%d recipients, %d waiting, %d sent", len(next), s.Waiting(), s.seen.count(SeenSent))
	}
}

func TestWhatSMSCsSay(t *testing.T) {
	unknown := fmt.Errorf("pool: %w", binds.ErrUnknown)
	for _, c := range []struct {
		name   string
		script []any
		taken  int // times the first notice arrived
		dead   int
		seen   string
	}{
		{"taken", nil, 1, 0, SeenSent},
		{"throttled", []any{smpp.StatusThrottled, smpp.StatusThrottled}, 1, 0, SeenRetried},
		{"queue full", []any{smpp.StatusMsgQueueFull}, 1, 0, SeenRetried},
		{"our queue full", []any{binds.ErrQueueFull}, 1, 0, SeenRetried},
		{"no bind", []any{binds.ErrNoBind, binds.ErrNoBind}, 1, 0, SeenRetried},
		{"unknown", []any{unknown}, 2, 0, SeenUnknown},
		{"a strange status, then fine", []any{smpp.StatusSubmitFail}, 1, 0, SeenRetried},
		{"no such number", []any{smpp.StatusInvDstAddr}, 0, 1, SeenParked},
		{"never", []any{smpp.StatusThrottled, smpp.StatusPermAppError}, 0, 1, SeenParked},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, newOutbox(notice(0, 1, "254722000001"), notice(0, 2, "254722000002")), map[string][]any{"254722000001": c.script})
			s.during(t, func() { s.box.wait(t, lanes(2)) })
			first := 0
			for _, line := range s.smsc.taken() {
				if strings.HasPrefix(line, "254722000001") {
					first++
				}
			}
			if first != c.taken || s.DeadLetters() != c.dead || s.seen.count(c.seen) == 0 || !slices.Contains(s.smsc.taken(), "254722000002: L000S00002 2") {
				t.Errorf("taken %q, %d dead letters, seen %v", s.smsc.taken(), s.DeadLetters(), s.seen.n)
			}
		})
	}
}

func TestDeadLetterIsKeptAndMasked(t *testing.T) {
	odd := notice(0, 2, "254722000001")
	odd.Kind = 99
	s := newStand(t, newOutbox(notice(0, 1, "254722000001"), odd), map[string][]any{"254722000001": {smpp.StatusInvDstAddr}})
	s.during(t, func() { s.box.wait(t, lanes(2)) })
	b, err := os.ReadFile(filepath.Join(s.dir, "dead-sms.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if !strings.Contains(text, "L000S00001") || !strings.Contains(text, "2547*****001") || strings.Contains(text, "254722000001") || strings.Count(text, "\n") != 2 {
		t.Errorf("letters:\n%s", text)
	}
	s.open(t)
	if s.DeadLetters() != 2 {
		t.Errorf("%d letters after a restart", s.DeadLetters())
	}
}

func TestFullDeadLettersLeaveTheNoticeOpen(t *testing.T) {
	s := newStand(t, newOutbox(notice(0, 1, "254722000001"), notice(0, 2, "254722000002")), map[string][]any{"254722000001": {smpp.StatusInvDstAddr}})
	s.dead.limit = 0
	s.during(t, func() { s.box.wait(t, lanes(2)) })
	if got := s.box.except[home*ledger.LanesPerOperator]; !slices.Equal(got, []uint64{1}) {
		t.Errorf("exceptions %v", got)
	}
}

func TestFeedBreaksAndEpochMoves(t *testing.T) {
	s := newStand(t, newOutbox(notice(0, 1, "254722000001"), notice(1, 1, "254722000002")), nil)
	s.during(t, func() {
		s.box.wait(t, lanes(1, 1))
		s.box.mu.Lock()
		s.box.upto = map[ledger.Lane]uint64{} // the acknowledgement was lost with the leader
		s.box.mu.Unlock()
		s.box.breakOff()
		s.box.wait(t, lanes(1, 1))
	})
	if n := len(s.smsc.taken()); n != 2 {
		t.Errorf("%d SMS, what was taken before is only acknowledged again", n)
	}
}

func TestRestartSendsWhatIsOpen(t *testing.T) {
	box := newOutbox(notice(0, 1, "254722000001"), notice(0, 2, "254722000002"))
	box.upto[home*ledger.LanesPerOperator] = 1
	s := newStand(t, box, nil)
	s.during(t, func() { s.box.wait(t, lanes(2)) })
	if got := s.smsc.taken(); len(got) != 1 || !strings.HasPrefix(got[0], "254722000002") {
		t.Errorf("taken %q", got)
	}
}

func TestTell(t *testing.T) {
	for _, c := range []struct {
		name   string
		p      order.Promise
		r      ledger.Reject
		script []any
		want   string
		dead   int
	}{
		{"made: the notice tells", order.Promise{Payer: "254722000001", Amount: 5}, ledger.OK, nil, "", 0},
		{"refused", order.Promise{Payer: "254722000001", Operator: "safari", Amount: 5}, ledger.NotEnoughFunds, nil, "254722000001: not done 5: not_enough_funds", 0},
		{"expired, by prefix", order.Promise{Payer: "254722000001", Amount: 5}, ledger.Expired, []any{smpp.StatusThrottled}, "254722000001: not done 5: expired", 0},
		{"no operator", order.Promise{Payer: "4915100000", Amount: 5}, ledger.Expired, nil, "", 1},
		{"no words", order.Promise{Payer: "254722000001"}, ledger.OtherContent, nil, "", 1},
		{"no such number", order.Promise{Payer: "254722000001"}, ledger.Expired, []any{smpp.StatusInvDstAddr}, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(t, newOutbox(), map[string][]any{"254722000001": c.script})
			if err := s.Tell(t.Context(), c.p, ledger.Result{Reject: c.r}); err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(s.smsc.taken(), "|"); got != c.want || s.DeadLetters() != c.dead {
				t.Errorf("taken %q, %d dead letters", got, s.DeadLetters())
			}
		})
	}
	s := newStand(t, newOutbox(), map[string][]any{"254722000001": {binds.ErrNoBind, binds.ErrNoBind, binds.ErrNoBind}})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.Tell(ctx, order.Promise{Payer: "254722000001"}, ledger.Result{Reject: ledger.Expired}); err == nil {
		t.Error("a promise that could not be told is not over")
	}
	s.dead.limit = 0
	if err := s.Tell(t.Context(), order.Promise{Payer: "4915100000"}, ledger.Result{Reject: ledger.Expired}); err == nil {
		t.Error("a promise that was neither told nor kept among the dead letters is not over")
	}
}

// TestDeadRouteStopsOnlyItsLanes: while one home operator's SMSC is away, the other's
// subscribers are told, and what the first owes stays open at the ledger.
func TestDeadRouteStopsOnlyItsLanes(t *testing.T) {
	const dead, alive = "254722000001", "254733000001"
	all := []ledger.Notice{notice(0, 1, dead), notice(0, 2, dead)}
	for seq := uint64(1); seq <= 20; seq++ {
		n := notice(0, seq, alive)
		n.Lane = 2 * ledger.LanesPerOperator
		all = append(all, n)
	}
	s := newStand(t, newOutbox(all...), map[string][]any{dead: slices.Repeat([]any{binds.ErrNoBind}, 1000)})
	s.during(t, func() {
		for deadline := time.Now().Add(20 * time.Second); len(s.smsc.taken()) < 20; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%d SMS of the other operator", len(s.smsc.taken()))
			}
		}
	})
	for _, line := range s.smsc.taken() {
		if !strings.HasPrefix(line, alive) {
			t.Errorf("sent: %s", line)
		}
	}
	if upto := s.box.upto[home*ledger.LanesPerOperator]; upto != 0 {
		t.Errorf("the dead operator's lane is acknowledged up to %d", upto)
	}
}
