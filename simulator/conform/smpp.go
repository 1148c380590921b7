package conform

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"mlango/smpp"
)

// SMPP asks the SMPP 3.4 end at a target, as an ESME that binds there.
func SMPP(ctx context.Context, t *Target) (*Result, error) {
	w, err := connect(ctx, t.Addr)
	if err != nil {
		return nil, err
	}
	w.Close()
	r := &Result{Target: t.Name, Kind: "SMPP 3.4", At: time.Now()}
	return r, hold(ctx, r, t, tableSMPP())
}

// tableSMPP is what is asked. The numbers are of the SMPP 3.4 specification, issue 1.2.
func tableSMPP() []demand[*Target] {
	return []demand[*Target]{
		{"SMPP 3.4 §4.1.5, §4.1.6", "bind_transceiver is answered under its own sequence_number, with a system_id", binds(idBindTRX)},
		{"SMPP 3.4 §4.1.1, §4.1.2", "bind_transmitter is, too", binds(idBindTX)},
		{"SMPP 3.4 §4.1.3, §4.1.4", "bind_receiver is, too", binds(idBindRX)},
		{"SMPP 3.4 §5.1.3", "a wrong password is refused: ESME_RINVPASWD, or ESME_RBINDFAIL or ESME_RINVSYSID that say less", wrongPassword},
		{"SMPP 3.4 §2.4, table 2-1", "submit_sm before a bind is refused: ESME_RINVBNDSTS", beforeBind},
		{"SMPP 3.4 §5.1.3", "a second bind on a bound link is refused: ESME_RALYBND or ESME_RINVBNDSTS, and the link goes on", onLink(secondBind)},
		{"SMPP 3.4 §4.11", "enquire_link is answered, command_status 0", onLink(func(w *wire) error { return w.alive(2) })},
		{"SMPP 3.4 §5.1.4", "sequence_numbers come back as they were sent, up to 0x7FFFFFFF", onLink(numbers)},
		{"SMPP 3.4 §5.1.4", fmt.Sprintf("%d requests sent at once are each answered", atOnce), onLink(window)},
		{"SMPP 3.4 §3.2", "a PDU that comes in pieces is read as one", onLink(pieces)},
		{"SMPP 3.4 §4.3.1", "an unknown command_id gets generic_nack ESME_RINVCMDID, and the link goes on", onLink(unknown)},
		{"SMPP 3.4 §4.3.1", "a response that nobody asked for is passed over", onLink(unasked)},
		{"SMPP 3.4 §4.4.2", "a whole submit_sm is taken with a message_id, or refused with a status", submits},
		{"SMPP 3.4 §4.4", "a submit_sm cut short is refused, and the link goes on", onLink(short)},
		{"SMPP 3.4 §3.2, §5.1.3", "a command_length below 16 gets ESME_RINVCMDLEN, or ends the link", onLink(length(8))},
		{"SMPP 3.4 §3.2, §5.1.3", "a command_length of 2 GiB gets ESME_RINVCMDLEN, or ends the link", onLink(length(1 << 31))},
		{"SMPP 3.4 §4.2", "unbind is answered, and behind it nothing is taken: the link is ended, or says so", onLink(unbinds)},
		{"dialect: begin", "a dial is answered with a screen of its session, which fits on a handset", asCentre(centreBegins)},
		{"dialect: continue", "a key is answered with a screen", asCentre(centreContinues)},
		{"dialect: abort", "a hang-up is taken, and who dials anew sees the first screen again", asCentre(centreAgain)},
		{"SMPP 3.4 §4.1", "after all that somebody can still bind", binds(idBindTRX)},
	}
}

func binds(id uint32) func(ctx context.Context, t *Target) error {
	return func(ctx context.Context, t *Target) error {
		w, err := bound(ctx, t, id)
		if err != nil {
			return err
		}
		w.leave()
		return nil
	}
}

func wrongPassword(ctx context.Context, t *Target) error {
	switch {
	case t.Password == "":
		return errNotAsked("no password was given, so nobody knows a wrong one")
	case t.refused:
		return errNotAsked("not even the given one is taken")
	}
	w, err := connect(ctx, t.Addr)
	if err != nil {
		return err
	}
	defer w.Close()
	p, err := w.ask(pdu{id: idBindTRX, number: firstNumber, body: bindBody(t.SystemID, string(t.Password[0]^1)+t.Password[1:])})
	if err != nil {
		return err
	}
	if status := smpp.Status(p.status); p.id != idBindTRX|response || status != smpp.StatusInvPassword && status != smpp.StatusBindFailed && status != smpp.StatusInvSystemID {
		return fmt.Errorf("%s", p)
	}
	return nil
}

func beforeBind(ctx context.Context, t *Target) error {
	w, err := connect(ctx, t.Addr)
	if err != nil {
		return err
	}
	defer w.Close()
	p, err := w.ask(pdu{id: idSubmit, number: 1, body: noSMS()})
	if errors.Is(err, errOver) {
		return nil // as good
	} else if err != nil {
		return err
	}
	if p.id == idNack && p.status != 0 {
		return nil
	}
	return p.is(idSubmit|response, uint32(smpp.StatusInvBindStatus))
}

// noSMS is the body of a submit_sm whose every field is empty or zero (SMPP 3.4 §4.4.1).
func noSMS() []byte { return make([]byte, 17) }

// submits sends a whole submit_sm to one of the numbers that were given: taken with a
// message_id, or refused in a word.
func submits(ctx context.Context, t *Target) error {
	if len(t.Numbers) == 0 {
		return errNotAsked("nobody said to whom an SMS may go")
	}
	return onLink(func(w *wire) error {
		body := append([]byte{0, 0, 0}, "334\x00\x01\x01"+t.Numbers[0]+"\x00"...)
		body = append(body, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4)
		p, err := w.ask(pdu{id: idSubmit, number: 2, body: append(body, "test"...)})
		switch {
		case err != nil:
			return err
		case p.id != idSubmit|response:
			return fmt.Errorf("%s", p)
		case p.status == 0 && bytes.IndexByte(p.body, 0) < 1:
			return fmt.Errorf("%s, without a message_id", p)
		}
		return w.alive(3)
	})(ctx, t)
}

// onLink asks on a bound link.
func onLink(ask func(w *wire) error) func(ctx context.Context, t *Target) error {
	return func(ctx context.Context, t *Target) error {
		w, err := bound(ctx, t, idBindTRX)
		if err != nil {
			return err
		}
		defer w.leave()
		return ask(w)
	}
}

func secondBind(w *wire) error {
	p, err := w.ask(pdu{id: idBindTRX, number: 2, body: bindBody("again", "again")})
	if err != nil {
		return err
	}
	if p.is(idBindTRX|response, uint32(smpp.StatusInvBindStatus)) != nil {
		if err := p.is(idBindTRX|response, uint32(smpp.StatusAlreadyBound)); err != nil {
			return err
		}
	}
	return w.alive(3)
}

func numbers(w *wire) error {
	for _, number := range []uint32{2, 1000, 3, 0x7FFFFFFF} {
		if err := w.alive(number); err != nil {
			return err
		}
	}
	return nil
}

func window(w *wire) error {
	var all bytes.Buffer
	open := map[uint32]bool{}
	for n := range uint32(atOnce) {
		all.Write(pdu{id: idEnquire, number: 100 + n}.encode())
		open[100+n] = true
	}
	if err := w.send(all.Bytes()); err != nil {
		return errOver
	}
	for len(open) > 0 {
		p, err := w.next()
		if err != nil {
			return fmt.Errorf("%d unanswered: %w", len(open), err)
		}
		if p.id == idEnquire|response && !open[p.number] {
			return fmt.Errorf("twice, or an answer to nobody: %s", p)
		}
		delete(open, p.number)
	}
	return nil
}

// Pauses.
const (
	pause   = 20 * time.Millisecond // between the pieces of a PDU
	goodbye = 50 * time.Millisecond // until the other side knows that a bind is over: it may allow one
)

// lastNumber is of the unbind that ends a link.
const lastNumber = 0x7FFFFFFE

// leave ends a link as politely as it still can be: unbind has a clause of its own.
func (w *wire) leave() {
	_, _ = w.ask(pdu{id: idUnbind, number: lastNumber})
	w.Close()
	time.Sleep(goodbye)
}

func pieces(w *wire) error {
	whole := pdu{id: idEnquire, number: 2}.encode()
	for _, part := range [][]byte{whole[:3], whole[3:9], whole[9:]} {
		if err := w.send(part); err != nil {
			return errOver
		}
		time.Sleep(pause)
	}
	p, err := w.answer(2)
	if err != nil {
		return err
	}
	return p.is(idEnquire|response, 0)
}

func unknown(w *wire) error {
	p, err := w.ask(pdu{id: idNobodys, number: 2, body: []byte("???")})
	if err != nil {
		return err
	}
	if err := p.is(idNack, uint32(smpp.StatusInvCmdID)); err != nil {
		return err
	}
	return w.alive(3)
}

func unasked(w *wire) error {
	if err := w.send(pdu{id: idEnquire | response, number: 99}.encode()); err != nil {
		return errOver
	}
	return w.alive(3)
}

func short(w *wire) error {
	p, err := w.ask(pdu{id: idSubmit, number: 2, body: []byte{0, 1, 1, '3', '3', '4', 0, 1}})
	if err != nil {
		return err
	}
	if p.status == 0 || p.id != idNack && p.id != idSubmit|response {
		return fmt.Errorf("%s", p)
	}
	return w.alive(3)
}

// length sends a header whose command_length is a lie.
func length(octets uint32) func(w *wire) error {
	return func(w *wire) error {
		lie := pdu{id: idEnquire, number: 2}.encode()
		binary.BigEndian.PutUint32(lie, octets)
		if err := w.send(lie); err != nil {
			return nil // it is ended already
		}
		for {
			p, err := w.next()
			switch {
			case errors.Is(err, errOver):
				return nil
			case err != nil:
				return err
			case p.id == idNack:
				return p.is(idNack, uint32(smpp.StatusInvCmdLen))
			case p.id&response != 0:
				return fmt.Errorf("%s", p)
			}
		}
	}
}

func unbinds(w *wire) error {
	p, err := w.ask(pdu{id: idUnbind, number: 2})
	if err != nil {
		return err
	}
	if err := p.is(idUnbind|response, 0); err != nil {
		return err
	}
	p, err = w.ask(pdu{id: idSubmit, number: 3, body: noSMS()})
	switch {
	case errors.Is(err, errOver), errors.Is(err, errSilent):
		return nil // who closes the connection is not written
	case err != nil:
		return err
	case p.status == 0:
		return fmt.Errorf("after unbind_resp a submit_sm is taken: %s", p)
	}
	return nil
}
