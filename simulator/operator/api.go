package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"mlango/internal/msisdn"
)

// Bounds of the phone API.
const (
	maxBody  = 4 << 10 // bytes of a request
	maxForMS = 600_000 // ms a fault may last
)

// Keeper lets the phone API break the programs behind the network; demo's is
// its stack of children.
type Keeper interface {
	Kill(ctx context.Context, target string) error
	Restart(ctx context.Context, target string) error
}

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

// API is the phone API of the contracts. It is for loopback: it checks Host and
// Origin, so that no page of another site can press keys.
func (o *Operator) API() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]handler{
		"GET /api/phones":                  o.apiPhones,
		"POST /api/phones/{msisdn}/dial":   o.apiDial,
		"POST /api/phones/{msisdn}/press":  o.apiPress,
		"POST /api/phones/{msisdn}/hangup": o.apiHangup,
		"GET /api/phones/{msisdn}/sms":     o.apiSMS,
		"GET /api/trace":                   o.apiTrace,
		"POST /api/faults":                 o.apiFaults,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { serveJSON(w, r, h) })
	}
	mux.HandleFunc("GET /{$}", o.front)
	return guard(bounded(mux))
}

// frontText is what a browser or curl reads at /.
const frontText = `mlango simulator: an operator with phones to dial on.

The page with the phones is not built yet. In another terminal:

  go run ./simulator dial '*334#' --msisdn %[1]s --operator http://%[2]s

Or with curl:

  curl http://%[2]s/api/phones
  curl -d '{"code":"*334#"}' http://%[2]s/api/phones/%[1]s/dial
  curl -d '{"input":"1"}' http://%[2]s/api/phones/%[1]s/press
  curl -X POST http://%[2]s/api/phones/%[1]s/hangup
  curl http://%[2]s/api/phones/%[1]s/sms
  curl 'http://%[2]s/api/trace?session=SESSION'     # of a dial's answer: what crossed each wire

Break something, and see what the screens say:

  curl -d '{"kind":"kill","target":"ledgerd","for_ms":8000}' http://%[2]s/api/faults
  curl -d '{"kind":"drop_resp","n":3,"for_ms":60000}' http://%[2]s/api/faults
  curl -d '{"kind":"none"}' http://%[2]s/api/faults

kill and restart take a target, ledgerd or gateway; drop_binds takes nothing; throttle (SMS a second), delay_resp (ms), and of so many
one: drop_resp, busy, full, cut take n, as does duplicate (copies).
`

// front answers a browser until the phone page exists.
func (o *Operator) front(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	number := "254722000001"
	if len(o.cfg.Phones) > 0 {
		number = o.cfg.Phones[0].MSISDN
	}
	fmt.Fprintf(w, frontText, number, r.Host)
}

func (o *Operator) apiPhones(*http.Request) (any, error) {
	if o.cfg.Phones == nil {
		return []Phone{}, nil
	}
	return o.cfg.Phones, nil
}

func (o *Operator) apiDial(r *http.Request) (any, error) {
	var body struct {
		Code string `json:"code"`
	}
	number, err := request(r, &body)
	if err != nil {
		return nil, err
	}
	return o.screenJSON(number)(o.Dial(r.Context(), number, body.Code))
}

func (o *Operator) apiPress(r *http.Request) (any, error) {
	var body struct {
		Input string `json:"input"`
	}
	number, err := request(r, &body)
	if err != nil {
		return nil, err
	}
	return o.screenJSON(number)(o.Press(r.Context(), number, body.Input))
}

func (o *Operator) apiHangup(r *http.Request) (any, error) {
	number, err := request(r, nil)
	if err != nil {
		return nil, err
	}
	return struct{}{}, o.Hangup(r.Context(), number)
}

func (o *Operator) apiSMS(r *http.Request) (any, error) {
	number, err := request(r, nil)
	if err != nil {
		return nil, err
	}
	list := []smsJSON{}
	for _, s := range o.Inbox(number) {
		list = append(list, smsJSON{ID: s.ID, From: s.From, Text: s.Text, At: s.At})
	}
	return list, nil
}

// screenJSON makes a hop's result what the API tells; its session is the name to
// ask the trace by.
func (o *Operator) screenJSON(number string) func(Screen, error) (any, error) {
	return func(s Screen, err error) (any, error) {
		if err != nil {
			return nil, err
		}
		return screenJSON{
			Session: o.traceName(number, s.Session), Screen: s.Text, Open: s.Open, Secret: s.Secret,
			ElapsedMS: float64(s.Elapsed.Microseconds()) / 1000,
		}, nil
	}
}

// request reads the number in the path and the body into out; nil means that
// the call takes none.
func request(r *http.Request, out any) (number string, err error) {
	number = r.PathValue("msisdn")
	if !msisdn.Valid(number) {
		return "", ErrNumber
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
