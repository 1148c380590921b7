package wiretap

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Call is one call of an aggregator over HTTP, after it was answered. Of what it
// brought only sizes are here: bodies, queries and paths repeat what was typed.
type Call struct {
	Operator, Number string
	Remote, Local    netip.AddrPort
	Method           string
	Type             string // Content-Type of the body
	Query, Body      int    // octets
	Began            time.Time
	Status           int
	ReplyType        string
	Reply            []byte
}

// HTTP takes in a call and its answer: the call made up again with blanks for all
// that was sent, the answer as it was, numbers masked.
func (w *Wiretap) HTTP(c *Call) {
	w.each(func(t *Trace, now time.Time) {
		if c.Number != t.number {
			return
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		p := piece{at: c.Began, operator: c.Operator, bind: "http", client: c.Remote, server: c.Local, http: true}
		p.byClient, p.in, p.octets = true, true, c.request()
		t.keep(p)
		p.at, p.byClient, p.in, p.octets, p.took = now, false, false, c.answer(), now.Sub(c.Began)
		t.keep(p)
	})
}

// Traces tells whether a number is traced, so that a Call need not be made for
// nothing.
func (w *Wiretap) Traces(number string) (yes bool) {
	w.each(func(t *Trace, _ time.Time) { yes = yes || t.number == number })
	return yes
}

func (c *Call) request() []byte {
	target := "/ussd/" + c.Operator
	if c.Query > 0 {
		target += "?" + strings.Repeat(string(blank), min(c.Query, mostBlanks))
	}
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n", c.Method, target, c.Local)
	if c.Body > 0 {
		head += fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n", oneLine(c.Type), min(c.Body, mostBlanks))
	}
	return []byte(head + "\r\n" + strings.Repeat(string(blank), min(c.Body, mostBlanks)))
}

func (c *Call) answer() []byte {
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", c.Status, "", oneLine(c.ReplyType), len(c.Reply))
	out := append([]byte(head), c.Reply...)
	maskNumbers(out[len(head):])
	return out
}

// mostBlanks bounds what stands for what was sent.
const mostBlanks = 8 << 10

// oneLine keeps a caller's header from being more than one.
func oneLine(s string) string {
	if len(s) > 128 {
		s = s[:128]
	}
	return strconv.QuoteToASCII(s)[1 : len(strconv.QuoteToASCII(s))-1]
}
