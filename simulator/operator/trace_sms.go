package operator

import (
	"fmt"
	"time"

	"mlango/internal/msisdn"
	"mlango/smpp"
)

// SMSTraceName is the name under which an SMS is recorded by itself, beside the
// dialogue that its handset had last.
func (o *Operator) SMSTraceName(id string) string { return "sms/" + id }

// traceNames are the records that an SMS to a handset belongs to.
func (o *Operator) traceNames(h *handset, id string) []string {
	if o.trace == nil {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return []string{o.TraceName(h.msisdn, h.dial.session), o.SMSTraceName(id)}
}

// traceIn writes an event into records.
func (o *Operator) traceIn(names []string, kind, text string) {
	for _, name := range names {
		o.trace.Add(name, kind, text)
	}
}

// traceSMS notes an SMS that a handset has. The caller holds h.mu.
func (o *Operator) traceSMS(h *handset, s SMS) {
	if o.trace == nil {
		return
	}
	how := "submit_sm"
	if o.cfg.SMSAPI != "" {
		how = "POST " + o.cfg.SMSAPI
	}
	o.traceIn([]string{o.TraceName(h.msisdn, h.dial.session), o.SMSTraceName(s.ID)}, "sms",
		fmt.Sprintf("%s %s → %s: %s", how, s.From, msisdn.Mask(h.msisdn), masked(s.Text)))
}

// traceAnswer notes the answer to a screen or an SMS; which of the two is said by its
// PDU. Of an address that is nobody's here it notes nothing.
func (o *Operator) traceAnswer(m *smpp.Message, status smpp.Status) {
	if o.trace == nil {
		return
	}
	h := o.table.find(m.Dest.Addr)
	if h == nil {
		return
	}
	names, id := o.traceNames(h, m.MessageID), ""
	if _, ussd := m.TLV(smpp.TagUSSDServiceOp); ussd {
		names = names[:1]
	}
	if status == smpp.StatusOK {
		id = " message_id=" + m.MessageID
	}
	o.traceIn(names, "pdu", tableKind[m.Kind]+"_resp "+smpp.StatusName(status)+id)
}

// traceReport notes a delivery receipt that leaves.
func (o *Operator) traceReport(names []string, r *smpp.Message) {
	if o.trace != nil {
		o.traceIn(names, "pdu", "deliver_sm esm_class=4 "+string(r.Text))
	}
}

// traceTold notes how a request of ours was answered.
func (o *Operator) traceTold(names []string, what string, status smpp.Status, err error, began time.Time) {
	switch {
	case o.trace == nil:
	case err != nil:
		o.traceIn(names, "pdu", "no "+what+"_resp: "+err.Error())
	default:
		o.traceIn(names, "pdu", fmt.Sprintf("%s_resp %s after %s", what, smpp.StatusName(status), time.Since(began).Round(10*time.Microsecond)))
	}
}
