package operator

import (
	"strconv"
	"time"

	"mlango/smpp"
)

// managed are the rarer requests that an open operator answers.
func (c *centre) managed() smpp.Manage {
	return smpp.Manage{Query: c.query, Cancel: c.cancel, Replace: c.replace, Multi: c.multi}
}

// query answers what became of an SMS (SMPP 3.4 §4.8): under way it is ENROUTE,
// without a final date. Of one to many it is under way while one is, and delivered
// when all are.
func (c *centre) query(s *smpp.Session, q smpp.Query) smpp.QueryAnswer {
	a := c.shelf.query(s, q, c.o.cfg.Zone)
	word := smpp.StatusName(a.Status)
	if a.Status == smpp.StatusOK {
		word = stateName(a.State) + " " + word
	}
	c.o.tell(Event{Kind: EventQuery, SystemID: s.SystemID(), From: q.Source.Addr, ID: q.MessageID, Status: word})
	return a
}

func (f *shelf) query(s *smpp.Session, q smpp.Query, zone *time.Location) smpp.QueryAnswer {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.byID[q.MessageID]
	switch {
	case len(list) == 0 || list[0].s.SystemID() != s.SystemID():
		return smpp.QueryAnswer{Status: smpp.StatusInvMsgID}
	case !list[0].belongs(s, q.Source):
		return smpp.QueryAnswer{Status: smpp.StatusQueryFail}
	}
	worst, last := list[0], list[0].done
	for _, k := range list {
		if k.underWay() {
			return smpp.QueryAnswer{MessageID: q.MessageID, State: stateEnroute}
		}
		if worst.fate.Stat == statDelivered {
			worst = k
		}
		if k.done.After(last) {
			last = k.done
		}
	}
	code, _ := strconv.Atoi(worst.fate.Err) // three digits
	return smpp.QueryAnswer{
		MessageID: q.MessageID, FinalDate: smpp.Absolute(last.In(zone)),
		State: smpp.Receipt{Stat: worst.fate.Stat}.State(), Error: uint8(min(code, maxErrorCode)),
	}
}

// cancel takes SMS back that are under way (SMPP 3.4 §4.9): one by its id, or all
// between two addresses. Their receipts say DELETED.
func (c *centre) cancel(s *smpp.Session, r smpp.Cancel) smpp.Status {
	status := smpp.StatusCancelFail
	for _, k := range c.shelf.pending(s, r) {
		if _, was := c.shelf.end(k, Fate{Stat: statDeleted, Err: errorDelivered}); was {
			status = smpp.StatusOK
		}
	}
	if status != smpp.StatusOK && r.MessageID != "" && !c.shelf.knows(s, r.MessageID) {
		status = smpp.StatusInvMsgID
	}
	c.o.tell(Event{Kind: EventCancel, SystemID: s.SystemID(), From: r.Source.Addr, To: r.Dest.Addr, ID: r.MessageID, Status: smpp.StatusName(status)})
	return status
}

// knows tells whether an id is an SMS of the account.
func (f *shelf) knows(s *smpp.Session, id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := f.byID[id]
	return len(list) > 0 && list[0].s.SystemID() == s.SystemID()
}

// pending are the SMS under way that a request means: its empty fields mean all.
func (f *shelf) pending(s *smpp.Session, r smpp.Cancel) (found []*stored) {
	f.mu.Lock()
	defer f.mu.Unlock()
	look := func(list []*stored) {
		for _, k := range list {
			if k.underWay() && k.belongs(s, r.Source) && (r.Dest.Addr == "" || r.Dest.Addr == k.m.Dest.Addr) &&
				(r.ServiceType == "" || r.ServiceType == k.m.ServiceType) {
				found = append(found, k)
			}
		}
	}
	if r.MessageID != "" {
		look(f.byID[r.MessageID])
		return found
	}
	for _, id := range f.order {
		look(f.byID[id])
	}
	return found
}

// replace gives an SMS under way another text and other terms (SMPP 3.4 §4.10); its
// data_coding stays.
func (c *centre) replace(s *smpp.Session, r *smpp.Replace) smpp.Status {
	status := c.replaced(s, r)
	c.o.tell(Event{Kind: EventReplace, SystemID: s.SystemID(), From: r.Source.Addr, ID: r.MessageID, Status: smpp.StatusName(status)})
	return status
}

func (c *centre) replaced(s *smpp.Session, r *smpp.Replace) smpp.Status {
	now := time.Now()
	due, expires, status := c.o.times(r.ScheduleTime, r.ValidityPeriod, now)
	if status != smpp.StatusOK {
		return status
	}
	status = smpp.StatusReplaceFail
	for _, k := range c.shelf.pending(s, smpp.Cancel{MessageID: r.MessageID, Source: r.Source}) {
		if c.shelf.rewrite(k, r, due, expires) {
			status = smpp.StatusOK
		}
	}
	if status != smpp.StatusOK && !c.shelf.knows(s, r.MessageID) {
		status = smpp.StatusInvMsgID
	}
	return status
}

// rewrite changes an SMS that is still under way.
func (f *shelf) rewrite(k *stored, r *smpp.Replace, due, expires time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !k.underWay() {
		return false
	}
	k.m.Text, k.m.TLVs, k.m.RegisteredDelivery, k.m.DefaultMsgID = r.Text, r.TLVs, r.RegisteredDelivery, r.DefaultMsgID
	if r.ValidityPeriod != "" {
		k.expires = expires
		f.put(expires, k, stepExpire)
	}
	if r.ScheduleTime != "" {
		k.due = due
		f.put(due, k, stepFate)
	}
	return true
}

// multi takes one SMS to many (SMPP 3.4 §4.5): each destination has a fate and a
// receipt of its own under the one message_id, and those refused stand in the answer.
// Distribution lists we have none.
func (c *centre) multi(s *smpp.Session, m *smpp.Multi) smpp.MultiAnswer {
	a := smpp.MultiAnswer{MessageID: m.MessageID}
	busy := smpp.StatusOK
	for _, d := range m.Dests {
		status := smpp.StatusInvListName
		if d.List == "" {
			leg := m.Message
			leg.Dest = d.Address
			status = c.message(s, &leg)
		} else {
			d.Addr = d.List
		}
		switch status {
		case smpp.StatusOK:
			continue
		case smpp.StatusThrottled, smpp.StatusMsgQueueFull:
			busy = status
		}
		a.Failed = append(a.Failed, smpp.Failed{Address: d.Address, Status: status})
	}
	if len(a.Failed) == len(m.Dests) {
		a.Status = busy // nobody was reached because we are busy: the sender waits
	}
	return a
}

// stateName is a message_state as receipts spell it.
func stateName(state uint8) string {
	if state == stateEnroute {
		return "ENROUTE"
	}
	for _, stat := range []string{statDelivered, statExpired, statDeleted, statUndelivered, statRejected} {
		if (smpp.Receipt{Stat: stat}).State() == state {
			return stat
		}
	}
	return "UNKNOWN"
}
