package smpp

import (
	"bytes"
	"fmt"
	"net"
	"time"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// drive sends n copies of a request over a bind of its own, w in flight: as many
// answers as one read brings, so many requests the next write takes.
func drive(addr string, one []byte, w, n int) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return fmt.Errorf("drive: %w", err)
	}
	defer conn.Close()
	in := newFrames(conn, time.Hour)
	_, _ = conn.Write(appendBind(nil, TRX, 1, &bindPDU{systemID: "drive", password: secret}))
	if _, err := in.next(); err != nil {
		return fmt.Errorf("drive: bind: %w", err)
	}
	batch := bytes.Repeat(one, w)
	for sent, answered, room := 0, 0, w; answered < n; {
		if more := min(room, n-sent); more > 0 {
			if _, err := conn.Write(batch[:more*len(one)]); err != nil {
				return fmt.Errorf("drive: %w", err)
			}
			sent, room = sent+more, room-more
		}
		for first := true; first || in.ready(); first = false {
			frame, err := in.next()
			if err != nil {
				return fmt.Errorf("drive: %w", err)
			}
			if parseHeader(frame).id == pdu.SubmitSMRespID {
				answered, room = answered+1, room+1
			}
			if answered == n {
				break
			}
		}
	}
	return nil
}
