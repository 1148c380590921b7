package phone

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"mlango/internal/msisdn"
	"mlango/simulator/operator"
)

// screenJSON is a screen as the API tells it.
type screenJSON struct {
	Session   string  `json:"session"`
	Screen    string  `json:"screen"`
	Open      bool    `json:"open"`
	Secret    bool    `json:"secret,omitempty"`
	ElapsedMS float64 `json:"elapsed_ms"`
}

// smsJSON is an SMS as the API tells it.
type smsJSON struct {
	ID   string    `json:"id"`
	From string    `json:"from"`
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// trouble is an error with its HTTP status and what to do about it.
type trouble struct {
	status int
	what   string
	mend   string
	allow  string // the method of a 405
}

// Error is the sentence the caller reads.
func (t *trouble) Error() string { return t.what }

// handler is an API call: it returns a value to be written as JSON.
type handler func(r *http.Request) (any, error)

// Handler is the page at /, its API under /api/, and nothing else. It is for loopback:
// it checks Host and Origin, so that no page of another site can press keys.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /api/world":                     s.apiWorld,
		"GET /api/phones":                    s.apiPhones,
		"POST /api/phones/{msisdn}/dial":     s.apiDial,
		"POST /api/phones/{msisdn}/press":    s.apiPress,
		"POST /api/phones/{msisdn}/hangup":   s.apiHangup,
		"GET /api/phones/{msisdn}/screen":    s.apiScreen,
		"POST /api/phones/{msisdn}/language": s.apiLanguage,
		"GET /api/phones/{msisdn}/sms":       s.apiSMS,
		"GET /api/trace":                     s.apiTrace,
		"GET /api/faults":                    s.apiState,
		"POST /api/faults":                   s.apiFaults,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { serveJSON(w, r, h) })
	}
	mux.HandleFunc("GET /api/events", s.events)
	mux.HandleFunc("GET /{$}", s.front)
	mux.Handle("GET /page/", servePage())
	return hardened(guard(bounded(mux)))
}

// worldJSON is what the page must know of where it is.
type worldJSON struct {
	Code      string   `json:"code"`
	Network   string   `json:"network"` // as a display names it
	PIN       string   `json:"pin,omitempty"`
	Service   string   `json:"service,omitempty"`   // whose phones they are, when not ours
	Septets   int      `json:"septets"`             // a screen holds, in GSM 7-bit
	UCS2      int      `json:"ucs2"`                // or characters, when it needs UCS-2
	Kills     bool     `json:"kills"`               // the programs can be killed
	Input     int      `json:"input"`               // characters of one answer
	Zone      int      `json:"zone"`                // the network's clock, minutes east of UTC
	Languages []string `json:"languages,omitempty"` // that the holder of a phone may choose from
}

func (s *Server) apiWorld(*http.Request) (any, error) { return s.where(), nil }

// where is the world of these phones.
func (s *Server) where() worldJSON {
	w := worldJSON{Code: s.cfg.Code, Network: strings.ToUpper(s.cfg.Name), PIN: s.cfg.PIN, Service: s.cfg.Service, Kills: s.cfg.Keeper != nil, Input: operator.MaxInput}
	w.Septets, w.UCS2 = s.cfg.Network.Units()
	_, east := time.Now().In(s.cfg.Network.Zone()).Zone()
	w.Zone = east / 60
	if s.cfg.Languages != nil {
		w.Languages = tableLanguages
	}
	return w
}

func (s *Server) apiPhones(r *http.Request) (any, error) { return s.people(r.Context()), nil }

func (s *Server) apiDial(r *http.Request) (any, error) {
	var body struct {
		Code string `json:"code"`
	}
	number, err := request(r, &body)
	if err != nil {
		return nil, err
	}
	return s.screenJSON(number)(s.cfg.Network.Dial(r.Context(), number, body.Code))
}

func (s *Server) apiPress(r *http.Request) (any, error) {
	var body struct {
		Input string `json:"input"`
	}
	number, err := request(r, &body)
	if err != nil {
		return nil, err
	}
	return s.screenJSON(number)(s.cfg.Network.Press(r.Context(), number, body.Input))
}

func (s *Server) apiHangup(r *http.Request) (any, error) {
	number, err := request(r, nil)
	if err != nil {
		return nil, err
	}
	return struct{}{}, s.cfg.Network.Hangup(r.Context(), number)
}

// apiScreen is what the phone shows now: a page that was loaded again goes on.
func (s *Server) apiScreen(r *http.Request) (any, error) {
	number, err := request(r, nil)
	if err != nil {
		return nil, err
	}
	shown := s.cfg.Network.Shown(number)
	if !shown.Open {
		return screenJSON{}, nil
	}
	return s.screenJSON(number)(shown, nil)
}

func (s *Server) apiSMS(r *http.Request) (any, error) {
	number, err := request(r, nil)
	if err != nil {
		return nil, err
	}
	list := []smsJSON{}
	for _, m := range s.cfg.Network.Inbox(number) {
		list = append(list, asSMS(m))
	}
	return list, nil
}

func asSMS(m operator.SMS) smsJSON { return smsJSON{ID: m.ID, From: m.From, Text: m.Text, At: m.At} }

// apiTrace tells what crossed each wire for a session.
func (s *Server) apiTrace(r *http.Request) (any, error) {
	session := r.URL.Query().Get("session")
	if session == "" {
		return nil, &trouble{status: http.StatusBadRequest, what: "which session?", mend: "add ?session= with the session of a dial's answer"}
	}
	return s.wire(r.Context(), session), nil
}

// screenJSON makes a hop's result what the API tells; its session is the name to
// ask the trace by.
func (s *Server) screenJSON(number string) func(operator.Screen, error) (any, error) {
	return func(shown operator.Screen, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return screenJSON{
			Session: s.cfg.Network.TraceName(number, shown.Session), Screen: shown.Text, Open: shown.Open, Secret: shown.Secret,
			ElapsedMS: float64(shown.Elapsed.Microseconds()) / 1000,
		}, nil
	}
}

// request reads the number in the path and the body into out; nil means that
// the call takes none.
func request(r *http.Request, out any) (number string, err error) {
	number = r.PathValue("msisdn")
	if !msisdn.Valid(number) {
		return "", operator.ErrNumber
	}
	if out == nil {
		return number, nil
	}
	return number, readJSON(r, out)
}

// readJSON takes exactly one JSON object with no unknown field.
func readJSON(r *http.Request, out any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(out); err != nil {
		if big := (*http.MaxBytesError)(nil); errors.As(err, &big) {
			return &trouble{status: http.StatusRequestEntityTooLarge, what: "the body is too long", mend: "send less than 4 KiB"}
		}
		return &trouble{status: http.StatusBadRequest, what: "the body is not the JSON object this call takes", mend: "send one object with the fields of this call only: GET / shows each"}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return &trouble{status: http.StatusBadRequest, what: "more than one JSON value in the body", mend: "send one object"}
	}
	return nil
}
