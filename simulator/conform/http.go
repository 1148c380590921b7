package conform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// door is an HTTP door that is tested.
type door struct {
	*Target
	dialect *dialect.HTTP
	client  *http.Client
	run     string // names the test's sessions
	last    *atomic.Uint64
	first   string // the first screen
}

// HTTP asks the HTTP door at a target, as the aggregator of a dialect.
func HTTP(ctx context.Context, t *Target) (*Result, error) {
	d, err := dialect.OverHTTP(t.Dialect)
	if err != nil {
		return nil, fmt.Errorf("conform: %w", err)
	}
	at := &door{Target: t, dialect: d, client: &http.Client{Timeout: t.patience(), CheckRedirect: stay}, last: &atomic.Uint64{},
		run: "conform" + strconv.FormatInt(time.Now().UnixNano(), 36)}
	defer at.client.CloseIdleConnections()
	if _, err := at.call(ctx, dialect.Request{Method: http.MethodGet}); errors.Is(err, ErrUnreachable) {
		return nil, err
	}
	r := &Result{Target: t.Name, Kind: "USSD over HTTP, dialect " + d.Name, At: time.Now()}
	return r, hold(ctx, r, at, at.demands())
}

// stay follows no redirect: where it leads, nobody said that we may dial. The answer
// stands as it is, and is none of any dialect.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// demands is what is asked: what the dialect says, and what any door must bear.
func (d *door) demands() []demand[*door] {
	rule := "dialect " + d.dialect.Name
	return []demand[*door]{
		{rule + ": begin", "a dial is answered with a screen in the dialect, HTTP 200", begins},
		{rule + ": screen", "the first screen fits on a handset", fits},
		{rule + ": echo", "an answer names the session and the number that it answers", names},
		{rule + ": continue", "a key is answered with a screen", continues},
		{rule + ": end", "the keys that lead there show a last screen, and a key behind it does no harm", last},
		{rule + ": abort", "a hang-up is taken", ends},
		{rule + ": begin again", "who dials anew sees the first screen again", again},
		{"repeated hop", "a dial that comes twice is answered twice the same", repeats},
		{"repeated hop", "twice at the same moment, too", together},
		{"concurrent sessions", fmt.Sprintf("%d sessions at once see each the screen that they see alone", min(atOnce, len(d.Numbers))), crowd},
		{"repeated hop", "a key that comes twice is answered twice the same", keyTwice},
		{rule + ": begin again", "a dialogue that broke off behind a key does not go on in a new session unasked", anew},
		{"concurrent sessions", "a key of one session does not move another", apart},
		{"hostile input", "a call with nothing in it does no harm: refused 4xx, in the dialect, or nothing said", hostile(dialect.Request{Method: "POST"})},
		{"hostile input", "a body that is not of the dialect does no harm either", hostile(dialect.Request{Method: "POST", Body: []byte("{]%zz&\x00\xff<x")})},
		{"RFC 9110 §15.5.6, §15.6.2", "a method that is not the dialect's is refused: 405, another 4xx, or 501", otherMethod},
		{"hostile input", "a key of a session that never began does no harm", lateKey},
		{"hostile input", "a key with control characters, a quote and a script does no harm", typed("1\x00\r\n'\"><script>")},
		{"hostile input", "a number that is none does no harm", nobody},
		{"oversize", "a key of 5,000 characters does no harm", long},
		{"oversize", "a body of 1 MiB is refused, cut off or answered, and so is the next dial", oversize},
		{"slow", "a call that breaks off in its middle does no harm", broken},
		{"slow", "while a call stands still half sent, another dial is answered", halfSent},
		{rule + ": begin", "after all that a dial is answered with a screen", answered},
	}
}

// said is an answer of the door.
type said struct {
	status int
	body   []byte
	reply  dialect.Reply
	err    error // it is none of the dialect
}

// String is the answer in words.
func (s said) String() string {
	return fmt.Sprintf("HTTP %d %q", s.status, s.body[:min(len(s.body), 120)])
}

// session is a dialogue under way.
type session struct {
	key, number string
	inputs      []string
	position    uint32
}

// open names a new dialogue.
func (d *door) open(at int) *session {
	s := &session{key: d.run + strconv.FormatUint(d.last.Add(1), 36), number: d.Numbers[at%len(d.Numbers)]}
	if d.dialect.Keyless() {
		s.key = d.dialect.Name
	}
	return s
}

// call makes one HTTP call.
func (d *door) call(ctx context.Context, r dialect.Request) (said, error) {
	target := d.URL + r.Path
	if query := strings.Trim(d.Query+"&"+string(r.Query), "&"); query != "" {
		target += "?" + query
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, target, bytes.NewReader(r.Body))
	if err != nil {
		return said{}, err
	}
	if r.Type != "" {
		req.Header.Set("Content-Type", r.Type)
	}
	resp, err := d.client.Do(req)
	if whole := (*url.Error)(nil); errors.As(err, &whole) {
		err = whole.Err // the URL may hold a password
	}
	if err != nil {
		return said{}, missing(err)
	}
	defer resp.Body.Close()
	s := said{status: resp.StatusCode}
	if s.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer)); err != nil {
		return s, missing(err)
	}
	s.reply, s.err = d.dialect.DecodeReply(resp.Header.Get, s.body)
	return s, nil
}

// missing is why no answer came: nobody is there, time was up, or it hung up.
func missing(err error) error {
	if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
		return errLate
	}
	return fmt.Errorf("%w: %w", errHungUp, err)
}

// Why no answer came.
var (
	errHungUp = errors.New("the connection was ended without an answer")
	errLate   = errors.New("no answer came in time")
)

// hop sends one hop of a dialogue.
func (d *door) hop(ctx context.Context, s *session, op dialect.Op, text string) (said, error) {
	r, ok := d.request(s, op, text)
	if !ok {
		return said{}, errNotAsked("the dialect has no call for it")
	}
	return d.call(ctx, r)
}

// request is the call of a hop.
func (d *door) request(s *session, op dialect.Op, text string) (dialect.Request, bool) {
	h := dialect.Hop{Op: op, Session: s.key, MSISDN: s.number, Code: d.Code, Text: text, Position: s.position}
	if op == dialect.Input {
		s.inputs = append(s.inputs, text)
		s.position++
		h.Position = s.position
		if d.dialect.Cumulative() {
			h.Text = strings.Join(s.inputs, "*")
		}
	} else if op == dialect.Begin && d.dialect.Cumulative() {
		h.Text = ""
	}
	return d.dialect.EncodeHop(h, dialect.Echo{
		"network": "63902", "user": "conform", "platform": "USSD", "login": "conform", "secret": d.Password, "invoke": "0",
	})
}

// screen is a hop that must be answered with one.
func (d *door) screen(ctx context.Context, s *session, op dialect.Op, text string) (said, error) {
	if d.first == "" {
		return said{}, errNoScreen
	}
	return d.shown(ctx, s, op, text)
}

// shown is screen, also of the first dial.
func (d *door) shown(ctx context.Context, s *session, op dialect.Op, text string) (said, error) {
	a, err := d.hop(ctx, s, op, text)
	switch {
	case err != nil:
		return a, err
	case a.status != http.StatusOK:
		return a, fmt.Errorf("%s", a)
	case a.err != nil:
		return a, fmt.Errorf("%s (%w)", a, a.err)
	}
	return a, nil
}

// errNoScreen is why nothing else is asked of a door without a first screen.
const errNoScreen = errNotAsked("no dial was answered with a screen yet")

// alike tells whether two screens are the same but for figures: a time, a balance or a
// counter may move between them.
func alike(a, b string) bool {
	return tableFigures.ReplaceAllString(a, "0") == tableFigures.ReplaceAllString(b, "0")
}

// tableFigures finds them.
var tableFigures = regexp.MustCompile(`[0-9]+([.,:/-][0-9]+)*`)

func begins(ctx context.Context, d *door) error {
	s := d.open(0)
	a, err := d.shown(ctx, s, dialect.Begin, d.Code)
	if err != nil {
		return err
	}
	d.first = a.reply.Text
	_, _ = d.hop(ctx, s, dialect.Abort, "") // politeness
	return nil
}

// names looks at what an answer repeats.
func names(ctx context.Context, d *door) error {
	s := d.open(0)
	a, err := d.screen(ctx, s, dialect.Begin, d.Code)
	if err != nil {
		return err
	}
	echo := d.dialect.DecodeEcho(a.body)
	key, keyed := echo["session"]
	number, numbered := echo["msisdn"]
	switch {
	case !keyed && !numbered:
		return errNotAsked("the answers of this dialect, or of this service, repeat neither")
	case keyed && key != s.key:
		return fmt.Errorf("the answer names session %q, it was asked in %q", key, s.key)
	case numbered && strings.TrimPrefix(number, "+") != s.number:
		return errors.New("the answer names another number than the one that dialled")
	}
	return nil
}

func fits(_ context.Context, d *door) error {
	if d.first == "" {
		return errNoScreen
	}
	n, gsm := smpp.Septets(d.first)
	most := d.dialect.Units.Septets
	if !gsm {
		n, most = smpp.Units(d.first), d.dialect.Units.UCS2
	}
	if n > most {
		return fmt.Errorf("%d units, %d fit: %q", n, most, d.first)
	}
	return nil
}

func continues(ctx context.Context, d *door) error {
	s := d.open(1)
	a, err := d.screen(ctx, s, dialect.Begin, d.Code)
	if err != nil {
		return err
	}
	if a.reply.End {
		return errNotAsked("the first screen is the last")
	}
	if _, err = d.screen(ctx, s, dialect.Input, "1"); err == nil {
		_, _ = d.hop(ctx, s, dialect.Abort, "")
	}
	return err
}

func last(ctx context.Context, d *door) error {
	if len(d.Press) == 0 {
		return errNotAsked("nobody said which keys lead to a last screen: --press 1,2")
	}
	s := d.open(6)
	a, err := d.screen(ctx, s, dialect.Begin, d.Code)
	for i := 0; i < len(d.Press) && err == nil; i++ {
		if a.reply.End {
			return fmt.Errorf("the last screen came after %d of %d keys: %q", i, len(d.Press), a.reply.Text)
		}
		a, err = d.screen(ctx, s, dialect.Input, d.Press[i])
	}
	switch {
	case err != nil:
		return err
	case !a.reply.End:
		return fmt.Errorf("after all keys the dialogue goes on: %q", a.reply.Text)
	}
	if a, err = d.hop(ctx, s, dialect.Input, "1"); err != nil {
		return err
	}
	return a.polite()
}

func ends(ctx context.Context, d *door) error {
	s := d.open(2)
	if _, err := d.screen(ctx, s, dialect.Begin, d.Code); err != nil {
		return err
	}
	a, err := d.hop(ctx, s, dialect.Abort, "")
	if err == nil && a.status/100 != 2 {
		return fmt.Errorf("%s", a)
	}
	return err
}

// alone dials, hangs up where that can be told, and gives the first screen.
func (d *door) alone(ctx context.Context, at int) (string, error) {
	s := d.open(at)
	a, err := d.screen(ctx, s, dialect.Begin, d.Code)
	if err == nil {
		_, _ = d.hop(ctx, s, dialect.Abort, "") // politeness
	}
	return a.reply.Text, err
}

// answered dials: some screen comes.
func answered(ctx context.Context, d *door) error {
	_, err := d.alone(ctx, 3)
	return err
}

func again(ctx context.Context, d *door) error {
	before, err := d.alone(ctx, 3)
	if err != nil {
		return err
	}
	text, err := d.alone(ctx, 3)
	if err == nil && !alike(text, before) {
		return fmt.Errorf("%q, before it was %q", text, before)
	}
	return err
}

func repeats(ctx context.Context, d *door) error {
	s := d.open(4)
	a, err := d.screen(ctx, s, dialect.Begin, d.Code)
	if err != nil {
		return err
	}
	b, err := d.screen(ctx, s, dialect.Begin, d.Code)
	if err == nil && (!alike(a.reply.Text, b.reply.Text) || a.reply.End != b.reply.End) {
		return fmt.Errorf("%s, then %s", a, b)
	}
	return err
}

func together(ctx context.Context, d *door) error {
	before, err := d.alone(ctx, 5)
	if err != nil {
		return err
	}
	s := d.open(5)
	return side(2, func(int) error {
		own := *s
		a, err := d.screen(ctx, &own, dialect.Begin, d.Code)
		if err == nil && !alike(a.reply.Text, before) {
			return fmt.Errorf("%s, before it was %q", a, before)
		}
		return err
	})
}

// crowd lets each number dial alone, then all at once: people may see different screens.
func crowd(ctx context.Context, d *door) error {
	n := min(atOnce, len(d.Numbers)) // a number has one dialogue
	before := make([]string, n)
	for i := range n {
		text, err := d.alone(ctx, i)
		if err != nil {
			return err
		}
		before[i] = text
	}
	return side(n, func(i int) error {
		s := d.open(i)
		a, err := d.screen(ctx, s, dialect.Begin, d.Code)
		if err == nil && !alike(a.reply.Text, before[i]) {
			return fmt.Errorf("%s, alone it was %q", a, before[i])
		}
		return errors.Join(err, d.private(s, a.reply.Text))
	})
}

// side does something so many times at once; the error is one of theirs.
func side(n int, do func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
