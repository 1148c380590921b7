package smpp

import "bytes"

// version50 is SMPP 5.0's interface_version, version34 that from which on a peer
// understands optional parameters (SMPP 3.4 §5.2.4, §3.3).
const (
	version34 = 0x34
	version50 = 0x50
)

// appendCongestion adds congestion_state (SMPP 5.0 §4.8.4.18) to the response that
// begins at start; a refusal gets the empty message_id it needs before it.
func appendCongestion(dst []byte, start int, percent uint8) []byte {
	if len(dst)-start == headerLen {
		dst = append(dst, 0)
	}
	dst = appendTLV(dst, TLV{Tag: TagCongestionState, Value: []byte{min(percent, mostCongestion)}})
	return closeFrame(dst, start)
}

// Congestion is how busy the peer said it is in its latest response that says so,
// in percent; 0 while none has (SMPP 5.0 §4.8.4.18).
func (s *Session) Congestion() uint8 { return uint8(s.peerBusy.Load()) }

// congestionIn is the congestion_state behind the message_id of a response.
func congestionIn(body []byte) (percent uint8, said bool) {
	end := bytes.IndexByte(body, 0)
	if end < 0 || end+1 == len(body) {
		return 0, false
	}
	c := cursor{b: body[end+1:]}
	var room [4]TLV
	for _, t := range c.tlvs(room[:0]) {
		if t.Tag == TagCongestionState && len(t.Value) == 1 {
			return min(t.Value[0], mostCongestion), true
		}
	}
	return 0, false
}
