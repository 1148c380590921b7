package server

import "time"

// Gauge is one figure of a node, read when somebody looks: by its metrics page, by
// tools over the wire.
type Gauge struct {
	Name, Help string
	Read       func() float64
}

// Gauges are all figures of the node.
func (s *Server) Gauges() []Gauge {
	list := []Gauge{
		{"ledger_forbidden", "Calls and records refused since the start because the caller has not the role.", func() float64 { return float64(s.door.forbidden.Load()) }},
		{"ledger_approvals_refused", "Approvals refused since the start: the same person or key, or nothing with that hash.", func() float64 { return float64(s.desk.turned.Load()) }},
		{"ledger_approvals_waiting", "Calls that wait for a second person.", func() float64 { return float64(len(s.desk.list(s.clock.look()))) }},
	}
	for _, t := range tableStats {
		list = append(list, Gauge{t.name, t.help, func() float64 { return t.read(s.Stats()) }})
	}
	return append(append(list, s.consumerGauges()...), s.nameGauges()...)
}

// tableStats are the figures that the writer counts.
var tableStats = []struct {
	name, help string
	read       func(Stats) float64
}{
	{"ledger_entries", "Entries journaled since the start.", func(s Stats) float64 { return float64(s.Entries) }},
	{"ledger_syncs", "Groups of entries made durable since the start, one sync each.", func(s Stats) float64 { return float64(s.Syncs) }},
	{"ledger_sync_seconds", "Time those took together.", func(s Stats) float64 { return s.SyncTime.Seconds() }},
	{"ledger_in_flight", "Entries on their way through the journal.", func(s Stats) float64 { return float64(s.InFlight) }},
	{"ledger_term", "The newest election.", func(s Stats) float64 { return float64(s.Term) }},
	{"ledger_leads", "1 while this node judges.", func(s Stats) float64 { return flag(s.Leads) }},
	{"ledger_snapshot", "Entry of the last snapshot since the start.", func(s Stats) float64 { return float64(s.Snapshot) }},
	{"ledger_snapshot_pause_seconds", "How long the books stood still for it.", func(s Stats) float64 { return s.Pause.Seconds() }},
	{"ledger_snapshots_failed", "Snapshots since the start that could not be written.", func(s Stats) float64 { return float64(s.Unkept) }},
	{"ledger_commands", "Commands in those entries.", func(s Stats) float64 { return float64(s.Commands) }},
	{"ledger_refused", "Requests refused without a trace since the start.", func(s Stats) float64 { return float64(s.Refused) }},
	{"ledger_waiting", "Commands that wait for the writer.", func(s Stats) float64 { return float64(s.Waiting) }},
	{"ledger_accounts", "Accounts in the books.", func(s Stats) float64 { return float64(s.Accounts) }},
	{"ledger_transfers", "Transfers in the books.", func(s Stats) float64 { return float64(s.Transfers) }},
	{"ledger_notices_open", "Notices not acknowledged by every consumer.", func(s Stats) float64 { return float64(s.Notices) }},
	{"ledger_ids_in_memory", "Ids that are looked up in memory; older ones are on disk.", func(s Stats) float64 { return float64(s.IDs) }},
	{"ledger_records_on_disk", "Answers that left memory for the disk.", func(s Stats) float64 { return float64(s.Spilled) }},
	{"ledger_index", "Index of the last applied entry.", func(s Stats) float64 { return float64(s.Index) }},
}

// flag is 1 for yes.
func flag(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// age is how old, in seconds, the oldest notice is that was not acknowledged.
func (l Lag) age(now int64) float64 {
	if l.Since == 0 {
		return 0
	}
	return (time.Duration(now-l.Since) * time.Millisecond).Seconds()
}
