package conform

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"mlango/smpp"
)

// The command_ids that a test writes itself (SMPP 3.4 §5.1.2.1).
const (
	idNack       = 0x80000000
	idBindRX     = 0x00000001
	idBindTX     = 0x00000002
	idSubmit     = 0x00000004
	idUnbind     = 0x00000006
	idBindTRX    = 0x00000009
	idEnquire    = 0x00000015
	idNobodys    = 0x0000FFF0 // no command has it
	response     = 0x80000000
	headOctets   = 16
	version34    = 0x34
	firstNumber  = 7 // of a bind: not 1, which a server may count itself
	mostOctetsID = 15
)

// pdu is a PDU as it crossed the wire.
type pdu struct {
	id, status, number uint32
	body               []byte
}

// String is a PDU in words, without its body.
func (p pdu) String() string {
	return fmt.Sprintf("%s, command_status %s, sequence_number %d", smpp.CommandName(smpp.CommandID(p.id)), smpp.StatusName(smpp.Status(p.status)), p.number)
}

// wire is one connection, PDU by PDU.
type wire struct {
	net.Conn
}

// errOver says that the other side ended the connection.
var errOver = errors.New("the connection was closed")

// errSilent says that it stays open and nothing comes.
var errSilent = errors.New("no answer within")

// connect opens a connection.
func connect(ctx context.Context, addr string) (*wire, error) {
	d := net.Dialer{Timeout: answerPatience}
	conn, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return &wire{conn}, nil
}

// encode is a PDU's octets.
func (p pdu) encode() []byte {
	out := make([]byte, headOctets, headOctets+len(p.body))
	for i, v := range []uint32{uint32(headOctets + len(p.body)), p.id, p.status, p.number} {
		binary.BigEndian.PutUint32(out[4*i:], v)
	}
	return append(out, p.body...)
}

// send writes octets.
func (w *wire) send(octets []byte) error {
	if err := w.SetWriteDeadline(time.Now().Add(answerPatience)); err != nil {
		return err
	}
	_, err := w.Write(octets)
	return err
}

// next reads a PDU.
func (w *wire) next() (p pdu, err error) {
	if err := w.SetReadDeadline(time.Now().Add(answerPatience)); err != nil {
		return p, errOver
	}
	head := make([]byte, headOctets)
	if _, err := io.ReadFull(w, head); err != nil {
		return p, fate(err)
	}
	size := binary.BigEndian.Uint32(head)
	if size < headOctets || size > maxAnswer {
		return p, fmt.Errorf("a PDU of command_length %d", size)
	}
	p = pdu{binary.BigEndian.Uint32(head[4:]), binary.BigEndian.Uint32(head[8:]), binary.BigEndian.Uint32(head[12:]), make([]byte, size-headOctets)}
	if _, err := io.ReadFull(w, p.body); err != nil {
		return p, fate(err)
	}
	return p, nil
}

func fate(err error) error {
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
		return fmt.Errorf("%w %s", errSilent, answerPatience)
	}
	return errOver
}

// answer reads up to the response that has a number; what the other side asks meanwhile
// is answered.
func (w *wire) answer(number uint32) (pdu, error) {
	for {
		p, err := w.next()
		if err != nil {
			return p, err
		}
		if p.id&response != 0 && p.number == number {
			return p, nil
		}
		if p.id&response != 0 {
			return p, fmt.Errorf("an answer to nobody: %s", p)
		}
		body := []byte(nil)
		if p.id != idEnquire {
			body = []byte{0} // an empty message_id
		}
		if err := w.send(pdu{id: p.id | response, number: p.number, body: body}.encode()); err != nil {
			return p, errOver
		}
	}
}

// ask sends a request and reads its response.
func (w *wire) ask(p pdu) (pdu, error) {
	if err := w.send(p.encode()); err != nil {
		return pdu{}, errOver
	}
	return w.answer(p.number)
}

// bindBody is the body of a bind (SMPP 3.4 §4.1.1).
func bindBody(systemID, password string) []byte {
	b := append(append([]byte(systemID), 0), password...)
	return append(b, 0, 0, version34, 0, 0, 0) // system_type, interface_version, addr_ton, addr_npi, address_range
}

// bound is a connection that is bound.
func bound(ctx context.Context, t *Target, id uint32) (*wire, error) {
	if t.refused {
		return nil, errNotAsked("the first bind was refused, and one more could lock the system_id out")
	}
	for tries := 1; ; tries++ {
		w, p, err := tryBind(ctx, t, id)
		if err == nil {
			t.taken = true
			return w, nil
		}
		late := smpp.Status(p.status) == smpp.StatusBindFailed || smpp.Status(p.status) == smpp.StatusAlreadyBound
		if !t.taken || !late || tries == bindTries { // else the bind before may not be over yet there
			t.refused = p.status != 0 && id == idBindTRX && !t.taken
			return nil, err
		}
		time.Sleep(rebindPause)
	}
}

// Of binds that are refused where one was taken before: an SMSC that allows one at a
// time may see late that it is over.
const (
	bindTries   = 3
	rebindPause = time.Second
)

// tryBind binds on a connection of its own.
func tryBind(ctx context.Context, t *Target, id uint32) (w *wire, p pdu, err error) {
	if w, err = connect(ctx, t.Addr); err != nil {
		return nil, p, err
	}
	p, err = w.ask(pdu{id: id, number: firstNumber, body: bindBody(t.SystemID, t.Password)})
	switch end := bytes.IndexByte(p.body, 0); {
	case err != nil:
	case p.id != id|response || p.status != 0:
		err = fmt.Errorf("%s", p)
	case end < 0 || end > mostOctetsID:
		err = fmt.Errorf("a bind response whose system_id is not at most %d octets with a NULL", mostOctetsID)
	}
	if err != nil {
		w.Close()
	}
	return w, p, err
}

// alive tells whether the link still answers.
func (w *wire) alive(number uint32) error {
	p, err := w.ask(pdu{id: idEnquire, number: number})
	if err != nil {
		return fmt.Errorf("afterwards enquire_link: %w", err)
	}
	return p.is(idEnquire|response, 0)
}

// is tells whether a PDU is this one.
func (p pdu) is(id, status uint32) error {
	if p.id != id || p.status != status {
		return fmt.Errorf("%s", p)
	}
	return nil
}
