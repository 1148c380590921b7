package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"mlango/internal/cli"
	"mlango/internal/msisdn"
	"mlango/simulator/operator"
	"mlango/simulator/phone"
	"mlango/simulator/stack"
)

// smscCmd is `simulator smsc`.
type smscCmd struct {
	Listen       string         `default:"127.0.0.1:2775" help:"Where ESMEs bind; 127.0.0.1:2775 without it." placeholder:"HOST:PORT"`
	User         []string       `help:"The system_ids that may bind; without it any, with any password." placeholder:"ID"`
	PasswordFile string         `help:"Their password, in a file." placeholder:"FILE"`
	Allow        []netip.Prefix `help:"From where they may bind, such as 10.1.0.0/16." placeholder:"PREFIX"`
	Throttle     int            `help:"Messages a second; above it ESME_RTHROTTLED." placeholder:"N"`
	DLR          string         `name:"dlr" default:"DELIVRD:100" help:"What delivery receipts say, by shares: 'DELIVRD:90,EXPIRED:10', or with an error code 'UNDELIV/011:5'." placeholder:"SHARES"`
	Delay        time.Duration  `default:"0s" help:"How long an SMS is under way: so long query_sm says ENROUTE, and cancel_sm and replace_sm reach it."`
	MO           float64        `name:"mo" help:"SMS a second that subscribers write to you." placeholder:"RATE"`
	MOTo         string         `name:"mo-to" default:"334" help:"The number they write to." placeholder:"NUMBER"`
	MOText       string         `name:"mo-text" help:"What they write, a long one in parts; without it 25 and 150 characters of GSM 7-bit and 70 of UCS-2 in turn." placeholder:"TEXT"`
	TLS          bool           `name:"tls" help:"Speak TLS 1.2 or 1.3, by a certificate made for this run unless --tls-cert names one."`
	TLSCert      string         `name:"tls-cert" help:"Our certificate, PEM; with --tls-key." placeholder:"FILE"`
	TLSKey       string         `name:"tls-key" help:"Its key, PEM." placeholder:"FILE"`
	TLSClientCA  string         `name:"tls-client-ca" help:"Who signed the certificates that ESMEs must show, PEM." placeholder:"FILE"`
	Dialect      string         `default:"standard" help:"How the USSD centre speaks, or the file of a dialect." placeholder:"NAME"`
	Code         string         `default:"334" help:"Your short code."`
	HTTP         string         `name:"http" help:"Serve the phones in the browser, and the API of simulator dial, here: 127.0.0.1:8090." placeholder:"HOST:PORT"`
	MSISDN       []string       `name:"msisdn" default:"254722000001,254722000002" help:"Who holds the phones, joined by commas." placeholder:"NUMBERS"`
	ShowText     bool           `help:"Print what was written and typed too: it may be private."`
	Quiet        bool           `help:"Print the summary only."`
}

// Help is more of it, with examples.
func (*smscCmd) Help() string {
	return `ESMEs bind in every mode and any version from 3.3 to 5.0. What is answered:

  submit_sm, data_sm  a message_id each; so has each part of a long SMS, with a fate and a
                      receipt of its own. A phone shows a text when all its parts are there.
                      schedule_delivery_time, validity_period, replace_if_present_flag and
                      registered_delivery 0, 1 and 2 count.
  submit_multi        a fate and a receipt for each number; those refused stand in the
                      answer. Distribution lists: there are none.
  query_sm            ENROUTE, then the end and its date. The source address is the one
                      that the SMS had, as SMPP 3.4 §4.8 asks.
  cancel_sm           what is under way, by message_id or by both addresses: DELETED
  replace_sm          what is under way: another text
  enquire_link, unbind, and generic_nack for what is no PDU

After --delay an SMS has its fate, drawn by the shares of --dlr; the receipt comes on a bind
of the same system_id that receives. A phone without signal lets SMS wait until it is back or
they expire. ESME_RTHROTTLED is said above --throttle, ESME_RMSGQFUL when 65,536 SMS wait.
What subscribers write (--mo) comes again when you answer ESME_RX_T_APPN, ESME_RTHROTTLED,
ESME_RMSGQFUL or not at all, three times at most; every other answer is its end.
Each bind that receives serves USSD: what is dialled on the phones of --http goes to it in
turn. Each event is a line, numbers masked; Ctrl-C sums up.

Examples:
  simulator smsc
  simulator smsc --dlr 'DELIVRD:90,EXPIRED:5,UNDELIV/011:5' --delay 30s
  simulator smsc --throttle 50 --mo 5 --mo-to 40404
  simulator smsc --dialect tata --code 384 --http 127.0.0.1:8090
  simulator smsc --listen 127.0.0.1:3550 --tls
  simulator smsc --listen 10.1.0.5:2775 --user me --password-file secret --allow 10.1.0.0/16

A session of an ESME that sends, asks and takes back (--delay 30s):
  14:02:11.204  bind       me            TRX  127.0.0.1:51924
  14:02:11.206  sms        me            334 → 2547*****001  8f21c01  ESME_ROK
  14:02:12.010  query      me            334  8f21c01  ENROUTE ESME_ROK
  14:02:13.377  cancel     me            334  8f21c01  ESME_ROK
  14:02:13.378  receipt    me            2547*****001 → 334  8f21c01  DELETED ESME_ROK`
}

// Limits of an SMSC.
const (
	maxPasswordFile = 4 << 10
	maxPerSecond    = 100_000 // of --throttle and --mo
	maxReceiptDelay = time.Hour
	maxMOText       = 4 << 10
	smscInbox       = 16 // SMS a handset keeps
)

// smsc is an SMSC while it runs.
type smsc struct {
	op   *operator.Operator
	pem  []byte       // a certificate made for this run
	cert string       // the file it is in
	web  *http.Server // nil: no phones
	log  *smscLog
	code string
}

// Run serves ESMEs until Ctrl-C and sums up.
func (c *smscCmd) Run(ctx context.Context, w *world) error {
	s, err := c.build(w)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	defer s.forget()
	at, page, err := c.open(s)
	if err != nil {
		return cli.Fail(cli.Usage, err)
	}
	c.box(w, s, at, page)
	mo := make(chan struct{})
	go func() { defer close(mo); c.writes(ctx, s.op) }()
	<-ctx.Done()
	<-mo
	closing, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	if s.web != nil {
		_ = s.web.Close() // whoever looks at it sees it go
	}
	_ = s.op.Close(closing) // who does not unbind in time is cut
	s.log.summary(s.op.Counts())
	return nil
}

// build makes the operator and its phones, or says which flag is wrong.
func (c *smscCmd) build(w *world) (*smsc, error) {
	auth, err := c.auth()
	if err != nil {
		return nil, err
	}
	fates, err := fatesOf(c.DLR)
	if err != nil {
		return nil, err
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	code, err := dialledCode(c.Code)
	if err != nil {
		return nil, fmt.Errorf("--code: %w", err)
	}
	s, hub := &smsc{log: newSMSCLog(w, c.ShowText, c.Quiet), code: code}, phone.NewHub()
	secure, err := c.secure(s)
	if err != nil {
		return nil, err
	}
	short, _, _ := strings.Cut(strings.Trim(code, "*#"), "*")
	s.op, err = operator.New(operator.Config{
		Name: "smsc", ShortCode: short, Dialect: c.Dialect, Trace: c.HTTP != "", OnSMS: hub.SMS, OnPush: hub.Screen, Inbox: smscInbox,
		Open: &operator.Open{Auth: auth, Allow: c.Allow, Throttle: c.Throttle, Fates: fates, Delay: c.Delay, TLS: secure, OnEvent: s.log.event},
	})
	if err != nil {
		return nil, fmt.Errorf("--dialect %q: %w", c.Dialect, err)
	}
	if c.HTTP == "" {
		return s, nil
	}
	if host, _, err := net.SplitHostPort(c.HTTP); err != nil || !isLoopback(host) {
		return nil, fmt.Errorf("--http %q: the phones are for this machine only – use 127.0.0.1:8090, and ssh -L from afar", c.HTTP)
	}
	page := phone.New(phone.Config{Network: s.op, Name: "smsc", Hub: hub, People: holders(c.MSISDN), Code: code, Service: "smpp://" + c.Listen})
	s.web = &http.Server{Handler: page.Handler(), ReadHeaderTimeout: headerTimeout}
	return s, nil
}

// check holds the figures and numbers of flags to their bounds.
func (c *smscCmd) check() error {
	switch {
	case c.Throttle < 0 || c.Throttle > maxPerSecond:
		return fmt.Errorf("--throttle %d: use 1 to %d, or leave it away", c.Throttle, maxPerSecond)
	case !(c.MO >= 0 && c.MO <= maxPerSecond):
		return fmt.Errorf("--mo %g: use 0.1 to %d", c.MO, maxPerSecond)
	case len(c.MOText) > maxMOText:
		return fmt.Errorf("--mo-text: %d octets: use at most %d", len(c.MOText), maxMOText)
	case c.Delay < 0 || c.Delay > maxReceiptDelay:
		return fmt.Errorf("--delay %s: use 0s to %s", c.Delay, maxReceiptDelay)
	}
	if i := slices.IndexFunc(c.MSISDN, func(m string) bool { return !msisdn.Valid(m) }); i >= 0 || len(c.MSISDN) == 0 {
		return fmt.Errorf("--msisdn %s: write numbers as 254722000001,254722000002", strings.Join(c.MSISDN, ","))
	}
	return nil
}

// auth is who may bind. On another address than loopback nobody may without a password.
func (c *smscCmd) auth() (func(systemID, password string) bool, error) {
	host, _, err := net.SplitHostPort(c.Listen)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--listen %q: write it as 127.0.0.1:2775", c.Listen)
	case !isLoopback(host) && (c.PasswordFile == "" || len(c.Allow) == 0):
		return nil, fmt.Errorf("--listen %q: everybody on that network could bind – add --user ID --password-file FILE --allow PREFIX, or listen on 127.0.0.1", c.Listen)
	case (c.PasswordFile == "") != (len(c.User) == 0):
		return nil, errors.New("--user and --password-file go together")
	case c.PasswordFile == "":
		return func(string, string) bool { return true }, nil
	}
	secret, err := passwordIn(c.PasswordFile)
	if err != nil {
		return nil, err
	}
	return func(systemID, password string) bool {
		right := operator.SameSecret(password, secret) // asked of everybody: a system_id is not told apart by time
		return slices.Contains(c.User, systemID) && right
	}, nil
}

// passwordIn reads a password from a file.
func passwordIn(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("--password-file: %w", err)
	}
	secret := strings.TrimRight(string(b), "\r\n")
	if secret == "" || len(secret) > maxPasswordFile || strings.ContainsAny(secret, "\r\n\x00") {
		return "", fmt.Errorf("--password-file %s: write one password on one line", file)
	}
	return secret, nil
}

// fatesOf reads the shares of --dlr: STAT[/ERR]:SHARE, joined by commas. What is missing
// to the whole is spread over all.
func fatesOf(shares string) (list []operator.Fate, err error) {
	whole := 0.0
	for _, part := range strings.Split(shares, ",") {
		name, share, colon := strings.Cut(strings.TrimSpace(part), ":")
		stat, code, _ := strings.Cut(strings.ToUpper(name), "/")
		if code == "" && stat == "DELIVRD" {
			code = "000"
		} else if code == "" {
			code = "001"
		}
		n, err := strconv.ParseFloat(share, 64)
		switch {
		case !colon || err != nil || !(n > 0 && n <= 1e9):
			return nil, fmt.Errorf("--dlr: %q is no share – write it as 'DELIVRD:90,EXPIRED:10'", part)
		case !operator.Final(stat):
			return nil, fmt.Errorf("--dlr: %q ends no SMS – use DELIVRD, EXPIRED, DELETED, UNDELIV or REJECTD", stat)
		case len(code) != 3 || strings.Trim(code, "0123456789") != "":
			return nil, fmt.Errorf("--dlr: %q is no error code – write three digits, such as UNDELIV/011:5", code)
		}
		list = append(list, operator.Fate{Stat: stat, Err: code, Part: n})
		whole += n
	}
	for i := range list {
		list[i].Part /= whole
	}
	return list, nil
}

// open listens for ESMEs, and for the page if there is one.
func (c *smscCmd) open(s *smsc) (at, page string, err error) {
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		if errors.Is(err, syscall.EADDRINUSE) {
			err = fmt.Errorf("%w – a demo listens there, too; name another, as --listen 127.0.0.1:2776", err)
		}
		return "", "", fmt.Errorf("--listen: %w", err)
	}
	go func() { _ = s.op.Serve(ln) }() // ends with Close
	if err := s.showCertificate(); err != nil {
		return "", "", err
	}
	if s.web == nil {
		return ln.Addr().String(), "", nil
	}
	free, _, err := stack.FreePort(c.HTTP)
	if err != nil {
		return "", "", err
	}
	web, err := net.Listen("tcp", free)
	if err != nil {
		return "", "", fmt.Errorf("--http: %w", err)
	}
	go func() { _ = s.web.Serve(web) }() // ends with Close
	return ln.Addr().String(), web.Addr().String(), nil
}

// box says what is there, once.
func (c *smscCmd) box(w *world, s *smsc, at, page string) {
	who := "any system_id, any password"
	if len(c.User) > 0 {
		who = strings.Join(c.User, ", ") + " with the password of " + c.PasswordFile
	}
	lines := []string{"", "SMPP 3.4  " + at + " (" + who + ")", "Fates     " + c.DLR + ", " + c.Delay.String() + " after the SMS"}
	lines = append(lines, c.secured(s)...)
	if c.Throttle > 0 {
		lines = append(lines, fmt.Sprintf("Throttle  above %d messages a second", c.Throttle))
	}
	if c.MO > 0 {
		lines = append(lines, fmt.Sprintf("SMS       %g a second to %s", c.MO, c.MOTo))
	}
	if page != "" {
		lines = append(lines, "USSD      "+s.code+", dialect "+c.Dialect, "Phones    http://"+page, "Dial      "+strings.Replace(dialLine(page), "'*334#'", "'"+s.code+"'", 1))
	} else {
		lines = append(lines, "USSD      add --http 127.0.0.1:8090 for phones to dial on")
	}
	frame(w.out, bold(w, "Mlango SMSC"), len("Mlango SMSC"), append(lines, "", "Ctrl-C stops it.", ""))
}

// holders are the people of phones that only have numbers.
func holders(numbers []string) (people []phone.Person) {
	for i, number := range numbers {
		people = append(people, phone.Person{MSISDN: number, Name: fmt.Sprintf("Phone %d", i+1), Language: "en"})
	}
	return people
}
