//go:build house

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"mlango/simulator/stack"
)

// badForm is one way an aggregator goes wrong: raw bytes, and what the answer's
// first line and body must match; an empty pattern asks for no answer, the peer is
// left waiting.
type badForm struct {
	name, answer string
	raw          func() string
}

// request is a POST with a right length.
func request(body string, headers ...string) string {
	return fmt.Sprintf("POST /ussd/%s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n%sContent-Length: %d\r\n\r\n%s",
		demoSandbox, strings.Join(headers, ""), len(body), body)
}

// head is the beginning of a POST with other headers.
func head(lines ...string) string {
	return "POST /ussd/" + demoSandbox + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(lines, "\r\n") + "\r\n\r\n"
}

const formHeader = "Content-Type: application/x-www-form-urlencoded"

// with is a good form with one field changed, or left out when nothing is given.
func with(field string, value ...string) string {
	f := form("bad", person(1).MSISDN, "")
	f.Del(field)
	if len(value) > 0 {
		f.Set(field, value[0])
	}
	return f.Encode()
}

// manyFields are so many different ones.
func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "&%x=", i)
	}
	return b.String()
}

// saysEND is a polite answer that ends the dialogue.
func saysEND(words string) string { return `(?s)^HTTP/1\.1 200 .*\r\n\r\nEND .*` + words }

// tableBadForms are the rows over HTTP.
var tableBadForms = []badForm{
	{"a body of a megabyte", "^HTTP/1.1 413 ", func() string { return request(with("text", strings.Repeat("x", 1<<20))) }},
	{"a million digits", "^HTTP/1.1 413 ", func() string { return request(with("text", strings.Repeat("7", 1_000_000))) }},
	{"a length of a terabyte", "^HTTP/1.1 413 ", func() string { return head(formHeader, "Content-Length: 1099511627776") }},
	{"a length below zero", "^HTTP/1.1 400 |^$", func() string { return head(formHeader, "Content-Length: -5") + "text=1" }},
	{"a length that is none", "^HTTP/1.1 400 |^$", func() string { return head(formHeader, "Content-Length: many") + "text=1" }},
	{"no length at all", "^HTTP/1.1 4[01][01] ", func() string { return head(formHeader) }},
	{"chunks of junk", "^HTTP/1.1 400 ", func() string {
		return head(formHeader, "Transfer-Encoding: chunked") + "zz\r\n" + string(junk(512)) + "\r\n0\r\n\r\n"
	}},
	{"chunks without an end", "", func() string {
		return head(formHeader, "Transfer-Encoding: chunked") + "5\r\ntext=\r\n"
	}},
	{"a chunk of an exabyte", "^HTTP/1.1 4|^$", func() string {
		return head(formHeader, "Transfer-Encoding: chunked") + "fffffffffffffff\r\ntext="
	}},
	{"a body that does not come", "", func() string { return head(formHeader, "Content-Length: 100") + "sess" }},
	{"half a header, then silence", "", func() string { return "POST /ussd/" + demoSandbox + " HTTP/1.1\r\nHost" }},
	{"headers of 64 KiB", "^HTTP/1.1 431 |^HTTP/1.1 4", func() string { return head(formHeader, "X: "+strings.Repeat("x", 64<<10), "Content-Length: 0") }},
	{"junk", "^HTTP/1.1 400 |^$", func() string { return string(junk(4096)) + "\r\n\r\n" }},
	{"GET", "^HTTP/1.1 405 ", func() string { return "GET /ussd/" + demoSandbox + "?text=1 HTTP/1.1\r\nHost: x\r\n\r\n" }},
	{"another operator", "^HTTP/1.1 404 ", func() string {
		return strings.Replace(request(with("x")), demoSandbox, "nobody", 1)
	}},
	{"the operator that speaks SMPP", "^HTTP/1.1 404 ", func() string {
		return strings.Replace(request(with("x")), demoSandbox, demoOperator, 1)
	}},
	{"JSON", "^HTTP/1.1 415 ", func() string {
		return strings.Replace(request(`{"text":"1"}`), "x-www-form-urlencoded", "json", 1)
	}},
	{"no text", "^HTTP/1.1 400 ", func() string { return request(with("text")) }},
	{"no session", "^HTTP/1.1 400 ", func() string { return request(with("sessionId")) }},
	{"a session of a kilobyte", "^HTTP/1.1 400 ", func() string { return request(with("sessionId", strings.Repeat("s", 1024))) }},
	{"no number", "^HTTP/1.1 400 ", func() string { return request(with("phoneNumber")) }},
	{"a number that is none", "^HTTP/1.1 400 ", func() string { return request(with("phoneNumber", "+2547'--")) }},
	{"a number of forty digits", "^HTTP/1.1 400 ", func() string { return request(with("phoneNumber", "+"+strings.Repeat("2547", 10))) }},
	{"a code that is none", "^HTTP/1.1 400 ", func() string { return request(with("serviceCode", "*334;ls#")) }},
	{"a code of somebody else", saysEND("Unknown service"), func() string { return request(with("serviceCode", "*999#")) }},
	{"a field twice", "^HTTP/1.1 400 ", func() string { return request(with("text", "") + "&text=1") }},
	{"a thousand fields", "^HTTP/1.1 4", func() string { return request(with("text", "") + manyFields(1000)) }},
	{"octets that are no text", "^HTTP/1.1 400 ", func() string { return request(with("text", "") + "&x=%ff%fe%00") }},
	{"a broken escape", "^HTTP/1.1 400 ", func() string { return request(with("text") + "&text=%zz") }},
	{"a text above the limit", "^HTTP/1.1 400 ", func() string { return request(with("text", strings.Repeat("1*", 600)+"1")) }},
	{"an amount of a thousand digits", saysEND("ended|Nothing|not known"), func() string {
		return request(with("text", "1*0722000002*"+strings.Repeat("9", 1000)))
	}},
	{"the PIN for a dead session", saysEND("This session has ended"), func() string {
		return request(with("text", "1*0722000002*500*"+stack.PIN))
	}},
	{"a report of an end, with the PIN", "^HTTP/1.1 200 ", func() string {
		f, _ := url.ParseQuery(with("text", "1*0722000002*500*"+stack.PIN))
		f.Set("status", "Success")
		f.Set("durationInMillis", "4000")
		return request(f.Encode())
	}},
	{"a second request inside the first", "^HTTP/1.1 (200|4)", func() string {
		return head(formHeader, "Content-Length: 4", "Transfer-Encoding: chunked") + "0\r\n\r\n" + request(with("x"))
	}},
}

// post sends a row's bytes. A good session pays meanwhile, and then the answer is
// looked at.
func (b *bad) post(row badForm) {
	b.t.Helper()
	conn, err := net.Dial("tcp", b.stack.Ports().HTTP)
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	go func() { _, _ = io.WriteString(conn, row.raw()) }() // it may be cut off
	b.pay()
	if row.answer == "" {
		return
	}
	_ = conn.SetReadDeadline(time.Now().Add(rigPatience))
	var got bytes.Buffer
	buf := make([]byte, 4096)
	for !bytes.Contains(got.Bytes(), []byte("\r\n\r\n")) {
		n, err := conn.Read(buf)
		got.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if !regexp.MustCompile(row.answer).Match(got.Bytes()) {
		b.t.Errorf("the answer is %q, want %s", got.Bytes(), row.answer)
	}
}

// replays posts every hop of a good session five times, at once and again.
func (b *bad) replays() {
	b.t.Helper()
	b.next++
	texts := []string{"", "1", "1*" + local(2), fmt.Sprintf("1*%s*%d", local(2), b.next), fmt.Sprintf("1*%s*%d*%s", local(2), b.next, stack.PIN)}
	for _, text := range texts {
		first := doorScreen(b.t, b.rig, "replayed", person(goodOver).MSISDN, text)
		for range 5 {
			if again := doorScreen(b.t, b.rig, "replayed", person(goodOver).MSISDN, text); again != first {
				b.t.Errorf("a replay is answered %q, first %q", again.Text, first.Text)
			}
		}
	}
	b.want = append(b.want, fmt.Sprintf("%d %d", goodOver, b.next*100+700))
}
