// Package dialect is how operators speak USSD: over SMPP and over HTTP, each
// dialect a data file. The codecs are pure and work in both directions: the
// gateway decodes hops and encodes replies, the simulated operator does the
// opposite, so the two cannot drift apart unseen.
package dialect

import (
	"embed"
	"errors"
	"fmt"
	"strings"

	"mlango/internal/conf"
)

// Limits of what a codec takes.
const (
	MinMSISDN  = 5    // digits
	MaxMSISDN  = 15   // digits, E.164
	MaxCode    = 182  // characters of a dialled string: a whole USSD string
	MaxInput   = 254  // bytes of one input over SMPP
	MaxText    = 1024 // bytes of all inputs joined, in a cumulative dialect
	MaxSession = 48   // bytes of the operator's session key
	MaxBody    = 8 << 10
	MaxFields  = 64 // of a call
)

// What a codec refuses.
var (
	ErrMissing = errors.New("dialect: a field this dialect needs is missing")
	ErrValue   = errors.New("dialect: a field holds what this dialect does not know")
	ErrLength  = errors.New("dialect: a field has a wrong length")
	ErrMSISDN  = errors.New("dialect: the subscriber number is not one")
	ErrCode    = errors.New("dialect: the dialled string is not one")
	ErrUnknown = errors.New("dialect: no such dialect")
)

// Op is what a hop says.
type Op uint8

// The ops.
const (
	Begin Op = iota + 1
	Input
	Abort
	Notified // over SMPP: the handset showed what nobody answers
)

// Hop is one input of a subscriber, free of how it travelled.
type Hop struct {
	Op       Op
	Session  string // the operator's session key
	MSISDN   string // E.164 digits
	Code     string // the dialled string, *334#; over SMPP only on Begin
	Text     string // what was typed; in a cumulative dialect all of it
	Position uint32 // 0 on Begin, then rising by one
}

// Reply is the answer to a hop.
type Reply struct {
	Text   string
	End    bool
	Secret bool // the screen asks for a PIN
	Notify bool // over SMPP: shown, and nobody answers
	Wide   bool // over HTTP: the text needs UCS-2, for dialects that say so
}

// Units says how long a screen may be in each charset.
type Units struct {
	Septets int `yaml:"septets"`
	UCS2    int `yaml:"ucs2"`
}

//go:embed smpp/*.yaml http/*.yaml
var tableFiles embed.FS

// load reads the data file of a dialect.
func load(door, name string, out any) (*conf.Doc, error) {
	file := door + "/" + name + ".yaml"
	src, err := tableFiles.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %q, known over %s: %s", ErrUnknown, name, door, strings.Join(Names(door), ", "))
	}
	doc, err := conf.Parse(file, src, out)
	if err != nil {
		return nil, fmt.Errorf("dialect: %w", err)
	}
	return doc, nil
}

// Names lists the dialects of a door: smpp or http.
func Names(door string) []string {
	entries, err := tableFiles.ReadDir(door)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// checkUnits refuses units no handset has.
func checkUnits(doc *conf.Doc, u Units) {
	if u.Septets < 1 || u.Septets > 182 {
		doc.Fail("units.septets", "a screen has 1 to 182 septets", "write 182, or the operator's cap")
	}
	if u.UCS2 < 1 || u.UCS2 > 80 {
		doc.Fail("units.ucs2", "a screen has 1 to 80 UCS-2 units", "write 80, or the operator's cap")
	}
}

// msisdn takes an E.164 number with or without its plus.
func msisdn(s string) (string, error) {
	s = strings.TrimPrefix(s, "+")
	if len(s) < MinMSISDN || len(s) > MaxMSISDN || s[0] == '0' {
		return "", ErrMSISDN
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return "", ErrMSISDN
		}
	}
	return s, nil
}

// isCode tells whether s is a dialled string: *, digits and stars, #.
func isCode(s string) bool {
	if len(s) < 3 || len(s) > MaxCode || s[0] != '*' || s[len(s)-1] != '#' {
		return false
	}
	for i := 1; i < len(s)-1; i++ {
		if (s[i] < '0' || s[i] > '9') && s[i] != '*' {
			return false
		}
	}
	return true
}
