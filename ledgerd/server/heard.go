package server

import (
	"errors"
	"fmt"
	"slices"

	"mlango/ledgerd/journal"
	"mlango/ledgerd/ledger"
	"mlango/ledgerd/wire"
)

// lookFor bounds, in bytes, how far behind a transfer a running node reads its journal
// for the acknowledgements of its notices: about a million transfers.
const lookFor = 512 << 20

// errFound ends a reading that has what it looked for.
var errFound = errors.New("server: found")

// journaled adds what only the journal knows: the people behind it, and when its
// notices were acknowledged.
func (t *Teller) journaled(v *Sheet, f *Found) (err error) {
	if v.Approved, v.Agreed, err = t.approved(f.Result.Place); err != nil {
		return err
	}
	for _, o := range append([]*SheetOther{v.First, v.End}, pointers(v.Backs)...) {
		if o == nil {
			continue
		}
		var at ledger.Place
		if _, err := fmt.Sscanf(o.Place, "%d/%d/%d", &at.Unit, &at.Index, &at.Offset); err != nil {
			return err
		}
		if o.Approved, o.Agreed, err = t.approved(at); err != nil {
			return err
		}
	}
	return t.acknowledged(v, f)
}

func pointers(list []SheetOther) (all []*SheetOther) {
	for i := range list {
		all = append(all, &list[i])
	}
	return all
}

// approved reads who stands behind the command at a place: two people or one; a PIN's
// or a clock's has nobody.
func (t *Teller) approved(at ledger.Place) (people []string, agreed string, err error) {
	list, err := t.Journal.Entries(at.Index, at.Index+1, 1)
	if err != nil {
		return nil, "", err
	}
	if len(list) == 0 {
		return nil, "", fmt.Errorf("entry %d: %w", at.Index, journal.ErrMissing)
	}
	err = wire.EachCommand(list[0].Payload, func(offset uint32, r wire.Record) error {
		if offset != at.Offset || r.Kind != wire.KindApproved {
			return nil
		}
		cmd, err := r.Command()
		if c, ok := cmd.(ledger.Approved); ok && err == nil {
			people, agreed = names(c.First, c.Second), Instant(c.At, t.ZoneMinutes)
		}
		return err
	})
	return people, agreed, err
}

// search is for when some notices were acknowledged.
type search struct {
	lanes []searched
	left  int   // notices still looked for
	most  int64 // bytes to read yet; negative: read enough
	at    int64 // ms, of the entry that is read
	index uint64
}

// searched is one consumer's side of one notice.
type searched struct {
	consumer string
	lane     ledger.Lane
	seq      uint64
	says     *SheetHear
	now      ledger.Heard

	epoch uint64 // the latest seen in an acknowledgement of the lane
	stale uint64 // acknowledgements up to this epoch are a former owner's
	owner string // of the latest grant seen
	done  bool
}

// acknowledged finds in the journal, from the transfer on, when each consumer
// acknowledged each notice.
func (t *Teller) acknowledged(v *Sheet, f *Found) error {
	s := search{most: t.Most}
	for i, n := range f.notices {
		for k, h := range n.heard {
			if says := &v.Notices[i].By[k]; says.Acked {
				s.lanes = append(s.lanes, searched{consumer: h.Consumer, lane: n.Lane, seq: n.Seq, says: says, now: h})
			}
		}
	}
	if s.left = len(s.lanes); s.left == 0 {
		return nil
	}
	err := t.Journal.Read(f.Result.Place.Index, func(h journal.Header, payload []byte) error {
		if f.upto != 0 && h.Index > f.upto || t.Most != 0 && s.most <= 0 {
			return errFound
		}
		s.most -= int64(len(payload))
		s.at, s.index = h.TimeMS, h.Index
		return wire.EachCommand(payload, func(offset uint32, r wire.Record) error { return s.look(t, f, offset, r) })
	})
	if err != nil && !errors.Is(err, errFound) {
		return err
	}
	for i := range s.lanes {
		if l := &s.lanes[i]; !l.done {
			l.says.Unknown = fmt.Sprintf("not within the entries %d to %d; `ledgerd show --data` of a copy reads on", f.Result.Place.Index, s.index)
		}
	}
	return nil
}

// look is told every command from the transfer on.
func (s *search) look(t *Teller, f *Found, offset uint32, r wire.Record) error {
	if r.Kind != wire.KindAck && r.Kind != wire.KindGrant && r.Kind != wire.KindSetConsumer && r.Kind != wire.KindApproved {
		return nil
	}
	cmd, err := r.Command()
	if err != nil {
		return err
	}
	cmd = ledger.Bare(cmd) // an administrator's has a name on it
	for i := range s.lanes {
		l := &s.lanes[i]
		switch c := cmd.(type) {
		case ledger.Grant:
			l.granted(c)
		case ledger.SetConsumer:
			if !l.done && c.Consumer == l.consumer && c.Consumer != ledger.ConsumerSMS { // which reads for ever
				l.done = true
				s.left--
				l.says.Unknown = fmt.Sprintf("at %s, before it was acknowledged, %s was said to be %s; if it was not so already, this was never its to tell",
					Instant(s.at, t.ZoneMinutes), l.consumer, map[bool]string{true: "on", false: "off"}[c.On])
			}
		case ledger.Ack:
			if !l.acknowledges(c) {
				continue
			}
			l.done = true
			s.left--
			l.says.At, l.says.After = Instant(s.at, t.ZoneMinutes), s.at-f.Result.At
			l.says.Place = placeWord(ledger.Place{Unit: f.Result.Place.Unit, Index: s.index, Offset: offset})
			if l.says.Owner = l.owner; c.Epoch == l.now.Epoch {
				l.says.Owner = l.now.Owner
			}
		}
	}
	if s.left == 0 {
		return errFound
	}
	return nil
}

// granted notes that the lane has another owner: what the former one says from now on
// is refused.
func (l *searched) granted(c ledger.Grant) {
	if c.Consumer == l.consumer && c.From <= l.lane && l.lane <= c.To {
		l.stale, l.owner = l.epoch, c.Owner
	}
}

// acknowledges tells whether this is the acknowledgement that was looked for.
func (l *searched) acknowledges(c ledger.Ack) bool {
	if l.done || c.Consumer != l.consumer || c.Lane != l.lane || c.Epoch <= l.stale {
		return false
	}
	l.epoch = max(l.epoch, c.Epoch)
	return l.seq <= c.Upto && !slices.Contains(c.Except, l.seq)
}
