package dialect

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// An HTTP transcript is a dialogue in a dialect, one line for each message:
//
//	# comment, with the source
//	> METHOD [/PATH] DATA              what the aggregator sends, as the simulator sends it
//	~ METHOD [/PATH] DATA              the same, as the simulator would not
//	= OP SESSION POSITION "TEXT OR CODE"   how that is read; ended: it is no hop
//	. KIND "TEXT"                      the screen for it: continue, wide, end, gone
//	< [HEADER=VALUE …] DATA            how that leaves
type exchanges struct {
	t    *testing.T
	d    *HTTP
	line int
	said Request
	own  bool
	echo Echo
	out  string
	ops  map[string]int
}

func (x *exchanges) fail(format string, args ...any) {
	x.t.Helper()
	x.t.Errorf("line %d: %s", x.line, fmt.Sprintf(format, args...))
}

// call reads a > or ~ line.
func (x *exchanges) call(s string) Request {
	r := Request{}
	r.Method, s, _ = strings.Cut(s, " ")
	if strings.HasPrefix(s, "/") {
		r.Path, s, _ = strings.Cut(s, " ")
	}
	if r.Method == "GET" {
		r.Query = []byte(s)
		return r
	}
	r.Type, r.Body = x.d.Request.Types[0], []byte(s)
	return r
}

// read compares how a call is read, and where it is the simulator's, written.
func (x *exchanges) read(want string) {
	x.t.Helper()
	h, echo, err := x.d.DecodeHop(x.said)
	got := "ended"
	if err == nil {
		text := h.Text
		if h.Op == Begin {
			text = h.Code
		}
		got = fmt.Sprintf("%s %s %d %q", tableOps[h.Op], h.Session, h.Position, text)
		x.ops[tableOps[h.Op]]++
	} else if err != ErrEnded {
		got = err.Error()
	}
	if got != want {
		x.fail("read as %s, not %s", got, want)
	}
	if x.echo = echo; !x.own {
		return
	}
	if h.Code == "" {
		h.Code = "*334#"
	}
	r, ok := x.d.EncodeHop(h, echoAll{x.d, x.said}.names())
	if !ok || r.Method != x.said.Method || r.Path != x.said.Path || !bytes.Equal(r.Query, x.said.Query) || !bytes.Equal(r.Body, x.said.Body) {
		x.fail("written as %s %s %s%s", r.Method, r.Path, r.Query, r.Body)
	}
}

// echoAll finds every value of a call by the dialect's names.
type echoAll struct {
	d *HTTP
	r Request
}

func (e echoAll) names() Echo {
	form, data := e.d.form, e.r.Body
	if e.r.Method == "GET" {
		form, data = formForm, e.r.Query
	}
	fields, _ := flatten(form, data)
	path, _ := pathParts(e.r.Path)
	for _, p := range e.d.calls {
		if t, ok := p.match(e.r.Method, path, fields); ok {
			return t.values
		}
	}
	return nil
}

// screen writes a reply, and reads it as the aggregator does.
func (x *exchanges) screen(s string) {
	x.t.Helper()
	kind, quoted, _ := strings.Cut(s, " ")
	text, err := strconv.Unquote(quoted)
	if err != nil {
		x.fail("%q: %v", quoted, err)
	}
	if kind == "gone" {
		x.out = string(x.d.AppendGone(nil, x.echo))
		return
	}
	r := Reply{Text: text, End: kind == "end", Wide: kind == "wide"}
	x.out = ""
	for _, h := range x.d.Headers(r.End) {
		x.out += h.Name + "=" + h.Value + " "
	}
	body := x.d.AppendReply(nil, x.echo, r)
	x.out += string(body)
	back, err := x.d.DecodeReply(headerOf(x.d.Headers(r.End)), body)
	if back.Wide = r.Wide; back != r || err != nil {
		x.fail("%s came back as %+v, %v", body, back, err)
	}
	x.ops[kind]++
}

// TestHTTPTranscripts plays the dialogue of each dialect.
func TestHTTPTranscripts(t *testing.T) {
	for _, name := range Names("http") {
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(filepath.Join("testdata", "http", name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			x := &exchanges{t: t, d: overHTTP(t, name), ops: map[string]int{}}
			if !strings.Contains(string(src), "Source:") && !strings.Contains(string(src), "Composed") {
				t.Error("it does not say where it is from")
			}
			for i, line := range strings.Split(strings.TrimRight(string(src), "\n"), "\n") {
				x.line = i + 1
				mark, rest, _ := strings.Cut(line, " ")
				switch mark {
				case "#", "":
				case ">", "~":
					x.said, x.own = x.call(rest), mark == ">"
				case "=":
					x.read(rest)
				case ".":
					x.screen(rest)
				case "<":
					if rest != x.out {
						x.fail("leaves as %s", x.out)
					}
				default:
					x.fail("%q", line)
				}
			}
			for _, op := range []string{"begin", "input", "abort", "continue", "end"} {
				said := x.d.pattern(Input) != nil
				if op == "begin" {
					said = x.d.pattern(Begin) != nil
				}
				if op == "abort" {
					said = x.d.pattern(Abort) != nil
				}
				if said && x.ops[op] == 0 {
					t.Errorf("it shows no %s", op)
				}
			}
		})
	}
}
