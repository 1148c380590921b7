package load

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"mlango/internal/conf"
)

// Service is somebody's own USSD service: what people press there, from a file.
type Service struct {
	Code   string // short code, without star and hash
	PIN    string // everybody's; empty: nobody is asked for one
	Keys   Keys
	Expect Keys   // by goal, a word of each screen before a key, and of the last; empty: any screen is right
	Says   SaysOf // what its SMS say of payments

	shares map[string]float64
}

// The file of a service, as its author wrote it.
type (
	serviceSource struct {
		Code  conf.At[string]              `yaml:"code"`
		PIN   conf.At[string]              `yaml:"pin"`
		Goals conf.Map[conf.At[waySource]] `yaml:"goals"`
	}
	waySource struct {
		Share  number   `yaml:"share"`
		Press  []string `yaml:"press"`
		Expect []string `yaml:"expect"`
		SMS    []string `yaml:"sms"`
	}
)

// Limits of a service's file.
const (
	maxWays   = maxShares
	maxPress  = 30
	maxAnswer = 160 // characters of one key, or of a word that is expected
)

// LoadKeys reads the file of a service.
func LoadKeys(path string) (*Service, error) {
	var src serviceSource
	doc, err := conf.Load(path, &src)
	if err != nil {
		return nil, fmt.Errorf("load: keys: %w", err)
	}
	return src.read(doc)
}

// read proves the file.
func (src *serviceSource) read(doc *conf.Doc) (*Service, error) {
	s := &Service{PIN: src.PIN.Value, Keys: Keys{}, Expect: Keys{}, Says: SaysOf{}, shares: map[string]float64{}}
	s.Code = strings.TrimSuffix(strings.TrimPrefix(src.Code.Value, "*"), "#")
	if s.Code == "" || strings.Trim(s.Code, "0123456789*") != "" {
		doc.FailAt(src.Code.Pos, fmt.Sprintf("code: %q cannot be dialled", src.Code.Value), `write what people dial, such as "384" or "*384*55#", in quotes`)
	}
	if len(src.Goals) == 0 || len(src.Goals) > maxWays {
		doc.Fail("goals", fmt.Sprintf("goals: %d of them", len(src.Goals)), fmt.Sprintf("write 1 to %d, each with what people press for it", maxWays))
	}
	for _, g := range src.Goals {
		w := &g.Value.Value
		if what, mend := w.wrong(s.PIN != ""); what != "" {
			doc.FailAt(g.Value.Pos, "goals."+g.Key+": "+what, mend)
			continue
		}
		s.Keys[g.Key], s.shares[g.Key] = w.Press, float64(w.Share)
		if len(w.Expect) > 0 {
			s.Expect[g.Key] = w.Expect
		}
		if says, what, mend := w.says(); what != "" {
			doc.FailAt(g.Value.Pos, "goals."+g.Key+": "+what, mend)
		} else if len(w.SMS) > 0 {
			s.Says[g.Key] = says
		}
	}
	if err := doc.Err(); err != nil {
		return nil, fmt.Errorf("load: keys: %w", err)
	}
	return s, nil
}

// wrong says what is wrong with a way, and how to mend it.
func (w *waySource) wrong(pin bool) (what, mend string) {
	switch {
	case len(w.Press) == 0 || len(w.Press) > maxPress:
		return fmt.Sprintf("press has %d keys", len(w.Press)), fmt.Sprintf(`write 1 to %d, one for each screen, such as ["1", "{to}", "{amount}", "{pin}"]`, maxPress)
	case len(w.Expect) > len(w.Press)+1:
		return fmt.Sprintf("expect has %d words for %d screens", len(w.Expect), len(w.Press)+1), "write one for each screen before a key, and one for the last"
	case w.Share < 0 || w.Share > 1e9:
		return "share is no share", "write a figure above 0, such as 3, or leave it away"
	}
	for _, key := range slices.Concat(w.Press, w.Expect) {
		if len(key) > maxAnswer {
			return fmt.Sprintf("%q is too long", key[:20]+"…"), fmt.Sprintf("write at most %d characters", maxAnswer)
		}
	}
	for _, key := range w.Press {
		switch {
		case key == "":
			return "an empty key", `write what is pressed, in quotes`
		case key == "{pin}" && !pin:
			return "{pin} without a pin", `write pin: "1234" above, the one of your test people`
		case strings.HasPrefix(key, "{") && !slices.Contains(tableKeyWords, key):
			return fmt.Sprintf("%s stands for nothing", key), "write " + strings.Join(tableKeyWords, ", ") + ", or the key itself"
		}
	}
	return "", ""
}

// says reads what the SMS of a way say, or says what is wrong with it.
func (w *waySource) says() (both [2]Said, what, mend string) {
	if len(w.SMS) > len(both) {
		return both, fmt.Sprintf("sms has %d texts", len(w.SMS)), "write what the SMS says to who dials, and to {to}"
	}
	if len(w.SMS) > 0 && len(w.Expect) <= len(w.Press) {
		return both, "sms without a word of the last screen", "write in expect what the last screen says of a payment that was made: only then an SMS must come"
	}
	for i, text := range w.SMS {
		if text == "" {
			continue // nobody is told
		}
		if len(text) > maxAnswer {
			return both, fmt.Sprintf("%q is too long", text[:20]+"…"), fmt.Sprintf("write at most %d characters", maxAnswer)
		}
		var err error
		if both[i], err = ReadSaid(text); err != nil {
			return both, "sms: " + err.Error(), "write {receipt}, {amount}, {any}, and the words between"
		}
	}
	return both, "", ""
}

// tableKeyWords stand for what the plan of a session says.
var tableKeyWords = []string{"{to}", "{amount}", "{pin}"}

// Serves makes the run's people dial this service: its goals, each with its share, or
// the profile's, or as much as the others.
func (s *Service) Serves(p *Profile) {
	var mix []Share
	for goal := range s.Keys {
		at := slices.IndexFunc(p.Mix, func(m Share) bool { return m.Name == goal })
		part := s.shares[goal]
		if part == 0 && at >= 0 {
			part = p.Mix[at].Part
		}
		mix = append(mix, Share{goal, part})
	}
	slices.SortFunc(mix, func(a, b Share) int { return cmp.Compare(a.Name, b.Name) })
	whole := 0.0
	for i := range mix {
		if mix[i].Part == 0 {
			mix[i].Part = 1 / float64(len(mix))
		}
		whole += mix[i].Part
	}
	for i := range mix {
		mix[i].Part /= whole
	}
	p.Mix = mix
}

// expected tells whether a screen is the one that somebody expects next.
func (w *walker) expected(text string) bool {
	words := w.g.expect[w.p.Goal]
	return w.pos >= len(words) || strings.Contains(strings.ToLower(text), strings.ToLower(words[w.pos]))
}
