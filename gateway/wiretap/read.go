package wiretap

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"mlango/internal/msisdn"
	"mlango/internal/trace"
	"mlango/smpp"
)

// Event is one piece as it is read.
type Event struct {
	At   time.Time `json:"at"`
	Link string    `json:"link"` // operator/bind
	In   bool      `json:"in"`   // it came to us
	What string    `json:"what"` // deliver_sm, submit_sm_resp, POST, 200
	Text string    `json:"text"` // in words
}

// Report is a trace as it is read.
type Report struct {
	ID     string    `json:"id"`
	Number string    `json:"msisdn"` // masked
	From   time.Time `json:"from"`
	Until  time.Time `json:"until"`
	Runs   bool      `json:"runs"`
	Full   bool      `json:"full"` // there was more than is kept
	Events []Event   `json:"events"`
	Next   int       `json:"next"` // ask for events after so many
}

// Report reads a trace from its event number after on.
func (t *Trace) Report(after int, now time.Time) Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := Report{ID: t.id, Number: msisdn.Mask(t.number), From: t.from, Until: t.until, Runs: now.Before(t.until), Full: t.full,
		Events: []Event{}, Next: len(t.pieces)}
	for i := max(after, 0); i < len(t.pieces); i++ {
		r.Events = append(r.Events, t.pieces[i].event())
	}
	return r
}

// Capture writes a trace as a pcap file; see trace.Capture.
func (t *Trace) Capture(w io.Writer) error {
	t.mu.Lock()
	pieces := t.pieces[:len(t.pieces):len(t.pieces)]
	t.mu.Unlock()
	c, err := trace.NewCapture(w)
	if err != nil {
		return err
	}
	for _, p := range pieces {
		if err := c.Said(p.at, p.client, p.server, p.byClient, p.octets); err != nil {
			return err
		}
	}
	return nil
}

func (p *piece) event() Event {
	e := Event{At: p.at, Link: p.operator + "/" + p.bind, In: p.in}
	if p.http {
		p.call(&e)
	} else {
		p.pdu(&e)
	}
	return e
}

// call is an HTTP message in words: its first line, and what the answer shows.
func (p *piece) call(e *Event) {
	first, _, _ := strings.Cut(string(p.octets), "\r\n")
	_, body, _ := bytes.Cut(p.octets, []byte("\r\n\r\n"))
	words := strings.Fields(first)
	if p.in {
		target, query, _ := strings.Cut(words[1], "?")
		e.What, e.Text = words[0], strings.Join(slices.DeleteFunc([]string{target, unescaped(query), readable(body, p.octets)}, func(s string) bool { return s == "" }), " ")
		return
	}
	e.What, e.Text = words[1], fmt.Sprintf("%s after %s", quote(string(body)), took(p.took))
}

// readable is the body of a call on one line; a form without its escapes.
func readable(body, all []byte) string {
	if bytes.Contains(all, []byte("\r\nContent-Type: application/x-www-form-urlencoded")) {
		return unescaped(string(body))
	}
	return strings.Join(strings.Fields(string(body)), " ")
}

// unescaped is a form without its escapes, on one line still.
func unescaped(form string) string {
	if s, err := url.QueryUnescape(form); err == nil && !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	return form
}

// tableCommands are the PDUs by their names (SMPP 3.4 §5.1.2.1).
var tableCommands = map[smpp.CommandID]string{
	idSubmit: "submit_sm", idDeliver: "deliver_sm", idData: "data_sm", idNack: "generic_nack",
	idSubmit | response: "submit_sm_resp", idDeliver | response: "deliver_sm_resp", idData | response: "data_sm_resp",
}

// tableOps are the values of ussd_service_op (SMPP 3.4 §5.3.2.44).
var tableOps = map[byte]string{0: "PSSD indication", 1: "PSSR indication", 2: "USSR request", 3: "USSN request",
	16: "PSSD response", 17: "PSSR response", 18: "USSR confirm", 19: "USSN confirm"}

// pdu is a PDU in words.
func (p *piece) pdu(e *Event) {
	id := smpp.CommandID(binary.BigEndian.Uint32(p.octets[4:]))
	status := smpp.Status(binary.BigEndian.Uint32(p.octets[8:]))
	seq := binary.BigEndian.Uint32(p.octets[12:])
	e.What, e.Text = tableCommands[id], fmt.Sprintf("#%d ", seq)
	if id&response != 0 {
		if status == smpp.StatusOK {
			e.Text += "ok after " + took(p.took)
		} else {
			e.Text += fmt.Sprintf("refused after %s: %s (0x%08X)", took(p.took), status.Error(), uint32(status))
		}
		return
	}
	m, err := smpp.DecodeMessage(id, p.octets[pduHeader:])
	if err != nil {
		e.Text += err.Error()
		return
	}
	e.Text += m.Source.Addr + " → " + m.Dest.Addr
	if op, ok := m.TLV(smpp.TagUSSDServiceOp); ok && len(op) == 1 {
		e.Text += fmt.Sprintf("  op %d", op[0])
		if name := tableOps[op[0]]; name != "" {
			e.Text += " " + name
		}
	}
	if reply, ok := m.TLV(smpp.TagITSReplyType); ok && len(reply) == 1 && reply[0] == replySecret {
		e.Text += "  asks for a secret"
	}
	if content := m.Content(); len(content) > 0 {
		e.Text += "  " + quote(smpp.DecodeText(m.DataCoding, content))
	}
}

// replySecret is its_reply_type "password" (SMPP 3.4 §5.3.2.42).
const replySecret = 3

func took(d time.Duration) string { return d.Round(100 * time.Microsecond).String() }

// quote is a text on one line.
func quote(s string) string { return fmt.Sprintf("%q", s) }
