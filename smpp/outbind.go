package smpp

import (
	"context"
	"fmt"
	"net"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// Outbind asks an ESME that listens to bind to us (SMPP 3.4 §4.1.7) over conn,
// which it closes, and serves the bind that follows until it is down. The ESME
// checks our SystemID and password; its own bind is judged like any other.
func (v *Server) Outbind(conn net.Conn, password string) error {
	if err := checkTexts(textField{"system_id", v.cfg.SystemID, mostSystemID}, textField{"password", password, mostPassword}); err != nil {
		conn.Close()
		return err
	}
	if !v.enter(conn) {
		return ErrClosed
	}
	v.serve(conn, func(over net.Conn) error {
		if _, err := over.Write(appendOutbind(nil, 1, v.cfg.SystemID, password)); err != nil {
			return fmt.Errorf("smpp: outbind: %w", err)
		}
		return nil
	})
	return nil
}

// AwaitOutbind is Bind over a connection that an SMSC opened to us: it waits for
// the outbind, lets trust judge it (compare passwords with SameSecret), and binds.
func AwaitOutbind(ctx context.Context, conn net.Conn, cfg Config, trust func(systemID, password string) bool) (*Session, error) {
	return bindOver(ctx, conn, cfg, func(in *frames) error {
		frame, err := in.next()
		if err != nil {
			return err
		}
		if parseHeader(frame).id != pdu.OutbindID {
			return fmt.Errorf("smpp: %s instead of an outbind: %w", CommandName(parseHeader(frame).id), StatusInvBindStatus)
		}
		systemID, password, err := decodeOutbind(frame[headerLen:])
		if err != nil {
			return err
		}
		if !trust(systemID, password) {
			return fmt.Errorf("smpp: outbind of %q refused: %w", systemID, StatusInvPassword)
		}
		return nil
	})
}

func appendOutbind(dst []byte, seq uint32, systemID, password string) []byte {
	start := len(dst)
	dst = appendHeader(dst, header{id: pdu.OutbindID, seq: seq})
	return closeFrame(appendCString(appendCString(dst, systemID), password), start)
}

func decodeOutbind(body []byte) (systemID, password string, err error) {
	c := cursorOf(body)
	systemID = c.cstring(mostSystemID, StatusInvSystemID, "system_id")
	password = c.cstring(mostPassword, StatusInvPassword, "password")
	return systemID, password, c.err()
}
