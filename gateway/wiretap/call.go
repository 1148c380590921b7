package wiretap

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one call of an aggregator over HTTP, after it was answered.
type Call struct {
	Operator, Number string
	Session          string // the dialogue, as Screen knows it
	Remote, Local    netip.AddrPort
	// Again makes the call once more with what m makes of its values; false when it is none
	// that can be taken apart: then only its method is kept.
	Again       func(m Mask) (target, contentType string, body []byte, ok bool)
	Method      string
	Began       time.Time
	Status      int
	ReplyType   string
	Reply       []byte
	Secret, End bool // of the screen in the answer
}

// Mask makes the values of a call fit to be shown.
type Mask interface {
	Number(value string) string // a subscriber's
	Dial(value string) string   // what was dialled
	Typed(value string) string  // an input
	Inputs(value string) string // all inputs so far, joined by *
	Other(value string) string  // the aggregator's own
}

// HTTP takes in a call and its answer: the call made up again from its values, each
// masked, the answer as it was, numbers masked.
func (w *Wiretap) HTTP(c *Call) {
	w.each(func(t *Trace, now time.Time) {
		if c.Number != t.number {
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		p := piece{at: c.Began, operator: c.Operator, bind: "http", client: c.Remote, server: c.Local, http: true}
		m := &mask{t: t, session: c.Session}
		p.byClient, p.in, p.octets = true, true, c.request(m)
		t.keep(p)
		p.at, p.byClient, p.in, p.octets, p.took = now, false, false, c.answer(m.hidden), now.Sub(c.Began)
		t.keep(p)
		t.screen(c.Session, c.Secret, c.End)
	})
}

// Traces tells whether a number is traced, so that a Call need not be made for
// nothing.
func (w *Wiretap) Traces(number string) (yes bool) {
	w.each(func(t *Trace, _ time.Time) { yes = yes || t.number == number })
	return yes
}

func (c *Call) request(m Mask) []byte {
	target, kind, body, ok := c.Again(m)
	if !ok {
		target, kind, body = "", "", nil
	}
	head := fmt.Sprintf("%s /ussd/%s%s HTTP/1.1\r\nHost: %s\r\n", c.Method, c.Operator, oneLine(target), c.Local)
	if len(body) > 0 {
		head += fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n", oneLine(kind), len(body))
	}
	return append([]byte(head+"\r\n"), body...)
}

// answer is what came back; a screen that repeats what was hidden in the call hides it
// too, the longest first: of a PIN that begins with one cut short nothing is left over.
func (c *Call) answer(hidden []string) []byte {
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", c.Status, "", oneLine(c.ReplyType), len(c.Reply))
	body := bytes.Clone(c.Reply)
	for _, secret := range slices.SortedFunc(slices.Values(hidden), func(a, b string) int { return len(b) - len(a) }) {
		body = bytes.ReplaceAll(body, []byte(secret), bytes.Repeat([]byte{blank}, len(secret)))
	}
	maskNumbers(body)
	return append([]byte(head), body...)
}

// oneLine keeps a caller's words from being more than one.
func oneLine(s string) string {
	if len(s) > mostLine {
		s = s[:mostLine]
	}
	quoted := strconv.QuoteToASCII(s)
	return quoted[1 : len(quoted)-1]
}

// mostLine bounds a target or a type that is shown.
const mostLine = 2 << 10

// mask is a Mask for one call of a trace, whose mu is held.
type mask struct {
	t       *Trace
	session string
	hidden  []string // what was typed and is not shown
}

// Number stars the middle.
func (*mask) Number(value string) string { return masked(value, maskNumbers) }

// Dial shows our code and nothing behind it.
func (m *mask) Dial(value string) string {
	return m.hide(value, masked(value, func(b []byte) {
		if !maskDial(b, 1) && len(b) > mostCode {
			blankAll(b)
		}
	}))
}

// Typed shows a choice in a menu, while no secret is asked for.
func (m *mask) Typed(value string) string {
	return m.typed(value, m.t.hushed())
}

// Inputs shows of them what was typed, in this trace, where no secret was asked for, and
// is no more than a choice.
func (m *mask) Inputs(value string) string {
	if value == "" {
		return ""
	}
	parts := strings.Split(value, "*")
	s, known := m.t.screens[m.session]
	if last := len(parts) - 1; known && last >= s.typed && last < 64 {
		if s.typed = last + 1; !m.t.hushed() {
			s.plain |= 1 << last
		}
		m.t.screens[m.session] = s
	}
	for i, part := range parts {
		parts[i] = m.typed(part, i >= 64 || s.plain>>i&1 == 0)
	}
	return strings.Join(parts, "*")
}

func (m *mask) typed(value string, hushed bool) string {
	return m.hide(value, masked(value, func(b []byte) { maskTyped(b, 1, hushed) }))
}

// hide notes what of a value is not shown, where it is long enough to be known again.
func (m *mask) hide(value, shown string) string {
	for part := range strings.FieldsFuncSeq(value, func(r rune) bool { return r == '*' || r == '#' }) {
		if len(part) >= mostChoice && !strings.Contains(shown, part) {
			m.hidden = append(m.hidden, part)
		}
	}
	return shown
}

// Other stars numbers, and blanks digits that could be a PIN: who knows what a network
// repeats there.
func (*mask) Other(value string) string {
	return masked(value, func(b []byte) {
		maskNumbers(b)
		u := units{b, 1}
		for i := 0; i < u.len(); i++ {
			from := i
			for i < u.len() && u.digit(i) {
				i++
			}
			if n := i - from; n > mostChoice && n < leastNumber {
				blankAll(b[from:i])
			}
		}
	})
}

func masked(value string, by func([]byte)) string {
	b := []byte(value)
	by(b)
	return string(b)
}

func blankAll(b []byte) {
	for i := range b {
		b[i] = blank
	}
}
