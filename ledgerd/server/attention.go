package server

import (
	"encoding/hex"
	"fmt"
	"time"

	"mlango/ledgerd/ledger"
)

// When a node needs a person.
const (
	nearFull    = 4                   // times the mark, of disk
	muchWaiting = 10_000              // commands
	lateTold    = time.Minute         // the oldest notice
	soonOver    = 30 * 24 * time.Hour // a certificate
	farBehind   = 3                   // times the commands between two snapshots
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// attention is what needs a person, the worst first.
func (s *Server) attention(v *StatusSheet, now time.Time) []StatusDo {
	list := []StatusDo{}
	say := func(needs bool, what, do string) {
		if needs {
			list = append(list, StatusDo{what, do})
		}
	}
	if why := s.damage.Load(); why != nil {
		say(true, *why, "stop the node, keep its folder as it is, and restore the newest backup into a new folder: OPERATING.md, On call")
	}
	say(s.Full(), fmt.Sprintf("the disk has %d MB free, the mark is %d: nothing is accepted", v.Disk.FreeMB, v.Disk.MarkMB),
		"make room on the disk of "+v.Data+"; the node goes on by itself within a second")
	say(!s.Full() && v.Disk.FreeMB < nearFull*v.Disk.MarkMB, fmt.Sprintf("the disk has %d MB free; at %d nothing is accepted any more", v.Disk.FreeMB, v.Disk.MarkMB),
		"make room on the disk of "+v.Data+": what is in "+JournalDir+"/archive may be moved off once a backup has it")
	say(v.Role != "leads", "the node does not lead: nobody is answered by it", "wait ten seconds; if it stays so, look at the node's log")
	say(v.Journal.Applied+farBehind*uint64(maxBacklog) < v.Journal.Index, fmt.Sprintf("the books are at entry %d, the journal at %d", v.Journal.Applied, v.Journal.Index), "look at the node's log and its processor")
	say(v.Backlog.Waiting > muchWaiting, fmt.Sprintf("%d commands wait", v.Backlog.Waiting), "look at `ledgerd top`: a slow sync is the disk's, else more is asked for than one node does")
	for _, c := range v.Consumers {
		s.attendConsumer(&c, say)
	}
	say(v.Journal.Unkept > 0, fmt.Sprintf("%d snapshots could not be written since the start", v.Journal.Unkept), "look for \"no snapshot\" in the node's log; nothing is lost, but the next start reads more")
	say(v.Journal.Every > 0 && v.Journal.Since > farBehind*v.Journal.Every, fmt.Sprintf("the last snapshot is %d commands ago", v.Journal.Since), "look for \"snapshot\" in the node's log; the next start reads that much")
	say(v.Vault.Seal == 0, "no seal key is in use: no PIN can be taken", "look for \"seal keys\" in the node's log; set the machine's clock right and start the node again")
	say(v.Backlog.Second > 0, fmt.Sprintf("%d calls wait for a second person", v.Backlog.Second), "ledgerd admin pending, and approve what is right")
	if v.TLS != nil {
		for _, c := range []struct {
			whose string
			until time.Time
		}{{"the node's certificate", v.TLS.until}, {"the authority's certificate", v.TLS.authority}, {"your certificate", v.TLS.yours}} {
			say(!c.until.IsZero() && c.until.Sub(now) < soonOver, fmt.Sprintf("%s ends at %s", c.whose, s.instant(c.until.UnixMilli())),
				"sign another one (OPERATING.md, Who may do what), put it in its place and start its holder again")
		}
	}
	return list
}

// attendConsumer says what is wrong with how people are told.
func (s *Server) attendConsumer(c *StatusConsumer, say func(bool, string, string)) {
	say(c.Missed > 0, fmt.Sprintf("%s missed %d notices: it was too far behind", c.Name, c.Missed),
		"whoever reads it must make them good from the journal: ledgerd export, or the audit lanes")
	if c.Name != ledger.ConsumerSMS {
		say(c.AgeS > int64(lagAge.Seconds()), fmt.Sprintf("%d notices wait for %s, the oldest since %s; %d feeds are read", c.Notices, c.Name, c.Oldest, c.Feeds),
			"start who reads them, or if nobody will ever again: ledgerd admin consumer "+c.Name+" off")
		return
	}
	late := c.AgeS > int64(lateTold.Seconds())
	say(late && c.Feeds == 0, fmt.Sprintf("%d notices wait for %s, the oldest since %s, and nobody reads them", c.Notices, c.Name, c.Oldest),
		"start the gateway that tells them, or see why it does not reach this node: gateway doctor")
	say(late && c.Feeds > 0, fmt.Sprintf("%d notices wait for %s, the oldest since %s, although somebody reads them", c.Notices, c.Name, c.Oldest),
		"look at the gateway's binds: gateway top; the lanes that are farthest behind are listed here")
}
