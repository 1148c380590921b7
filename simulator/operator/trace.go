package operator

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"mlango/internal/dialect"
	"mlango/internal/msisdn"
	"mlango/internal/trace"
	"mlango/smpp"
)

// What an event tells.
const (
	maxTold = 300   // bytes of a body
	behind  = " · " // stands between how it travelled and what it says
)

// tableOp names a hop in traces.
var tableOp = map[hopOp]string{opBegin: "begin", opInput: "input", opAbort: "abort", opNotified: "notified"}

// tableServiceOp names ussd_service_op (SMPP 3.4 §5.3.2.44), and what USSD centres use
// beside it to give a dialogue up.
var tableServiceOp = map[byte]string{
	0: "PSSD indication", 1: "PSSR indication", 2: "USSR request", 3: "USSN request",
	16: "PSSD response", 17: "PSSR response", 18: "USSR confirm", 19: "USSN confirm", 129: "release",
}

// tableKind names a message that a bind carries.
var tableKind = map[smpp.Kind]string{smpp.DeliverSM: "deliver_sm", smpp.SubmitSM: "submit_sm", smpp.DataSM: "data_sm"}

// tableNumbers finds subscriber numbers in what people type and read.
var tableNumbers = regexp.MustCompile(`\b(0|254)[17]\d{8}\b`)

// TraceName is the name under which both sides record a dialogue.
func (o *Operator) TraceName(number, session string) string {
	return trace.Session(o.cfg.Name, number, session)
}

// Events is what this side saw of a dialogue, oldest first, under the name that
// TraceName gave it.
func (o *Operator) Events(name string) []trace.Event { return o.trace.Events(name) }

// traceHop notes a hop that leaves, and in what it travels. A PIN is not told.
func (o *Operator) traceHop(p *hop, in string) {
	if o.trace == nil {
		return
	}
	text := masked(p.text)
	if p.hidden {
		text = "****"
	}
	o.trace.Add(o.TraceName(p.msisdn, p.session), o.wire(),
		fmt.Sprintf("%s%s %s, unit %d: %q", in, tableOp[p.op], msisdn.Mask(p.msisdn), p.unit, text))
}

// traceScreen notes a screen that is shown. The caller holds h.mu.
func (o *Operator) traceScreen(h *handset, a answer) {
	if o.trace == nil {
		return
	}
	what := "screen"
	if a.end {
		what = "last screen"
	}
	in := o.pduWords(a.pdu)
	if a.body != "" {
		in = fmt.Sprintf("200 %d octets %q%s", len(a.body), masked(clip(a.body)), behind)
	}
	o.trace.Add(o.TraceName(h.msisdn, h.dial.session), o.wire(), fmt.Sprintf("%s%s: %q", in, what, masked(a.text)))
}

// pduWords are the fields of a PDU that make it one of USSD.
func (o *Operator) pduWords(m *smpp.Message) string {
	if m == nil || o.trace == nil {
		return ""
	}
	return o.wordsOf(tableKind[m.Kind], m)
}

// hopKind is the PDU in which a hop travels: to a service that we are bound to it goes
// as an ESME's.
func (o *Operator) hopKind(m *smpp.Message) string {
	if o.cfg.Target != "" && m.Kind == smpp.DeliverSM {
		return tableKind[smpp.SubmitSM]
	}
	return tableKind[m.Kind]
}

// wordsOf are a PDU's fields behind its name.
func (o *Operator) wordsOf(name string, m *smpp.Message) string {
	words := name + " "
	if op, ok := m.TLV(smpp.TagUSSDServiceOp); ok && len(op) == 1 {
		words += fmt.Sprintf("ussd_service_op=%d %s ", op[0], tableServiceOp[op[0]])
	}
	if info, ok := m.TLV(smpp.TagITSSessionInfo); ok {
		words += fmt.Sprintf("its_session_info=%x ", info)
	}
	return words + fmt.Sprintf("data_coding=%d %d octets%s", m.DataCoding, len(m.Content()), behind)
}

// httpWords are a call as a developer reads it; one that repeats a PIN has no body.
func (o *Operator) httpWords(p *hop, call *dialect.Request) string {
	if o.trace == nil {
		return ""
	}
	said := string(call.Query) + string(call.Body)
	if plain, err := url.QueryUnescape(said); err == nil && (call.Type == "" || strings.Contains(call.Type, "form")) {
		said = plain
	}
	said = strings.ReplaceAll(said, p.msisdn, msisdn.Mask(p.msisdn))
	if p.covered {
		said = "(not shown: it may hold a PIN)"
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%s %s %s %s", call.Method, call.Path, call.Type, masked(clip(said)))), " ") + behind
}

// clip keeps a trace's event short.
func clip(s string) string {
	if len(s) <= maxTold {
		return s
	}
	return strings.ToValidUTF8(s[:maxTold], "") + "…"
}

// masked is a text with its numbers masked.
func masked(s string) string {
	return tableNumbers.ReplaceAllStringFunc(s, func(n string) string { return n[:4] + "*****" + n[len(n)-3:] })
}

// wire says what the hops travel in.
func (o *Operator) wire() string {
	if o.cfg.Aggregator != "" {
		return "http"
	}
	return "pdu"
}
