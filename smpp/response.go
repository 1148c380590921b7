package smpp

import (
	"bytes"

	"github.com/fiorix/go-smpp/smpp/pdu"
)

// appendResponse answers a message. deliver_sm_resp has a message_id that is
// always empty (SMPP 3.4 §4.6.2); a refusal has no body at all (§4.4.2).
func appendResponse(dst []byte, to header, status Status, messageID string) []byte {
	start := len(dst)
	dst = appendHeader(dst, header{id: to.id | responseBit, status: status, seq: to.seq})
	if status == StatusOK {
		if to.id == pdu.DeliverSMID || len(messageID) > mostMessageID {
			messageID = ""
		}
		dst = appendCString(dst, messageID)
	}
	return closeFrame(dst, start)
}

// parseResponse never fails: the status in the header is the answer, whatever
// became of the body.
func parseResponse(h header, body []byte) Response {
	r := Response{Status: h.status}
	if h.id == pdu.GenericNACKID {
		if r.Status == StatusOK { // a nack is none the less a refusal
			r.Status = StatusUnknownErr
		}
		return r
	}
	end := bytes.IndexByte(body, 0)
	if end < 0 {
		end = len(body)
	}
	r.MessageID = string(body[:min(end, mostMessageID)])
	return r
}

// answers says whether a PDU with header h can be the answer to a request of ours.
func answers(h header, request CommandID) bool {
	return h.id == request|responseBit || h.id == pdu.GenericNACKID
}
