package order

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"mlango/ledgerclient"
	"mlango/ledgerd/ledger"
)

// Limits of what is kept of one order.
const (
	MaxRecord = 2048 // bytes of an encoded order or promise
	maxShown  = 40   // bytes of the payee as shown
	formByte  = 1
	fixedHead = 1 + 32 + 2 + 8 // form, bundle, language, an instant in ms
)

// ErrForm says that bytes are no encoded order or promise.
var ErrForm = errors.New("order: bytes of another form")

// EncodeOrder is an order as bytes: form, bundle, language, arrival, payer, what
// is shown of the payee, then the request to the end.
func EncodeOrder(o *Order) ([]byte, error) {
	b := appendHead(make([]byte, 0, 384), o.Bundle, o.Lang, o.Arrived.UnixMilli())
	b = appendText(appendText(b, o.Payer), o.Shown)
	b, err := ledgerclient.EncodeRequest(b, &o.Request)
	if err != nil {
		return nil, fmt.Errorf("encode order: %w", err)
	}
	if len(b) > MaxRecord {
		return nil, fmt.Errorf("encode order of %d bytes: %w", len(b), ErrForm)
	}
	return b, nil
}

// DecodeOrder reads what EncodeOrder wrote.
func DecodeOrder(b []byte) (*Order, error) {
	r := reader{b: b}
	var o Order
	at := r.head(&o.Bundle, &o.Lang)
	o.Payer, o.Shown = r.text(ledger.MaxMSISDN), r.text(maxShown)
	if r.bad || len(b) > MaxRecord {
		return nil, ErrForm
	}
	req, err := ledgerclient.DecodeRequest(r.b)
	if err != nil {
		return nil, fmt.Errorf("decode order: %w", err)
	}
	if req == nil || (req.Transfer == nil) == (req.Check == nil) {
		return nil, ErrForm
	}
	o.Request, o.Arrived = *req, time.UnixMilli(at)
	return &o, nil
}

// EncodePromise is a promise as bytes: form, bundle, language, expiry, id, kind,
// amount, payer, operator, payee as shown.
func EncodePromise(p *Promise) []byte {
	b := appendHead(make([]byte, 0, 128), p.Bundle, p.Lang, p.Expires)
	b = append(b, p.ID[:]...)
	b = append(b, byte(p.Kind))
	b = binary.AppendVarint(b, p.Amount)
	return appendText(appendText(appendText(b, p.Payer), p.Operator), p.Payee)
}

// DecodePromise reads what EncodePromise wrote.
func DecodePromise(b []byte) (*Promise, error) {
	r := reader{b: b}
	var p Promise
	p.Expires = r.head(&p.Bundle, &p.Lang)
	copy(p.ID[:], r.take(len(p.ID)))
	if k := r.take(1); k != nil {
		p.Kind = ledger.Kind(k[0])
	}
	p.Amount = r.varint()
	p.Payer, p.Operator, p.Payee = r.text(ledger.MaxMSISDN), r.text(ledger.MaxOperator), r.text(maxShown)
	if r.bad || len(r.b) != 0 {
		return nil, ErrForm
	}
	return &p, nil
}

func appendHead(b []byte, bundle [32]byte, lang ledger.Language, at int64) []byte {
	b = append(b, formByte)
	b = append(b, bundle[:]...)
	b = append(b, lang[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(at))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader takes fields off bytes; the first that does not fit makes it bad.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n > len(r.b) {
		r.bad = true
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) head(bundle *[32]byte, lang *ledger.Language) (at int64) {
	h := r.take(fixedHead)
	if h == nil || h[0] != formByte {
		r.bad = true
		return 0
	}
	copy(bundle[:], h[1:33])
	copy(lang[:], h[33:35])
	return int64(binary.BigEndian.Uint64(h[35:]))
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if r.bad || n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) text(limit uint64) string {
	n, w := binary.Uvarint(r.b)
	if r.bad || w <= 0 || n > limit {
		r.bad = true
		return ""
	}
	r.b = r.b[w:]
	return string(r.take(int(n)))
}
