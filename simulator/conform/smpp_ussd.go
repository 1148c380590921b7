package conform

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mlango/internal/dialect"
	"mlango/smpp"
)

// centre is a USSD centre bound to a target that serves USSD.
type centre struct {
	*Target
	dialect *dialect.SMPP
	link    *smpp.Session
	screens chan shown
}

// shown is a screen that came, and which hop it answers.
type shown struct {
	hop   dialect.Hop
	reply dialect.Reply
	err   error
}

// errNoDialect is why USSD over SMPP is not asked for.
const errNoDialect = errNotAsked("the target's URL names no dialect: add ?dialect=standard")

// asCentre asks on a link of our USSD centre.
func asCentre(ask func(ctx context.Context, c *centre) error) func(ctx context.Context, t *Target) error {
	return func(ctx context.Context, t *Target) (err error) {
		switch {
		case t.Dialect == "":
			return errNoDialect
		case t.refused:
			return errNotAsked("the first bind was refused")
		}
		c := &centre{Target: t, screens: make(chan shown, 2*atOnce)}
		if c.dialect, err = dialect.OverSMPP(t.Dialect); err != nil {
			return err
		}
		if c.link, err = smpp.Dial(ctx, smpp.Config{Addr: t.Addr, SystemID: t.SystemID, Password: t.Password, Window: atOnce, OnMessage: c.take}); err != nil {
			return err
		}
		defer func() {
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = c.link.Close(closing) // else it is cut
			time.Sleep(goodbye)
		}()
		return ask(ctx, c)
	}
}

// take reads a screen. Whatever no dialogue waits for is dropped.
func (c *centre) take(_ *smpp.Session, m *smpp.Message) smpp.Status {
	in := dialect.Message{ServiceType: m.ServiceType, Source: m.Source.Addr, Dest: m.Dest.Addr}
	for _, t := range m.TLVs {
		in.TLVs = append(in.TLVs, dialect.TLV{Tag: uint16(t.Tag), Value: t.Value})
	}
	var s shown
	charset, err := c.dialect.Charset(m.DataCoding, m.Content())
	if s.err = err; err == nil {
		in.Text = smpp.DecodeText(charset, m.Content())
		if charset == dialect.Packed {
			in.Text = smpp.UnpackGSM7(m.Content())
		}
		s.hop, s.reply, s.err = c.dialect.DecodeReply(in)
	}
	select {
	case c.screens <- s:
	default:
	}
	return smpp.StatusOK
}

// hop sends one as submit_sm, or data_sm where the dialect says so.
func (c *centre) hop(ctx context.Context, h dialect.Hop) error {
	short := c.Code[1 : len(c.Code)-1]
	d, err := c.dialect.EncodeHop(h, short)
	if err != nil {
		return err
	}
	m := &smpp.Message{Kind: smpp.SubmitSM, ServiceType: d.ServiceType, Source: smpp.Address{TON: 1, NPI: 1, Addr: d.Source}, Dest: smpp.Address{Addr: d.Dest}}
	charset, text := smpp.EncodeText(d.Text)
	if m.DataCoding, charset = c.dialect.DataCoding(charset, charset); charset == dialect.Packed {
		text, _ = smpp.PackGSM7(d.Text) // it is in GSM's tables
	}
	if m.Text = text; c.dialect.PDU == dialect.DataSM {
		m.Kind, m.Text = smpp.DataSM, nil
		m.TLVs = append(m.TLVs, smpp.TLV{Tag: smpp.TagMessagePayload, Value: text})
	}
	for _, t := range d.TLVs {
		m.TLVs = append(m.TLVs, smpp.TLV{Tag: smpp.Tag(t.Tag), Value: t.Value})
	}
	resp, err := c.link.Submit(ctx, m)
	if err == nil && resp.Status != smpp.StatusOK {
		err = fmt.Errorf("the hop is answered %s", smpp.StatusName(resp.Status))
	}
	return err
}

// next is the next screen.
func (c *centre) next() (shown, error) {
	select {
	case s := <-c.screens:
		if s.err == nil && s.reply.Text == "" {
			s.err = errors.New("a screen without text")
		}
		return s, s.err
	case <-time.After(answerPatience):
		return shown{}, fmt.Errorf("no screen within %s", answerPatience)
	}
}

// dial opens a dialogue and reads its first screen.
func (c *centre) dial(ctx context.Context, at int) (h dialect.Hop, s shown, err error) {
	h = dialect.Hop{Op: dialect.Begin, Session: c.dialect.SessionKey(uint32(time.Now().UnixNano()>>16)+uint32(at), c.Code[1:len(c.Code)-1]), MSISDN: c.Numbers[at%len(c.Numbers)], Code: c.Code}
	if err = c.hop(ctx, h); err == nil {
		s, err = c.next()
	}
	if err == nil && (s.hop.MSISDN != h.MSISDN || s.hop.Session != h.Session) {
		err = errors.New("the screen names another session, or another number")
	}
	return h, s, err
}

// hangup is the abort of a dialogue that had so many keys.
func (c *centre) hangup(ctx context.Context, h dialect.Hop, keys uint32) error {
	h.Op, h.Text, h.Position = dialect.Abort, "", keys+1
	return c.hop(ctx, h)
}

func centreBegins(ctx context.Context, c *centre) error {
	h, s, err := c.dial(ctx, 0)
	if err != nil {
		return err
	}
	n, gsm := smpp.Septets(s.reply.Text)
	most := c.dialect.Units.Septets
	if !gsm {
		n, most = smpp.Units(s.reply.Text), c.dialect.Units.UCS2
	}
	if n > most {
		return fmt.Errorf("%d units, %d fit: %q", n, most, s.reply.Text)
	}
	if s.reply.End {
		return nil
	}
	return c.hangup(ctx, h, 0)
}

func centreContinues(ctx context.Context, c *centre) error {
	h, s, err := c.dial(ctx, 1)
	if err != nil {
		return err
	}
	if s.reply.End {
		return errNotAsked("the first screen is the last")
	}
	key := h
	key.Op, key.Text, key.Position = dialect.Input, "1", 1
	if err := c.hop(ctx, key); err != nil {
		return err
	}
	if s, err = c.next(); err != nil || s.reply.End {
		return err
	}
	return c.hangup(ctx, h, 1)
}

func centreAgain(ctx context.Context, c *centre) error {
	var first string
	for n := range 2 {
		h, s, err := c.dial(ctx, 2)
		if err != nil {
			return err
		}
		if n > 0 && !alike(s.reply.Text, first) {
			return fmt.Errorf("%q, before it was %q", s.reply.Text, first)
		}
		if first = s.reply.Text; !s.reply.End {
			if err := c.hangup(ctx, h, 0); err != nil {
				return err
			}
		}
	}
	return nil
}
