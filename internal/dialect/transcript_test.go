package dialect

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A transcript is a dialogue in a dialect, one line for each message:
//
//	# comment, with the source
//	> SOURCE DEST [TAG=HEX …] "TEXT"   what the operator sends, as it sends it
//	~ SOURCE DEST [TAG=HEX …] "TEXT"   the same, as we would not send it ourselves
//	= OP SESSION UNIT "TEXT OR CODE"   how the last > or ~ is read
//	. KIND "TEXT"                      the screen for it: continue, secret, end, notify
//	< SOURCE DEST [TAG=HEX …] "TEXT"   how that screen is sent
type transcript struct {
	t    *testing.T
	d    *SMPP
	line int
	said Message // the last of the operator's
	own  bool    // we would say it so ourselves
	hop  Hop
	r    Reply
	dest string
	ops  map[string]int // what the transcript showed
}

// wire is a message as a line.
func wire(m Message) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s", m.Source, m.Dest)
	for _, t := range m.TLVs {
		fmt.Fprintf(&b, " %04x=%x", t.Tag, t.Value)
	}
	fmt.Fprintf(&b, " %q", m.Text)
	return b.String()
}

// parse reads such a line.
func (s *transcript) parse(line string) Message {
	s.t.Helper()
	head, quoted, _ := strings.Cut(line, ` "`)
	text, err := strconv.Unquote(`"` + quoted)
	words := strings.Fields(head)
	if err != nil || len(words) < 2 {
		s.t.Fatalf("line %d: %q: %v", s.line, line, err)
	}
	m := Message{ServiceType: s.d.ServiceType, Source: words[0], Dest: words[1], Text: text}
	for _, w := range words[2:] {
		tag, value, _ := strings.Cut(w, "=")
		n, err := strconv.ParseUint(tag, 16, 16)
		b, err2 := hex.DecodeString(value)
		if err != nil || err2 != nil {
			s.t.Fatalf("line %d: %q", s.line, w)
		}
		m.TLVs = append(m.TLVs, TLV{uint16(n), b})
	}
	return m
}

var tableKinds = map[string]Reply{"continue": {}, "secret": {Secret: true}, "end": {End: true}, "notify": {Notify: true}}

var tableOps = map[Op]string{Begin: "begin", Input: "input", Abort: "abort", Notified: "notified"}

func (s *transcript) step(sign byte, rest string) {
	s.t.Helper()
	switch sign {
	case '>', '~':
		s.said, s.own = s.parse(rest), sign == '>'
		s.hop = Hop{}
	case '=':
		s.read(rest)
	case '.':
		kind, quoted, _ := strings.Cut(rest, " ")
		text, err := strconv.Unquote(quoted)
		r, known := tableKinds[kind]
		if err != nil || !known {
			s.t.Fatalf("line %d: %q", s.line, rest)
		}
		s.ops[kind]++
		s.r, s.r.Text = r, text
	case '<':
		s.send(rest)
	}
}

// read holds the operator's message against how it should be read, and against
// how we would write it.
func (s *transcript) read(want string) {
	s.t.Helper()
	h, err := s.d.DecodeHop(s.said)
	got := fmt.Sprintf("%s %s %d %q", tableOps[h.Op], h.Session, h.Position, h.Code+h.Text)
	if err != nil || got != want {
		s.t.Fatalf("line %d: read as %s, %v; want %s", s.line, got, err, want)
	}
	s.hop, s.dest = h, s.said.Dest
	s.ops[tableOps[h.Op]]++
	if !s.own {
		return
	}
	m, err := s.d.EncodeHop(h, strings.Trim(s.dest, "*#"))
	if err != nil || wire(m) != wire(s.said) {
		s.t.Fatalf("line %d: would be said as %s, %v", s.line, wire(m), err)
	}
}

// send holds our screen against how it should be sent, and reads it back.
func (s *transcript) send(want string) {
	s.t.Helper()
	m, err := s.d.EncodeReply(s.hop, s.dest, s.r)
	if err != nil || wire(m) != wire(s.parse(want)) {
		s.t.Fatalf("line %d: sent as %s, %v; want %s", s.line, wire(m), err, want)
	}
	h, r, err := s.d.DecodeReply(m)
	if err != nil || r != s.r || h.Session != s.hop.Session || h.MSISDN != s.hop.MSISDN || h.Position != s.hop.Position {
		s.t.Fatalf("line %d: comes back as %+v %+v, %v", s.line, h, r, err)
	}
}

// play runs a file and returns what it showed.
func play(t *testing.T, d *SMPP, file string) map[string]int {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(src, []byte("# Source: ")) {
		t.Errorf("%s does not begin with its source", file)
	}
	s := &transcript{t: t, d: d, ops: map[string]int{}}
	for line := range strings.Lines(string(src)) {
		s.line++
		if line = strings.TrimSpace(line); len(line) > 2 && line[0] != '#' {
			s.step(line[0], line[2:])
		}
	}
	return s.ops
}

// TestTranscripts: every dialect has one, and it shows every op.
func TestTranscripts(t *testing.T) {
	for _, name := range Names("smpp") {
		t.Run(name, func(t *testing.T) {
			d, err := OverSMPP(name)
			if err != nil {
				t.Fatal(err)
			}
			ops := play(t, d, filepath.Join("testdata", "smpp", name+".txt"))
			for _, op := range []string{"begin", "input", "abort", "notified", "continue", "secret", "end", "notify"} {
				if ops[op] == 0 {
					t.Errorf("the transcript shows no %s", op)
				}
			}
		})
	}
}
