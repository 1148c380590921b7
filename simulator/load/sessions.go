package load

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"mlango/internal/msisdn"
	"mlango/ledgerd/ledger"
)

// SessionsFile is the list of a run's sessions in its folder: one JSON object a line, the
// first says of which run. MenuFile is the menu that they walked.
const (
	SessionsFile = "sessions.jsonl"
	MenuFile     = "menu.yaml"
)

// RunHead is what must be known of a run to dial one of its sessions again.
type RunHead struct {
	Schema  int     `json:"schema"`
	Seed    uint64  `json:"seed"` // of its people
	Poor    float64 `json:"poor"`
	Speed   float64 `json:"speed"`
	Code    string  `json:"code"`
	Users   int     `json:"users"` // wallets; agents and tills come behind them
	Door    string  `json:"door"`  // DoorSMPP or DoorHTTP
	Dialect string  `json:"dialect,omitempty"`
	SMS     string  `json:"sms,omitempty"`   // the aggregator's API that took them; empty: over SMPP
	Redis   bool    `json:"redis,omitempty"` // it kept sessions and orders
	Expires int64   `json:"expires_ms"`      // an order's life
}

// The doors by which people dial.
const (
	DoorSMPP = "smpp"
	DoorHTTP = "http"
)

// sessionsSchema is the version of the list.
const sessionsSchema = 2

// Recorded is a session as it was: who, what for, each key and what came of it. People
// are numbers in the crowd of the seed, a PIN is not in it.
type Recorded struct {
	Number   int           `json:"n"`       // of the session in the run, by its end
	Session  string        `json:"session"` // as the ledger and the findings name it
	Wish     int           `json:"wish"`
	Payer    int           `json:"payer"`
	Payee    int           `json:"payee"` // below zero: no wallet
	Goal     string        `json:"goal"`
	Amount   ledger.Amount `json:"amount"`
	Persona  string        `json:"persona"`
	AtMS     int64         `json:"at_ms"` // it was due, after the run's begin
	WrongPIN bool          `json:"wrong_pin,omitempty"`
	Mishap   string        `json:"mishap,omitempty"`
	Ending   string        `json:"ending"`
	Keys     []RecordedKey `json:"keys"`
}

// RecordedKey is one key with what came of it.
type RecordedKey struct {
	AtMS   int64   `json:"at_ms"` // it was due, from the dial on
	Input  string  `json:"in"`    // **** is a PIN, {to} the payee's number
	WaitMS float64 `json:"wait_ms"`
	Screen string  `json:"screen,omitempty"` // its name; empty: none came
}

// tableMishaps are the mishaps in words.
var tableMishaps = map[Mishap]string{HangUp: "hang_up", RadioLoss: "radio_loss", Idle: "idle", LateKey: "late_key"}

// SessionLog writes the sessions of a run as they end; it is safe for all at once.
type SessionLog struct {
	mu    sync.Mutex
	file  *os.File
	out   *bufio.Writer
	begun time.Time
	count int
	err   error // the first that went wrong
}

// NewSessionLog begins the list in a folder, which it makes.
func NewSessionLog(dir string, head RunHead) (*SessionLog, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("load: sessions: %w", err)
	}
	f, err := os.Create(filepath.Join(dir, SessionsFile))
	if err != nil {
		return nil, fmt.Errorf("load: sessions: %w", err)
	}
	l := &SessionLog{file: f, out: bufio.NewWriterSize(f, 64<<10)}
	head.Schema = sessionsSchema
	l.write(head)
	return l, nil
}

func (l *SessionLog) write(line any) {
	b, err := json.Marshal(line)
	if err == nil {
		_, err = l.out.Write(append(b, '\n'))
	}
	if l.err == nil && err != nil {
		l.err = fmt.Errorf("load: sessions: %w", err)
	}
}

// add writes a session that is over. A nil log writes nothing.
func (l *SessionLog) add(v *visit, s *story, to *Person) {
	if l == nil || s == nil {
		return
	}
	p := &v.plan
	one := Recorded{Session: v.session, Wish: p.number, Payer: p.Payer, Payee: p.Payee, Goal: p.Goal, Amount: p.Amount, Persona: p.Persona.Name,
		WrongPIN: p.WrongPIN, Mishap: tableMishaps[p.Mishap], Ending: tableEndings[v.ending], Keys: make([]RecordedKey, len(s.hops))}
	number := ""
	if to.reached() && p.Payee != p.Payer {
		number = msisdn.Local(to.MSISDN)
	}
	for i, h := range s.hops {
		if number != "" {
			h.input = strings.ReplaceAll(h.input, number, "{to}")
		}
		one.Keys[i] = RecordedKey{AtMS: h.due.Sub(v.due).Milliseconds(), Input: h.input, WaitMS: float64(h.came.Sub(h.due).Microseconds()) / 1000}
		if !h.silent {
			one.Keys[i].Screen = h.name
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	one.Number, one.AtMS = l.count, v.due.Sub(l.begun).Milliseconds()
	l.write(one)
}

// begin says when the run began.
func (l *SessionLog) begin(at time.Time) {
	if l != nil {
		l.begun = at
	}
}

// Close ends the list; the error is the first that went wrong with it.
func (l *SessionLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return errors.Join(l.err, l.out.Flush(), l.file.Close())
}

// maxSessionLine bounds a line of the list.
const maxSessionLine = 256 << 10

// ReadSessions reads a run's list, and gives each session to fn until it says stop; of
// which run it is stands before all of them, and comes with each.
func ReadSessions(dir string, fn func(head RunHead, r *Recorded) (more bool)) (head RunHead, err error) {
	f, err := os.Open(filepath.Join(dir, SessionsFile))
	if err != nil {
		return head, fmt.Errorf("load: sessions: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(io.Reader(f))
	lines.Buffer(make([]byte, 0, 64<<10), maxSessionLine)
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			if err := json.Unmarshal(lines.Bytes(), &head); err != nil || head.Schema != sessionsSchema {
				return head, fmt.Errorf("load: %s:1: this is no list of sessions of this version", f.Name())
			}
			continue
		}
		var one Recorded
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			return head, fmt.Errorf("load: %s:%d: %w", f.Name(), n, err)
		}
		if !fn(head, &one) {
			break
		}
	}
	if err := lines.Err(); err != nil {
		return head, fmt.Errorf("load: %s: %w", f.Name(), err)
	}
	return head, nil
}

// WrongPIN is a PIN with its last digit mistyped, as people of a run mistype theirs.
func WrongPIN(pin string) string { return wrong(pin) }

// String is the ending in the list's words.
func (e Ending) String() string { return tableEndings[e] }

// EndingOf is how a session ended that came to its last screen: one that was to pay is
// judged by what that says after a PIN.
func EndingOf(goal string, pins int, last string) Ending {
	if pins == 0 || !Pays(goal) {
		return EndAnswered
	}
	return read(last, time.Time{})
}

// LostRadio tells whether a session broke off because its handset lost the network, which
// is no fault of the service's.
func (r *Recorded) LostRadio() bool { return r.Mishap == tableMishaps[RadioLoss] }
