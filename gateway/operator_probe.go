package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"mlango/gateway/binds"
	"mlango/gateway/dialog"
	"mlango/gateway/edge"
	"mlango/internal/dialect"
	"mlango/internal/msisdn"
	"mlango/smpp"
)

// Limits of a probe.
const (
	probeDeadline = 10 * time.Second // for the operator to take a screen
	probeDigits   = 12               // of a number that stands for nobody
)

// What a probe puts on a handset.
const (
	probeScreen = "Test of the USSD service. Please press 1 and send."
	probeEnd    = "Thank you. The test is over."
)

// handset is the room behind the doors while an operator is tried: one screen, and
// who answers it.
type handset struct {
	number  string
	pressed chan struct{}
	said    atomic.Bool
}

// Handle shows the probe's screens.
func (h *handset) Handle(_ context.Context, hop dialog.Hop) dialog.Reply {
	switch {
	case hop.Op == dialog.Begin:
		return dialog.Reply{Text: probeScreen}
	case hop.Op == dialog.Input:
		if h.said.CompareAndSwap(false, true) {
			close(h.pressed)
		}
		return dialog.Reply{Text: probeEnd, End: true}
	}
	return dialog.Reply{Silent: true}
}

// Shown is no matter of a probe.
func (h *handset) Shown(dialog.Reply, bool) {}

// receiver lets in only what is the probe's: other subscribers' messages are refused
// for now, so that the operator brings them to the gateway's own binds.
func (h *handset) receiver(e func() *edge.Edge) binds.Receiver {
	return func(operator string, set binds.Set, bind string, m *smpp.Message) smpp.Status {
		if h.number == "" || strings.TrimPrefix(m.Source.Addr, "+") != h.number || e() == nil {
			return smpp.StatusTempAppError
		}
		return e().Receive(operator, set, bind, m)
	}
}

// dialSMPP opens a dialogue to a handset over binds of the test's own.
func (t *trial) dialSMPP(ctx context.Context) {
	if t.number == "" {
		t.screenNobody(ctx)
		return
	}
	began := time.Now()
	open, cancel := context.WithTimeout(ctx, probeDeadline)
	defer cancel()
	err := t.edge.Open(open, t.o.Name, t.number, "*"+t.cfg.ShortCodes[0]+"#")
	if err != nil {
		t.mend(fmt.Sprintf("the dialogue to %s was not opened after %s: %v", msisdn.Mask(t.number), since(began), err), "see with the operator whether it takes USSR on this account, and the dialect "+t.o.USSD.SMPP)
		return
	}
	t.say("ok", "the operator took a screen for %s in %s: look at the handset", msisdn.Mask(t.number), since(began))
	shown := time.Now()
	select {
	case <-t.handset.pressed:
		t.say("ok", "the key came back after %s: both ways work, and the dialect %s fits", since(shown), t.o.USSD.SMPP)
	case <-time.After(t.patience):
		t.mend("no key came back in "+t.patience.String(), "was one pressed? If the running gateway got it, its log says so; else see the dialect "+t.o.USSD.SMPP)
	case <-ctx.Done():
	}
}

// enquire has every bind that is up answer an enquire_link.
func (t *trial) enquire(ctx context.Context, pool *binds.Pool) {
	ctx, cancel := context.WithTimeout(ctx, probeDeadline)
	defer cancel()
	for _, r := range pool.Enquire(ctx, t.o.Name) {
		if r.Err != nil {
			t.mend(fmt.Sprintf("%s is bound and does not answer an enquire_link: %v", r.Bind, r.Err), "the operator's end hangs: ask it")
			continue
		}
		t.say("ok", "%s answers an enquire_link in %s", r.Bind, r.Took.Round(10*time.Microsecond))
	}
}

// nobody is a number that no subscriber has: the ITU keeps country code 999 back.
const nobody = "999000000000"

// tableNobody are the statuses that say of a screen that its handset is the trouble, and
// so that account and dialect are none (SMPP 3.4 §5.1.3).
var tableNobody = []smpp.Status{smpp.StatusInvDstAddr, smpp.StatusSubmitFail, smpp.StatusDeliveryFailure,
	smpp.StatusPermAppError, smpp.StatusRejectAppError, smpp.StatusTempAppError}

// screenNobody sends a screen to a number that stands for nobody: what the operator says
// of it tells whether the account may open dialogues at all.
func (t *trial) screenNobody(ctx context.Context) {
	open, cancel := context.WithTimeout(ctx, probeDeadline)
	defer cancel()
	began := time.Now()
	err := t.edge.Open(open, t.o.Name, nobody, "*"+t.cfg.ShortCodes[0]+"#")
	var status smpp.Status
	switch errors.As(err, &status); {
	case ctx.Err() != nil:
		return
	case err == nil:
		t.say("ok", "a screen for +%s, who is nobody, was taken in %s: the account may open dialogues", nobody, since(began))
	case slices.Contains(tableNobody, status):
		t.say("ok", "a screen for +%s, who is nobody, was refused in %s as it should be (%v): screens are read, and the account may send them", nobody, since(began), status)
	case status != smpp.StatusOK:
		t.mend(fmt.Sprintf("a screen for +%s, who is nobody, was refused after %s, and not for its number: %v", nobody, since(began), status),
			"ask the operator whether this account may send USSR, and what it wants in it; see the dialect "+t.o.USSD.SMPP)
	default:
		t.mend(fmt.Sprintf("a screen for +%s, who is nobody, was not answered in %s: %v", nobody, since(began), err), "ask the operator whether it takes submit_sm with USSD on this account")
	}
	t.say("wait", "whether a screen reaches a handset, and its key us, only one shows: --msisdn A-HANDSET-AT-HAND")
}

func since(began time.Time) string { return time.Since(began).Round(time.Millisecond).String() }

// dialHTTP calls our own HTTP door as the operator's aggregator does, and hangs up.
func (t *trial) dialHTTP(ctx context.Context) {
	d, err := dialect.OverHTTP(t.o.USSD.HTTP)
	if err != nil {
		t.mend(err.Error(), "mend the dialect's file")
		return
	}
	number := t.number
	if number == "" {
		number = t.o.Prefixes[0] + strings.Repeat("0", max(probeDigits-len(t.o.Prefixes[0]), 0))
	}
	hop := dialect.Hop{Op: dialect.Begin, Session: "probe" + strconv.FormatUint(rand.Uint64(), 36), MSISDN: number, Code: "*" + t.cfg.ShortCodes[0] + "#"}
	echo := dialect.Echo{"network": "probe", "user": "probe", "platform": "USSD"}
	if p := t.o.USSD.Proof; p != nil {
		echo["login"], echo["secret"] = p.Login, p.Password
	}
	began := time.Now()
	body, header, err := t.post(ctx, d, hop, echo)
	if err != nil {
		t.mend(fmt.Sprintf("a dial at %s: %v", t.cfg.Listen, err), t.doorMend(err))
		return
	}
	r, err := d.DecodeReply(header.Get, body)
	if err != nil {
		t.mend("the door's answer is none of the dialect: "+err.Error(), "is the running gateway's file this one? see: gateway operator diff")
		return
	}
	how := "and goes on"
	if r.End {
		how = "and ends"
	}
	t.say("ok", "a dial of %s for %s was answered in %s with %q, %s", hop.Code, msisdn.Mask(number), since(began), strings.ReplaceAll(r.Text, "\n", " / "), how)
	if hop.Op = dialect.Abort; !r.End {
		_, _, _ = t.post(ctx, d, hop, echo) // not every dialect can hang up; then it ends by itself
	}
	t.say("wait", "whether the aggregator reaches this door only a dial through it shows")
}

// errDoor is a refusal by our own door.
type errDoor int

// Error says the status.
func (e errDoor) Error() string { return fmt.Sprintf("the door answers %d", int(e)) }

var errNoCall = errors.New("the dialect has no such call")

func (t *trial) doorMend(err error) string {
	var status errDoor
	switch {
	case !errors.As(err, &status):
		return "start the gateway: the probe dials a running one"
	case status == http.StatusForbidden:
		return "it lets only the aggregator in: `allow:` or `proof:` of the file do not fit this machine, which may be right"
	case status == http.StatusNotFound:
		return "the running gateway does not know this operator: gateway operator reload"
	}
	return "see the running gateway's log"
}

// post is one call at our own door, with what the file says that shows who calls.
func (t *trial) post(ctx context.Context, d *dialect.HTTP, hop dialect.Hop, echo dialect.Echo) ([]byte, http.Header, error) {
	call, ok := d.EncodeHop(hop, echo)
	if !ok {
		return nil, nil, errNoCall
	}
	scheme := "http://"
	if t.cfg.ListenTLS != nil {
		scheme = "https://"
	}
	path := "/ussd/" + t.o.Name + call.Path
	if len(call.Query) > 0 {
		path += "?" + string(call.Query)
	}
	ctx, cancel := context.WithTimeout(ctx, probeDeadline)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, call.Method, scheme+t.cfg.Listen+path, bytes.NewReader(call.Body))
	if err != nil {
		return nil, nil, fmt.Errorf("probe: %w", err)
	}
	if call.Type != "" {
		req.Header.Set("Content-Type", call.Type)
	}
	if p := t.o.USSD.Proof; p != nil {
		if p.Key != "" {
			req.Header.Set(d.Key, p.Key)
		}
		if p.Sign != "" {
			at, nonce := strconv.FormatInt(time.Now().Unix(), 10), fmt.Sprintf("%016x", rand.Uint64())
			sum := edge.Sign([]byte(p.Sign), at, nonce, call.Method, path, call.Body)
			req.Header.Set(edge.SignatureHeader, "t="+at+",n="+nonce+",s="+hex.EncodeToString(sum))
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("probe: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, dialect.MaxBody))
	if err != nil {
		return nil, nil, fmt.Errorf("probe: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, nil, errDoor(resp.StatusCode)
	}
	return body, resp.Header, nil
}

// askRunning asks the running gateway of a USSD centre that binds to us, and lets it
// open the dialogue.
func (t *trial) askRunning(ctx context.Context) {
	var b board
	if err := t.admin.call(ctx, "GET", "/view", nil, &b); err != nil {
		t.mend("its USSD centre binds to the running gateway, which could not be asked: "+err.Error(), "start it")
		return
	}
	up := 0
	for i := range b.Binds {
		if it := &b.Binds[i]; it.Operator == t.o.Name && it.State == string(binds.Bound) && it.Set != string(binds.SetSMS) {
			up++
			t.say("ok", "its USSD centre is bound to us from %s since %s, %s: %s", it.Addr, it.Since.Local().Format("2 Jan 15:04:05"), it.Health, it.Why)
		}
	}
	if up == 0 {
		t.mend("its USSD centre is not bound to us", "give the operator this address, the system_id and the password; `allow:` must name where it comes from")
		return
	}
	if t.number == "" {
		t.say("skip", "no dialogue was opened: name a handset at hand with --msisdn; the running gateway puts its menu there")
		return
	}
	order := push{Operator: t.o.Name, MSISDN: t.number, Code: "*" + t.cfg.ShortCodes[0] + "#"}
	if err := t.admin.call(ctx, "POST", "/push", order, nil); err != nil {
		t.mend("the menu was not put on "+msisdn.Mask(t.number)+": "+err.Error(), "see with the operator whether it takes USSR")
		return
	}
	t.say("ok", "the operator took the menu for %s: look at the handset", msisdn.Mask(t.number))
}
