package edge

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"mlango/internal/dialect"
)

// What hostile calls carry, and no log may.
const (
	hostileNumber = "254722000009"
	hostilePIN    = "4826"
)

// logged is a log that keeps everything, for a look at what it must not hold.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write keeps a line.
func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logged) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// check fails when a PIN or a whole number was logged.
func (l *logged) check(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		if strings.Contains(line, hostilePIN) || strings.Contains(line, hostileNumber) {
			t.Errorf("logged: %s", line)
		}
	}
}

// hostile is a hop that carries a PIN, as the aggregator of a dialect calls.
func hostile(t *testing.T, d *dialect.HTTP) dialect.Request {
	t.Helper()
	text := hostilePIN
	if d.Cumulative() {
		text = "1*0722000002*500*" + hostilePIN
	}
	c, ok := d.EncodeHop(dialect.Hop{Op: dialect.Input, Session: "S9", MSISDN: hostileNumber, Code: "*334#", Text: text, Position: 4},
		dialect.Echo{"network": "63902", "user": "u"})
	if !ok {
		t.Fatalf("%s has no input", d.Name)
	}
	return c
}

// onWire is a call as octets; size is the length it announces, -1 for its own.
func onWire(name string, c dialect.Request, size int) string {
	target := "/ussd/" + name + c.Path
	if len(c.Query) > 0 {
		target += "?" + string(c.Query)
	}
	if size < 0 {
		size = len(c.Body)
	}
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\n", c.Method, target)
	if c.Method != http.MethodGet || size > 0 {
		head += fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n", c.Type, size)
	}
	return head + "\r\n" + string(c.Body)
}

// twice says the first field of a call again.
func twice(c dialect.Request) dialect.Request {
	switch {
	case len(c.Query) > 0:
		first, _, _ := bytes.Cut(c.Query, []byte("&"))
		c.Query = append(append(bytes.Clone(c.Query), '&'), first...)
	case c.Body[0] == '{':
		end := bytes.IndexByte(c.Body, ',')
		c.Body = append(append(bytes.Clone(c.Body[:end+1]), c.Body[1:end+1]...), c.Body[end+1:]...)
	case c.Body[0] == '<':
		at := bytes.LastIndex(c.Body, []byte("</"))
		c.Body = append(append(bytes.Clone(c.Body[:at]), "<msg>1</msg><msg>1</msg>"...), c.Body[at:]...)
	default:
		first, _, _ := bytes.Cut(c.Body, []byte("&"))
		c.Body = append(append(bytes.Clone(c.Body), '&'), first...)
	}
	return c
}

// status sends octets on a connection of their own and returns the status, empty when
// the door closed without one.
func status(t *testing.T, addr, octets string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, octets) // the door may close before the end
	_ = conn.(*net.TCPConn).CloseWrite()
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	line := make([]byte, len("HTTP/1.1 400"))
	if _, err := io.ReadFull(conn, line); err != nil {
		return ""
	}
	return string(line[len("HTTP/1.1 "):])
}

// TestHTTPEveryDialectHostile: each dialect refuses calls that are cut short, too large,
// by a wrong method, of a wrong type or with a field twice; nothing of them reaches the
// dialogue, grows in memory or stands in a log, and a good call is answered after each.
func TestHTTPEveryDialectHostile(t *testing.T) {
	r, logs := &room{}, &logged{}
	cfg := speaking(t, r)
	cfg.Log = logs.logger()
	addr := door(t, cfg)
	before := heap()
	for _, o := range cfg.Operators {
		good := hostile(t, o.HTTP)
		get := good.Method == http.MethodGet
		change := func(f func(c *dialect.Request)) string {
			c := good
			f(&c)
			return onWire(o.Name, c, -1)
		}
		large := func(b []byte) []byte {
			if len(b) > 0 {
				b = append(bytes.Clone(b), strings.Repeat("1", maxBody+1)...)
			}
			return b
		}
		half := change(func(c *dialect.Request) { c.Query, c.Body = c.Query[:len(c.Query)/3], c.Body[:len(c.Body)/3] })
		for _, c := range []struct{ name, octets, want string }{
			{"cut short", half, "400"},
			{"a field twice", onWire(o.Name, twice(good), -1), "400"},
			{"a wrong method", change(func(c *dialect.Request) { c.Method = "DELETE" }), "405"},
			{"a body that never comes", onWire(o.Name, good, maxBody/2), "400"},
			{"too large", change(func(c *dialect.Request) { c.Query, c.Body = large(c.Query), large(c.Body) }), "413"},
			{"announced too large", onWire(o.Name, good, 1<<31), "413"},
			{"a wrong type", change(func(c *dialect.Request) { c.Type = "application/octet-stream" }), "415"},
			{"compressed", strings.Replace(onWire(o.Name, good, -1), "\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n", 1), "415"},
		} {
			switch {
			case get && c.want == "413" && c.name == "too large":
				c.want = "431"
			case get && c.want == "415":
				continue // it has no body
			}
			if got := status(t, addr, c.octets); got != c.want {
				t.Errorf("%s, %s: answered %q, want %q", o.Name, c.name, got, c.want)
			}
		}
		if n := len(r.seen()); n != 0 {
			t.Errorf("%s: %d hostile hops came through", o.Name, n)
		}
		if got := status(t, addr, onWire(o.Name, good, -1)); got != "200" {
			t.Errorf("%s: a good call is answered %q", o.Name, got)
		}
		r.mu.Lock()
		r.hops = nil
		r.mu.Unlock()
	}
	logs.check(t)
	if grown := heap() - before; grown > 16<<20 {
		t.Errorf("memory grew by %d bytes", grown)
	}
}

// TestHTTPEveryDialectCut: of a JSON or XML call every beginning is refused.
func TestHTTPEveryDialectCut(t *testing.T) {
	for _, o := range speaking(t, &room{}).Operators {
		good := hostile(t, o.HTTP)
		if len(good.Body) == 0 || good.Body[0] != '{' && good.Body[0] != '<' {
			continue // a form that is cut short may be one
		}
		for n := range good.Body {
			c := good
			c.Body = c.Body[:n]
			if h, _, err := o.HTTP.DecodeHop(c); err == nil || strings.Contains(err.Error(), hostilePIN) {
				t.Errorf("%s: %d octets are read as %+v, %v", o.Name, n, h, err)
			}
		}
	}
}

// TestHTTPEveryDialectSlow: who drips is cut when his time is over, however often a byte
// comes; meanwhile others are answered.
func TestHTTPEveryDialectSlow(t *testing.T) {
	r, logs := &room{}, &logged{}
	cfg := speaking(t, r)
	cfg.Log = logs.logger()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := New(cfg)
	e.patience = 2 * time.Second // a good call has it too
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.ServeHTTP(ctx, ln) }()
	addr := ln.Addr().String()
	var drips sync.WaitGroup
	for _, o := range cfg.Operators {
		octets := onWire(o.Name, hostile(t, o.HTTP), -1)
		drips.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			over := make(chan struct{})
			go func() { defer close(over); _, _ = io.Copy(io.Discard, conn) }()
			for i := 0; ; i = (i + 1) % (len(octets) - 1) { // never the last one
				select {
				case <-over:
					return
				case <-time.After(20 * time.Millisecond):
					if i == len(octets)-2 {
						continue
					}
					_, _ = io.WriteString(conn, octets[i:i+1])
				}
			}
		})
		if got := status(t, addr, onWire(o.Name, hostile(t, o.HTTP), -1)); got != "200" {
			t.Errorf("%s: beside it a good call is answered %q", o.Name, got)
		}
	}
	drips.Go(func() { // who says nothing at all is cut too
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := io.Copy(io.Discard, conn); err != nil {
			t.Errorf("silence: %v", err)
		}
	})
	drips.Wait()
	if got, want := len(r.seen()), len(cfg.Operators); got != want {
		t.Errorf("%d hops came through, want %d", got, want)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	logs.check(t)
}

// TestHTTPOneAddress: an address that takes all its places is closed unread until it
// gives one back.
func TestHTTPOneAddress(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := New(config(t, &room{}))
	e.perAddr = 3
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- e.ServeHTTP(ctx, ln) }()
	var held []net.Conn
	for range 3 {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
	}
	good := raw(goodHead, inputForm)
	if got := status(t, ln.Addr().String(), good); got != "" {
		t.Errorf("one too many is answered %q", got)
	}
	_ = held[0].Close()
	for got := ""; got != "200"; time.Sleep(time.Millisecond) { // until the door saw it leave
		got = status(t, ln.Addr().String(), good)
	}
	for _, conn := range held {
		_ = conn.Close()
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
