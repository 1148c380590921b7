package smpp

// Receipt is an SMSC's report on an SMS (SMPP 3.4 appendix B).
type Receipt struct {
	ID   string // message_id of the submit_sm_resp
	Stat string // DELIVRD, EXPIRED, DELETED, UNDELIV, ACCEPTD, UNKNOWN, REJECTD
	Err  string
}

// ParseReceipt reads a delivery receipt; ok is false when m is none.
func ParseReceipt(m *Message) (r Receipt, ok bool) { return Receipt{}, false }

// Put makes m the delivery receipt of r.
func (r Receipt) Put(m *Message) {}
